"""Compile a search to SQL over the tables of the embedded store, and run it. No text of the user is ever syntax."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from transforms.index.base import SearchRequest
from transforms.index.documents import instant
from transforms.index.facets import FacetField, Facets, ValueCount
from transforms.index.lookups import NEAR_WORDS, Lookup, RowKind, lookup, near_keys
from transforms.index.matching import row_matches
from transforms.index.queries import Clause, FieldIs, FigureIs, Operator, Query, Words
from transforms.index.recency import recency_factor
from transforms.index.sqlite.row_names import NAME_FIELDS, names_like
from transforms.index.sqlite.search_tables import WORD_COLUMNS
from transforms.index.words import fold

_BY = {"published": "timestamp", "ingested": "ingested"}
_NUMBER: dict[Operator, str] = {  # `figure_matches` in SQL
    ">=": "high >= ?",
    ">": "high > ?",
    "<=": "low <= ?",
    "<": "low < ?",
    "=": "low <= ? AND high >= ?",
}
_ROW_ORDER = "rtrim(r.id, '0123456789'), length(r.id), r.id"  # `row_order` in SQL
_BM25 = f"-bm25(article_words, {', '.join(map(str, WORD_COLUMNS.values()))})"


class Selection(NamedTuple):
    """FROM and WHERE over `articles a`, with their parameters, an order, and a score over the same FROM."""

    tables: str
    where: str
    parameters: tuple[object, ...]
    order: str
    score: str


def select_articles(request: SearchRequest) -> Selection:
    """Return the articles that a request asks for, in SQL."""
    ranked = request.sort == "relevance"
    matches = [_words(term.clause) for term in request.query.terms if not term.negated]
    match = " AND ".join(f"({each})" for each in matches if each)
    tables = "articles a"
    parameters: list[object] = []
    conditions = ["a.source IS NOT NULL"]
    if match:
        tables += " JOIN article_words ON article_words.rowid = a.number"
        conditions.append("article_words MATCH ?")
        together = _together(request.query) if ranked else ""
        parameters.append(f"({match}) OR ({together})" if together else match)  # who matches the second, does the first
    for term in request.query.terms:
        words = _words(term.clause)
        if words and term.negated:
            conditions.append("a.number NOT IN (SELECT rowid FROM article_words WHERE article_words MATCH ?)")
            parameters.append(words)
        elif not words:
            rows, values = _rows(term.clause)
            conditions.append(f"a.number {'NOT IN' if term.negated else 'IN'} ({rows})")
            parameters += values
    by = f"a.{_BY[request.by]}"
    for moment, operator in ((request.since, ">="), (request.until, "<")):
        if moment:
            conditions.append(f"{by} {operator} ?")
            parameters.append(instant(moment))
    score = f"{_BM25}{_recency(request.recent_to)}" if match and ranked else "1.0"
    newest = f"{by} DESC, a.id"
    order = f"score DESC, {newest}" if match and ranked else newest
    return Selection(tables, " AND ".join(conditions), tuple(parameters), order, score)


def find_articles(db: sqlite3.Connection, request: SearchRequest) -> tuple[int, list[tuple[str, float, str]]]:
    """Return how many articles match, and (id, score, JSON) of those that are asked for, in order."""
    select = select_articles(request)
    db.create_function("recency", 1, recency_factor, deterministic=True)
    total = db.execute(f"SELECT count(*) FROM {select.tables} WHERE {select.where}", select.parameters).fetchone()[0]
    listing = (
        f"SELECT a.number, {select.score} AS score FROM {select.tables} WHERE {select.where} "
        f"ORDER BY {select.order} LIMIT ?"
    )
    found = db.execute(listing, (*select.parameters, max(request.limit, 0))).fetchall()
    hits = []
    for number, score in found:  # not in the listing: the order would be made of whole documents
        key, source = db.execute("SELECT id, source FROM articles WHERE number = ?", (number,)).fetchone()
        hits.append((key, score, source))
    return total, hits


def find_rows(
    db: sqlite3.Connection, kind: RowKind, request: SearchRequest
) -> tuple[int, list[tuple[str, dict[str, Any]]]]:
    """Return how many fact rows match, and (id, row) of those that are asked for.

    SQL narrows them down, by their article and by their own columns; what holds is decided row by row by the one
    meaning that there is (`matching.py`).
    """
    conditions, parameters = ["r.source IS NOT NULL"], list[object]()
    clauses = [term.clause for term in request.query.terms if not term.negated]
    by_name = any(_is_named(clause, kind) for clause in clauses)
    for clause in clauses:
        # The rows of a name are few: what else is asked is asked of them, not of all articles.
        for condition, values in _by_name(db, clause, kind) if _is_named(clause, kind) else _narrowed(clause, by_name):
            conditions.append(condition)
            parameters += values
    for moment, operator in ((request.since, ">="), (request.until, "<")):
        if moment:
            conditions.append(f"r.timestamp {operator} ?")
            parameters.append(instant(moment))
    decided = all(_is_decided(term.clause, kind) and not term.negated for term in request.query.terms)
    if not decided:
        conditions.append("row_matches(r.source)")
        db.create_function("row_matches", 1, lambda source: row_matches(orjson.loads(source), kind, request.query))
    where = " AND ".join(conditions)
    sql = f"SELECT r.number FROM {kind} r WHERE {where} ORDER BY r.timestamp DESC, {_ROW_ORDER}"
    numbers = [number for (number,) in db.execute(sql, parameters)]
    rows = []
    for number in numbers[: max(request.limit, 0)]:
        key, source = db.execute(f"SELECT id, source FROM {kind} WHERE number = ?", (number,)).fetchone()
        rows.append((key, orjson.loads(source)))
    return len(numbers), rows


def count_facets(db: sqlite3.Connection, request: SearchRequest, fields: Sequence[FacetField], *, size: int) -> Facets:
    """Return the values of fields over the articles that match."""
    select = select_articles(request)
    every = not request.query.terms and request.since is None and request.until is None
    counted: Facets = {}
    if not every:
        db.execute("CREATE TEMP TABLE IF NOT EXISTS found(number INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM temp.found")
        found = f"INSERT INTO temp.found SELECT a.number FROM {select.tables} WHERE {select.where}"
        db.execute(found, select.parameters)
    for field in fields:
        if field == "day":
            within = "WHERE source IS NOT NULL" if every else "WHERE number IN (SELECT number FROM temp.found)"
            sql = f"SELECT substr(timestamp, 1, 10), count(*) FROM articles {within} GROUP BY 1 ORDER BY 1 DESC LIMIT ?"
            rows = db.execute(sql, (size,))
        else:
            within = "" if every else "AND article IN (SELECT number FROM temp.found)"
            sql = (
                f"SELECT value, count(*) FROM article_facets WHERE field = ? {within} "
                "GROUP BY value ORDER BY 2 DESC, 1 LIMIT ?"
            )
            rows = db.execute(sql, (field, size))
        counted[field] = tuple(ValueCount(value, articles) for value, articles in rows)
    return counted


def _words(clause: Clause) -> str:
    """Return a clause as an FTS5 expression, empty when it is not about words."""
    sought = lookup(clause)
    if sought is None:
        return ""
    expression = _expression(sought)
    if isinstance(clause, Words) and not sought.exact:
        # Counts only for the score: what has words as they were asked for, has their keys.
        return f"{expression} OR {_expression(Lookup(sought.columns, (clause.words,), exact=True))}"
    return expression


def _expression(sought: Lookup) -> str:
    columns = " ".join(name if sought.exact else f"{name}_keys" for name in sought.columns)
    return f"{{{columns}}} : ({' OR '.join(map(_phrase, sought.phrases))})"


def _together(query: Query) -> str:
    """Return an expression for the words of a query near each other, in any one language; empty for a single word."""
    near = [f"NEAR({' '.join(_phrase((key,)) for key in keys)}, {NEAR_WORDS})" for keys in near_keys(query)]
    return f"{{title_keys summary_keys body_keys}} : ({' OR '.join(near)})" if near else ""


def _phrase(words: tuple[str, ...]) -> str:
    # Words and keys have no quotes and no spaces, so that the quoted phrase is only ever words.
    return f'"{" ".join(words)}"'


def _rows(clause: Clause) -> tuple[str, tuple[object, ...]]:
    match clause:
        case FieldIs(field=field, value=value):
            return "SELECT article FROM article_terms WHERE field = ? AND value = ?", (field, fold(value))
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            numbers = (number, number) if operator == "=" else (number,)
            condition = f"SELECT article FROM article_figures WHERE name = ? AND is_event = ? AND {_NUMBER[operator]}"
            return condition, (name, is_event, *numbers)
        case Words():
            raise AssertionError(clause)


def _narrowed(clause: Clause, by_name: bool) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield conditions that every row has to meet for which a clause holds: of its article, and of its own columns.

    The first is left out where rows are found by a name (`by_name`).
    """
    match clause:
        case FieldIs(field="place" | "speaker"):
            return  # the name that a fact has need not be among those of its article
        case FigureIs() | FieldIs(field="kind" | "event" | "unit"):
            condition, parameters = _rows(clause)
        case _ if words := _words(clause):
            condition, parameters = "SELECT rowid FROM article_words WHERE article_words MATCH ?", (words,)
        case _:
            condition, parameters = _rows(clause)
    if not by_name:
        yield f"r.article_id IN (SELECT id FROM articles WHERE number IN ({condition}))", parameters
    match clause:
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            bounds = (
                _NUMBER[operator]
                .replace("low", "r.value")
                .replace("high", "max(r.value, coalesce(r.value_max, r.value))")
            )
            numbers = (number, number) if operator == "=" else (number,)
            yield f"r.{'event' if is_event else 'kind'} = ? AND {bounds}", (name, *numbers)
        case FieldIs(field="kind" | "event" as field, value=value):
            yield f"r.{field} = ?", (fold(value),)


def _by_name(db: sqlite3.Connection, clause: Clause, kind: RowKind) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the condition that a row has a name for which a clause holds."""
    assert isinstance(clause, FieldIs)
    names = orjson.dumps(names_like(db, kind, clause)).decode()
    yield (
        "r.number IN (SELECT number FROM row_names WHERE kind = ? AND name IN (SELECT value FROM json_each(?)))",
        (kind, names),
    )


def _is_named(clause: Clause, kind: RowKind) -> bool:
    """Say whether a clause is about the name that rows of a kind are found by."""
    return isinstance(clause, FieldIs) and clause.field == NAME_FIELDS[kind]


def _is_decided(clause: Clause, kind: RowKind) -> bool:
    """Say whether the conditions of a clause are all there is to it."""
    if isinstance(clause, FieldIs):
        return clause.field in ("kind", "event") or _is_named(clause, kind)
    return isinstance(clause, FigureIs)


def _recency(recent_to: datetime | None) -> str:
    """Return the factor of `recency.py` in SQL; `find_articles` gives the function to the connection."""
    if recent_to is None:
        return ""
    return f" * recency(julianday('{instant(recent_to)}') - julianday(a.timestamp))"
