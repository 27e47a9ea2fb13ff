"""Any text is a query or a clear mistake, and any query has one meaning in both stores."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.corpus import corpus, corpus_writes
from transforms.errors import ConfigurationError
from transforms.index import open_store
from transforms.index.base import DocumentStore, SearchRequest
from transforms.index.matching import matches
from transforms.index.queries import EVENTS, Query
from transforms.index.query_parser import FIELDS, KINDS, parse_query
from transforms.index.snippets import END, START, snippets
from transforms.index.words import fold, spellings, word_spans, words_of

QUIET = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])

_PIECES = [
    *(f"{name}:" for name in (*FIELDS, *EVENTS, *KINDS)), '"', "“", "-", ">=", "<", "=", "10", "1bn", "1,200", "5%",
    " ", " ", "rafah", "Besançon", "O'Brien", "U.S.", "AND", "OR", "NOT", "NEAR(a b)", "*", "^", "(", ")", "{title}",
    "--", ";", "'", "''", "\\", "\0", "%", "_", "東京", "¶", "\x02", "\ud800", "covid-19", "killed", "people",
    "title : x",
]  # fmt: skip
query_texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))

_TEXTS = [f"{enriched.article.title} {enriched.article.body}" for enriched in corpus().values()]
_VALUES = st.sampled_from(sorted({word for text in _TEXTS for word in words_of(text)}))
_NAME_FIELDS = st.sampled_from(["person", "place", "org", "speaker", "author", "publisher", "title", "figure"])
_EXACT_FIELDS = st.sampled_from(["tag", "feed"])
_CODE_FIELDS = st.sampled_from(["lang", "country"])
_TERMS = st.one_of(
    _VALUES,
    st.lists(_VALUES, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.tuples(_NAME_FIELDS, _VALUES).map(":".join),
    st.tuples(_EXACT_FIELDS, st.sampled_from(["uk", "en", "PS", "fr", "gazette"])).map(":".join),
    st.tuples(_CODE_FIELDS, st.sampled_from(["uk", "en", "PS", "fr"])).map(":".join),
    st.tuples(
        st.sampled_from([*EVENTS[:4], "money", "count"]),
        st.sampled_from(["", ":", "<", "<=", "=", ">", ">="]),
        st.sampled_from([0, 5, 10, 12, 15, 20, 35, 300, 80_000, 900_000_000]),
    ).map(lambda parts: f"{parts[0]}:" if parts[1] == ":" else f"{parts[0]}:{parts[1]}{parts[2]}"),
)  # fmt: skip
queries = st.lists(st.tuples(st.sampled_from(["", "", "-"]), _TERMS).map("".join), min_size=1, max_size=4).map(" ".join)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentStore]:
    store = open_store("corpus.db", base_dir=str(tmp_path_factory.mktemp("store")))
    store.create()
    store.bulk(corpus_writes())
    yield store
    store.close()


@QUIET
@given(text=query_texts)
def test_any_text_is_a_query_or_a_configuration_error(text: str) -> None:
    try:
        query = parse_query(text)
    except ConfigurationError as err:
        message = str(err)
    else:
        assert query.terms or not text.replace("\0", " ").strip()
        return
    assert message.startswith("query")
    assert len(message) < 1_000


@QUIET
@given(text=query_texts)
def test_any_query_is_answered_by_sqlite_as_it_is_meant(store: DocumentStore, text: str) -> None:
    try:
        query = parse_query(text)
    except ConfigurationError:
        return
    check_meaning(store, query)


@QUIET
@given(text=queries)
def test_any_good_query_is_answered_by_sqlite_as_it_is_meant(store: DocumentStore, text: str) -> None:
    check_meaning(store, parse_query(text))


def check_meaning(store: DocumentStore, query: Query) -> None:
    meant = sorted(
        write.id for write in corpus_writes() if write.kind == "articles" and matches(dict(write.source or {}), query)
    )
    for sort in ("newest", "relevance"):
        result = store.search(SearchRequest(query=query, limit=100, sort=sort))
        assert sorted(hit.id for hit in result.hits) == meant
        assert result.total == len(meant)
    for hit in result.hits:
        for snippet in hit.snippets:
            assert snippet.count(START) == snippet.count(END) > 0


@QUIET
@given(text=st.text(max_size=200))
def test_words_stand_where_they_are_said_to_stand(text: str) -> None:
    spans = word_spans(text)
    assert tuple(word for word, _, _ in spans) == words_of(text)
    assert len(fold(text)) == len(text)
    for word, start, end in spans:
        assert words_of(text[start:end]) == (word,)
        assert words_of(word) == (word,)
        assert not set(word) & set('" \t\n\0¶')
        assert word in spellings(word)


@QUIET
@given(body=st.text(max_size=2_000), query=queries)
def test_snippets_take_any_text(body: str, query: str) -> None:
    for snippet in snippets({"title": body[:50], "body": body}, parse_query(query)):
        assert snippet.count(START) == snippet.count(END) > 0
