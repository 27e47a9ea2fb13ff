"""Checks of charts: layers, columns, and what each operation needs of its field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kibana.charts import LAYER_REFERENCE, RECORDS
from pipeline.kibana.fields import Field
from pipeline.kibana.findings import Context, Finding, check_field, check_query, layers_of, name_of, referred
from pipeline.kibana.objects import SavedObject

# operation -> Kibana's types of field that it takes (Kibana: lens, form_based/operations/definitions)
_TAKES: Mapping[str, tuple[str, ...]] = {
    "terms": ("string", "number", "boolean"),
    "date_histogram": ("date",),
    "sum": ("number",),
    "average": ("number",),
    "median": ("number",),
    "percentile": ("number",),
    "min": ("number", "date"),
    "max": ("number", "date"),
    "unique_count": ("string", "number", "boolean", "date"),
}
_DRAWINGS = ("lnsXY", "lnsPie", "lnsDatatable", "lnsMetric")
MAX_TERMS = 1_000
_NAMED = ("columnId", "xAccessor", "splitAccessor", "metricAccessor", "accessors", "primaryGroups", "metrics")
_INTERVALS = re.compile(r"auto|[1-9]\d*[smhdwMqy]")


def check_chart(each: SavedObject, context: Context) -> Iterator[Finding]:
    """Check a Lens object: every column over its data view, and that the drawing shows them all."""
    where, attributes = name_of(each), each["attributes"]
    if attributes["visualizationType"] not in _DRAWINGS:
        yield Finding(rule="attributes", where=where, text=f"{attributes['visualizationType']!r} is not used here")
    state = attributes["state"]
    layers = layers_of(each)
    if not layers:
        yield Finding(rule="layer", where=where, text="has no layer")
    columns: dict[str, dict[str, Any]] = {}
    for layer_id, layer in layers.items():
        columns |= layer["columns"]
        view = referred(each, LAYER_REFERENCE + layer_id)
        if view is None:
            yield Finding(rule="layer", where=where, text=f"layer {layer_id} has no data view")
            continue
        fields = context.fields(view)
        yield from check_query(where, fields, state.get("query"))
        yield from _check_order(where, layer)
        for column in layer["columns"].values():
            yield from _check_column(where, column, layer["columns"], fields)
    yield from _check_drawing(where, state.get("visualization", {}), columns, layers)


def _check_order(where: str, layer: Mapping[str, Any]) -> Iterator[Finding]:
    order, columns = layer["columnOrder"], layer["columns"]
    if sorted(order) != sorted(columns):
        yield Finding(rule="layer", where=where, text="columnOrder does not name each column once")
        return
    bucketed = [columns[name]["isBucketed"] for name in order]
    if bucketed != sorted(bucketed, reverse=True) or all(bucketed):
        yield Finding(rule="layer", where=where, text="buckets do not come first and values behind them")


def _check_column(
    where: str, column: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]], fields: Mapping[str, Field]
) -> Iterator[Finding]:
    operation, source, params = column["operationType"], column["sourceField"], column.get("params", {})
    if "filter" in column:
        yield from check_query(where, fields, column["filter"])
    if operation == "count" or source == RECORDS:
        if (operation, source) != ("count", RECORDS):
            yield Finding(rule="operation", where=where, text=f"{operation} of {source}: only documents are counted")
        return
    yield from check_field(where, fields, source, charted=True)
    field = fields.get(source)
    if field is not None and field.kibana_type not in _TAKES.get(operation, ()):
        yield Finding(rule="operation", where=where, text=f"{operation} does not take {source} of type {field.type}")
    if column["isBucketed"] != (operation in ("terms", "date_histogram")):
        yield Finding(rule="operation", where=where, text=f"isBucketed is wrong for {operation}")
    if operation == "date_histogram" and not _INTERVALS.fullmatch(str(params.get("interval"))):
        yield Finding(rule="operation", where=where, text=f"{params.get('interval')!r} is no interval")
    if operation == "percentile" and not 0 < params.get("percentile", 0) < 100:
        yield Finding(rule="operation", where=where, text=f"{params.get('percentile')!r} is no percentile")
    if operation == "terms":
        yield from _check_terms(where, params, columns)


def _check_terms(where: str, params: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    if not 1 <= params.get("size", 0) <= MAX_TERMS:
        yield Finding(rule="operation", where=where, text=f"takes {params.get('size')} values, not 1 to {MAX_TERMS:,}")
    order = params.get("orderBy", {})
    if order.get("type") == "column" and columns.get(order.get("columnId"), {}).get("isBucketed", True):
        yield Finding(rule="column", where=where, text="is ordered by a column that is not a value of the layer")


def _check_drawing(
    where: str, drawing: Mapping[str, Any], columns: Mapping[str, Any], layers: Mapping[str, Any]
) -> Iterator[Finding]:
    drawn = set(_values(drawing, _NAMED))
    for name in sorted(drawn - columns.keys()):
        yield Finding(rule="column", where=where, text=f"the drawing names column {name}, which is not there")
    for name in sorted(columns.keys() - drawn):
        yield Finding(rule="column", where=where, text=f"column {columns[name]['label']!r} is not drawn")
    if set(_values(drawing, ("layerId",))) != layers.keys():
        yield Finding(rule="layer", where=where, text="the drawing names other layers than there are")


def _values(part: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts under keys, at any depth."""
    if isinstance(part, list):
        for item in part:
            yield from _values(item, keys)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in keys:
                yield from (item for item in ([value] if isinstance(value, str) else value) if isinstance(item, str))
            yield from _values(value, keys)
