"""What keeps a ledger small and quiet over months: old runs go, and what did not change is not written again."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from transforms.elements import FeedSource
from transforms.state.base import KEPT_RUNS, SiteRule
from transforms.state.rows import dump_source

# Runs without an end stay: they may be at work (a streaming job is one run for months), and a kill leaves but one row.
OLD_RUNS = """
SELECT run FROM ledger_runs WHERE ended_at < :before
  AND run NOT IN (SELECT run FROM ledger_runs ORDER BY run DESC LIMIT :kept)"""


def prune_runs(db: sqlite3.Connection, before: float) -> int:
    """Forget runs that ended before an instant (epoch seconds), but for the latest; return how many."""
    which = {"before": before, "kept": KEPT_RUNS}
    db.execute(f"DELETE FROM ledger_polls WHERE run IN ({OLD_RUNS})", which)
    return db.execute(f"DELETE FROM ledger_runs WHERE run IN ({OLD_RUNS})", which).rowcount


def configuration_mark(
    sources: Sequence[tuple[FeedSource, str]], rules: Mapping[str, SiteRule], default_delay_s: float
) -> str:
    """Return a hash of what `configure` would write: with 10,000 feeds writing it costs 0.5 s of CPU, this 0.05."""
    mark = hashlib.sha256(repr((default_delay_s, sorted(rules.items(), key=lambda item: item[0]))).encode())
    for source, site in sources:
        mark.update(dump_source(source).encode())
        mark.update(site.encode() + b"\n")
    return mark.hexdigest()


def is_configured(db: sqlite3.Connection, mark: str) -> bool:
    """Say whether the ledger holds this configuration already."""
    row = db.execute("SELECT value FROM ledger_meta WHERE key = 'configured'").fetchone()
    return row is not None and row[0] == mark


def note_configured(db: sqlite3.Connection, mark: str) -> None:
    """Note which configuration the ledger holds."""
    db.execute("INSERT OR REPLACE INTO ledger_meta VALUES('configured', ?)", (mark,))


def forget_configured(db: sqlite3.Connection) -> None:
    """Have the next run write its configuration."""
    db.execute("DELETE FROM ledger_meta WHERE key = 'configured'")


def note_scheduler(db: sqlite3.Connection, owner: str, now: float, is_dead: Callable[[str], bool]) -> None:
    """Note that a process schedules, beside the living that do; those that died are no news any more."""
    for name in schedulers(db):
        if is_dead(name):
            forget_scheduler(db, name)
    db.execute("INSERT OR REPLACE INTO ledger_meta VALUES('scheduler:' || ?, ?)", (owner, str(now)))


def forget_scheduler(db: sqlite3.Connection, owner: str) -> None:
    """Note that a process schedules no more."""
    db.execute("DELETE FROM ledger_meta WHERE key = 'scheduler:' || ?", (owner,))


def schedulers(db: sqlite3.Connection) -> dict[str, float]:
    """Return the owners that were noted as schedulers and have not ended in order, and since when (epoch seconds)."""
    rows = db.execute("SELECT substr(key, 11), value FROM ledger_meta WHERE key LIKE 'scheduler:%' ORDER BY key")
    return {name: float(value) for name, value in rows}
