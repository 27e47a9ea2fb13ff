"""How the file of the embedded store is opened, shared between processes, and what its errors say."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from transforms.errors import StoreError, WrongStoreError

BUSY_TIMEOUT_S = 30.0  # how long to wait for another process's transaction


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection in autocommit mode; `mode` is `ro`, `rw` or `rwc` (which makes a missing file)."""
    if not path.parent.is_dir():
        raise WrongStoreError(f"{path}: the folder {path.parent} does not exist; make it, or correct --store")
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False,
    )  # fmt: skip
    db.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten: `forget` promises it. Rewriting an article costs 0.7 ms of CPU more (of 2.4).
    db.execute("PRAGMA secure_delete = ON")
    return db


@contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into `StoreError` with the path, its words and the remedy."""
    try:
        yield
    except sqlite3.Error as err:
        is_foreign = getattr(err, "sqlite_errorname", "") == "SQLITE_NOTADB"
        raise (WrongStoreError if is_foreign else StoreError)(f"{path}: {err}; {_remedy(err)}") from err


def keep(path: Path, copy: Path) -> None:
    """Copy a database as it stands (without what an open transaction has changed) to another file, whole or not at all.

    A copy of that name is replaced.
    """
    half = copy.with_name(f"{copy.name}.half")
    half.unlink(missing_ok=True)
    with closing(connect(path, "ro")) as source, closing(connect(half, "rwc")) as target:
        source.backup(target)
    with half.open("rb") as written:
        os.fsync(written.fileno())
    half.replace(copy)


def use_wal(db: sqlite3.Connection) -> None:
    """Switch a new file to WAL; this one statement answers "busy" at once instead of waiting for its turn."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as err:
            if not err.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > give_up_at:
                raise
        time.sleep(0.02)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Write all of it or nothing, one writer at a time."""
    db.execute("BEGIN IMMEDIATE")  # a transaction that reads first and writes later can fail with no wait at all
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Let several reads see the same moment."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def _remedy(err: sqlite3.Error) -> str:
    name = getattr(err, "sqlite_errorname", "")
    for start, remedy in _REMEDIES.items():
        if name.startswith(start):
            return remedy
    return "check the file, or name another one with --store"


_REMEDIES = {
    "SQLITE_BUSY": f"another process held it for more than {BUSY_TIMEOUT_S:.0f} s; end that process, then try again",
    "SQLITE_LOCKED": "another process holds it; end that process, then try again",
    "SQLITE_READONLY": "this user may not write it or its folder; change that, or name another file with --store",
    "SQLITE_PERM": "this user may not open it; change that, or name another file with --store",
    "SQLITE_CANTOPEN": "this user cannot open it or its folder; change that, or name another file with --store",
    "SQLITE_NOTADB": "it is not a SQLite file; name another one with --store",
    "SQLITE_CORRUPT": "the file is damaged; restore it from a copy, or name another one with --store",
    "SQLITE_FULL": "the disk is full; make room, then try again",
    "SQLITE_IOERR": "the disk failed to read or write; check it",
}
