"""A worker process as engines start it: the contract of Beam's containers, without a container.

The engine starts one command with the addresses of its services; the provision service has the pipeline's options.
What Beam's own boot program does besides, installing staged packages, is not needed: newsbeam is installed here.
"""

import os
import sys
from collections.abc import Sequence

from pipeline.quiet import log_to_stderr

ANSWER_S = 30.0  # for the engine's provision service, which is up before it starts a worker
_NAMES = ("id", "control_endpoint", "logging_endpoint", "provision_endpoint", "artifact_endpoint", "semi_persist_dir")


def read_arguments(arguments: Sequence[str]) -> dict[str, str]:
    """Return what an engine said, by name. Raises `ValueError` when it is not what engines say.

    >>> read_arguments(["--id='w-1'", "--control_endpoint=localhost:1", "--provision_endpoint=localhost:2"])["id"]
    'w-1'
    """
    # Prism quotes values as for a shell, and there is none: unstripped, the worker is "not registered" and dies.
    said = {}
    for argument in arguments:
        name, equals, value = argument.removeprefix("--").partition("=")
        if equals and name in _NAMES:
            said[name] = value.strip("'\"")
    if "id" not in said or not ({"provision_endpoint", "control_endpoint"} & said.keys()):
        raise ValueError(
            "a worker is started by an engine, with --id=... and --provision_endpoint=HOST:PORT; to run jobs use"
            " `newsbeam ingest` or `newsbeam schedule`"
        )
    return said


def work(arguments: Sequence[str]) -> None:
    """Run a worker until its engine ends it. Raises `ValueError` when these are no arguments of an engine."""
    said = read_arguments(arguments)
    log_to_stderr()
    os.environ.update(_environment(said))
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)


def _environment(said: dict[str, str]) -> dict[str, str]:
    """Return the variables by which Beam's worker learns what it needs."""
    from apache_beam.portability.api import beam_provision_api_pb2, endpoints_pb2
    from google.protobuf import json_format

    info = beam_provision_api_pb2.ProvisionInfo()
    if said.get("provision_endpoint"):
        info = _provision_info(said["provision_endpoint"], said["id"])
    variables = {
        "WORKER_ID": said["id"],
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }
    for service in ("control", "logging", "status"):
        url = said.get(f"{service}_endpoint") or getattr(info, f"{service}_endpoint").url
        if url:
            variables[f"{service.upper()}_API_SERVICE_DESCRIPTOR"] = str(endpoints_pb2.ApiServiceDescriptor(url=url))
    return variables


def _provision_info(endpoint: str, worker_id: str):  # type: ignore[no-untyped-def]  # a class made by protobuf
    import grpc
    from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

    with grpc.insecure_channel(endpoint) as channel:
        grpc.channel_ready_future(channel).result(timeout=ANSWER_S)
        stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        answer = stub.GetProvisionInfo(
            beam_provision_api_pb2.GetProvisionInfoRequest(), timeout=ANSWER_S, metadata=[("worker_id", worker_id)]
        )
    return answer.info
