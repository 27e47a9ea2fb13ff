"""What every panel, session, map, control and alert of the Kibana pack shows, asked of a real Elasticsearch node.

The expected rows were counted by hand from `tests/support/kibana_corpus.py`. Instants are shortened to `day hour`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from pipeline.kibana.findings import layers_of
from pipeline.kibana.kql import fields_in, parse_kql
from pipeline.kibana.objects import Place, SavedObject
from pipeline.kibana.pack import Pack, make_pack
from tests.support import elasticsearch_node
from tests.support.kibana_corpus import articles, corpus_writes
from tests.support.kibana_queries import cells_search, chart_rows, chart_search, query_of, session_search
from transforms.index import open_store

pytestmark = [pytest.mark.elasticsearch, pytest.mark.slow]

BY_PUBLISHER_AND_DAY = [
    ("Morning Herald", "05 00", 1), ("Morning Herald", "07 00", 1), ("Morning Herald", "08 00", 1),
    ("The Gazette", "05 00", 1), ("The Gazette", "06 00", 1), ("The Gazette", "08 00", 1),
    ("Le Courrier", "06 00", 1), ("Le Courrier", "07 00", 1),
]  # fmt: skip
COPIED = next(each.article.sha256 for each in articles() if each.article.agency)
CHARTS: dict[str, list[tuple[Any, ...]]] = {
    # News desk
    "Articles": [(8,)],
    "Publishers": [(3,)],
    "Articles over time, by publisher": BY_PUBLISHER_AND_DAY,
    "People named most": [("Nino Kapanadze", 3, 3)],
    "Organizations named most": [("Parliament", 1)],
    "Places named most": [("Tbilisi", 4), ("Passau", 2)],
    "Languages": [("en", 7), ("fr", 1)],
    "Sections": [("World", 6), ("Politics", 1)],
    # Figures
    "People killed, largest figure reported per day": [("Tbilisi", "05 00", 15), ("Tbilisi", "06 00", 21)],
    "People injured, largest figure reported per day": [("Tbilisi", "05 00", 30), ("Tbilisi", "06 00", 44)],
    "People displaced, largest figure reported per day": [("Tbilisi", "05 00", 2_000), ("Tbilisi", "06 00", 2_000)],
    "Who says how many were killed": [("police", 2, 15, 15, "06 07"), ("the mayor", 2, 12, 21, "06 18")],
    "What happens to people": [("killed", 4, 4, 21), ("displaced", 2, 2, 2_000), ("injured", 2, 2, 44)],
    "Largest sum of money reported per day, by currency": [("USD", "07 00", 1.2e9), ("EUR", "07 00", 9e8)],
    "What the money is for": [("budget", "USD", 1, 1.2e9, 1.2e9), ("pont", "EUR", 1, 9e8, 9e8)],
    "Kinds of figures": [("count", 9), ("money", 2)],
    # Story
    "Who reported it, and when first": [
        ("Morning Herald", "05 10", "08 20", 3, 2),
        ("The Gazette", "05 08", "08 09", 3, 1),
        ("Le Courrier", "06 07", "07 12", 2, 1),
    ],
    "Articles over time": BY_PUBLISHER_AND_DAY,
    "Where figures disagree": [
        ("killed", "The Gazette", 12, 21, 2),
        ("killed", "Le Courrier", 15, 15, 1),
        ("killed", "Morning Herald", 15, 15, 1),
        ("displaced", "Le Courrier", 2_000, 2_000, 1),
        ("displaced", "Morning Herald", 2_000, 2_000, 1),
        ("injured", "The Gazette", 30, 44, 2),
    ],
    "Texts, most copied first": [(COPIED, 2, 2, "05 10")],  # and six that stand once
    "Who is quoted": [("Nino Kapanadze", 3, 3)],
    # Operations
    "Requests": [(6,)],
    'Bytes saved by "not modified"': [(100_000,)],
    'Answers that say "not modified"': [(2,)],
    "Dead letters": [(3,)],
    "Runs whose books do not balance": [(1,)],
    "Sites with a rule of robots.txt": [(1,)],
    "Status codes over time": [
        (304, "05 00", 1), (304, "06 00", 1), (200, "05 00", 1), (404, "07 00", 1), (429, "06 00", 1),
    ],
    "Time to answer": [("05 00", 60, 96), ("06 00", 25, 38.5), ("07 00", 10_030, 19_003)],
    "Sites": [("gazette.example", 3, 5_400, 0, None, 1, 40), ("herald.example", 3, 400, 3, 120, 3, 60)],
    "Why requests failed": [("timeout", 1, 1)],
    "Dead letters by reason": [("http_404", "07 00", 1), ("timeout", "07 00", 1), ("too_short", "08 00", 1)],
    "Dead letters by site and reason": [
        ("herald.example", "http_404", 1, 1),
        ("herald.example", "timeout", 1, 3),
        ("gazette.example", "too_short", 1, 1),
    ],
    "What became of pages, per run": [("05 00", 6, 0, 0, 2, 0, 0, 1), ("06 00", 2, 0, 1, 0, 0, 0, 0)],
    # Coverage
    "Articles that came in, by publisher": BY_PUBLISHER_AND_DAY,
    "Latest article of each publisher": [
        ("Morning Herald", "08 20", "08 22", 3, 16, 3, 1),
        ("The Gazette", "08 09", "08 11", 3, 24, 2, 0),
        ("Le Courrier", "07 12", "07 14", 2, 14.5, 2, 0),
    ],
    "Where the publication date comes from": [("feed", 7), ("json-ld", 1)],
    "Where the text comes from": [("page", 7), ("feed", 1)],
    "Feeds": [("gazette", 3, "08 09", 545), ("herald", 3, "08 20", 14.33), ("courrier", 2, "07 12", 14.5)],
    "How pages were read": [("trafilatura@2", 8, 213.38)],
    "Warnings": [("short_text", 1)],
    "Words per article over time": [
        ("05 00", 22.5, 21.15), ("06 00", 16, 11.5), ("07 00", 12, 8.4), ("08 00", 803, 85.7),
    ],
    "Pages that were known already, per run": [("05 00", 10, 6, 2, 1), ("06 00", 4, 2, 0, 0)],
}  # fmt: skip
SESSIONS: dict[str, tuple[int, str]] = {  # how many, and a column of the first
    "Agency copy": (1, "AP"),
    "What came in lately": (8, "Notice"),
    "Figures of people killed, injured or displaced": (8, "the mayor"),
    "What could not be processed": (3, "too_short"),
    "Requests that failed": (3, "timeout"),
    "Latest articles": (8, "Notice"),
    "Figures in headlines and leads": (1, "21 people killed in Tbilisi"),
    "Long reads": (1, "A year at the harbour"),
    "Sums of money": (2, "EUR"),
    "Articles behind a paywall": (1, "Parliament passes budget"),
    "Pictures": (1, "https://gazette.example/quake.jpg"),
    "Who said what": (3, "Nobody should go back inside,"),
    "Articles that changed after they were published": (1, "Dozens missing in Tbilisi"),
    "Runs whose books do not balance": (1, "came 4, ended 3"),
}
ALERTS: dict[str, dict[str, int]] = {  # documents by the value they are counted by, "" for all
    "No new article for six hours": {"": 8},
    "More than 100 dead letters in an hour": {"": 3},
    "A site refuses us": {"herald.example": 1},
    "A run whose books do not balance": {"": 1},
    "Fifty or more people reported killed": {"": 0},
    "A site does not answer": {"herald.example": 1},
}


class Loaded(NamedTuple):
    """A node with the corpus in a project of its own, and the pack of that project."""

    elasticsearch: Elasticsearch
    pack: Pack

    def named(self, kind: str, title: str) -> SavedObject:
        return next(
            each
            for each in self.pack.objects
            if each["type"] == kind and each["attributes"]["title"].partition(": ")[2] == title
        )

    def index_of(self, view_id: str) -> str:
        return next(each["attributes"]["title"] for each in self.pack.objects if each["id"] == view_id)

    def search(self, each: SavedObject, body: dict[str, Any]) -> dict[str, Any]:
        view = next(one["id"] for one in each["references"] if one["type"] == "index-pattern")
        return dict(self.elasticsearch.search(index=self.index_of(view), body=body).body)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project, elasticsearch_node.client() as client:
        store = open_store(url, project=project)
        store.create()
        assert {result.status for result in store.bulk(corpus_writes())} == {"written"}
        store.refresh()
        yield Loaded(client, make_pack(Place(prefix=f"newsbeam-{project}", space="default")))
        store.close()


def shown(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row with instants as `day hour`."""
    return tuple(
        f"{value[8:10]} {value[11:13]}" if isinstance(value, str) and re.match(r"2026-01-\d\dT", value) else value
        for value in row
    )


@pytest.mark.parametrize("title", CHARTS)
def test_a_chart_shows_the_numbers_of_the_corpus(title: str, loaded: Loaded) -> None:
    chart = loaded.named("lens", title)
    rows = [shown(row) for row in chart_rows(chart, loaded.search(chart, chart_search(chart)))]
    if title == "Texts, most copied first":
        assert len(rows) == 7
        rows = [row for row in rows if row[1] > 1]
    assert rows == CHARTS[title]


@pytest.mark.parametrize("title", SESSIONS)
def test_a_session_lists_the_documents_of_its_query_latest_first(title: str, loaded: Loaded) -> None:
    session = loaded.named("search", title)
    hits = loaded.search(session, session_search(session))["hits"]
    total, first = SESSIONS[title]
    assert hits["total"]["value"] == total
    assert [first] in hits["hits"][0]["fields"].values()
    columns = set(session["attributes"]["columns"])
    listed = {name for hit in hits["hits"] for name in hit["fields"]}
    # The one figure in a headline is no sum, and nobody is said to have said a sum; nothing else may be missing.
    assert columns - listed <= {"unit", "attribution"}, columns - listed


def test_the_map_shows_each_place_once_with_its_articles(loaded: Loaded) -> None:
    place_map = loaded.named("map", "Places in the news")
    cells = loaded.search(place_map, cells_search(place_map))["aggregations"]["cells"]["buckets"]
    found = [(each["doc_count"], round(each["middle"]["location"]["lat"], 2)) for each in cells]
    assert found == [(4, 41.69), (2, 48.57)]


def test_every_control_offers_values(loaded: Loaded) -> None:
    offered = {}
    for board in (each for each in loaded.pack.objects if each["type"] == "dashboard"):
        for control_id, control in json.loads(board["attributes"]["controlGroupInput"]["panelsJSON"]).items():
            view = next(one["id"] for one in board["references"] if f"controlGroup_{control_id}:" in one["name"])
            field = control["explicitInput"]["fieldName"]
            aggregation = {"values": {"terms": {"field": field, "size": 10}}}
            answer = loaded.elasticsearch.search(index=loaded.index_of(view), size=0, aggs=aggregation)
            values = {each["key"] for each in answer["aggregations"]["values"]["buckets"]}
            offered[(board["attributes"]["title"].partition(": ")[2], field)] = values
    assert len(offered) == 16
    assert [control for control, values in offered.items() if not values] == []
    assert offered["Figures", "attribution"] == {"police", "the mayor"}
    assert offered["Story", "countries"] == {"GE", "DE"}
    assert offered["Operations", "site"] == {"gazette.example", "herald.example"}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_counts_what_it_is_about(name: str, loaded: Loaded) -> None:
    (body,) = (each for each in loaded.pack.rules.values() if each["name"].endswith(f": {name}"))
    configured, field = body["params"]["searchConfiguration"], body["params"].get("termField")
    aggs = {"per": {"terms": {"field": field}}} if field else None
    answer = loaded.elasticsearch.search(
        index=loaded.index_of(configured["index"]), size=0, query=query_of(configured["query"]["query"]), aggs=aggs
    )
    counted = {"": answer["hits"]["total"]["value"]}
    if field:
        counted = {each["key"]: each["doc_count"] for each in answer["aggregations"]["per"]["buckets"]}
    assert counted == ALERTS[name]


def test_nothing_in_the_pack_is_left_untested(loaded: Loaded) -> None:
    titles = {
        kind: {each["attributes"]["title"].partition(": ")[2] for each in loaded.pack.objects if each["type"] == kind}
        for kind in ("lens", "search")
    }
    assert titles == {"lens": CHARTS.keys(), "search": SESSIONS.keys()}
    assert {body["name"].partition(": ")[2] for body in loaded.pack.rules.values()} == ALERTS.keys()


def test_the_node_says_of_every_field_what_the_checker_reads_in_the_mapping(loaded: Loaded) -> None:
    """`_field_caps`, which is what Kibana asks: fields exist, are of our types, and can be aggregated where charted."""
    asked = 0
    for view_id, used in used_fields(loaded.pack).items():
        caps = loaded.elasticsearch.field_caps(index=loaded.index_of(view_id), fields="*")["fields"]
        for name, charted in used:
            (capability,) = caps[name].values()
            assert capability["searchable"] or not charted, name
            assert capability["aggregatable"] or not charted, name
            asked += 1
    assert asked > 100


def used_fields(pack: Pack) -> dict[str, set[tuple[str, bool]]]:
    """Return by data view each field that the pack uses, and whether it is charted or sorted by."""
    used: dict[str, set[tuple[str, bool]]] = {}
    for each in pack.objects:
        attributes = each["attributes"]
        if each["type"] == "index-pattern":
            found = {(attributes["timeFieldName"], True)} | {
                (name, False) for name in json.loads(attributes["fieldAttrs"])
            }
            used.setdefault(each["id"], set()).update(found)
        if each["type"] == "search":
            found = {(name, False) for name in attributes["columns"]} | {(name, True) for name, _ in attributes["sort"]}
            source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
            found |= {(name, False) for name, _ in fields_in(parse_kql(source["query"]["query"]))}
            used.setdefault(each["references"][0]["id"], set()).update(found)
        if each["type"] == "lens":
            (layer,) = layers_of(each).values()
            found = {(column["sourceField"], True) for column in layer["columns"].values()} - {("___records___", True)}
            used.setdefault(each["references"][0]["id"], set()).update(found)
    return used


def test_a_real_kql_parser_finds_the_same_documents(loaded: Loaded) -> None:
    """Every query of the pack and of its page, asked as KQL and as our reading of it.

    The query `kql` is in an Elasticsearch with all modules, which the test node is not: run by hand with ES_URL
    (configs/kibana/README.md has the last run).
    """
    queries = {query for query in written_queries(loaded.pack) if query[1]}
    index = loaded.index_of(next(iter(queries))[0])
    try:
        loaded.elasticsearch.search(index=index, query={"kql": {"query": "id: 1"}})
    except BadRequestError as err:
        if "unknown query [kql]" not in str(err):
            raise
        pytest.skip("the node has no KQL parser: set ES_URL to an Elasticsearch 8.19 with all modules")
    for view, text in sorted(queries):
        found = [
            loaded.elasticsearch.count(index=loaded.index_of(view), query=query)["count"]
            for query in ({"kql": {"query": text}}, query_of(text))
        ]
        assert found[0] == found[1], (text, found)
    nested = {"kql": {"query": 'figures:{ kind: "money" and value >= 1000000 }'}}
    articles_view = next(each["id"] for each in loaded.pack.objects if each["type"] == "index-pattern")
    assert loaded.elasticsearch.count(index=loaded.index_of(articles_view), query=nested)["count"] == 2
    print(f"{len(queries)} queries asked of a real KQL parser")


def written_queries(pack: Pack) -> Iterator[tuple[str, str]]:
    """Yield (data view, KQL) of every query in the pack."""
    for each in pack.objects:
        attributes = each["attributes"]
        if each["type"] == "search":
            source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
            yield each["references"][0]["id"], source["query"]["query"]
        if each["type"] == "lens":
            view = each["references"][0]["id"]
            yield view, attributes["state"]["query"]["query"]
            for layer in layers_of(each).values():
                for column in layer["columns"].values():
                    yield view, column.get("filter", {}).get("query", "")
    for body in pack.rules.values():
        configured = body["params"]["searchConfiguration"]
        yield configured["index"], configured["query"]["query"]
