"""Any engine behind a Beam job server that runs already; its options are those of Flink, which is the usual one."""

from pipeline.engines.base import Engine, Given, Request, Ticks
from pipeline.engines.flink import flink_options, flink_ticks
from transforms.errors import ConfigurationError
from transforms.state.base import Sharing


def _spread(_given: Given) -> Sharing:
    return "network"  # where the engine behind a job server keeps its workers, it does not say


def _options(request: Request) -> tuple[str, ...]:
    if not request.given.has("job_endpoint"):
        raise ConfigurationError("--runner portable needs the address of a job server: -- --job_endpoint=HOST:PORT")
    return flink_options(request)


def _ticks(request: Request) -> Ticks:
    # No other engine has Flink's source, and only the address of Flink's REST interface says that it is Flink.
    return flink_ticks(request) if request.flink_rest is not None else "periodic"


ENGINE = Engine(
    name="portable",
    beam_runner="PortableRunner",
    spread=_spread,
    options=_options,
    ending="flink",
    ticks=_ticks,
    stop_s=60.0,
)
