"""Google Cloud Dataflow. Its options pass through; it was not run by us."""

from pipeline.engines.base import Engine, Given, Request
from transforms.errors import ConfigurationError
from transforms.state.base import Sharing

_NEEDED = ("project", "region", "temp_location")


def _spread(_given: Given) -> Sharing:
    return "network"


def _options(request: Request) -> tuple[str, ...]:
    given = request.given
    missing = [f"--{name}" for name in _NEEDED if not given.has(name)]
    if missing:
        raise ConfigurationError(f"--runner dataflow needs, behind --: {', '.join(missing)}")
    if not given.has("setup_file", "sdk_container_image", "extra_package"):
        raise ConfigurationError(
            "--runner dataflow needs to bring newsbeam to its workers: -- --setup_file=./setup.py in a source tree, or"
            " --sdk_container_image=IMAGE with it installed"
        )
    return ()


ENGINE = Engine(name="dataflow", beam_runner="DataflowRunner", spread=_spread, options=_options, stop_s=300.0)
