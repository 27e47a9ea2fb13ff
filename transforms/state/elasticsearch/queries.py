"""The ledger's queries of Elasticsearch, as far as they have names of their own."""

from typing import Any

from transforms.state.elasticsearch.changes import Source

MAX_BUCKETS = 1_000  # outcomes, reasons and owners are few

PENDING: Source = {"term": {"state": "pending"}}
SETTLED: Source = {"term": {"state": "settled"}}
ANY: Source = {"match_all": {}}


def count(query: Source) -> Source:
    """Return a search for the number of rows of a query (`total`)."""
    return {"size": 0, "track_total_hits": True, "query": query}


def total(answer: Any) -> int:
    """Return how many rows a search of `count` found."""
    return int(answer["hits"]["total"]["value"])


def tally(query: Source, **aggregations: Source) -> Source:
    """Return a search for aggregations over the rows of a query."""
    return {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}


def terms(field: str, missing: str | None = None, *, size: int = MAX_BUCKETS) -> Source:
    """Return an aggregation by a field's values; rows without one count under `missing`."""
    asked: Source = {"field": field, "size": size}
    return {"terms": asked if missing is None else {**asked, "missing": missing}}


def all_of(*filters: Source) -> Source:
    return {"bool": {"filter": list(filters)}}


def any_of(*filters: Source) -> Source:
    return {"bool": {"should": list(filters), "minimum_should_match": 1}}


def none_of(query: Source) -> Source:
    return {"bool": {"must_not": query}}
