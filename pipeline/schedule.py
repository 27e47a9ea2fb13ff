"""`schedule`: bounded runs as feeds fall due, until it is told to stop. State is outside Beam, so each run is new."""

import sys
import time
from contextlib import closing
from datetime import UTC, datetime

from pipeline import exits
from pipeline.feeds_file import require_contact
from pipeline.ingest import configured_feeds
from pipeline.plans import visiting_job
from pipeline.report import RunReport
from pipeline.runs import ShowProgress, configure, open_run
from pipeline.settings import Settings
from pipeline.supervise import StopRequest
from transforms.elements import FeedSource
from transforms.errors import ConfigurationError, SchemaVersionError, StoreError
from transforms.state import open_state
from transforms.state.base import StateStore

UNREACHABLE_S = 30.0  # before a store that could not be reached is tried again
LOOK_S = 5.0  # between two looks at the ledger: a look is one indexed read, and other processes may have added work


def run_schedule(settings: Settings, *, max_cycles: int | None, progress: ShowProgress) -> int:
    """Run until SIGTERM or SIGINT (exit 0), or for `max_cycles` runs; one line per run on standard error.

    The feed list is read again when it changes; a broken edit is reported, and the list as it was stays. A failed run
    and a store that cannot be reached are reported, and the next run tried. Raises `SchemaVersionError`.
    """
    feeds = configured_feeds(settings)
    require_contact(settings.contact, feeds)
    changed_at = _changed_at(settings)
    cycles = 0
    with StopRequest().on_signals() as stop, closing(open_state(settings.state)) as state:
        state.create()
        configure(state, settings, feeds)
        state.mark_scheduler()
        _say(f"{len(feeds)} feeds, {_next_text(state)}; Ctrl-C ends")
        while not stop.asked.is_set() and (max_cycles is None or cycles < max_cycles):
            if _changed_at(settings) != changed_at:
                changed_at = _changed_at(settings)
                feeds = _read_again(settings, state, feeds)
            try:
                if not _work_is_due(state):
                    stop.asked.wait(LOOK_S)
                    continue
                cycles += 1
                report = _cycle(settings, feeds, progress=progress, stop=stop)
            except SchemaVersionError:
                raise
            except StoreError as err:  # it may come back; nothing was fetched
                _say(f"no run: {err}")
                stop.asked.wait(UNREACHABLE_S)
                continue
            _say(" | ".join(report.lines))
            if report.exit_code == exits.USAGE:
                return exits.USAGE
            stop.asked.wait(1.0 if report.exit_code == exits.OK else LOOK_S)
    _say("stopped")
    return exits.OK


def _next_text(state: StateStore) -> str:
    """Say when there is something to do."""
    work_at = state.next_work_at()
    if work_at is None:
        return "nothing to do yet"
    at = datetime.fromtimestamp(work_at, UTC)
    return "some are due" if at <= datetime.now(UTC) else f"next due {at:%Y-%m-%d %H:%M} UTC"


def _work_is_due(state: StateStore) -> bool:
    """Say whether a run could do something now: not what is due on a paused site, or before a pause is over."""
    state.bury_dead()  # a run that was killed holds no site
    next_at = state.next_work_at()
    return next_at is not None and next_at <= time.time()


def _cycle(
    settings: Settings, feeds: tuple[FeedSource, ...], *, progress: ShowProgress, stop: StopRequest
) -> RunReport:
    """Do one run over the feeds that are due, and over pages that earlier runs left."""
    with open_run(settings, "schedule", feeds) as run:
        run.begin(feeds=run.state.due_feeds())
        end = run.work([visiting_job(settings, run.id, feeds)], progress=progress, stop=stop)
        return run.close(end)


def _changed_at(settings: Settings) -> float | None:
    try:
        return settings.feeds.stat().st_mtime
    except FileNotFoundError:
        return None


def _read_again(settings: Settings, state: StateStore, feeds: tuple[FeedSource, ...]) -> tuple[FeedSource, ...]:
    """Return the feed list as it is now, or as it was when it cannot be used."""
    try:
        found = configured_feeds(settings)
        require_contact(settings.contact, found)
    except ConfigurationError as err:
        _say(f"the feed list was not taken over: {err}")
        return feeds
    configure(state, settings, found)
    _say(f"the feed list was read again: {len(found)} feeds")
    return found


def _say(text: str) -> None:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"{stamp} {text}", file=sys.stderr, flush=True)  # noqa: T201
