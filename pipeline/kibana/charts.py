"""Charts as Kibana's Lens keeps them: columns over a data view, and how they are drawn.

The shape is the one of 8.9 (`formBased` layers), which 8.19 and 9.x take as it is. Charts are objects of their own,
not parts of a dashboard, so that each imports and fails alone and a dashboard stays readable.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.kibana.fields import fields_of
from pipeline.kibana.objects import Place, SavedObject, kuery, reference, saved_object
from pipeline.kibana.simple_objects import FORMATS
from pipeline.kibana.sources import Bucket, DataView, Panel, Value
from transforms.errors import ConfigurationError
from transforms.index.base import Kind

LAYER_REFERENCE = "indexpattern-datasource-layer-"
RECORDS = "___records___"  # Lens's name of "the documents", for a count
Columns = dict[str, dict[str, Any]]
_OPERATIONS = {"unique": "unique_count"}
_SHAPES = {"metric": "lnsMetric", "bars": "lnsXY", "lines": "lnsXY", "donut": "lnsPie", "table": "lnsDatatable"}
_SERIES = {"bars": "bar_stacked", "lines": "line"}


def chart_object(chart: Panel, views: Mapping[str, DataView], place: Place) -> SavedObject:
    """Return a chart of a dashboard as a Lens object."""
    view = views.get(chart.view or "")
    if view is None:
        raise ConfigurationError(f"chart {chart.chart}: there is no data view {chart.view!r} among {', '.join(views)}")
    layer = place.id("layer", chart.chart or "")
    columns = _columns(chart, view.kind, place)
    attributes = {
        "title": f"{place.label}: {chart.title}",
        "description": "",
        "visualizationType": _SHAPES[chart.type or ""],
        "state": {
            "visualization": _drawing(chart, layer, columns),
            "query": kuery(chart.query),
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
            "datasourceStates": {
                "formBased": {
                    "layers": {
                        layer: {
                            "columns": columns,
                            "columnOrder": list(columns),
                            "incompleteColumns": {},
                            "sampling": 1,
                            "ignoreGlobalFilters": chart.ignore_controls,
                        }
                    }
                }
            },
        },
    }
    shown = reference(LAYER_REFERENCE + layer, "index-pattern", place.id("data-view", chart.view or ""))
    return saved_object("lens", place.id("chart", chart.chart or ""), attributes, [shown])


def _columns(chart: Panel, kind: Kind, place: Place) -> Columns:
    """Return the columns in the order of their evaluation: buckets, then values."""

    def column_id(role: str) -> str:
        return place.id("column", f"{chart.chart}/{role}")

    # Lens splits before it goes along the axis: the largest values of all, not of each day.
    buckets = {column_id("split"): chart.split} if chart.split else {}
    buckets |= {column_id(f"row {number}"): row for number, row in enumerate(chart.rows)}
    values = {column_id(f"value {number}"): value for number, value in enumerate(chart.values)}
    # Values are ordered by how often they come where that is shown, else by the first number that is for all documents.
    plain = [name for name, value in values.items() if not value.where and not _is_date(value, kind)]
    counts = [name for name in plain if values[name].do == "count"]
    order_by = next(iter(counts or plain), None)
    columns: Columns = {name: _bucket(bucket, kind, order_by) for name, bucket in buckets.items()}
    return columns | {name: _value(value, kind) for name, value in values.items()}


def _bucket(bucket: Bucket, kind: Kind, order_by: str | None) -> dict[str, Any]:
    if bucket.time:
        return {
            "label": bucket.label or bucket.time,
            "customLabel": bucket.label is not None,
            "dataType": "date",
            "operationType": "date_histogram",
            "sourceField": bucket.time,
            "isBucketed": True,
            "scale": "interval",
            "params": {"interval": bucket.every, "includeEmptyRows": True, "dropPartials": False},
        }
    order = {"type": "column", "columnId": order_by} if order_by else {"type": "alphabetical", "fallback": True}
    return {
        "label": bucket.label or f"Top {bucket.size} values of {bucket.field}",
        "customLabel": bucket.label is not None,
        "dataType": _kibana_type(bucket.field, kind),
        "operationType": "terms",
        "sourceField": bucket.field,
        "isBucketed": True,
        "scale": "ordinal",
        "params": {
            "size": bucket.size,
            "orderBy": order,
            "orderDirection": "desc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    }


def _value(value: Value, kind: Kind) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if value.do in ("count", "sum", "unique"):
        params["emptyAsNull"] = False
    if value.percentile is not None:
        params["percentile"] = value.percentile
    if value.format is not None:
        params["format"] = FORMATS[value.format]
    column: dict[str, Any] = {
        "label": value.label,
        "customLabel": True,
        "dataType": "date" if _is_date(value, kind) else "number",
        "operationType": _OPERATIONS.get(value.do, value.do),
        "sourceField": value.field or RECORDS,
        "isBucketed": False,
        "scale": "ratio",
        "params": params,
    }
    if value.where:
        column["filter"] = kuery(value.where)
    return column


def _is_date(value: Value, kind: Kind) -> bool:
    return value.do in ("min", "max") and _kibana_type(value.field or "", kind) == "date"


def _kibana_type(name: str, kind: Kind) -> str:
    """Return a field's type for Kibana; a field that is not there is the checker's business."""
    field = fields_of(kind).get(name)
    return field.kibana_type if field else "unknown"


def _drawing(chart: Panel, layer: str, columns: Columns) -> dict[str, Any]:
    buckets = [name for name, column in columns.items() if column["isBucketed"]]
    values = [name for name, column in columns.items() if not column["isBucketed"]]
    own = {"layerId": layer, "layerType": "data"}
    if chart.type == "metric":
        return {**own, "metricAccessor": values[0]}
    if chart.type == "table":
        return {**own, "columns": [{"columnId": name, "isTransposed": False} for name in columns]}
    if chart.type == "donut":
        pie = {
            **own,
            "primaryGroups": buckets,
            "metrics": values,
            "numberDisplay": "percent",
            "categoryDisplay": "default",
            "legendDisplay": "default",
            "nestedLegend": False,
        }
        return {"shape": "donut", "layers": [pie]}
    series = _SERIES[chart.type or ""]
    axes = {**own, "seriesType": series, "xAccessor": buckets[-1], "accessors": values}
    if chart.split:
        axes["splitAccessor"] = buckets[0]
    return {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "preferredSeriesType": series,
        "layers": [axes],
    }
