"""`schedule` on an engine: one unbounded job, until it is told to stop. What it is to do stands in the ledger."""

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from pipeline import exits
from pipeline.config import Config
from pipeline.live_settings import LiveSettings
from pipeline.plans import visiting_job
from pipeline.progress import progress_text
from pipeline.report import RunReport
from pipeline.runs import OpenRun, configure, open_run
from pipeline.supervise import StopRequest
from pipeline.tidying import tidy_store
from pipeline.units import counted
from transforms.errors import StoreError
from transforms.state.base import Progress

logger = logging.getLogger(__name__)

PRUNE_S = 3_600.0  # what is too old goes while a run of months is at work
TIDY_WITHIN_S = 10.0  # nobody watches the job meanwhile
LINE_S = 60.0  # one line a minute: enough to see life, too few to bury anything


def run_stream(load: Callable[[], Config]) -> int:
    """Run until SIGTERM or SIGINT (exit 0) or until the engine fails the job (1); a line a minute on standard error.

    `load` reads the configuration; it and the feed list are read again when they change, and feeds, pauses and rules of
    sites hold within a minute. Raises `ConfigurationError`, `StoreError` and `SchemaVersionError` before anything is
    submitted.
    """
    with StopRequest().on_signals() as stop:
        live = LiveSettings(load)
        with open_run(live.settings, "schedule", live.feeds) as run:
            run.state.mark_scheduler()
            try:
                report = _run(run, live, stop)
            finally:
                with suppress(StoreError):
                    run.state.unmark_scheduler()
    say(" | ".join(report.lines))
    return _exit_code(report)


def _run(run: OpenRun, live: LiveSettings, stop: StopRequest) -> RunReport:
    run.begin(feeds=None)
    job = visiting_job(live.settings, run.id, live.feeds, streaming=True)
    say(f"{counted(len(live.feeds), 'feed')}, on {live.settings.run.runner} as run {run.id}; Ctrl-C ends")
    end = run.work([job], progress=_Watch(run, live), stop=stop)
    if end.end == "interrupted" and end.log is None:  # stopped as it was asked to, and all is settled
        if end.message:
            say(end.message)
        end = replace(end, end="ok", message="")
    return run.close(end)


def say(text: str) -> None:
    """Print a line with its time on standard error."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"{stamp} {text}", file=sys.stderr, flush=True)  # noqa: T201


def _exit_code(report: RunReport) -> int:
    """Return the exit code of an endless run: how many pages failed in its months is for `status`, and a stop is 0."""
    return exits.OK if report.exit_code in (exits.INTERRUPTED, exits.MANY_FAILED) else report.exit_code


class _Watch:
    """Called about once a second while the job runs: a line a minute, edits of the configuration, old receipts."""

    def __init__(self, run: OpenRun, live: LiveSettings) -> None:
        self._run, self._live = run, live
        self._started = self._line_at = time.monotonic()
        self._is_configured, self._prune_at = True, self._started

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._line_at >= LINE_S:
            self._line_at = now
            say(progress_text(progress, now - self._started))
        if now >= self._prune_at:
            self._prune_at = now + PRUNE_S
            try:
                tidy_store(self._run.store, self._live.settings.retention.seconds, within_s=TIDY_WITHIN_S)
            except StoreError as err:  # the store is away: in an hour is early enough
                logger.warning("what is too old was not deleted: %s", err)
            self._run.learn(within_s=TIDY_WITHIN_S)
        for line in self._live.look():
            self._is_configured = False
            say(f"{line}; the running job takes over feeds and sites, and the rest at its next start")
        if not self._is_configured:
            try:
                configure(self._run.state, self._live.settings, self._live.feeds)
            except StoreError as err:  # the ledger is locked or away: again in a second
                logger.warning("the change was not taken over yet: %s", err)
                return
            self._is_configured = True
