"""Data views, Discover sessions, maps and alerts: from a source to what Kibana takes."""

from collections.abc import Mapping
from typing import Any

from pipeline.kibana.objects import Place, SavedObject, compact, kuery, reference, saved_object, search_source
from pipeline.kibana.sources import DataView, PlaceMap, Rule, Search

SEARCH_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"
MAP_INDEX = "layer_1_source_index_pattern"
MAX_ALERTS_PER_RULE = 50
FORMATS: Mapping[str, dict[str, Any]] = {
    "link": {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}},
    "image": {"id": "url", "params": {"type": "img", "width": "160", "height": "90"}},
    "number": {"id": "number", "params": {"pattern": "0,0.[00]"}},
    "bytes": {"id": "bytes", "params": {"pattern": "0,0.[0]b"}},
    "milliseconds": {
        "id": "duration",
        "params": {"inputFormat": "milliseconds", "outputFormat": "humanizePrecise", "outputPrecision": 1},
    },
}


def data_view_object(key: str, view: DataView, place: Place) -> SavedObject:
    """Return a data view of a project's alias; it may be made before there is an index."""
    attributes = {
        "title": f"{place.prefix}-{view.kind}",
        "name": f"{place.label}: {view.name}",
        "timeFieldName": view.time,
        "allowNoIndex": True,
        "fieldFormatMap": compact({field: FORMATS[name] for field, name in view.formats.items()}),
        "fieldAttrs": compact({field: {"customLabel": label} for field, label in view.labels.items()}),
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "fields": "[]",
    }
    return saved_object("index-pattern", place.id("data-view", key), attributes)


def search_object(key: str, search: Search, place: Place) -> SavedObject:
    """Return a Discover session."""
    attributes = {
        "title": f"{place.label}: {search.title}",
        "description": search.description,
        "columns": list(search.columns),
        "sort": [[search.sort, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": search_source(search.query, index_reference=SEARCH_INDEX)},
    }
    view = reference(SEARCH_INDEX, "index-pattern", place.id("data-view", search.view))
    return saved_object("search", place.id("search", key), attributes, [view])


def map_object(key: str, place_map: PlaceMap, place: Place) -> SavedObject:
    """Return a map: Elastic's base map, and over it the documents in cells with their number."""
    attributes = {
        "title": f"{place.label}: {place_map.title}",
        "description": place_map.description,
        "mapStateJSON": compact(
            {
                "zoom": 1.6,
                "center": {"lon": 10, "lat": 25},
                "timeFilters": {"from": f"now-{place_map.last}", "to": "now"},
                "refreshConfig": {"isPaused": True, "interval": 60000},
                "query": kuery(""),
                "filters": [],
                "settings": {"autoFitToDataBounds": False},
            }
        ),
        "layerListJSON": compact([_base_layer(key, place), _cells_layer(key, place_map, place)]),
        "uiStateJSON": compact({"isLayerTOCOpen": False, "openTOCDetails": []}),
    }
    view = reference(MAP_INDEX, "index-pattern", place.id("data-view", place_map.view))
    return saved_object("map", place.id("map", key), attributes, [view])


def rule_body(rule: Rule, place: Place) -> dict[str, Any]:
    """Return an alert as `POST /api/alerting/rule/<id>` takes it: switched off, and without actions.

    Its type is Kibana's "Elasticsearch query" over a data view, which every licence has.
    """
    comparator, _, number = rule.when.partition(" ")
    per = {"groupBy": "top", "termField": rule.per, "termSize": MAX_ALERTS_PER_RULE} if rule.per else {"groupBy": "all"}
    return {
        "name": f"{place.label}: {rule.name}",
        "rule_type_id": ".es-query",
        "consumer": "stackAlerts",
        "enabled": False,
        "schedule": {"interval": rule.every},
        "tags": [place.prefix],
        "actions": [],
        "params": {
            "searchType": "searchSource",
            "searchConfiguration": {
                "query": kuery(rule.query),
                "index": place.id("data-view", rule.view),
                "filter": [],
            },
            "timeWindowSize": int(rule.window[:-1]),
            "timeWindowUnit": rule.window[-1],
            "threshold": [int(number)],
            "thresholdComparator": comparator,
            "aggType": "count",
            "size": 100,
            "excludeHitsFromPreviousRun": False,
            **per,
        },
    }


def _base_layer(key: str, place: Place) -> dict[str, Any]:
    return {
        "id": place.id("map-base", key),
        "type": "EMS_VECTOR_TILE",
        "label": None,
        "visible": True,
        "alpha": 1,
        "minZoom": 0,
        "maxZoom": 24,
        "includeInFitToBounds": True,
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"},
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
    }


def _cells_layer(key: str, place_map: PlaceMap, place: Place) -> dict[str, Any]:
    return {
        "id": place.id("map-cells", key),
        "type": "GEOJSON_VECTOR",
        "label": place_map.title,
        "visible": True,
        "alpha": 0.75,
        "minZoom": 0,
        "maxZoom": 24,
        "includeInFitToBounds": True,
        "joins": [],
        "query": kuery(place_map.query),
        "sourceDescriptor": {
            "id": place.id("map-source", key),
            "type": "ES_GEO_GRID",
            "geoField": place_map.field,
            "requestType": "point",
            "resolution": "COARSE",
            "metrics": [{"type": "count"}],
            "applyGlobalQuery": True,
            "applyGlobalTime": True,
            "applyForceRefresh": True,
            "indexPatternRefName": MAP_INDEX,
        },
        "style": {
            "type": "VECTOR",
            "isTimeAware": True,
            "properties": {
                "fillColor": {"type": "STATIC", "options": {"color": "#54B399"}},
                "iconSize": {
                    "type": "DYNAMIC",
                    "options": {
                        "minSize": 7,
                        "maxSize": 26,
                        "field": {"name": "doc_count", "origin": "source"},
                        "fieldMetaOptions": {"isEnabled": False, "sigma": 3},
                    },
                },
            },
        },
    }
