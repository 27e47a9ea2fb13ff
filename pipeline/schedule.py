"""`schedule`: bounded runs as feeds fall due, until it is told to stop. State is outside Beam, so each run is new."""

import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime

from pipeline import exits
from pipeline.config import Config
from pipeline.live_settings import LiveSettings
from pipeline.plans import visiting_job
from pipeline.report import RunReport
from pipeline.runs import ShowProgress, configure, open_run
from pipeline.supervise import StopRequest
from pipeline.tidying import tidy
from pipeline.units import counted
from transforms.clock import epoch_s, utc_now
from transforms.errors import SchemaVersionError, StoreError
from transforms.state import open_state
from transforms.state.base import StateStore

# It sleeps until the next thing is due, but not longer than this: others may add work, a file may be edited, the clock
# be set. A look is two stats, a pragma and a list of processes (0.1 ms); the ledger is read only after somebody wrote.
LOOK_S = 5.0
BETWEEN_RUNS_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 60.0  # after a run that failed or could do nothing, doubled each time
TIDY_S = 86_400.0


def run_schedule(
    load: Callable[[], Config], *, max_cycles: int | None, progress: ShowProgress, stop: StopRequest | None = None
) -> int:
    """Run until SIGTERM or SIGINT (exit 0), or for `max_cycles` runs; one line per run on standard error.

    `load` reads the configuration; it and the feed list are read again when they change, and a broken edit is told and
    left. A failed run, and a ledger or store that cannot be reached or written, are told and tried again. Raises
    `ConfigurationError` and `StoreError` before the first run, `SchemaVersionError` at any time.
    """
    stop = stop or StopRequest()
    with stop.on_signals():
        live = LiveSettings(load)
        with closing(open_state(live.settings.state)) as state:
            state.create()
            configure(state, live.settings, live.feeds)
            state.mark_scheduler()
            try:
                code = _loop(live, state, max_cycles=max_cycles, progress=progress, stop=stop)
            finally:
                with suppress(StoreError):
                    state.unmark_scheduler()
    _say("stopped")
    return code


class NextWork:
    """When there is something to do. The ledger is asked again only after somebody has written to it."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._mark: tuple[int, ...] | None = None
        self._at: float | None = None

    def at(self) -> float | None:
        """Return when a run could do something (epoch seconds), None if never: not on a paused site, for example."""
        self._state.bury_dead()  # a run that was killed holds no site
        mark = self._state.change_mark()
        if mark is None or mark != self._mark:
            self._at, self._mark = self._state.next_work_at(), mark
        return self._at


class Pause:
    """How long to wait after a run: a moment, or longer each time while nothing works."""

    def __init__(self) -> None:
        self._longer_s = FIRST_PAUSE_S

    def after(self, *, good: bool) -> float:
        """Return the pause in seconds after a run that did its work, or did not."""
        if good:
            self._longer_s = FIRST_PAUSE_S
            return BETWEEN_RUNS_S
        pause_s, self._longer_s = self._longer_s, min(2 * self._longer_s, LONGEST_PAUSE_S)
        return pause_s


def _loop(
    live: LiveSettings, state: StateStore, *, max_cycles: int | None, progress: ShowProgress, stop: StopRequest
) -> int:
    work, pause = NextWork(state), Pause()
    cycles, is_configured, tidied_at = 0, True, -TIDY_S
    _say(f"{counted(len(live.feeds), 'feed')}, {_next_text(work.at())}; Ctrl-C ends")
    while not stop.asked.is_set() and (max_cycles is None or cycles < max_cycles):
        for line in live.look():
            is_configured = False
            _say(line)
        try:
            if not is_configured:
                configure(state, live.settings, live.feeds)
                is_configured = True
            if time.monotonic() - tidied_at >= TIDY_S:
                tidy(state, live.settings)
                tidied_at = time.monotonic()
            wait_s = _wait_s(work.at())
            if wait_s > 0:
                stop.asked.wait(wait_s)
                continue
            cycles += 1
            report = _cycle(live, progress=progress, stop=stop)
        except SchemaVersionError:
            raise
        except (StoreError, OSError) as err:  # away, locked, read-only or full: it may be well again, and work waits
            pause_s = pause.after(good=False)
            _say(f"no run: {err}" + ("" if stop.asked.is_set() else f"; trying again in {pause_s:.0f} s"))
            stop.asked.wait(pause_s)
            continue
        _say(" | ".join(report.lines))
        if report.exit_code == exits.USAGE:
            return exits.USAGE
        stop.asked.wait(pause.after(good=report.exit_code != exits.FAILED and _did_something(report)))
    return exits.OK


def _wait_s(work_at: float | None) -> float:
    return LOOK_S if work_at is None else min(work_at - epoch_s(), LOOK_S)


def _did_something(report: RunReport) -> bool:
    return bool(report.document["came"] or report.document["ended"] or report.document["polls"])


def _cycle(live: LiveSettings, *, progress: ShowProgress, stop: StopRequest) -> RunReport:
    """Do one run over the feeds that are due, and over pages that earlier runs left."""
    with open_run(live.settings, "schedule", live.feeds) as run:
        run.begin(feeds=run.state.due_feeds())
        end = run.work(
            [visiting_job(live.settings, run.id, live.feeds, names=live.names)], progress=progress, stop=stop
        )
        return run.close(end)


def _next_text(work_at: float | None) -> str:
    """Say when there is something to do."""
    if work_at is None:
        return "nothing to do yet"
    return "some are due" if work_at <= epoch_s() else f"next due {datetime.fromtimestamp(work_at, UTC):%F %H:%M} UTC"


def _say(text: str) -> None:
    print(f"{utc_now():%Y-%m-%dT%H:%M:%SZ} {text}", file=sys.stderr, flush=True)  # noqa: T201
