"""Compile a search to Elasticsearch's query DSL. What each clause means stands in `queries.py` and `lookups.py`.

Words are looked up as they were indexed, by terms and spans, never as text to analyse. No text of the user is ever
query syntax.
"""

from typing import Any

from transforms.index.base import SearchRequest
from transforms.index.documents import instant
from transforms.index.elasticsearch.search_fields import FIELD, term_of
from transforms.index.facets import FACETS, FacetField
from transforms.index.lookups import EXACT_WEIGHT, NEAR_WORDS, WEIGHTS, Lookup, Searched, lookup, near_keys
from transforms.index.queries import EXACT_FIELDS, WORD_FIELDS, Clause, FieldIs, FigureIs, Operator, Words
from transforms.index.recency import HALF_LIFE_DAYS, WEIGHT
from transforms.index.words import fold, spellings, words_of

Dsl = dict[str, Any]

_BY = {"published": "@timestamp", "ingested": "event.ingested"}
_NESTED = "figures"
_TIES = 0.3  # how much the fields count that are not the best one
_TOGETHER = ("title", "summary", "body")  # where words near each other count

# `figure_matches` in terms of fields: the highest number that a figure allows is `value_max`, or `value` without one.
_LOW, _HIGH = ("value",), ("value", "value_max")
_COMPARE: dict[Operator, tuple[tuple[tuple[str, ...], str], ...]] = {
    ">=": ((_HIGH, "gte"),),
    ">": ((_HIGH, "gt"),),
    "<=": ((_LOW, "lte"),),
    "<": ((_LOW, "lt"),),
    "=": ((_LOW, "lte"), (_HIGH, "gte")),
}


def compile_request(request: SearchRequest, kind: Searched = "articles") -> Dsl:
    """Return the query for a request over documents of a kind: words score, everything else only selects."""
    query: dict[str, list[Dsl]] = {"must": [], "filter": [], "must_not": [], "should": []}
    for term in request.query.terms:
        has_words = kind == "articles" and lookup(term.clause) is not None
        scores = has_words and not term.negated and request.sort == "relevance"
        found = (None if scores else _any_key(term.clause, kind)) or _clause(term.clause, kind)
        query["must_not" if term.negated else "must" if has_words else "filter"].append(found)
    limits = {"gte": request.since, "lt": request.until}
    bounds = {operator: instant(moment) for operator, moment in limits.items() if moment}
    if bounds:
        query["filter"].append({"range": {_BY[request.by]: bounds}})
    if request.sort == "relevance" and (near := near_keys(request.query)):
        query["should"].append({"dis_max": {"queries": [_near(name, keys) for keys in near for name in _TOGETHER]}})
    given = {occurrence: clauses for occurrence, clauses in query.items() if clauses}
    return _aged({"bool": given} if given else {"match_all": {}}, request)


def sort_order(request: SearchRequest) -> list[Dsl]:
    """Return the order of the hits; ids make it total."""
    newest: list[Dsl] = [{_BY[request.by]: {"order": "desc"}}, {"id": {"order": "asc"}}]
    return [{"_score": {"order": "desc"}}, *newest] if request.sort == "relevance" else newest


def facet_aggregations(fields: tuple[FacetField, ...], size: int) -> Dsl:
    """Return an aggregation for each facet; an index of one shard counts exactly."""
    aggregations: Dsl = {}
    for field in fields:
        if field == "day":
            days = {"field": FACETS[field], "calendar_interval": "day", "format": "yyyy-MM-dd", "min_doc_count": 1}
            aggregations[field] = {"date_histogram": {**days, "order": {"_key": "desc"}}}
        else:
            order = [{"_count": "desc"}, {"_key": "asc"}]
            aggregations[field] = {"terms": {"field": FACETS[field], "size": size, "order": order}}
    return aggregations


def ids_like(text: str) -> Dsl:
    """Return the query for an id's beginning, with or without its prefix `a1`, or for an article's URL."""
    starts = {text.lower(), f"a1{text.lower()}"} if text else set()
    prefixes: list[Dsl] = [{"prefix": {"id": start}} for start in sorted(starts)]
    return _any([*prefixes, *({"term": {f"url.{name}": text}} for name in ("full", "original", "requested"))])


def _clause(clause: Clause, kind: Searched) -> Dsl:
    sought = lookup(clause, kind)
    if sought:
        return _any([_lookup(sought), *_as_written(clause, sought, kind)])
    match clause:
        case FieldIs(field=field, value=value) if kind == "articles" and field in EXACT_FIELDS:
            return _any([{"term": {f"{path}.folded": fold(value)}} for path in EXACT_FIELDS[field]])
        case FieldIs(field=field, value=value):
            return {"term": {f"{FIELD}.terms": term_of(field, fold(value))}}
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            inside = f"{_NESTED}." if kind == "articles" else ""
            named = {"term": {f"{inside}{'event' if is_event else 'kind'}": name}}
            figure = {"bool": {"filter": [named, *_comparison(inside, operator, number)]}}
            return _in_one_figure(figure) if inside else figure
        case Words():
            raise AssertionError(clause)


def _any_key(clause: Clause, kind: Searched) -> Dsl | None:
    """Return the query for a word whose score nobody asks for: a clause per field, where `_clause` has one per key.

    A word has a key in each of 22 languages and four fields: 100 clauses of one term are 8 of many. None for phrases.
    """
    sought = lookup(clause, kind)
    if sought is None or sought.exact or not isinstance(clause, Words) or len(clause.words) > 1:
        return None
    keys = sorted({key for phrase in sought.phrases for key in phrase})
    fields = [{"terms": {f"{FIELD}.{name}": keys}} for name in sought.columns]
    if kind == "articles":  # those of a version without keys, see `_as_written`
        fields += [{"terms": {name: list(spellings(clause.words[0]))}} for name in sought.columns]
    return {"constant_score": {"filter": _any(fields)}}


def _as_written(clause: Clause, sought: Lookup, kind: Searched) -> list[Dsl]:
    """Return what else finds a clause's words as they were asked for.

    In texts their very form counts in the score. In fields it only finds articles that were written by a version
    without keys: who has the words, has their keys.
    """
    if sought.exact or kind != "articles":
        return []
    match clause:
        case Words(words=words):
            return [_written(sought.columns, words, weight=EXACT_WEIGHT)]
        case FieldIs(field="title", value=value):
            return [_without_score(_written(("title",), words_of(value)))]
        case FieldIs(field=field, value=value):
            found = _written(tuple(f"{path}.words" for path in WORD_FIELDS[field]), words_of(value))
            return [_without_score(_in_one_figure(found) if field == "figure" else found)]
    return []


def _lookup(sought: Lookup) -> Dsl:
    if sought.exact:
        return _written(sought.columns, sought.phrases[0])
    each = [_keys(name, phrase) for name in sought.columns for phrase in sought.phrases if phrase]
    return {"dis_max": {"queries": each, "tie_breaker": _TIES}} if each else {"match_none": {}}


def _keys(column: str, phrase: tuple[str, ...]) -> Dsl:
    field, boost = f"{FIELD}.{column}", WEIGHTS.get(column, 1.0)
    if len(phrase) == 1:
        return {"term": {field: {"value": phrase[0], "boost": boost}}}
    places = [{"span_term": {field: key}} for key in phrase]
    return {"span_near": {"clauses": places, "slop": 0, "in_order": True, "boost": boost}}


def _near(column: str, keys: list[str]) -> Dsl:
    field = f"{FIELD}.{column}"
    places = [{"span_term": {field: key}} for key in keys]
    boost = WEIGHTS.get(column, 1.0)
    return {"span_near": {"clauses": places, "slop": NEAR_WORDS, "in_order": False, "boost": boost}}


def _written(fields: tuple[str, ...], words: tuple[str, ...], *, weight: float = 1.0) -> Dsl:
    """Return the query for words that stand together as written in a value of a field of the `standard` analyzer.

    Any of their `spellings` counts; the values of an array are far apart.
    """
    if not words:
        return {"match_none": {}}
    if len(words) == 1:
        each = [
            {"term": {field: {"value": spelling, "boost": WEIGHTS.get(field, 1.0) * weight}}}
            for field in fields
            for spelling in spellings(words[0])
        ]
    else:
        each = [_span(field, words, WEIGHTS.get(field, 1.0) * weight) for field in fields]
    return {"dis_max": {"queries": each, "tie_breaker": _TIES}}


def _span(field: str, words: tuple[str, ...], boost: float) -> Dsl:
    places = [
        {"span_or": {"clauses": [{"span_term": {field: spelling}} for spelling in spellings(word)]}} for word in words
    ]
    return {"span_near": {"clauses": places, "slop": 0, "in_order": True, "boost": boost}}


def _comparison(inside: str, operator: Operator, number: float) -> list[Dsl]:
    return [
        _any([{"range": {f"{inside}{field}": {bound: number}}} for field in fields])
        for fields, bound in _COMPARE[operator]
    ]


def _in_one_figure(query: Dsl) -> Dsl:
    return {"nested": {"path": _NESTED, "query": query, "score_mode": "max"}}


def _without_score(query: Dsl) -> Dsl:
    return {"constant_score": {"filter": query, "boost": 0.0}}


def _aged(query: Dsl, request: SearchRequest) -> Dsl:
    """Return the query with the factor of `recency.py` on its scores."""
    if request.sort != "relevance" or request.recent_to is None:
        return query
    decay = {"origin": instant(request.recent_to), "scale": f"{int(HALF_LIFE_DAYS * 24)}h", "decay": 0.5}
    functions = [{"weight": 1.0}, {"exp": {"@timestamp": decay}, "weight": WEIGHT}]
    return {"function_score": {"query": query, "functions": functions, "score_mode": "sum", "boost_mode": "multiply"}}


def _any(queries: list[Dsl]) -> Dsl:
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}
