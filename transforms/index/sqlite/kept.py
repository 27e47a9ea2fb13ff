"""What is forgotten, deleted in the files that migrations have kept beside the store's own.

Whatever their version, their tables have `id` and `source`. What searches use is made of `source`, and is dropped:
it is made again when somebody opens the file as a store. Then the file is rewritten, so that no byte stays.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson

from transforms.index.base import Named
from transforms.index.sqlite import file, row_names, schema


def forget(paths: Sequence[Path], named: Sequence[Named]) -> tuple[str, ...]:
    """Delete what is named, and return the files that may still hold some of it, in words."""
    left = []
    for path in paths:
        try:
            with closing(file.connect(path, "rw")) as db:
                _forget_in(db, named)
        except sqlite3.Error as err:
            left.append(f"{path} ({err})")
    return tuple(left)


def _forget_in(db: sqlite3.Connection, named: Sequence[Named]) -> None:
    with file.transaction(db):
        gone = sum(_delete(db, each) for each in named)
        if gone:
            for table in (*schema.SEARCH_TABLES, *row_names.NAME_TABLES):
                db.execute(f"DROP TABLE IF EXISTS {table}")
    if gone:
        db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _delete(db: sqlite3.Connection, named: Named) -> int:
    table = schema.TABLES[named.kind]
    if not schema.exists(db, table):
        return 0
    path = '$."' + '"."'.join(named.field.split(".")) + '"'
    column = "id" if named.field == "id" else f"json_extract(source, '{path}')"
    values = orjson.dumps(list(named.values)).decode()
    sql = f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
    return db.execute(sql, (values,)).rowcount
