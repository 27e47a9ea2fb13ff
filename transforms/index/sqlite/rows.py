"""Writing into the tables of the embedded store: the guard by version, and what articles are searched by."""

import sqlite3
from collections.abc import Iterator

import orjson

from transforms.index.base import Document, Write, WriteResult
from transforms.index.checks import rejection
from transforms.index.facets import FACETS
from transforms.index.lookups import COLUMNS, TEXTS, column_keys, exact_terms
from transforms.index.matching import facet_values, field_values, figure_ranges
from transforms.index.sqlite.row_names import change_name, name_in, name_of
from transforms.index.sqlite.schema import TABLES
from transforms.index.sqlite.search_tables import WORD_COLUMNS, make_again
from transforms.index.words import words_of

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
    named = name_of(db, write.kind, write.id)
    row = db.execute(_PUT.format(table=TABLES[write.kind]), (write.id, write.version, source)).fetchone()
    if row is None:
        return WriteResult(kind=write.kind, id=write.id, status="stale")
    change_name(db, write.kind, named, name_in(write.kind, row[0], write.source))
    if write.kind == "articles":
        forget_words(db, row[0])
        if write.source is not None:
            put_words(db, row[0], dict(write.source))
    return WriteResult(kind=write.kind, id=write.id, status="written")


def put_words(db: sqlite3.Connection, number: int, document: Document) -> None:
    """Make an article's row searchable."""
    db.execute(_PUT_WORDS, (number, *_columns(document)))
    terms = sorted(exact_terms(document))
    db.executemany("INSERT INTO article_terms VALUES(?, ?, ?)", ((*term, number) for term in terms))
    db.executemany(
        "INSERT INTO article_figures VALUES(?, ?, ?, ?, ?)", ((number, *each) for each in figure_ranges(document))
    )
    counted = [(field, value, number) for field in FACETS if field != "day" for value in facet_values(document, field)]
    db.executemany("INSERT INTO article_facets VALUES(?, ?, ?)", sorted(counted))


def refill_search(db: sqlite3.Connection) -> None:
    """Make the tables for searching again, with every article in them, in an open transaction."""
    make_again(db)
    for number, source in db.execute("SELECT number, source FROM articles WHERE source IS NOT NULL"):
        put_words(db, number, orjson.loads(source))


def forget_words(db: sqlite3.Connection, number: int) -> None:
    """Take a row out of the search."""
    db.execute("DELETE FROM article_words WHERE rowid = ?", (number,))
    for table in ("article_terms", "article_figures", "article_facets"):
        db.execute(f"DELETE FROM {table} WHERE article = ?", (number,))


def _columns(document: Document) -> Iterator[str]:
    """Yield the texts of the columns of `article_words`, in their order."""
    for name in TEXTS["articles"]:
        yield _joined([list(words_of(value)) for value in field_values(document, name)])
    for column in COLUMNS["articles"].values():
        yield _joined(column_keys(document, column))


def _joined(values: list[list[str]]) -> str:
    return f" {VALUE_END} ".join(" ".join(words) for words in values)
