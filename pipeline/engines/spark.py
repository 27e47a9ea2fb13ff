"""Spark, for bounded jobs: its portable streaming is an experiment."""

from pipeline.engines.base import Engine, Given, Request, is_loopback
from pipeline.engines.environment import process_workers
from pipeline.engines.flink import job_server_jar
from transforms.state.base import Sharing


def _spread(given: Given) -> Sharing:
    master = given.value("spark_master_url") or "local"
    return "host" if master.startswith("local") or is_loopback(master.removeprefix("spark://")) else "network"


def _options(request: Request) -> tuple[str, ...]:
    given = request.given
    workers = () if given.has("sdk_worker_parallelism") else (f"--sdk_worker_parallelism={request.workers}",)
    return (*job_server_jar(given, "spark", "NEWSBEAM_SPARK_JAR"), *workers, *process_workers(request))


ENGINE = Engine(name="spark", beam_runner="SparkRunner", spread=_spread, options=_options, streaming=False)
