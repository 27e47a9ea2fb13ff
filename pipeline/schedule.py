"""`schedule`: bounded runs as feeds fall due, until it is told to stop. State is outside Beam, so each run is new."""

import sys
import time
from datetime import UTC, datetime

from pipeline.feeds_file import require_contact
from pipeline.ingest import configured_feeds
from pipeline.plans import visiting_job
from pipeline.report import EXIT_OK, EXIT_USAGE, RunReport
from pipeline.runs import ShowProgress, open_run
from pipeline.settings import Settings
from pipeline.supervise import StopRequest

LOOK_S = 5.0  # between two looks at the ledger while nothing is due: other processes may have added work
SHORTEST_CYCLE_S = 1.0


def run_schedule(settings: Settings, *, max_cycles: int | None, progress: ShowProgress) -> int:
    """Run until SIGTERM or SIGINT (exit 0), or for `max_cycles` runs; one line per run on standard error.

    A failed run is reported and the next one tried when something is due again; a store of another schema ends it.
    """
    cycles = 0
    with StopRequest().on_signals() as stop:
        while not stop.asked.is_set() and (max_cycles is None or cycles < max_cycles):
            started = time.monotonic()
            report = _cycle(settings, progress=progress, stop=stop)
            if report is not None:
                cycles += 1
                stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                print(f"{stamp} {' | '.join(report.lines)}", file=sys.stderr, flush=True)  # noqa: T201
                if report.exit_code == EXIT_USAGE:
                    return EXIT_USAGE
            pause_s = LOOK_S if report is None else SHORTEST_CYCLE_S
            stop.asked.wait(max(0.0, pause_s - (time.monotonic() - started)))
    return EXIT_OK


def _cycle(settings: Settings, *, progress: ShowProgress, stop: StopRequest) -> RunReport | None:
    """Do one run when anything is due: feeds, or pending pages of earlier runs. None when nothing is."""
    feeds = configured_feeds(settings)
    require_contact(settings.contact, feeds)
    with open_run(settings, "schedule", feeds) as run:
        due = run.state.due_feeds()
        if not due and not run.state.status()["pending_due"]:
            return None
        run.begin(feeds=due)
        end = run.work([visiting_job(settings, run.id, feeds)], progress=progress, stop=stop)
        return run.close(end)
