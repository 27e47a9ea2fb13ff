"""SQL that ends: what takes too much of the processor, or too long, is given up."""

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

CPU_LIMIT_S = 1.5  # of one count; a page says so instead of making its reader wait
WALL_LIMIT_S = 20.0  # a slow disk, or a machine that is busy with something else
_STEPS = 10_000  # of SQLite's machine between two looks at the clock: some 0.3 ms


def rows_within_limits(
    db: sqlite3.Connection,
    sql: str,
    parameters: Sequence[object],
    *,
    cpu_s: float = CPU_LIMIT_S,
    wall_s: float = WALL_LIMIT_S,
) -> list[Any] | None:
    """Return the rows of a query, None when it took more CPU of this thread (seconds) or more time than it may.

    By CPU, since that is what a query costs: on a busy machine the same page still shows the same counts.
    """
    cpu_end, wall_end = time.thread_time() + cpu_s, time.monotonic() + wall_s

    def is_over() -> bool:
        return time.thread_time() > cpu_end or time.monotonic() > wall_end

    db.set_progress_handler(is_over, _STEPS)
    try:
        return db.execute(sql, tuple(parameters)).fetchall()
    except sqlite3.OperationalError as err:
        if err.sqlite_errorname != "SQLITE_INTERRUPT":
            raise
        return None
    finally:
        db.set_progress_handler(None, _STEPS)
