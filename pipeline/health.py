"""Whether newsbeam is well, by what its ledger knows."""

from typing import Any

from pipeline import exits
from pipeline.units import counted
from transforms.clock import epoch_s
from transforms.state.base import StateStore

MANY_FAILURES = 3  # a feed that failed this often in a row is told of; once or twice is the weather of the web
OVERDUE_S = 900.0  # work that waits so long while nobody works: a scheduler tries every minute, however things are


def health(state: StateStore, *, must_run: bool = False) -> dict[str, Any]:
    """Return the ledger's status with `problems`, in words, and `healthy`: there are none.

    `must_run`: that no scheduler runs is one. A scheduler that died is in any case, one that was stopped is not.
    """
    status = state.status()
    work_at = state.next_work_at()
    last = status["last_run"] or {}
    since = status.get("scheduler_since") or last.get("started_at")
    waits_s = epoch_s() - max(work_at, since.timestamp()) if work_at is not None and since is not None else 0.0
    is_overdue = status["scheduler"] and not status["workers"] and waits_s > OVERDUE_S
    found = (
        (status.get("scheduler_died"), "the scheduler died: it was not stopped, and it does not run"),
        (must_run and not status["scheduler"], "no scheduler runs"),
        (is_overdue, "the scheduler runs, but work has been waiting for more than 15 minutes; its log says why"),
        (
            last.get("exit_code") in (exits.FAILED, exits.USAGE),
            f"the last run failed: {last.get('message') or last.get('end')}",
        ),
        *(
            (
                feed["failures"] >= MANY_FAILURES,
                f"{feed['id']}: failed {counted(feed['failures'], 'time')}, {feed['error']}",
            )
            for feed in status["failing"]
        ),
    )
    problems = [text for is_so, text in found if is_so]
    return {**status, "next_work_at": work_at, "problems": problems, "healthy": not problems}
