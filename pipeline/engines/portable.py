"""Any engine behind a Beam job server that runs already; its options are those of Flink, which is the usual one."""

from pipeline.engines.base import Engine, Given, Request
from pipeline.engines.flink import flink_options
from transforms.errors import ConfigurationError
from transforms.state.base import Sharing


def _spread(_given: Given) -> Sharing:
    return "network"  # where the engine behind a job server keeps its workers, it does not say


def _options(request: Request) -> tuple[str, ...]:
    if not request.given.has("job_endpoint"):
        raise ConfigurationError("--runner portable needs the address of a job server: -- --job_endpoint=HOST:PORT")
    return flink_options(request)


ENGINE = Engine(
    name="portable", beam_runner="PortableRunner", spread=_spread, options=_options, ending="flink", stop_s=60.0
)
