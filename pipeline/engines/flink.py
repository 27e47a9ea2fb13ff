"""Flink: in the job server's process without a master, else on a cluster; bounded and unbounded, survives deaths."""

import os
from pathlib import Path

from pipeline.engines.base import Engine, Given, Request, Ticks, is_loopback
from pipeline.engines.environment import process_workers
from transforms.errors import ConfigurationError
from transforms.state.base import Sharing

EMBEDDED = ("[local]", "[auto]")


def _spread(given: Given) -> Sharing:
    master = given.value("flink_master")
    if given.has("job_endpoint"):
        return "network"  # which master the job server behind it has, it does not say
    return "host" if master is None or master in EMBEDDED or is_loopback(master) else "network"


def _options(request: Request) -> tuple[str, ...]:
    return (*job_server_jar(request.given, "flink", "NEWSBEAM_FLINK_JAR"), *flink_options(request))


def job_server_jar(given: Given, engine: str, variable: str) -> tuple[str, ...]:
    """Return the options that name a Java job server. Raises `ConfigurationError`: Beam would fetch one silently.

    `$NEWSBEAM_JAVA` names the java that starts it, where the one on the PATH is too new for the engine.
    """
    name = f"{engine}_job_server_jar"
    java = os.environ.get("NEWSBEAM_JAVA")
    launcher = (f"--job_server_java_launcher={java}",) if java and not given.has("job_server_java_launcher") else ()
    if given.has("job_endpoint", f"{engine}_submit_uber_jar"):
        return ()
    if given.has(name):
        return launcher
    text = os.environ.get(variable)
    if text is None:
        raise ConfigurationError(
            f"--runner {engine} needs a Beam job server: get one with `scripts/engines {engine}`, or take the released"
            f" beam-runners-{engine}-...-job-server jar, and name it with -- --{name}=FILE or in ${variable};"
            f" or name a running one with -- --job_endpoint=HOST:PORT"
        )
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ConfigurationError(f"${variable} {text}: no such file; it names the job server's jar")
    return (f"--{name}={path}", *launcher)


def flink_options(request: Request) -> tuple[str, ...]:
    """Return what every job on Flink needs, whoever submits it."""
    given = request.given
    ours = {"parallelism": str(request.workers), "sdk_worker_parallelism": str(request.workers)}
    if request.streaming:
        ours["checkpointing_interval"] = str(int(request.checkpoint_s * 1000))
    options = [f"--{name}={value}" for name, value in ours.items() if not given.has(name)]
    # With checkpoints and without this flag 4 of 9 jobs started and then did nothing at all (trial): what a bundle
    # closed by a checkpoint gave waits for the next bundle of its operator, and there may be none.
    if request.streaming and not given.has("finish_bundle_before_checkpointing"):
        options.append("--finish_bundle_before_checkpointing")
    return (*options, *process_workers(request))


def flink_ticks(_request: Request) -> Ticks:
    """Return Flink's own. By PeriodicImpulse, Beam's Flink runner (2.70) leaks a keyed state per tick and checkpoint.

    https://github.com/apache/beam/issues/27648; trial, a tick every 2 s: 223 MB of heap an hour.
    """
    return "flink"


ENGINE = Engine(
    name="flink",
    beam_runner="FlinkRunner",
    spread=_spread,
    options=_options,
    ending="flink",
    ticks=flink_ticks,
    stop_s=60.0,
)
