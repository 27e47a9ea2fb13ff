"""From older or otherwise differing tables of the embedded store to those of this version, in one transaction.

Every column but `id`, `version` and `source` is computed, and what searches use is made of `source`: so whatever
differs is made again from those three, and one way serves every older version. Version 0 had only `articles`,
`figures` and `quotes`, with these three columns, and could not be searched.
"""

import glob
import sqlite3
from collections.abc import Callable
from pathlib import Path

import orjson

from transforms.errors import StoreError
from transforms.index.base import SCHEMA_VERSION, Difference, Document, Step, StepAction
from transforms.index.sqlite import file, row_names, schema
from transforms.index.sqlite.rows import put_words
from transforms.index.upgrades import upgraded

_SEARCH = "article_words"  # stands for the tables that articles are searched by
_NAMES = "row_names"  # and this one for those that rows are found by


def migrate(path: Path, db: sqlite3.Connection, *, dry_run: bool, tell: Callable[[Step], None]) -> tuple[Step, ...]:
    """Bring a file to this version and return the steps; when documents are rewritten, keep the file as it was."""
    if dry_run or not _plan(db):
        steps = _plan_with_copy(path, db)
        for step in steps:
            tell(step)
        return steps
    with file.transaction(db):
        steps = _plan_with_copy(path, db)  # now that nobody else writes
        for step in steps:
            tell(step)
            if step.action == "keep":
                file.keep(path, Path(step.index))
            else:
                _carry_out(db, step)
    filled = not any(step.index == _NAMES for step in steps)
    while not filled:
        with file.transaction(db):  # some at a time, so that writers beside get their turn
            filled = row_names.fill_names(db)
    return steps


def kept_files(path: Path) -> tuple[Path, ...]:
    """Return the copies that migrations of a file have kept beside it."""
    return tuple(sorted(path.parent.glob(f"{glob.escape(path.name)}.bak-v*")))


def _plan_with_copy(path: Path, db: sqlite3.Connection) -> tuple[Step, ...]:
    steps = _plan(db)
    if not any(step.action == "copy" for step in steps):
        return steps
    kept = f"{path}.bak-v{schema.found_version(db)}"
    return (Step(index=kept, action="keep", detail="the file as it was"), *steps)


def _plan(db: sqlite3.Connection) -> tuple[Step, ...]:
    """Return what has to be done to a file's tables, without doing it."""
    old_version = schema.found_version(db) != SCHEMA_VERSION
    found = schema.differences(db)
    steps = []
    for table in schema.TABLES.values():
        here = [each for each in found if each.index == table]
        there = schema.exists(db, table)
        if there and (old_version or any(not schema.can_add(each) for each in here)):
            steps.append(_step(db, table, "copy", "schema version" if old_version else _listed(here)))
        elif here:
            steps.append(_step(db, table, "change" if there else "create", _listed(here)))
    remade = any(step.index == "articles" and step.action == "copy" for step in steps)
    if remade or any(each.index in schema.SEARCH_TABLES for each in found):
        steps.append(_step(db, _SEARCH, "fill", "the words of all articles"))
    rows_remade = any(step.index in row_names.NAME_FIELDS and step.action != "change" for step in steps)
    if rows_remade or any(each.index in row_names.NAME_TABLES for each in found) or not row_names.names_are_current(db):
        steps.append(_step(db, _NAMES, "fill", "the places of figures and the speakers of quotes"))
    if old_version:
        steps.append(Step(index="newsbeam_store", action="finish", detail=f"schema version {SCHEMA_VERSION}"))
    return tuple(steps)


def _carry_out(db: sqlite3.Connection, step: Step) -> None:
    """Do one step of a plan."""
    match step.action:
        case "create":
            schema.make_table(db, step.index)
        case "change":
            schema.add_to_table(db, step.index)
        case "copy":
            _make_again(db, step.index)
        case "fill" if step.index == _NAMES:
            row_names.make_names(db, filled=False)
        case "fill":
            _fill_search(db)
        case _:
            schema.write_version(db)


def _make_again(db: sqlite3.Connection, table: str) -> None:
    old = f"{table}_old"
    db.execute(f"ALTER TABLE {table} RENAME TO {old}")
    schema.drop_indexes(db, old)
    schema.make_table(db, table)
    for key, version, source in db.execute(f"SELECT id, version, source FROM {old} ORDER BY rowid"):
        if source is not None:
            document = _read(table, key, source)
            newer = upgraded(document)
            source = source if newer is document else orjson.dumps(newer).decode()
        db.execute(f"INSERT INTO {table}(id, version, source) VALUES(?, ?, ?)", (key, version, source))
    db.execute(f"DROP TABLE {old}")


def _read(table: str, key: str, source: str) -> Document:
    try:
        document: Document = orjson.loads(source)
    except orjson.JSONDecodeError as err:
        raise StoreError(f"{table}: {key} is not JSON ({err}): delete that row, then migrate again") from err
    return document


def _fill_search(db: sqlite3.Connection) -> None:
    schema.drop_search(db)
    schema.make_search(db)
    for number, source in db.execute("SELECT number, source FROM articles WHERE source IS NOT NULL"):
        put_words(db, number, orjson.loads(source))


def _step(db: sqlite3.Connection, table: str, action: StepAction, detail: str) -> Step:
    counted = {_SEARCH: ("articles",), _NAMES: tuple(row_names.NAME_FIELDS)}.get(table, (table,))
    there = [name for name in counted if schema.exists(db, name)]
    documents = sum(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in there)
    return Step(index=table, action=action, detail=detail, documents=documents if action in ("copy", "fill") else 0)


def _listed(differences: list[Difference]) -> str:
    return ", ".join(each.field for each in differences)
