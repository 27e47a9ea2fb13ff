"""From older schemas of the embedded store to this one, one step per version, in the caller's transaction.

Version 0 had only `articles`, `figures` and `quotes`, each with the columns `id`, `version` and `source`, and could not
be searched. Documents need no change.
"""

import sqlite3
from collections.abc import Callable

import orjson

from transforms.index.sqlite.rows import put_words
from transforms.index.sqlite.schema import create_tables


def migrate(db: sqlite3.Connection, found: int) -> tuple[str, ...]:
    """Bring tables of schema version `found` to this one and return what was made."""
    made: tuple[str, ...] = ()
    for step in _STEPS[found:]:
        made += step(db)
    return made


def _from_0(db: sqlite3.Connection) -> tuple[str, ...]:
    old = ("articles", "figures", "quotes")
    for table in old:
        db.execute(f"ALTER TABLE {table} RENAME TO {table}_0")
    made = create_tables(db)
    for table in old:
        db.execute(f"INSERT INTO {table}(id, version, source) SELECT id, version, source FROM {table}_0")
        db.execute(f"DROP TABLE {table}_0")
    for number, source in db.execute("SELECT number, source FROM articles WHERE source IS NOT NULL").fetchall():
        put_words(db, number, orjson.loads(source))
    return made


_STEPS: tuple[Callable[[sqlite3.Connection], tuple[str, ...]], ...] = (_from_0,)
