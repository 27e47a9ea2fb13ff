"""Checks of dashboards: the grid, each panel's object, and that a control narrows every panel."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kibana.charts import LAYER_REFERENCE
from pipeline.kibana.dashboards import CONTROL_PREFIX, CONTROL_SUFFIX
from pipeline.kibana.findings import Context, Finding, check_field, check_query, layers_of, loaded, name_of, referred
from pipeline.kibana.objects import SavedObject
from pipeline.kibana.sources import GRID_WIDTH


def check_dashboard(each: SavedObject, context: Context) -> Iterator[Finding]:
    """Check a dashboard."""
    where, attributes = name_of(each), each["attributes"]
    panels = loaded(attributes["panelsJSON"])
    yield from _check_grid(where, panels)
    shown = []
    for panel in panels:
        shown_id = referred(each, f"{panel['panelIndex']}:{panel.get('panelRefName')}")
        target = context.by_id.get((panel["type"], shown_id or ""))
        if target is None:
            yield Finding(rule="panel", where=where, text=f"panel {panel['panelIndex']} has no {panel['type']}")
        else:
            shown.append(target)
    source = loaded(attributes["kibanaSavedObjectMeta"].get("searchSourceJSON")) or {}
    yield from check_query(where, {}, source.get("query"))
    yield from _check_controls(each, attributes.get("controlGroupInput", {}), shown, context)


def _check_grid(where: str, panels: list[dict[str, Any]]) -> Iterator[Finding]:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        grid = panel["gridData"]
        x, y, width, height = (grid[name] for name in "xywh")
        if grid["i"] != panel["panelIndex"]:
            yield Finding(rule="grid", where=where, text=f"panel {panel['panelIndex']} has another name in the grid")
        if min(x, y) < 0 or min(width, height) < 1 or x + width > GRID_WIDTH:
            yield Finding(rule="grid", where=where, text=f"panel {panel['panelIndex']} is beside the grid")
        cells = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        if cells & taken:
            yield Finding(rule="grid", where=where, text=f"panel {panel['panelIndex']} lies over another")
        taken |= cells


def _check_controls(
    each: SavedObject, group: Mapping[str, Any], shown: list[SavedObject], context: Context
) -> Iterator[Finding]:
    where = name_of(each)
    controls = loaded(group.get("panelsJSON"))
    # Kibana 9 reads both texts without asking whether they are there.
    if controls is None or loaded(group.get("ignoreParentSettingsJSON")) is None:
        yield Finding(rule="json", where=where, text="controlGroupInput lacks panelsJSON or ignoreParentSettingsJSON")
        return
    for control_id, control in controls.items():
        name = str(control.get("explicitInput", {}).get("fieldName"))
        view = referred(each, f"{CONTROL_PREFIX}{control_id}{CONTROL_SUFFIX}")
        if view is None:
            yield Finding(rule="control", where=where, text=f"the control of {name} has no data view")
            continue
        yield from check_field(f"{where}, control", context.fields(view), name, charted=True)
        for target in shown:
            if name not in _filterable(target, context, name):
                text = f"{name} is no field of {name_of(target)}: choosing a value would empty it"
                yield Finding(rule="control", where=where, text=text)


def _filterable(target: SavedObject, context: Context, name: str) -> Mapping[str, Any]:
    """Return the fields by which a control can narrow a panel; any field for a chart that ignores controls."""
    if target["type"] == "lens":
        layers = layers_of(target)
        if all(layer.get("ignoreGlobalFilters") for layer in layers.values()):
            return {name: None}
        return context.fields(next((referred(target, LAYER_REFERENCE + layer) for layer in layers), None))
    view = next((one["id"] for one in target["references"] if one["type"] == "index-pattern"), None)
    return context.fields(view)
