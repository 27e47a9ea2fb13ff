"""Prism: one Go binary, one worker process, everything in memory; bounded and unbounded jobs on one machine."""

import os
import shutil
from pathlib import Path

from pipeline.engines.base import Engine, Given, Request
from pipeline.engines.environment import process_workers
from transforms.errors import ConfigurationError
from transforms.state.base import Sharing


def _spread(_given: Given) -> Sharing:
    return "host"


def _options(request: Request) -> tuple[str, ...]:
    # The web page and the INFO lines of a job that runs for months are of no use to anybody.
    return (f"--prism_location={_location(request.given)}", "--prism_log_level=warn", *process_workers(request))


def _location(given: Given) -> str:
    """Return the binary: from the option, `$NEWSBEAM_PRISM` or the PATH. Beam would download it without asking."""
    for text, origin in (
        (given.value("prism_location"), "--prism_location"),
        (os.environ.get("NEWSBEAM_PRISM"), "$NEWSBEAM_PRISM"),
    ):
        if text:
            path = Path(text).expanduser().absolute()
            if not (path.is_file() and os.access(path, os.X_OK)):
                raise ConfigurationError(f"{origin} {text}: no such program; it names the prism binary")
            return str(path)
    found = shutil.which("prism")
    if found is None:
        raise ConfigurationError(
            "--runner prism needs the program prism, and it is not on the PATH; get it with `scripts/engines prism`, or"
            " `go install github.com/apache/beam/sdks/v2/go/cmd/prism@v2.77.0`, and name it with"
            " -- --prism_location=FILE or in $NEWSBEAM_PRISM"
        )
    return str(Path(found).absolute())


ENGINE = Engine(name="prism", beam_runner="PrismRunner", spread=_spread, options=_options, replaces_workers=False)
