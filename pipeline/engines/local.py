"""The local runner: Beam's in-process one, built by our own code.

Never `DirectRunner`: it first reaches for a download, and then runs one of three engines, depending on the machine.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.fn_api_runner.fn_runner import ExtendedProvisionInfo
from apache_beam.runners.portability.portable_runner import JobServiceHandle
from apache_beam.transforms import environments

WORKER_MODULE = "pipeline.worker"
_WATCHER = "run_worker"  # Beam's name for the thread that waits for a worker process, and raises when it ended badly


def local_runner(*, workers: int) -> tuple[fn_runner.FnApiRunner, PipelineOptions]:
    """Return the local runner with that many worker processes (1: in this process), and its options.

    Worker processes get the options (log level, temp folder), which the runner does not send by itself.
    """
    options = PipelineOptions([], save_main_session=False, default_sdk_harness_log_level="ERROR")
    environment = None
    if workers > 1:
        options.view_as(DirectOptions).direct_num_workers = workers
        options.view_as(DirectOptions).direct_running_mode = "multi_processing"
        environment = environments.SubprocessSDKEnvironment.from_command_string(f"{sys.executable} -m {WORKER_MODULE}")
    provision = ExtendedProvisionInfo(
        beam_provision_api_pb2.ProvisionInfo(
            pipeline_options=JobServiceHandle.encode_pipeline_options(options.get_all_options())
        )
    )
    return fn_runner.FnApiRunner(default_environment=environment, provision_info=provision), options


@contextmanager
def on_worker_death(tell: Callable[[], object]) -> Iterator[None]:
    """Call `tell`, in another thread, when a worker process has died, for the length of a `with` block.

    The runner itself waits for that worker's answer for ever. What the ledger knows of it is not enough: a worker that
    died holding no site leaves nothing there, and a neighbour may have buried it before anybody looked.
    """
    before = threading.excepthook

    def hook(raised: threading.ExceptHookArgs) -> None:
        before(raised)
        if raised.thread is not None and raised.thread.name == _WATCHER:
            tell()

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
