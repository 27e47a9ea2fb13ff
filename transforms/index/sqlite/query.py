"""Compile a search to SQL over the tables of the embedded store."""

from typing import NamedTuple

from transforms.index.base import SearchRequest
from transforms.index.documents import instant
from transforms.index.queries import TEXT_FIELDS, WORD_FIELDS, Clause, FieldIs, FigureIs, Operator, Words
from transforms.index.sqlite.schema import WORD_COLUMNS
from transforms.index.words import fold, words_of

_COLUMN_OF = {paths: column for column, (paths, _) in WORD_COLUMNS.items()}
_TEXT_COLUMNS = " ".join(TEXT_FIELDS)
_BY = {"published": "timestamp", "ingested": "ingested"}
_NUMBER: dict[Operator, str] = {  # `figure_matches` in SQL
    ">=": "high >= ?",
    ">": "high > ?",
    "<=": "low <= ?",
    "<": "low < ?",
    "=": "low <= ? AND high >= ?",
}


class Selection(NamedTuple):
    """FROM and WHERE over `articles a`, with their parameters; `match` is the positive words as one FTS5 expression."""

    tables: str
    where: str
    parameters: tuple[object, ...]
    order: str
    score: str


def select_articles(request: SearchRequest) -> Selection:
    """Return the articles that a request asks for, in SQL. No text of the user is ever SQL or FTS5 syntax."""
    matches = [_words(term.clause) for term in request.query.terms if not term.negated]
    match = " AND ".join(each for each in matches if each)
    tables = "articles a"
    parameters: list[object] = []
    conditions = ["a.source IS NOT NULL"]
    if match:
        tables += " JOIN article_words ON article_words.rowid = a.number"
        conditions.append("article_words MATCH ?")
        parameters.append(match)
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
    score = f"-bm25(article_words, {', '.join(str(weight) for _, weight in WORD_COLUMNS.values())})" if match else "1.0"
    newest = f"{by} DESC, a.id"
    order = f"score DESC, {newest}" if match and request.sort == "relevance" else newest
    return Selection(tables, " AND ".join(conditions), tuple(parameters), order, score)


def _words(clause: Clause) -> str:
    """Return a clause as an FTS5 expression, empty when it is not about words."""
    match clause:
        case Words(words=words):
            return f"{{{_TEXT_COLUMNS}}} : {_phrase(words)}"
        case FieldIs(field=field, value=value) if field in WORD_FIELDS:
            return f"{{{_COLUMN_OF[WORD_FIELDS[field]]}}} : {_phrase(words_of(value))}"
        case _:
            return ""


def _phrase(words: tuple[str, ...]) -> str:
    # Words have no quotes and no spaces (words.py), so that the quoted phrase is only ever words.
    return f'"{" ".join(words)}"'


def _rows(clause: Clause) -> tuple[str, tuple[object, ...]]:
    match clause:
        case FieldIs(field=field, value=value):
            return "SELECT article FROM article_terms WHERE field = ? AND value = ?", (field, fold(value))
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            numbers = (number, number) if operator == "=" else (number,)
            condition = f"SELECT article FROM article_figures WHERE name = ? AND is_event = ? AND {_NUMBER[operator]}"
            return condition, (name, is_event, *numbers)
        case _:
            raise AssertionError(clause)
