"""Writing into the tables of the embedded store: the guard by version, and what articles are searched by."""

import sqlite3

import orjson

from transforms.index.base import Document, Write, WriteResult
from transforms.index.checks import rejection
from transforms.index.matching import field_values, figure_ranges
from transforms.index.queries import EXACT_FIELDS
from transforms.index.sqlite.schema import TABLES, WORD_COLUMNS
from transforms.index.words import fold, words_of

VALUE_END = "¶"  # between two values of a field; never a word, so that no phrase reaches across

_PUT = """
INSERT INTO {table}(id, version, source) VALUES(?, ?, ?)
ON CONFLICT(id) DO UPDATE SET version = excluded.version, source = excluded.source
WHERE excluded.version >= {table}.version
RETURNING number
"""
_PUT_WORDS = (
    f"INSERT INTO article_words(rowid, {', '.join(WORD_COLUMNS)}) VALUES({', '.join('?' * (len(WORD_COLUMNS) + 1))})"
)


def put(db: sqlite3.Connection, write: Write) -> WriteResult:
    """Write one document, or mark it deleted, unless a newer version stands."""
    refused = rejection(write)
    if refused:
        reason, message = refused
        return WriteResult(kind=write.kind, id=write.id, status="rejected", reason=reason, message=message)
    source = None if write.source is None else orjson.dumps(write.source).decode()
    row = db.execute(_PUT.format(table=TABLES[write.kind]), (write.id, write.version, source)).fetchone()
    if row is None:
        return WriteResult(kind=write.kind, id=write.id, status="stale")
    if write.kind == "articles":
        forget_words(db, row[0])
        if write.source is not None:
            put_words(db, row[0], dict(write.source))
    return WriteResult(kind=write.kind, id=write.id, status="written")


def put_words(db: sqlite3.Connection, number: int, document: Document) -> None:
    """Make an article's row searchable."""
    columns = (
        f" {VALUE_END} ".join(" ".join(words_of(value)) for path in paths for value in field_values(document, path))
        for paths, _ in WORD_COLUMNS.values()
    )
    db.execute(_PUT_WORDS, (number, *columns))
    terms = {
        (field, fold(value), number)
        for field, paths in EXACT_FIELDS.items()
        for path in paths
        for value in field_values(document, path)
    }
    db.executemany("INSERT INTO article_terms VALUES(?, ?, ?)", sorted(terms))
    db.executemany(
        "INSERT INTO article_figures VALUES(?, ?, ?, ?, ?)", ((number, *each) for each in figure_ranges(document))
    )


def forget_words(db: sqlite3.Connection, number: int) -> None:
    """Take a row out of the search."""
    db.execute("DELETE FROM article_words WHERE rowid = ?", (number,))
    db.execute("DELETE FROM article_terms WHERE article = ?", (number,))
    db.execute("DELETE FROM article_figures WHERE article = ?", (number,))
