"""What Kibana asks Elasticsearch for an object of the pack: KQL as a query, a chart's columns as aggregations.

Written after Kibana's own translation (kbn-es-query; lens, form_based, `toEsAggsFn`), from the objects as they are
imported and not from their sources, so that what is asked here is what the file in Kibana asks.
"""

import json
from collections.abc import Iterator
from typing import Any

from pipeline.kibana.charts import RECORDS
from pipeline.kibana.findings import layers_of
from pipeline.kibana.kql import All, Condition, Exists, Match, Not, Range, parse_kql
from pipeline.kibana.kql import Any as AnyOf

Body = dict[str, Any]
_OPERATORS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_SIMPLE = {"sum": "sum", "min": "min", "max": "max", "average": "avg", "unique_count": "cardinality"}


def query_of(text: str) -> Body:
    """Return a KQL query as Elasticsearch's."""
    return _query(parse_kql(text))


def _query(condition: Condition | None) -> Body:
    match condition:
        case None:
            return {"match_all": {}}
        case Match(field=field, value=value, phrase=phrase):
            return {"match_phrase" if phrase else "match": {field: value}}
        case Exists(field=field):
            return {"exists": {"field": field}}
        case Range(field=field, operator=operator, value=value):
            return {"range": {field: {_OPERATORS[operator]: value}}}
        case Not(part=part):
            return {"bool": {"must_not": [_query(part)]}}
        case All(parts=parts):
            return {"bool": {"filter": [_query(part) for part in parts]}}
        case AnyOf(parts=parts):
            return {"bool": {"should": [_query(part) for part in parts], "minimum_should_match": 1}}


def chart_search(chart: Body) -> Body:
    """Return the search behind a Lens object: its query, its buckets one inside the other, its values innermost."""
    state = chart["attributes"]["state"]
    (layer,) = layers_of(chart).values()
    columns = [(name, layer["columns"][name]) for name in layer["columnOrder"]]
    aggregations = {name: _value(column) for name, column in columns if not column["isBucketed"]}
    aggregations = {name: body for name, body in aggregations.items() if body}
    for name, column in reversed([each for each in columns if each[1]["isBucketed"]]):
        bucket, ordered_by = _bucket(column, layer["columns"])
        inside = ordered_by | aggregations
        aggregations = {name: bucket | ({"aggs": inside} if inside else {})}
    return {"size": 0, "track_total_hits": True, "query": query_of(state["query"]["query"]), "aggs": aggregations}


def chart_rows(chart: Body, answer: Body) -> list[tuple[Any, ...]]:
    """Return an answer as the rows that Kibana shows: bucket keys, then values, numbers rounded to two digits."""
    (layer,) = layers_of(chart).values()
    columns = [(name, layer["columns"][name]) for name in layer["columnOrder"]]
    buckets = [name for name, column in columns if column["isBucketed"]]
    values = [(name, column) for name, column in columns if not column["isBucketed"]]
    whole = answer.get("aggregations", {}) | {"doc_count": answer["hits"]["total"]["value"]}
    return list(_rows(whole, buckets, values))


def _rows(level: Body, buckets: list[str], values: list[tuple[str, Body]]) -> Iterator[tuple[Any, ...]]:
    if not buckets:
        yield tuple(_number(level, name, column) for name, column in values)
        return
    for bucket in level[buckets[0]]["buckets"]:
        if bucket["doc_count"]:
            key = bucket.get("key_as_string", bucket["key"])
            for row in _rows(bucket, buckets[1:], values):
                yield (key, *row)


def _number(level: Body, name: str, column: Body) -> Any:
    if name not in level:
        return level["doc_count"]
    found = level[name]
    if "values" in found:
        value = next(iter(found["values"].values()))
    elif "doc_count" in found:
        value = found["doc_count"]
    else:
        value = found.get("value_as_string", found["value"])
    return round(value, 2) if isinstance(value, float) else value


def _bucket(column: Body, columns: Body) -> tuple[Body, Body]:
    """Return a bucket and the value that orders it, which has to stand right below it."""
    params = column["params"]
    if column["operationType"] == "date_histogram":
        every = "1d" if params["interval"] == "auto" else params["interval"]  # Kibana chooses by the span shown
        return {"date_histogram": {"field": column["sourceField"], "calendar_interval": every, "min_doc_count": 1}}, {}
    order: Body = {"_key": params["orderDirection"]}
    below: Body = {}
    if params["orderBy"]["type"] == "column":
        name = params["orderBy"]["columnId"]
        counted = columns[name]["sourceField"] == RECORDS and "filter" not in columns[name]
        order = {("_count" if counted else name): params["orderDirection"]}
        below = {} if counted else {name: _value(columns[name])}
    return {"terms": {"field": column["sourceField"], "size": params["size"], "order": order}}, below


def _value(column: Body) -> Body:
    operation, field = column["operationType"], column["sourceField"]
    narrowed = column.get("filter", {}).get("query")
    if operation == "count":
        return {"filter": query_of(narrowed)} if narrowed else {}
    assert not narrowed, "only counts are narrowed in the pack"
    if operation in ("median", "percentile"):
        return {"percentiles": {"field": field, "percents": [_percent(column)]}}
    return {_SIMPLE[operation]: {"field": field}}


def _percent(column: Body) -> float:
    return 50 if column["operationType"] == "median" else column["params"]["percentile"]


def session_search(session: Body) -> Body:
    """Return the search behind a Discover session."""
    attributes = session["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return {
        "size": 50,
        "query": query_of(source["query"]["query"]),
        "sort": [{field: {"order": direction}} for field, direction in attributes["sort"]],
        "fields": attributes["columns"],
        "_source": False,
        "track_total_hits": True,
    }


def cells_search(place_map: Body) -> Body:
    """Return the search behind a map's layer of cells."""
    layers = json.loads(place_map["attributes"]["layerListJSON"])
    (layer,) = (each for each in layers if each["type"] == "GEOJSON_VECTOR")
    field = layer["sourceDescriptor"]["geoField"]
    cells = {"geotile_grid": {"field": field, "precision": 5}, "aggs": {"middle": {"geo_centroid": {"field": field}}}}
    return {"size": 0, "query": query_of(layer["query"]["query"]), "aggs": {"cells": cells}}
