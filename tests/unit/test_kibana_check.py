"""The checker of the Kibana pack: one failing example per rule at least, each found under that rule's name."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.kibana import checker
from pipeline.kibana.checker import check_ndjson, check_objects
from pipeline.kibana.findings import RULES
from pipeline.kibana.objects import Place
from pipeline.kibana.pack import make_pack

PACK = make_pack(Place(prefix="newsbeam", space="default"))
Change = Callable[["Spoiled"], None]


class Spoiled:
    """A copy of the pack to break, with a short way to its parts."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = copy.deepcopy(list(PACK.objects))
        self.rules: dict[str, dict[str, Any]] = copy.deepcopy(PACK.rules)

    def one(self, kind: str, title: str = "") -> dict[str, Any]:
        return next(
            each
            for each in self.objects
            if each["type"] == kind and (not title or each["attributes"]["title"] == f"newsbeam: {title}")
        )

    def layer(self, title: str) -> dict[str, Any]:
        state = self.one("lens", title)["attributes"]["state"]
        return next(iter(state["datasourceStates"]["formBased"]["layers"].values()))

    def column(self, title: str, operation: str) -> dict[str, Any]:
        columns = self.layer(title)["columns"].values()
        return next(each for each in columns if each["operationType"] == operation)

    def layers_of_map(self, change: Callable[[Any], None]) -> None:
        self.edit("map", "", "layerListJSON", change)

    def panels_of(self, title: str, change: Callable[[Any], None]) -> None:
        self.edit("dashboard", title, "panelsJSON", change)

    def edit(self, kind: str, title: str, attribute: str, change: Callable[[Any], None]) -> None:
        attributes = self.one(kind, title)["attributes"]
        value = json.loads(attributes[attribute])
        change(value)
        attributes[attribute] = json.dumps(value)

    def source(self, title: str, **changes: Any) -> None:
        meta = self.one("search", title)["attributes"]["kibanaSavedObjectMeta"]
        meta["searchSourceJSON"] = json.dumps(json.loads(meta["searchSourceJSON"]) | changes)

    def asked(self, title: str, query: str) -> None:
        self.source(title, query={"query": query, "language": "kuery"})

    def rule(self, **changes: Any) -> None:
        next(iter(self.rules.values())).update(changes)

    def params(self, **changes: Any) -> None:
        next(iter(self.rules.values()))["params"].update(changes)


EXAMPLES: dict[str, list[tuple[str, Change]]] = {
    "size": [],  # test_an_import_of_too_many_lines_is_found
    "type": [("a type of its own", lambda s: s.objects[0].update(type="tag"))],
    "id": [
        ("twice", lambda s: s.objects.append(copy.deepcopy(s.objects[0]))),
        ("no UUID", lambda s: s.objects[-1].update(id="news-desk")),
        ("a UUID of another version", lambda s: s.objects[-1].update(id="69d80e8a-7ae2-5c11-9651-d053568795eb")),
    ],
    "version": [
        ("of a newer Kibana", lambda s: s.one("dashboard").update(typeMigrationVersion="10.2.0")),
        ("too old for its shape", lambda s: s.one("lens").update(typeMigrationVersion="7.13.0")),
        ("none", lambda s: s.one("search").pop("typeMigrationVersion")),
        ("a newer core", lambda s: s.one("map").update(coreMigrationVersion="9.0.0")),
        ("stated in two ways", lambda s: s.one("lens").update(migrationVersion={"lens": "8.9.0"})),
    ],
    "attributes": [
        ("an unknown one", lambda s: s.one("dashboard")["attributes"].update(colour="red")),
        ("of the wrong type", lambda s: s.one("search")["attributes"].update(columns="title")),
        ("one is missing", lambda s: s.one("dashboard")["attributes"].pop("panelsJSON")),
        ("a drawing that we do not use", lambda s: s.one("lens")["attributes"].update(visualizationType="lnsTagcloud")),
        ("sorted in no direction", lambda s: s.one("search")["attributes"].update(sort=[["@timestamp", "down"]])),
    ],
    "title": [
        ("empty", lambda s: s.one("map")["attributes"].update(title=" ")),
        ("twice", lambda s: s.one("search", "Pictures")["attributes"].update(title="newsbeam: Latest articles")),
    ],
    "json": [
        ("panels", lambda s: s.one("dashboard")["attributes"].update(panelsJSON="[{")),
        ("formats", lambda s: s.one("index-pattern")["attributes"].update(fieldFormatMap="{'a': 1}")),
        (
            "the source of a search",
            lambda s: s.one("search")["attributes"].update(kibanaSavedObjectMeta={"searchSourceJSON": "x"}),
        ),
        (
            "controls without what Kibana 9 reads",
            lambda s: s.one("dashboard")["attributes"]["controlGroupInput"].pop("ignoreParentSettingsJSON"),
        ),
    ],
    "reference": [
        ("to nothing", lambda s: s.one("lens")["references"][0].update(id="69d80e8a-7ae2-4c11-9651-d053568795eb")),
        ("of the wrong type", lambda s: s.one("lens")["references"][0].update(type="search")),
        ("two of one name", lambda s: s.one("map")["references"].append(dict(s.one("map")["references"][0]))),
        (
            "one that nobody uses",
            lambda s: s.one("map")["references"].append({**s.one("map")["references"][0], "name": "layer_9"}),
        ),
    ],
    "search-source": [
        ("by id", lambda s: s.source("Latest articles", index="newsbeam-articles")),
        ("without a reference", lambda s: s.source("Latest articles", indexRefName="elsewhere")),
    ],
    "field": [
        ("a column", lambda s: s.one("search")["attributes"]["columns"].append("headline")),
        ("a sort", lambda s: s.one("search")["attributes"].update(sort=[["date", "desc"]])),
        ("a chart", lambda s: s.column("People named most", "terms").update(sourceField="persons")),
        ("a format", lambda s: s.one("index-pattern")["attributes"].update(fieldFormatMap='{"uri":{"id":"url"}}')),
        ("a query", lambda s: s.asked("Pictures", "picture: *")),
        ("a control", lambda s: control(s, "News desk", "paper")),
        ("an index of somebody else", lambda s: s.one("index-pattern")["attributes"].update(title="logs-*")),
        ("an alert", lambda s: s.params(groupBy="top", termField="paper", termSize=5)),
    ],
    "charted": [
        ("text", lambda s: s.column("People named most", "terms").update(sourceField="title")),
        ("nested", lambda s: s.column("People named most", "terms").update(sourceField="figures.kind")),
        ("without doc values", lambda s: s.column("Kinds of figures", "terms").update(sourceField="start_char")),
        ("sorted by text", lambda s: s.one("search")["attributes"].update(sort=[["body", "desc"]])),
        ("a control of text", lambda s: control(s, "News desk", "summary")),
    ],
    "time": [("a word", lambda s: s.one("index-pattern")["attributes"].update(timeFieldName="published_local"))],
    "operation": [
        ("the sum of words", lambda s: s.column('Bytes saved by "not modified"', "sum").update(sourceField="site")),
        ("days of a number", lambda s: s.column("Time to answer", "date_histogram").update(sourceField="wire_bytes")),
        ("top values of a date", lambda s: s.column("People named most", "terms").update(sourceField="published")),
        ("top values of a point", lambda s: s.column("People named most", "terms").update(sourceField="locations")),
        ("an unknown one", lambda s: s.column("Time to answer", "median").update(operationType="mode")),
        ("a count of a field", lambda s: s.column("Languages", "count").update(sourceField="language")),
        ("a value as a bucket", lambda s: s.column("Time to answer", "median").update(isBucketed=True)),
        ("too many values", lambda s: s.column("Sites", "terms")["params"].update(size=5_000)),
        ("no percentile", lambda s: s.column("Time to answer", "percentile")["params"].update(percentile=100)),
        (
            "no interval",
            lambda s: s.column("Time to answer", "date_histogram")["params"].update(interval="fortnight"),
        ),
        ("a map of words", lambda s: s.layers_of_map(lambda v: point(v, "places"))),
    ],
    "layer": [
        ("no reference", lambda s: s.one("lens").update(references=[])),
        ("a column that is not in the order", lambda s: s.layer("Languages")["columnOrder"].pop()),
        ("values before buckets", lambda s: s.layer("Languages")["columnOrder"].reverse()),
        ("buckets alone", lambda s: drop_values(s.layer("Languages"))),
        ("another layer is drawn", lambda s: drawn(s, "Articles").update(layerId="other")),
        ("none", lambda s: s.one("lens")["attributes"]["state"].update(datasourceStates={})),
        ("a type of layer of Kibana 7", lambda s: s.layers_of_map(lambda v: v[1].update(type="VECTOR"))),
        (
            "a layer of a map without a data view",
            lambda s: s.layers_of_map(lambda v: v[1]["sourceDescriptor"].pop("indexPatternRefName"))
            or s.one("map").update(references=[]),
        ),
    ],
    "column": [
        ("drawn but not there", lambda s: drawn(s, "Articles").update(metricAccessor="other")),
        ("there but not drawn", lambda s: drawn(s, "People named most")["columns"].pop()),
        (
            "ordered by a bucket",
            lambda s: s.column("Languages", "terms")["params"]["orderBy"].update(
                columnId=s.layer("Languages")["columnOrder"][0]
            ),
        ),
        ("ordered by nothing", lambda s: s.column("Languages", "terms")["params"]["orderBy"].update(columnId="other")),
    ],
    "kql": [
        ("bad syntax", lambda s: s.asked("Pictures", "lead_image: (a or")),
        ("words without a field", lambda s: s.asked("Pictures", "picture of the day")),
        ("a nested field", lambda s: s.asked("Pictures", "figures.kind: money")),
        ("words that are compared", lambda s: s.asked("Pictures", "lead_image > 5")),
        ("another language", lambda s: s.source("Pictures", query={"query": "a:b", "language": "lucene"})),
        ("of a chart", lambda s: s.one("lens")["attributes"]["state"].update(query={"esql": "FROM x"})),
        (
            "of a value",
            lambda s: s.column("Runs whose books do not balance", "count")["filter"].update(query="a b"),
        ),
        (
            "of an alert",
            lambda s: next(iter(s.rules.values()))["params"]["searchConfiguration"].update(query="killed"),
        ),
        ("of a field that is not indexed", lambda s: s.asked("Who said what", "start_char > 5")),
    ],
    "grid": [
        ("over another", lambda s: s.panels_of("News desk", lambda v: v[1]["gridData"].update(y=0))),
        ("beside", lambda s: s.panels_of("News desk", lambda v: v[-1]["gridData"].update(x=1))),
        ("of no height", lambda s: s.panels_of("Story", lambda v: v[-1]["gridData"].update(h=0))),
        ("of another name", lambda s: s.panels_of("Story", lambda v: v[0]["gridData"].update(i="1"))),
    ],
    "panel": [
        ("of another type", lambda s: s.panels_of("Story", lambda v: v[0].update(type="map"))),
        ("without a name", lambda s: s.panels_of("Story", lambda v: v[0].pop("panelRefName"))),
    ],
    "control": [
        ("of a field that a panel lacks", lambda s: control(s, "Story", "authors")),
        ("without a data view", lambda s: drop_controls(s)),
        (
            "of a chart that obeys",
            lambda s: s.layer("Runs whose books do not balance").update(ignoreGlobalFilters=False),
        ),
    ],
    "rule": [
        ("switched on", lambda s: s.rule(enabled=True)),
        ("with actions", lambda s: s.rule(actions=[{"id": "x"}])),
        ("an unknown key", lambda s: s.rule(priority=1)),
        ("an unknown parameter", lambda s: s.params(esQuery="{}")),
        ("of another type", lambda s: s.rule(rule_type_id=".index-threshold")),
        ("every second", lambda s: s.rule(schedule={"interval": "1s"})),
        ("over no time", lambda s: s.params(timeWindowSize=0)),
        ("over a year", lambda s: s.params(timeWindowUnit="y")),
        ("two thresholds", lambda s: s.params(threshold=[1, 2])),
        ("an unknown comparison", lambda s: s.params(thresholdComparator="=")),
        ("a sum", lambda s: s.params(aggType="sum")),
        ("by a field without its name", lambda s: s.params(groupBy="top")),
        ("by too many values", lambda s: s.params(groupBy="top", termField="tags", termSize=5_000)),
        ("over another data view", lambda s: s.params(searchConfiguration={"index": "other"})),
        ("of no UUID", lambda s: s.rules.update({"mine": s.rules.popitem()[1]})),
    ],
}  # fmt: skip


def control(spoiled: Spoiled, title: str, field: str) -> None:
    group = spoiled.one("dashboard", title)["attributes"]["controlGroupInput"]
    panels = json.loads(group["panelsJSON"])
    next(iter(panels.values()))["explicitInput"]["fieldName"] = field
    group["panelsJSON"] = json.dumps(panels)


def drop_controls(spoiled: Spoiled) -> None:
    board = spoiled.one("dashboard", "Story")
    board["references"] = [one for one in board["references"] if not one["name"].startswith("controlGroup_")]


def drawn(spoiled: Spoiled, title: str) -> dict[str, Any]:
    return spoiled.one("lens", title)["attributes"]["state"]["visualization"]


def drop_values(layer: dict[str, Any]) -> None:
    layer["columns"] = {name: each for name, each in layer["columns"].items() if each["isBucketed"]}
    layer["columnOrder"] = list(layer["columns"])


def point(layers: list[dict[str, Any]], field: str) -> None:
    layers[1]["sourceDescriptor"]["geoField"] = field


CASES = [(rule, what, change) for rule, examples in EXAMPLES.items() for what, change in examples]


@pytest.mark.parametrize(("rule", "what", "change"), CASES, ids=[f"{rule}: {what}" for rule, what, _ in CASES])
def test_a_spoiled_pack_is_found_out(rule: str, what: str, change: Change) -> None:
    spoiled = Spoiled()
    change(spoiled)
    findings = check_objects(spoiled.objects, spoiled.rules)
    assert rule in {each.rule for each in findings}, [str(each) for each in findings]


def test_every_rule_has_an_example() -> None:
    assert RULES.keys() == EXAMPLES.keys()
    assert [rule for rule, examples in EXAMPLES.items() if not examples] == ["size"]


def test_the_pack_as_it_is_has_no_finding() -> None:
    assert check_objects(PACK.objects, PACK.rules) == ()


def test_an_import_of_too_many_lines_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_OBJECTS", len(PACK.objects) - 1)
    assert [each.rule for each in check_objects(PACK.objects, {})] == ["size"]
    monkeypatch.setattr(checker, "MAX_OBJECTS", 10_000)
    monkeypatch.setattr(checker, "MAX_BYTES", 1_000)
    assert [each.rule for each in check_objects(PACK.objects, {})] == ["size"]


def test_a_line_that_is_no_json_is_found() -> None:
    assert [each.rule for each in check_ndjson('{"type": "lens"\n', {})] == ["json"]


def test_a_finding_names_the_object_the_value_and_the_rule() -> None:
    spoiled = Spoiled()
    spoiled.column("People named most", "terms")["sourceField"] = "title"
    (finding,) = check_objects(spoiled.objects, spoiled.rules)
    assert str(finding) == "lens newsbeam: People named most: title is of type text [charted]"
