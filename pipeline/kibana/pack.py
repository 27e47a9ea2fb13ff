"""The whole pack for one project and one space: saved objects in the order of their references, and alerts."""

from dataclasses import dataclass
from typing import Any

from pipeline.kibana.charts import chart_object
from pipeline.kibana.dashboards import dashboard_object
from pipeline.kibana.objects import Place, SavedObject, compact
from pipeline.kibana.simple_objects import data_view_object, map_object, rule_body, search_object
from pipeline.kibana.sources import Sources, load_sources

DEFAULT_SPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What `setup` puts into Kibana. `rules`: id -> body; `default_view`: the data view that Discover opens with."""

    objects: tuple[SavedObject, ...]
    rules: dict[str, dict[str, Any]]
    default_view: str | None


def make_pack(place: Place, sources: Sources | None = None) -> Pack:
    """Return the pack of a place. Raises `ConfigurationError` for a source that is wrong."""
    sources = sources or load_sources()
    views = sources.data_views
    objects = [
        *(data_view_object(key, view, place) for key, view in views.items()),
        *(search_object(key, search, place) for key, search in sources.searches.items()),
        *(map_object(key, each, place) for key, each in sources.maps.items()),
        *(chart_object(chart, views, place) for chart in sources.charts),
        *(dashboard_object(key, dashboard, place) for key, dashboard in sources.dashboards.items()),
    ]
    default = next((place.id("data-view", key) for key, view in views.items() if view.default), None)
    rules = {place.id("rule", key): rule_body(rule, place) for key, rule in sources.rules.items()}
    return Pack(objects=tuple(objects), rules=rules, default_view=default)


def objects_ndjson(pack: Pack) -> str:
    """Return the saved objects, one per line: what Kibana's import takes."""
    return "".join(f"{compact(each)}\n" for each in pack.objects)


def rules_ndjson(pack: Pack) -> str:
    """Return the alerts, one per line with its id: what the alerting routes take."""
    return "".join(f"{compact({'id': rule_id, **body})}\n" for rule_id, body in pack.rules.items())
