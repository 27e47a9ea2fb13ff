"""The Kibana pack: what its sources make, for any project and space, and that the files beside them are of today."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline.kibana.checker import check_ndjson
from pipeline.kibana.objects import Place, version_of
from pipeline.kibana.pack import Pack, make_pack, objects_ndjson
from pipeline.kibana.sources import load_sources
from transforms.errors import ConfigurationError
from transforms.index.base import KINDS

ROOT = Path(__file__).parents[2]
DEFAULT = Place(prefix="newsbeam", space="default")
ELECTIONS = Place(prefix="newsbeam-elections", space="default")


def pack_of(place: Place = DEFAULT) -> Pack:
    return make_pack(place)


def test_the_committed_files_are_what_the_sources_make() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/update_kibana", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run scripts/update_kibana\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("place", [DEFAULT, ELECTIONS, Place(prefix="newsbeam", space="desk")])
def test_the_checker_finds_nothing(place: Place) -> None:
    pack = make_pack(place)
    assert check_ndjson(objects_ndjson(pack), pack.rules) == ()


def test_it_holds_what_a_newsroom_opens() -> None:
    pack = pack_of()
    kinds = Counter(each["type"] for each in pack.objects)
    assert kinds["index-pattern"] == 7
    assert kinds["map"] == 1
    assert kinds["search"] >= 10
    titles = {each["attributes"]["title"] for each in pack.objects if each["type"] == "dashboard"}
    names = ("News desk", "Figures", "Story", "Operations", "Coverage")
    assert titles == {f"newsbeam: {name}" for name in names}
    views = {(each["attributes"]["title"], each["attributes"]["timeFieldName"]) for each in views_of(pack)}
    assert {("newsbeam-articles", "@timestamp"), ("newsbeam-articles", "event.ingested")} <= views
    assert {title for title, _ in views} == {
        f"newsbeam-{kind}" for kind in ("articles", "figures", "quotes", "dead-letters", "requests", "runs")
    }


def views_of(pack: Pack) -> list[dict]:
    return [each for each in pack.objects if each["type"] == "index-pattern"]


def test_a_project_looks_at_its_own_indices_and_shares_no_id() -> None:
    ours, theirs = pack_of(), pack_of(ELECTIONS)
    assert {each["attributes"]["title"].removeprefix("newsbeam-elections-") for each in views_of(theirs)} <= set(KINDS)
    assert all("newsbeam elections: " in json.dumps(each) for each in theirs.objects)
    desk = pack_of(Place(prefix="newsbeam", space="desk"))
    ids = [each["id"] for pack in (ours, theirs, desk) for each in pack.objects]
    ids += [rule for pack in (ours, theirs, desk) for rule in pack.rules]
    assert len(set(ids)) == len(ids)


def test_a_pack_is_the_same_every_time() -> None:
    assert objects_ndjson(pack_of()) == objects_ndjson(pack_of())


def test_articles_can_be_reached_from_every_list_of_them() -> None:
    """Every Discover session about articles or facts shows the URL, and its data view makes a link of it."""
    sources = load_sources()
    about_articles = {key for key, view in sources.data_views.items() if view.kind in ("articles", "figures", "quotes")}
    for key, search in sources.searches.items():
        if search.view in about_articles:
            assert "url.full" in search.columns, key
            assert sources.data_views[search.view].formats["url.full"] == "link", key


def test_alerts_are_off_and_tell_nobody() -> None:
    rules = pack_of().rules
    assert len(rules) == 6
    assert {(body["enabled"], tuple(body["actions"])) for body in rules.values()} == {(False, ())}


def test_the_mark_of_an_object_changes_with_its_content_and_survives_a_migration() -> None:
    before = next(each for each in pack_of().objects if each["type"] == "dashboard")
    after = next(each for each in pack_of(ELECTIONS).objects if each["type"] == "dashboard")
    marks = {version_of("dashboard", each["attributes"]) for each in (before, after)}
    assert len(marks) == 2
    migrated = {"description": before["attributes"]["description"], "sections": [], "panels": []}
    assert version_of("dashboard", migrated) in marks
    assert version_of("dashboard", {"description": "My own", "title": "Mine"}) is None


def test_every_chart_and_session_is_on_a_dashboard_or_stands_alone_on_purpose() -> None:
    sources = load_sources()
    shown = {panel.search for board in sources.dashboards.values() for panel in board.panels if panel.search}
    alone = {"agency-copies", "long-reads", "paywalled", "unbalanced-runs"}  # opened from Discover
    assert sources.searches.keys() - shown == alone


def source_folder(tmp_path: Path, file: str, text: str) -> Path:
    for kind in ("data_views", "searches", "maps", "dashboards", "rules"):
        (tmp_path / kind).mkdir()
    (tmp_path / file).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("searches/a.yaml", "title: A\nview: v\ncolumns: [a]\nsort: a\ncolour: red", "colour"),
        ("rules/a.yaml", "name: A\nview: v\nwindow: 1h\nevery: 1h\nwhen: many", r"when.*'many'"),
        ("data_views/a.yaml", "name: A\nkind: persons\ntime: t", r"kind.*'persons'"),
        ("searches/a.yaml", "title: [", r"searches/a\.yaml"),
        ("maps/a.yaml", "title: A\nview: v\nfield: f\nlast: 3y", "last.*received '3y'.*a span of time"),
        ("rules/a.yaml", "name: A\nview: v\nwindow: 1.5h\nevery: 1h\nwhen: '> 1'", "window.*received '1.5h'"),
        (
            "dashboards/a.yaml",
            "title: A\ndescription: d\nlast: 1d\npanels: [{at: [0, 0, 1, 1]}]",
            "a panel with one of",
        ),
        (
            "dashboards/a.yaml",
            "title: A\ndescription: d\nlast: 1d\npanels: [{at: [0, 0, 1, 1], search: s, title: T}]",
            "`at` alone",
        ),
        (
            "dashboards/a.yaml",
            "title: A\ndescription: d\nlast: 1d\npanels: [{at: [0, 0, 1, 1], chart: c, title: T, type: bars, view: v,"
            " rows: [{size: 3}], values: [{do: count, label: N}]}]",
            "either `time` or `top`",
        ),
        (
            "dashboards/a.yaml",
            "title: A\ndescription: d\nlast: 1d\npanels: [{at: [0, 0, 1, 1], chart: c, title: T, type: metric, view: v,"
            " values: [{do: sum, label: N}]}]",
            "`count` without a field",
        ),
    ],
)
def test_a_source_that_is_wrong_is_refused_with_its_file_and_value(
    file: str, text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_sources(source_folder(tmp_path, file, text))
    assert file in str(caught.value)
    assert re.search(said, str(caught.value), re.DOTALL), str(caught.value)


def test_a_chart_over_a_data_view_or_a_field_that_is_not_there_is_named(tmp_path: Path) -> None:
    chart = (
        "title: A\ndescription: d\nlast: 1d\npanels: [{{at: [0, 0, 1, 1], chart: c, title: T, type: table, view: {},"
        " rows: [{{top: nothing}}], values: [{{do: count, label: N}}]}}]"
    )
    folder = source_folder(tmp_path, "dashboards/a.yaml", chart.format("people"))
    (folder / "data_views" / "runs.yaml").write_text("name: runs\nkind: runs\ntime: '@timestamp'")
    with pytest.raises(ConfigurationError, match="chart c: there is no data view 'people' among runs"):
        make_pack(DEFAULT, load_sources(folder))
    (folder / "dashboards" / "a.yaml").write_text(chart.format("runs"))
    pack = make_pack(DEFAULT, load_sources(folder))
    findings = check_ndjson(objects_ndjson(pack), pack.rules)
    assert [str(each) for each in findings] == ["lens newsbeam: T: there is no field nothing [field]"]
