"""What time it is, for everything that decides by the wall clock: pauses, leases, when a feed is due, versions.

Nothing but the system's clock, unless the environment names a file in NEWSBEAM_CLOCK: its text is a number of seconds
that is added. A file, because one run is several processes that a test cannot reach otherwise (parent, job, workers,
and those of an engine), and because a clock that is set steps in all of them at once, in the middle of their work.
Durations are not measured with it (`time.monotonic`).
"""

import os
import time
from datetime import UTC, datetime

_FILE = os.environ.get("NEWSBEAM_CLOCK")
STEP_S = 5.0  # less is the pace of time servers, which no lease notices


def epoch_s() -> float:
    """Return the time in epoch seconds."""
    return time.time() + (_offset_s(_FILE) if _FILE else 0.0)


def utc_now() -> datetime:
    """Return the time as an aware UTC instant."""
    return datetime.fromtimestamp(epoch_s(), UTC)


def _offset_s(path: str) -> float:
    with open(path, encoding="ascii") as file:
        return float(file.read())


class StepWatch:
    """Tells that the clock was set: it and the monotonic clock have gone apart. A suspended machine looks the same."""

    def __init__(self) -> None:
        self._ahead_s = epoch_s() - time.monotonic()

    def stepped(self) -> bool:
        """Return whether the clock was set since the last call."""
        before_s, self._ahead_s = self._ahead_s, epoch_s() - time.monotonic()
        return abs(self._ahead_s - before_s) > STEP_S
