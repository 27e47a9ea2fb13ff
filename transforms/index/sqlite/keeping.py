"""What is kept in the embedded store: counts, ages, deletes without a trace, and nothing left in the file."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from transforms.index.base import Kind
from transforms.index.documents import instant
from transforms.index.sqlite import file, schema
from transforms.index.sqlite.row_names import change_name, name_of
from transforms.index.sqlite.rows import forget_words

CHECKPOINT_WITHIN_S = 10.0  # readers hold the log for as long as they read
MERGE_PAGES = 500  # of the word index in one transaction: 2 MB, so that writers beside get their turn
_CLEAN = "secure_delete"  # in `newsbeam_store`: everything in this file was deleted by overwriting


def count(db: sqlite3.Connection, kind: Kind, before: datetime | None) -> int:
    """Return how many documents there are, or how many are older than an instant."""
    older, parameters = ("", ()) if before is None else (" AND timestamp < ?", (instant(before),))
    sql = f"SELECT count(*) FROM {schema.TABLES[kind]} WHERE source IS NOT NULL{older}"
    return int(db.execute(sql, parameters).fetchone()[0])


def expired(db: sqlite3.Connection, kind: Kind, before: datetime, limit: int) -> tuple[str, ...]:
    """Return the ids of the oldest documents before an instant."""
    sql = f"SELECT id FROM {schema.TABLES[kind]} WHERE timestamp < ? ORDER BY timestamp LIMIT ?"
    return tuple(row[0] for row in db.execute(sql, (instant(before), limit)))


def find(db: sqlite3.Connection, kind: Kind, field: str, values: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield (id, version, source) of the documents whose field has one of the values, by id."""
    table = schema.TABLES[kind]
    sql = (
        f"SELECT id, version, source FROM {table} WHERE source IS NOT NULL"
        f" AND {schema.expression(table, field)} IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    yield from db.execute(sql, (orjson.dumps(list(values)).decode(),))


def discard(db: sqlite3.Connection, kind: Kind, ids: Sequence[str]) -> int:
    """Delete documents and their versions in an open transaction; return how many there were."""
    gone = 0
    for each in ids:
        change_name(db, kind, name_of(db, kind, each), None)
        row = db.execute(f"DELETE FROM {schema.TABLES[kind]} WHERE id = ? RETURNING number", (each,)).fetchone()
        if row is not None and kind == "articles":
            forget_words(db, row[0])
        gone += row is not None
    return gone


def erase(db: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """Take what was deleted out of the word index, the file and its write-ahead log; return what could not be done.

    Our connections overwrite what they delete; the word index keeps deleted words until its parts are merged. A file
    that older versions wrote to may hold remains: it is rewritten once (`VACUUM`; its size must be free on the disk).
    """
    _merge_words(db)
    if db.execute("SELECT 1 FROM newsbeam_store WHERE key = ?", (_CLEAN,)).fetchone() is None:
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
    db.execute("INSERT OR REPLACE INTO newsbeam_store VALUES(?, '1')", (_CLEAN,))


def _merge_words(db: sqlite3.Connection) -> None:
    """Merge all parts of the word index, a few pages at a time. https://www.sqlite.org/fts5.html#the_merge_command"""
    pages = -MERGE_PAGES  # the first, negative one makes parts of all sizes one level, as `optimize` does
    while True:
        with file.transaction(db):
            before = db.total_changes
            db.execute("INSERT INTO article_words(article_words, rank) VALUES('merge', ?)", (pages,))
            if db.total_changes - before < 2:
                return
        pages = MERGE_PAGES
