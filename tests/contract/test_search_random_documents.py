"""Any documents and any queries: every store finds what the memory store finds, whose matching says what is meant."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.elements import NOON, make_article, make_enriched, make_figure, make_quote
from tests.support.stores import BACKENDS
from transforms.elements import EnrichedArticle, Publisher
from transforms.errors import ConfigurationError
from transforms.index import open_store
from transforms.index.base import DocumentStore, SearchRequest, Write
from transforms.index.documents import article_writes
from transforms.index.lookups import RowKind
from transforms.index.query_parser import parse_query

WORDS = [
    "ceasefire", "Ceasefires", "Malmö", "malmo", "députée", "député", "news", "new", "Gaza's", "gaza", "U.S.-led",
    "covid-19", "東京", "забастовки", "забастовка", "Straße", "strasse", "O’Brien", "Häuser", "haus", "1,200", "the",
]  # fmt: skip
NAMES = ["Mara Quill", "Ann Blake", "José O’Brien", "quill"]
PLACES = ["Rafah", "Khan Younis", "São Paulo", "Younis Khan"]
LANGUAGES = [None, "en", "de-AT", "fr", "sv", "ru", "xx"]
EVENTS = ["killed", "injured", None]
NUMBERS = [0, 5, 12, 12.5, 300, 900_000_000]

_texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)
_places = st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple)
_figures = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["count", "money"]),
        "value": st.sampled_from(NUMBERS),
        "value_max": st.sampled_from([None, *NUMBERS]),
        "event": st.sampled_from(EVENTS),
        "place": st.sampled_from([None, *PLACES]),
        "subject": st.sampled_from([None, *WORDS[:4]]),
        "unit": st.sampled_from([None, "USD"]),
    }
)
_articles = st.fixed_dictionaries(
    {
        "title": _texts,
        "body": _texts,
        "summary": st.one_of(st.none(), _texts),
        "language": st.sampled_from(LANGUAGES),
        "hours": st.integers(0, 3),
        "people": _names,
        "places": _places,
        "authors": _names,
        "publisher": st.sampled_from([None, "Harbour Gazette", "The Gaza News"]),
        "figures": st.lists(_figures, max_size=11),  # more than nine: f10 comes after f9
        "speakers": st.lists(st.sampled_from([None, *NAMES]), max_size=2),
    }
)

_words = st.sampled_from(WORDS)
_phrases = st.lists(_words, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
_terms = st.one_of(
    _words,
    _phrases,
    st.tuples(st.sampled_from(["title", "publisher", "figure"]), st.one_of(_words, _phrases)).map(":".join),
    st.tuples(
        st.sampled_from(["person", "speaker", "author"]), st.sampled_from([*NAMES[:1], "quill", "o'brien", "jose"])
    ).map(lambda each: f'{each[0]}:"{each[1]}"'),
    st.sampled_from(['place:"khan younis"', "place:younis", "place:sao", "place:Rafah", "unit:usd", "event:killed"]),
    st.sampled_from(["lang:en", "lang:de-at", "kind:money", "killed:"]),
    st.tuples(
        st.sampled_from(["killed", "money", "count"]),
        st.sampled_from(["", "<", "<=", ">", ">="]),
        st.sampled_from(["0", "5", "12", "12.5", "20", "300", "900m"]),
    ).map(lambda parts: f"{parts[0]}:{parts[1]}{parts[2]}"),
)
_queries = st.lists(st.tuples(st.sampled_from(["", "", "", "-"]), _terms).map("".join), min_size=1, max_size=3).map(
    " ".join
)
corpora = st.lists(_articles, min_size=1, max_size=3)
queries = st.lists(_queries, min_size=1, max_size=5)
_numbers = count()

QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def enriched(number: int, tag: str, about: dict[str, Any]) -> EnrichedArticle:
    article = make_article(
        about["title"],
        f"{about['body']} 12 people. “Enough.”",
        url=f"https://gazette.example/{tag}/{number}",
        summary=about["summary"],
        language=about["language"],
        published=NOON - timedelta(hours=about["hours"]),
        authors=about["authors"],
        publisher=Publisher(name=about["publisher"]),
        tags=(tag,),
    )
    figures = tuple(make_figure(article, "12 people", **each) for each in about["figures"])
    quotes = tuple(make_quote(article, "Enough.", speaker) for speaker in about["speakers"])
    return make_enriched(article, figures=figures, quotes=quotes, people=about["people"], places=about["places"])


def writes_of(tag: str, corpus: list[dict[str, Any]]) -> list[Write]:
    return [
        write
        for number, about in enumerate(corpus)
        for write in article_writes(
            enriched(number, tag, about), run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON
        )
    ]


def rows_or_refusal(store: DocumentStore, kind: RowKind, request: SearchRequest) -> object:
    try:
        found = store.search_rows(kind, request)
    except ConfigurationError as err:
        return str(err)
    return found.total, [hit.id for hit in found.hits]


def check(store: DocumentStore, corpus: list[dict[str, Any]], texts: list[str]) -> None:
    """Put a corpus into a store, beside those that are there, and ask it and a memory store of its own alike."""
    tag = f"example-{next(_numbers)}"
    writes = writes_of(tag, corpus)
    with closing(open_store(f"memory:{tag}")) as oracle:
        for each in (oracle, store):
            each.create()
            assert {result.status for result in each.bulk(writes)} == {"written"}
            each.refresh()
        for text in texts:
            request = SearchRequest(query=parse_query(f"{text} tag:{tag}"), limit=1_000)
            meant, found = oracle.search(request), store.search(request)
            assert [hit.id for hit in found.hits] == [hit.id for hit in meant.hits], text
            assert found.total == meant.total
            best = store.search(SearchRequest(query=request.query, limit=1_000, sort="relevance", recent_to=NOON))
            assert sorted(hit.id for hit in best.hits) == sorted(hit.id for hit in meant.hits), text
            for kind in ("figures", "quotes"):
                assert rows_or_refusal(store, kind, request) == rows_or_refusal(oracle, kind, request), (kind, text)
            for fields in (("person", "publisher", "day"),):
                assert store.facets(request, fields) == oracle.facets(request, fields), text


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentStore]:
    with closing(open_store("any.db", base_dir=str(tmp_path_factory.mktemp("any")))) as store:
        yield store


@pytest.fixture(scope="module")
def elasticsearch() -> Iterator[DocumentStore]:
    with BACKENDS["elasticsearch"](Path()) as under_test:
        yield under_test.store


@settings(max_examples=12, **QUIET)
@given(corpus=corpora, texts=queries)
def test_sqlite_finds_what_is_meant_in_any_documents(
    sqlite: DocumentStore, corpus: list[dict[str, Any]], texts: list[str]
) -> None:
    check(sqlite, corpus, texts)


@pytest.mark.elasticsearch
@settings(max_examples=6, derandomize=True, **QUIET)
@given(corpus=corpora, texts=queries)
def test_elasticsearch_finds_what_is_meant_in_any_documents(
    elasticsearch: DocumentStore, corpus: list[dict[str, Any]], texts: list[str]
) -> None:
    check(elasticsearch, corpus, texts)
