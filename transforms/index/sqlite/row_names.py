"""Finding fact rows by a name that stands in them: figures by their place, quotes by their speaker.

`row_names` has the rows of each name, `row_name_words` the names of each word (plain keys, `stems.py`): `place:Rafah`
looks up a handful of names and reads their rows, where it would otherwise read every row as JSON (1 s at 10,000
articles). A name that no row has any more is in neither.
"""

import sqlite3
from collections.abc import Iterator, Mapping

from transforms.index.base import Kind
from transforms.index.lookups import Column, RowKind, column_keys, lookup
from transforms.index.matching import clause_matches
from transforms.index.queries import FieldIs, FieldName

NAME_FIELDS: dict[RowKind, FieldName] = {"figures": "place", "quotes": "speaker"}
NAME_TABLES = ("row_names", "row_name_words")
NAME_STATEMENTS = (
    "CREATE TABLE row_names(kind TEXT, name TEXT, number INTEGER, PRIMARY KEY (kind, name, number)) WITHOUT ROWID",
    "CREATE TABLE row_name_words(kind TEXT, word TEXT, name TEXT, PRIMARY KEY (kind, word, name)) WITHOUT ROWID",
)
BATCH = 20_000  # rows in one transaction, so that writers beside get their turn: below a second on an idle machine
_FILLED = "row_names_filled"  # in `newsbeam_store`: how far an older file's rows have come, "all" at the end
_NAME = Column(("name",), stemmed=False)


def name_of(db: sqlite3.Connection, kind: Kind, id: str) -> tuple[int, str] | None:
    """Return the number and the name of a row that has one."""
    if kind not in ("figures", "quotes"):
        return None
    row = db.execute(f"SELECT number, {NAME_FIELDS[kind]} FROM {kind} WHERE id = ?", (id,)).fetchone()
    return row if row and row[1] else None


def name_in(kind: Kind, number: int, row: Mapping[str, object] | None) -> tuple[int, str] | None:
    """Return the same of a row as it is written."""
    name = row.get(NAME_FIELDS[kind]) if row is not None and kind in ("figures", "quotes") else None
    return (number, name) if name and isinstance(name, str) else None


def change_name(
    db: sqlite3.Connection, kind: Kind, before: tuple[int, str] | None, after: tuple[int, str] | None
) -> None:
    """Note that a row has another name, a first one, or none any more."""
    if before == after:
        return
    if before:
        number, name = before
        db.execute("DELETE FROM row_names WHERE kind = ? AND name = ? AND number = ?", (kind, name, number))
        if not db.execute("SELECT 1 FROM row_names WHERE kind = ? AND name = ? LIMIT 1", (kind, name)).fetchone():
            db.executemany("DELETE FROM row_name_words WHERE kind = ? AND word = ? AND name = ?", _words(kind, name))
    if after:
        _add(db, kind, *after)


def names_like(db: sqlite3.Connection, kind: RowKind, clause: FieldIs) -> tuple[str, ...]:
    """Return the names for which a clause about the name of a row holds."""
    sought = lookup(clause, kind)
    words = sought.phrases[0] if sought else ()
    if not words:
        return ()
    found = db.execute("SELECT name FROM row_name_words WHERE kind = ? AND word = ?", (kind, max(words, key=len)))
    return tuple(name for (name,) in found if clause_matches({clause.field: name}, clause, kind))


def names_are_current(db: sqlite3.Connection) -> bool:
    """Say whether every row can be found by its name."""
    if not list(db.execute("PRAGMA table_info(row_names)")):
        return False
    found = db.execute("SELECT value FROM newsbeam_store WHERE key = ?", (_FILLED,)).fetchone()
    return found is not None and found[0] == "all"


def make_names(db: sqlite3.Connection, *, filled: bool) -> None:
    """Make the tables empty, in an open transaction; `filled` says that there are no rows yet."""
    for name in NAME_TABLES:
        db.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in NAME_STATEMENTS:
        db.execute(statement)
    _note(db, "all" if filled else "figures 0")


def fill_names(db: sqlite3.Connection) -> bool:
    """Enter the names of the next rows of an older file, in an open transaction; return whether all are in.

    Whoever opens the file takes the next batch, so that one that is cut off, or several at once, do no harm.
    """
    if not list(db.execute("PRAGMA table_info(row_names)")):
        make_names(db, filled=False)
    found = db.execute("SELECT value FROM newsbeam_store WHERE key = ?", (_FILLED,)).fetchone()
    if found and found[0] == "all":
        return True
    at = found[0].split() if found else ["figures", "0"]
    kind: RowKind = "quotes" if at[0] == "quotes" else "figures"
    sql = f"SELECT number, {NAME_FIELDS[kind]} FROM {kind} WHERE number > ? ORDER BY number LIMIT ?"
    last = None
    for number, name in db.execute(sql, (int(at[1]), BATCH)).fetchall():
        last = number
        if name:
            _add(db, kind, number, name)
    if last is not None:
        _note(db, f"{kind} {last}")
    else:
        _note(db, "quotes 0" if kind == "figures" else "all")
    return last is None and kind == "quotes"


def _add(db: sqlite3.Connection, kind: Kind, number: int, name: str) -> None:
    known = db.execute("SELECT 1 FROM row_names WHERE kind = ? AND name = ? LIMIT 1", (kind, name)).fetchone()
    db.execute("INSERT OR IGNORE INTO row_names VALUES(?, ?, ?)", (kind, name, number))
    if not known:
        db.executemany("INSERT OR IGNORE INTO row_name_words VALUES(?, ?, ?)", _words(kind, name))


def _words(kind: Kind, name: str) -> Iterator[tuple[str, str, str]]:
    for word in {word for words in column_keys({"name": name}, _NAME) for word in words}:
        yield kind, word, name


def _note(db: sqlite3.Connection, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO newsbeam_store VALUES(?, ?)", (_FILLED, value))
