"""Fact rows, facets and order of relevance, the same over every backend; `matching.py` says what rows match."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.corpus import NEW_YEAR, corpus_writes
from transforms.errors import ConfigurationError
from transforms.index.base import DocumentStore, SearchRequest, Write
from transforms.index.facets import FACETS, FacetField
from transforms.index.lookups import RowKind
from transforms.index.query_parser import parse_query

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def rows_of(store: DocumentStore, kind: RowKind, text: str) -> list[str]:
    """The texts of the rows that a query finds."""
    result = store.search_rows(kind, SearchRequest(query=parse_query(text), limit=1_000))
    assert result.total == len(result.hits)
    return [hit.source["text"] for hit in result.hits]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("killed:>=10", ["Between 10 and 20 people", "At least 12 people"]),
        ("killed:>=20", ["Between 10 and 20 people"]),
        ("killed: place:rafah", ["At least 12 people"]),
        ("person:blinken", ["At least 12 people"]),
        ("country:ps killed:", ["At least 12 people"]),
        ("money:>1bn", ["$1.2 billion"]),
        ("money:", ["€900 million", "$1.2 billion"]),
        ("unit:eur", ["€900 million"]),
        ("figure:truck", ["300 trucks"]),
        ('figure:"border crossings"', ["4,100"]),
        ("kind:money -unit:usd", ["€900 million"]),
        ("kind:percent publisher:herald", ["5 percent"]),
        ("title:storms injured:", ["35"]),
        ("lang:fr", ["120 000 personnes"]),
        ("killed:>=10 tag:nothing", []),
    ],
)
def test_figures_are_found_by_what_stands_in_their_row(
    corpus_store: DocumentStore, text: str, found: list[str]
) -> None:
    assert rows_of(corpus_store, "figures", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("speaker:Blinken", ["We will not leave the table,"]),
        ("grains", ["grain will move"]),
        ('"grains"', []),
        ("speaker:antony lang:en-gb", ["ships will wait"]),
        ("", ["grain will move", "ships will wait", "We will not leave the table,"]),
    ],
)
def test_quotes_are_found_by_what_stands_in_their_row(corpus_store: DocumentStore, text: str, found: list[str]) -> None:
    assert sorted(rows_of(corpus_store, "quotes", text)) == sorted(found)


def test_rows_are_cut_by_publication_and_limit(corpus_store: DocumentStore) -> None:
    since = NEW_YEAR + timedelta(days=1)
    result = corpus_store.search_rows("figures", SearchRequest(query=parse_query("killed:"), since=since, limit=0))
    assert (result.total, result.hits) == (1, ())


@pytest.mark.parametrize(
    ("kind", "text", "named"),
    [("quotes", "killed:>=10", "killed"), ("figures", "speaker:x", "speaker"), ("quotes", "site:x.example", "site")],
)
def test_rows_refuse_a_field_that_they_have_not(
    corpus_store: DocumentStore, kind: RowKind, text: str, named: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"query: .*{named}.*; .*leave it out"):
        corpus_store.search_rows(kind, SearchRequest(query=parse_query(text)))


@pytest.mark.parametrize(
    ("field", "text", "counts"),
    [
        ("publisher", "", [("The Gazette", 14), ("Le Courrier", 6), ("Morning Herald", 5)]),
        ("lang", "", [("en", 22), ("ar", 1), ("en-GB", 1), ("fr", 1)]),
        ("event", "killed:", [("killed", 2)]),
        ("kind", "figure:people", [("count", 3)]),
        ("person", "rafah", [("Antony Blinken", 1)]),
        ("place", "lang:fr", [("Besançon", 1)]),
        ("tag", "killed:", [("uk", 2), ("World", 1)]),
        ("day", "killed:", [("2026-01-02", 1), ("2026-01-01", 1)]),
        ("site", "money:", [("herald.example", 2)]),
        ("org", "nowhere", []),
    ],
)
def test_facets_count_the_articles_that_match(
    corpus_store: DocumentStore, field: FacetField, text: str, counts: list[tuple[str, int]]
) -> None:
    found = corpus_store.facets(SearchRequest(query=parse_query(text)), [field])
    if field == "publisher" and not text:
        counts = _publishers()
    assert [tuple(each) for each in found[field]] == counts


def _publishers() -> list[tuple[str, int]]:
    names = [
        write.source["publisher"]["name"] for write in corpus_writes() if write.kind == "articles" and write.source
    ]
    return sorted(((name, names.count(name)) for name in set(names)), key=lambda each: (-each[1], each[0]))


def test_facets_are_cut_to_their_size(corpus_store: DocumentStore) -> None:
    request = SearchRequest(query=parse_query(""))
    found = corpus_store.facets(request, tuple(FACETS), size=2)
    assert found.keys() == FACETS.keys()
    assert {len(values) for values in found.values()} == {2}


def article(number: int, title: str, body: str, *, days_ago: int = 10) -> Write:
    at = (NOW - timedelta(days=days_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    source = {"@timestamp": at, "id": f"a1{number}", "title": title, "body": body, "language": "en"}
    return Write(kind="articles", id=f"a1{number}", version=1, source=source)


FILLER = "The council met in the town hall. Members spoke about roads, schools and the price of bread. "
RANKED = (
    article(1, "Floods hit the valley", FILLER * 3 + "Rain went on."),
    article(2, "Council meets", FILLER * 3 + "One flood was mentioned."),
    article(
        3, "Market report", "Grain prices rose. " + FILLER * 2 + "Much later, ships left with coal for the harbour."
    ),
    article(4, "Market report", "Grain ships left the harbour. " + FILLER * 2 + "Prices rose later."),
    article(5, "Strike ends", FILLER * 2 + "Dockers go back.", days_ago=0),
    article(6, "Strike ends", FILLER * 2 + "Dockers go back.", days_ago=200),
    article(7, "A quiet day", FILLER * 3 + "Nothing happened here."),
)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("flood", ["a11", "a12"]),  # the headline says what it is about
        ("grain ships harbour", ["a14", "a13"]),  # words near each other
        ("strike", ["a15", "a16"]),  # the same words: the newer one
    ],
)
def test_relevance_orders_as_a_reader_would(document_store: DocumentStore, text: str, order: list[str]) -> None:
    document_store.bulk(RANKED)
    document_store.refresh()
    request = SearchRequest(query=parse_query(text), sort="relevance", recent_to=NOW)
    result = document_store.search(request)
    found = [hit.id for hit in result.hits]
    assert sorted(found) == sorted(order)
    if len({hit.score for hit in result.hits}) > 1:  # the memory store does not rank
        assert found == order
    again = document_store.search(request)
    assert [hit.id for hit in again.hits] == found


def test_age_counts_only_when_asked_for(document_store: DocumentStore) -> None:
    document_store.bulk(RANKED)
    document_store.refresh()
    result = document_store.search(SearchRequest(query=parse_query("strike"), sort="relevance"))
    assert len({round(hit.score, 6) for hit in result.hits}) == 1
