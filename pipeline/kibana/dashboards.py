"""Dashboards: panels by reference on a grid of 48 columns, controls above them."""

from typing import Any

from pipeline.kibana.objects import Place, Reference, SavedObject, Type, compact, reference, saved_object, search_source
from pipeline.kibana.sources import Control, Dashboard, Panel

CONTROL_PREFIX, CONTROL_SUFFIX = "controlGroup_", ":optionsListDataView"


def dashboard_object(key: str, dashboard: Dashboard, place: Place) -> SavedObject:
    """Return a dashboard; it opens with its own span of time."""
    panels, references = [], []
    for number, panel in enumerate(dashboard.panels):
        kind, of = _shown(panel)
        panel_id = place.id("panel", f"{key}/{number}/{of}")
        panels.append(_panel(panel, panel_id, kind))
        references.append(reference(f"{panel_id}:panel_{panel_id}", kind, place.id(_ID_KINDS[kind], of)))
    controls, control_references = _controls(key, dashboard.controls, place)
    attributes: dict[str, Any] = {
        "title": f"{place.label}: {dashboard.title}",
        "description": dashboard.description,
        "panelsJSON": compact(panels),
        "optionsJSON": compact(
            {
                "useMargins": True,
                "syncColors": True,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        "timeRestore": True,
        "timeFrom": f"now-{dashboard.last}",
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60000},
        "controlGroupInput": controls,
        "kibanaSavedObjectMeta": {"searchSourceJSON": search_source("")},
    }
    return saved_object("dashboard", place.id("dashboard", key), attributes, [*references, *control_references])


_ID_KINDS: dict[Type, str] = {"lens": "chart", "search": "search", "map": "map"}


def _shown(panel: Panel) -> tuple[Type, str]:
    if panel.chart:
        return "lens", panel.chart
    return ("search", panel.search) if panel.search else ("map", panel.map or "")


def _panel(panel: Panel, panel_id: str, kind: Type) -> dict[str, Any]:
    x, y, width, height = panel.at
    return {
        "type": kind,
        "panelIndex": panel_id,
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": panel_id},
        "embeddableConfig": {"enhancements": {}, **({"title": panel.title} if panel.title else {})},
        "panelRefName": f"panel_{panel_id}",
    }


def _controls(key: str, controls: tuple[Control, ...], place: Place) -> tuple[dict[str, Any], list[Reference]]:
    panels, references = {}, []
    for order, control in enumerate(controls):
        control_id = place.id("control", f"{key}/{control.field}")
        panels[control_id] = {
            "type": "optionsListControl",
            "order": order,
            "grow": True,
            "width": "medium",
            "explicitInput": {
                "id": control_id,
                "fieldName": control.field,
                "title": control.label,
                "selectedOptions": [],
                "enhancements": {},
            },
        }
        name = f"{CONTROL_PREFIX}{control_id}{CONTROL_SUFFIX}"
        references.append(reference(name, "index-pattern", place.id("data-view", control.view)))
    nothing_ignored = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    group = {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "ignoreParentSettingsJSON": compact(nothing_ignored),
        "panelsJSON": compact(panels),
    }
    return group, references
