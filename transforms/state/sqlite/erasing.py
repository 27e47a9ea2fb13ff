"""Taking what was deleted out of the ledger's file and out of its write-ahead log."""

import sqlite3
import time
from pathlib import Path

CHECKPOINT_WITHIN_S = 10.0  # readers hold the log for as long as they read
_CLEAN = "secure_delete"  # in `ledger_meta`: everything in this file was deleted by overwriting


def erase(db: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """Empty the write-ahead log into the file; return what could not be done.

    Our connections overwrite what they delete. A file that older versions wrote to may hold remains: it is rewritten
    once (`VACUUM`; its size must be free on the disk).
    """
    if db.execute("SELECT 1 FROM ledger_meta WHERE key = ?", (_CLEAN,)).fetchone() is None:
        try:
            db.execute("VACUUM")
        except sqlite3.OperationalError as err:
            return (f"{path} may hold remains of older versions: it could not be rewritten ({err}); run it again",)
        note_clean(db)
    give_up_at = time.monotonic() + CHECKPOINT_WITHIN_S
    while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > give_up_at:
            return (f"{path}-wal may hold remains until the programs that read it have ended; run it again then",)
        time.sleep(0.05)
    return ()


def note_clean(db: sqlite3.Connection) -> None:
    """Note that nothing was ever deleted in this file without being overwritten."""
    db.execute("INSERT OR REPLACE INTO ledger_meta VALUES(?, '1')", (_CLEAN,))
