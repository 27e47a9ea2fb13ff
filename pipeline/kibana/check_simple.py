"""Checks of data views, Discover sessions, maps and alerts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kibana.findings import Context, Finding, check_field, check_query, loaded, name_of, referred
from pipeline.kibana.objects import SavedObject

# `EsQueryRuleParamsSchema` of Kibana's stack rules, for a search over a data view.
_RULE_KEYS = {
    "name", "rule_type_id", "consumer", "enabled", "schedule", "tags", "actions", "params", "throttle", "notify_when",
}  # fmt: skip
_RULE_PARAMS = {
    "searchType", "searchConfiguration", "timeWindowSize", "timeWindowUnit", "threshold", "thresholdComparator",
    "aggType", "aggField", "groupBy", "termField", "termSize", "size", "excludeHitsFromPreviousRun", "timeField",
    "sourceFields",
}  # fmt: skip
_COMPARATORS = (">", ">=", "<", "<=")
_INTERVAL = re.compile(r"[1-9]\d*[mhd]")  # Kibana allows seconds, but its default least interval is a minute
MAX_HITS, MAX_GROUPS = 10_000, 1_000


def check_data_view(each: SavedObject, context: Context) -> Iterator[Finding]:
    """Check a data view: its index, its time, the fields that have formats and labels."""
    where, attributes, fields = name_of(each), each["attributes"], context.fields(each["id"])
    if not fields:
        yield Finding(rule="field", where=where, text=f"{attributes['title']} is no index of ours")
        return
    time = attributes["timeFieldName"]
    yield from check_field(where, fields, time, charted=True)
    if time in fields and fields[time].type != "date":
        yield Finding(rule="time", where=where, text=f"{time} is of type {fields[time].type}")
    for name in ("fieldFormatMap", "fieldAttrs"):
        for field in loaded(attributes.get(name, "{}")):
            yield from check_field(where, fields, field, charted=False)


def check_search(each: SavedObject, context: Context) -> Iterator[Finding]:
    """Check a Discover session: columns, sort, query."""
    where, attributes = name_of(each), each["attributes"]
    source = loaded(attributes["kibanaSavedObjectMeta"].get("searchSourceJSON"))
    if source is None:
        yield Finding(rule="json", where=where, text="searchSourceJSON is no JSON")
        return
    view = referred(each, str(source.get("indexRefName")))
    if "index" in source or view is None:
        yield Finding(rule="search-source", where=where, text="its data view is not named by a reference")
        return
    fields = context.fields(view)
    for column in attributes["columns"]:
        yield from check_field(where, fields, column, charted=False)
    for name, direction in attributes["sort"]:
        yield from check_field(where, fields, name, charted=True)
        if direction not in ("asc", "desc"):
            yield Finding(rule="attributes", where=where, text=f"sorted {direction!r}, not asc or desc")
    yield from check_query(where, fields, source.get("query"))


def check_map(each: SavedObject, context: Context) -> Iterator[Finding]:
    """Check a map: every layer of ours over a field of points."""
    where, attributes = name_of(each), each["attributes"]
    for layer in loaded(attributes["layerListJSON"]):
        source = layer.get("sourceDescriptor", {})
        if layer.get("type") not in ("EMS_VECTOR_TILE", "GEOJSON_VECTOR"):
            yield Finding(rule="layer", where=where, text=f"{layer.get('type')!r} is no type of layer since 8.1")
        if not str(source.get("type")).startswith("ES_"):
            continue
        view = referred(each, str(source.get("indexPatternRefName")))
        if view is None:
            yield Finding(rule="layer", where=where, text="a layer has no data view")
            continue
        fields, point = context.fields(view), str(source.get("geoField"))
        yield from check_field(where, fields, point, charted=True)
        if point in fields and fields[point].type != "geo_point":
            yield Finding(rule="operation", where=where, text=f"{point} is of type {fields[point].type}, not a point")
        yield from check_query(where, fields, layer.get("query"))


def check_rule(id: str, body: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """Check an alert against the schema of its routes and of its type."""
    where = f"rule {body.get('name') or id}"
    params = body.get("params", {})
    view = params.get("searchConfiguration", {}).get("index")
    for problem in _rule_problems(id, body, params):
        yield Finding(rule="rule", where=where, text=problem)
    if context.kind_of(view) is None:
        yield Finding(rule="rule", where=where, text=f"its data view {view} is not in the pack")
        return
    fields = context.fields(view)
    yield from check_query(where, fields, params["searchConfiguration"].get("query"))
    if "termField" in params:
        yield from check_field(where, fields, params["termField"], charted=True)


def _rule_problems(id: str, body: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", id):
        yield f"its id {id!r} is no UUID of version 4, which Kibana wants of what holds secrets"
    if body.get("enabled") is not False or body.get("actions") != []:
        yield "it is not switched off and without actions"
    if unknown := sorted((body.keys() - _RULE_KEYS) | (params.keys() - _RULE_PARAMS)):
        yield f"{', '.join(unknown)} is not in Kibana's schema"
    if body.get("rule_type_id") != ".es-query" or params.get("searchType") != "searchSource":
        yield "it is not of the type .es-query over a data view"
    if not _INTERVAL.fullmatch(str(body.get("schedule", {}).get("interval"))):
        yield f"its interval {body.get('schedule')!r} is not a number of m, h or d"
    if params.get("timeWindowUnit") not in ("s", "m", "h", "d") or not params.get("timeWindowSize", 0) >= 1:
        yield "its window is not a number of s, m, h or d"
    threshold = params.get("threshold")
    if params.get("thresholdComparator") not in _COMPARATORS or not isinstance(threshold, list) or len(threshold) != 1:
        yield "its threshold is not one number behind one comparison"
    if not 0 <= params.get("size", -1) <= MAX_HITS or params.get("aggType") != "count":
        yield f"it does not count, or takes more than {MAX_HITS:,} documents"
    grouped = params.get("groupBy") == "top"
    if grouped != ("termField" in params) or (grouped and not 1 <= params.get("termSize", 0) <= MAX_GROUPS):
        yield f"it counts by a field without naming it, or by more than {MAX_GROUPS:,} values"
