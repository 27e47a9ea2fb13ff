"""The checker: the rules of Kibana's own import and schema code, and that every field used is there and can do it.

Kibana itself is not needed. The rules were read in its source (core/saved-objects, data_views, saved_search, lens,
maps, dashboard, controls, stack_alerts; branches 8.9 to 9.x); `findings.RULES` lists them, each has a failing example
in the tests.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.kibana.check_charts import check_chart
from pipeline.kibana.check_dashboards import check_dashboard
from pipeline.kibana.check_simple import check_data_view, check_map, check_rule, check_search
from pipeline.kibana.findings import Context, Finding, loaded, name_of
from pipeline.kibana.objects import CORE_VERSION, TYPE_VERSIONS, SavedObject, compact

MAX_BYTES, MAX_OBJECTS = 26_214_400, 10_000  # savedObjects.maxImportPayloadBytes and .maxImportExportSize
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

# Attributes by type, with Python's type; those in _REQUIRED must be there. Kibana's schemas refuse unknown ones.
_ATTRIBUTES: Mapping[str, Mapping[str, type]] = {
    "index-pattern": {
        "title": str, "name": str, "timeFieldName": str, "allowNoIndex": bool, "allowHidden": bool, "fields": str,
        "fieldFormatMap": str, "fieldAttrs": str, "runtimeFieldMap": str, "sourceFilters": str, "type": str,
        "typeMeta": str,
    },
    "search": {
        "title": str, "description": str, "columns": list, "sort": list, "grid": dict, "rowHeight": int,
        "rowsPerPage": int, "hideChart": bool, "breakdownField": str, "kibanaSavedObjectMeta": dict,
        "isTextBasedQuery": bool, "usesAdHocDataView": bool, "timeRestore": bool, "timeRange": dict,
        "refreshInterval": dict, "viewMode": str, "hideAggregatedPreview": bool, "hits": int, "version": int,
    },
    "lens": {"title": str, "description": str, "visualizationType": str, "state": dict, "uiStateJSON": str},
    "map": {"title": str, "description": str, "mapStateJSON": str, "layerListJSON": str, "uiStateJSON": str},
    "dashboard": {
        "title": str, "description": str, "kibanaSavedObjectMeta": dict, "timeRestore": bool, "timeFrom": str,
        "timeTo": str, "refreshInterval": dict, "controlGroupInput": dict, "panelsJSON": str, "optionsJSON": str,
        "hits": int, "version": int,
    },
}  # fmt: skip
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "index-pattern": ("title", "timeFieldName"),
    "search": ("kibanaSavedObjectMeta", "columns", "sort"),
    "lens": ("visualizationType", "state"),
    "map": ("mapStateJSON", "layerListJSON"),
    "dashboard": ("panelsJSON", "optionsJSON", "kibanaSavedObjectMeta"),
}
_JSON_ATTRIBUTES = re.compile(r"\w+JSON|fieldFormatMap|fieldAttrs|runtimeFieldMap|sourceFilters|fields|typeMeta")
_ENVELOPE = ("type", "id", "attributes", "references", "coreMigrationVersion", "typeMigrationVersion", "managed")
_BY_TYPE = {
    "index-pattern": check_data_view,
    "search": check_search,
    "lens": check_chart,
    "map": check_map,
    "dashboard": check_dashboard,
}


def check_ndjson(text: str, rules: Mapping[str, Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return what is wrong with an import and its alerts (id -> body); nothing is good."""
    try:
        objects = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as err:
        return (Finding(rule="json", where="import", text=f"a line is no JSON: {err}"),)
    return check_objects(objects, rules)


def check_objects(objects: Sequence[SavedObject], rules: Mapping[str, Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return what is wrong with saved objects and alerts; the parts of a type are looked at when its frame is sound."""
    frame = [*_check_whole(objects), *(found for each in objects for found in _check_frame(each))]
    if frame:
        return tuple(frame)
    context = Context(objects)
    found = [finding for each in objects for finding in _check_references(each, context)]
    found += [finding for each in objects for finding in _BY_TYPE[each["type"]](each, context)]
    found += [finding for rule_id, body in rules.items() for finding in check_rule(rule_id, body, context)]
    return tuple(found)


def _check_whole(objects: Sequence[SavedObject]) -> Iterator[Finding]:
    if len(objects) > MAX_OBJECTS or sum(len(compact(each).encode()) + 1 for each in objects) > MAX_BYTES:
        yield Finding(rule="size", where="import", text=f"more than {MAX_OBJECTS:,} lines or {MAX_BYTES:,} bytes")
    for (kind, object_id), times in Counter((each.get("type"), each.get("id")) for each in objects).items():
        if times > 1:
            yield Finding(
                rule="id", where=f"{kind} {object_id}", text="is there twice: Kibana refuses the whole import"
            )
    titles = Counter((each.get("type"), each.get("attributes", {}).get("title")) for each in objects)
    for (kind, title), times in titles.items():
        if times > 1 and kind != "index-pattern":  # two data views may look at one index
            yield Finding(rule="title", where=f"{kind} {title}", text="another object has this title")


def _check_frame(each: SavedObject) -> Iterator[Finding]:
    where, kind, attributes = name_of(each), str(each.get("type")), each.get("attributes", {})
    if kind not in _ATTRIBUTES:
        yield Finding(rule="type", where=where, text=f"{kind!r} is none of {', '.join(_ATTRIBUTES)}")
        return
    if not _UUID4.fullmatch(str(each.get("id"))):
        yield Finding(rule="id", where=where, text=f"{each.get('id')!r} is no UUID of version 4")
    expected = {"coreMigrationVersion": CORE_VERSION, "typeMigrationVersion": TYPE_VERSIONS[kind]}
    for name, version in expected.items():
        if each.get(name) != version:
            yield Finding(rule="version", where=where, text=f"{name} is {each.get(name)!r}, our shape is of {version}")
    if extra := sorted(each.keys() - set(_ENVELOPE)):  # migrationVersion, say: two ways to state a version clash
        yield Finding(rule="version", where=where, text=f"has {', '.join(extra)} beside its attributes")
    if not isinstance(attributes.get("title"), str) or not attributes["title"].strip():
        yield Finding(rule="title", where=where, text="has no title")
    for name, value in attributes.items():
        expected_type = _ATTRIBUTES[kind].get(name)
        if expected_type is None:
            yield Finding(rule="attributes", where=where, text=f"{name} is not in Kibana's schema")
        elif not isinstance(value, expected_type):
            yield Finding(rule="attributes", where=where, text=f"{name} should be of type {expected_type.__name__}")
        elif _JSON_ATTRIBUTES.fullmatch(name) and loaded(value) is None:
            yield Finding(rule="json", where=where, text=f"{name} is no JSON")
    for name in _REQUIRED[kind]:
        if name not in attributes:
            yield Finding(rule="attributes", where=where, text=f"{name} is missing")


def _check_references(each: SavedObject, context: Context) -> Iterator[Finding]:
    where, references = name_of(each), each.get("references", [])
    names = [one.get("name") for one in references]
    if len(set(names)) != len(names):
        yield Finding(rule="reference", where=where, text="two references have one name")
    inside = compact(each["attributes"])
    for one in references:
        if (one.get("type"), one.get("id")) not in context.by_id:
            yield Finding(rule="reference", where=where, text=f"{one.get('name')} leads to nothing in the pack")
        used = str(one.get("name")).removeprefix("indexpattern-datasource-layer-").removeprefix("controlGroup_")
        if used.split(":")[0] not in inside:
            yield Finding(rule="reference", where=where, text=f"{one.get('name')} is used nowhere")
