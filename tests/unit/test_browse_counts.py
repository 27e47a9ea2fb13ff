"""Facets, days, figures and places of a search, against counting the documents one by one."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pipeline.browse import counts
from pipeline.browse.counts import FACETS, Facet, Matches
from tests.support.browsing import hostile_writes, news, write_news
from transforms.index import open_store
from transforms.index.base import Document, SearchRequest
from transforms.index.query_parser import parse_query

Result = TypeVar("Result")
QUERIES = ("", "rafah", "lang:de", "-rafah", "killed:>=13", 'place:"Cairo" loud', "nothing")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("counts") / "news.db"
    write_news(file, news())
    return file


class Asking:
    """A store's file as `Matches` asks it."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        self.asked: list[str] = []

    async def rows(self, sql: str, parameters: Sequence[object]) -> Sequence[Sequence[Any]]:
        self.asked.append(sql)
        return self.db.execute(sql, tuple(parameters)).fetchall()


@pytest.fixture
def asking(path: Path) -> Iterator[Asking]:
    asking = Asking(path)
    yield asking
    asking.db.close()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


def found(path: Path, request: SearchRequest) -> list[Document]:
    store = open_store(str(path))
    try:
        return [stored.source for stored in store.scan("articles", request)]
    finally:
        store.close()


def request_of(query: str, **window: datetime) -> SearchRequest:
    return SearchRequest(query=parse_query(query), **window)


def values_of(document: Document, facet: Facet) -> list[str]:
    name = {"person": "people", "place": "places", "event": "figure_events", "kind": "figure_kinds"}.get(facet)
    if name:
        return list(document.get(name, []))
    return [document["publisher"]["name"]] if facet == "publisher" else [document["language"]]


@pytest.mark.parametrize("query", QUERIES)
def test_facets_are_counts_of_the_matches(query: str, path: Path, asking: Asking) -> None:
    request = request_of(query)
    documents = found(path, request)
    facets = run(Matches(request, asking.rows).facets())
    assert [each.facet for each in facets] == list(FACETS)
    for each in facets:
        expected = Counter(value for document in documents for value in set(values_of(document, each.facet)))
        assert dict(each.values or ()) == expected, each.facet
        assert each.newest is None


@pytest.mark.parametrize("query", QUERIES)
def test_days_and_figures_are_counts_of_the_matches(query: str, path: Path, asking: Asking) -> None:
    request = request_of(query)
    documents = found(path, request)
    matches = Matches(request, asking.rows)
    assert run(matches.per_day()) == Counter(document["@timestamp"][:10] for document in documents)
    killed = [
        (document["@timestamp"][:10], figure["value"])
        for document in documents
        for figure in document["figures"]
        if figure.get("event") == "killed"
    ]
    assert run(Matches(request, asking.rows).figures_per_day("killed", is_event=True)) == (
        Counter(day for day, _ in killed),
        {day: max(value for each, value in killed if each == day) for day, _ in killed},
    )


def test_a_window_is_counted_within(path: Path, asking: Asking) -> None:
    request = request_of("", since=datetime(2026, 3, 2, tzinfo=UTC), until=datetime(2026, 3, 3, tzinfo=UTC))
    assert run(Matches(request, asking.rows).per_day()) == {"2026-03-02": 1}


def test_places_are_counted_once_per_article_and_only_where_they_are_known(path: Path, asking: Asking) -> None:
    spots = run(Matches(request_of("lang:en"), asking.rows).spots())
    assert spots is not None
    assert {(spot.name, spot.articles) for spot in spots[0]} == {("Rafah", 3), ("Cairo", 3)}
    assert spots[1] == 3


def test_names_are_counted_over_the_newest_and_it_says_so(
    path: Path, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "SAMPLE", 3)
    facets = {each.facet: each for each in run(Matches(request_of(""), asking.rows).facets())}
    assert facets["publisher"].values == (("Kurier", 3),)  # the three newest
    assert facets["publisher"].newest == 3
    assert facets["lang"].values == (("de", 3), ("en", 3))
    assert facets["lang"].newest is None


def test_what_takes_too_long_is_absent_and_no_error() -> None:
    async def too_slow(_sql: str, _parameters: Sequence[object]) -> None:
        return None

    matches = Matches(request_of("rafah"), too_slow)
    assert {each.values for each in run(matches.facets())} == {None}
    assert run(matches.per_day()) is None
    assert run(matches.figures_per_day("killed", is_event=True)) is None
    assert run(matches.spots()) is None


def test_each_question_finds_its_rows_by_an_index(asking: Asking) -> None:
    """At 100,000 articles a scan of their table is seconds; what reads it at all asks by number or by time."""
    matches = Matches(request_of("rafah"), asking.rows)
    run(matches.facets())
    run(matches.per_day())
    run(matches.figures_per_day("killed", is_event=True))
    plans = []
    for sql in asking.asked:
        parameters = ("x",) * sql.count("?")
        plans += [row[3] for row in asking.db.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert len(asking.asked) == 4
    allowed = re.compile("SCAN (article_words VIRTUAL|days|[0-9]+ CONSTANT)")  # the words' own index; our list of days
    assert [plan for plan in plans if plan.startswith("SCAN") and not allowed.match(plan)] == []


def test_hostile_values_are_counted_as_they_are(tmp_path: Path) -> None:
    write_news(tmp_path / "news.db", [])
    store = open_store(str(tmp_path / "news.db"))
    store.bulk(hostile_writes())
    store.close()
    asking = Asking(tmp_path / "news.db")
    try:
        facets = run(Matches(request_of(""), asking.rows).facets())
        assert all(len(each.values or ()) == 1 for each in facets)
        spots = run(Matches(request_of(""), asking.rows).spots())
        assert spots is not None
        assert [(spot.lat, spot.lon) for spot in spots[0]] == [(1.0, 2.0)]
    finally:
        asking.db.close()
