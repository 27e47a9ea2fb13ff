"""Compile a search to Elasticsearch's query DSL. What each clause means stands in `queries.py`.

Words are looked up as they were indexed, by terms and spans, never as text to analyse: `words.py` has split and folded
them already, and asks for every spelling that counts as the same word. No text of the user is ever query syntax.
"""

from typing import Any

from transforms.index.base import SearchRequest
from transforms.index.documents import instant
from transforms.index.queries import EXACT_FIELDS, TEXT_FIELDS, WORD_FIELDS, Clause, FieldIs, FigureIs, Operator, Words
from transforms.index.words import fold, spellings, words_of

Dsl = dict[str, Any]

_BOOSTS = {"title": 3.0, "subtitle": 2.0, "summary": 2.0}  # a reader's word in the headline says what it is about
_BY = {"published": "@timestamp", "ingested": "event.ingested"}
_NESTED = "figures"
_TIES = 0.3  # how much the fields count that are not the best one

# `figure_matches` in terms of fields: the highest number that a figure allows is `value_max`, or `value` without one.
_LOW, _HIGH = ("figures.value",), ("figures.value", "figures.value_max")
_COMPARE: dict[Operator, tuple[tuple[tuple[str, ...], str], ...]] = {
    ">=": ((_HIGH, "gte"),),
    ">": ((_HIGH, "gt"),),
    "<=": ((_LOW, "lte"),),
    "<": ((_LOW, "lt"),),
    "=": ((_LOW, "lte"), (_HIGH, "gte")),
}


def compile_request(request: SearchRequest) -> Dsl:
    """Return the query for a request: words score, everything else only selects."""
    query: dict[str, list[Dsl]] = {"must": [], "filter": [], "must_not": []}
    for term in request.query.terms:
        compiled = _clause(term.clause)
        scores = isinstance(term.clause, Words) or (
            isinstance(term.clause, FieldIs) and term.clause.field in WORD_FIELDS
        )
        query["must_not" if term.negated else "must" if scores else "filter"].append(compiled)
    limits = {"gte": request.since, "lt": request.until}
    bounds = {operator: instant(moment) for operator, moment in limits.items() if moment}
    if bounds:
        query["filter"].append({"range": {_BY[request.by]: bounds}})
    given = {occurrence: clauses for occurrence, clauses in query.items() if clauses}
    return {"bool": given} if given else {"match_all": {}}


def sort_order(request: SearchRequest) -> list[Dsl]:
    """Return the order of the hits; ids make it total."""
    newest: list[Dsl] = [{_BY[request.by]: {"order": "desc"}}, {"id": {"order": "asc"}}]
    return [{"_score": {"order": "desc"}}, *newest] if request.sort == "relevance" else newest


def ids_like(text: str) -> Dsl:
    """Return the query for an id's beginning, with or without its prefix `a1`, or for an article's URL."""
    starts = {text.lower(), f"a1{text.lower()}"} if text else set()
    prefixes: list[Dsl] = [{"prefix": {"id": start}} for start in sorted(starts)]
    return _any([*prefixes, *({"term": {f"url.{name}": text}} for name in ("full", "original", "requested"))])


def _clause(clause: Clause) -> Dsl:
    match clause:
        case Words(words=words):
            return _phrase(TEXT_FIELDS, words)
        case FieldIs(field="title", value=value):
            return _phrase(("title",), words_of(value))
        case FieldIs(field=field, value=value) if field in WORD_FIELDS:
            found = _phrase(tuple(f"{path}.words" for path in WORD_FIELDS[field]), words_of(value))
            return _in_one_figure(found) if field == "figure" else found
        case FieldIs(field=field, value=value):
            return _any([{"term": {f"{path}.folded": fold(value)}} for path in EXACT_FIELDS[field]])
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            named = {"term": {"figures.event" if is_event else "figures.kind": name}}
            return _in_one_figure({"bool": {"filter": [named, *_comparison(operator, number)]}})


def _comparison(operator: Operator, number: float) -> list[Dsl]:
    return [_any([{"range": {field: {bound: number}}} for field in fields]) for fields, bound in _COMPARE[operator]]


def _in_one_figure(query: Dsl) -> Dsl:
    return {"nested": {"path": _NESTED, "query": query, "score_mode": "max"}}


def _phrase(fields: tuple[str, ...], words: tuple[str, ...]) -> Dsl:
    """Return the query for words that stand together in one value of a field; values of an array are far apart."""
    if not words:
        return {"match_none": {}}
    if len(words) == 1:
        each = [
            {"term": {field: {"value": spelling, "boost": _BOOSTS.get(field, 1.0)}}}
            for field in fields
            for spelling in spellings(words[0])
        ]
    else:
        each = [_span(field, words) for field in fields]
    return {"dis_max": {"queries": each, "tie_breaker": _TIES}}


def _span(field: str, words: tuple[str, ...]) -> Dsl:
    places = [
        {"span_or": {"clauses": [{"span_term": {field: spelling}} for spelling in spellings(word)]}} for word in words
    ]
    return {"span_near": {"clauses": places, "slop": 0, "in_order": True, "boost": _BOOSTS.get(field, 1.0)}}


def _any(queries: list[Dsl]) -> Dsl:
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}
