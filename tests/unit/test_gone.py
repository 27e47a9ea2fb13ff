"""A stored article whose page is no longer there stays, and says so; it is live again when its page is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report import compare_with_store
from tests.support.elements import make_article, make_enriched
from tests.support.ledgers import RUN, at, plan
from transforms.elements import DeadLetter, EnrichedArticle, History
from transforms.index.sqlite.store import SqliteStore
from transforms.indexer import Indexer
from transforms.settings import IndexSettings
from transforms.state.base import NewUrl
from transforms.state.sqlite.ledger import SqliteState

URL = "https://www.gazette.example/a"
LATER_RUN = "20270115T090000.000Z-bbbb"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store.db")
    store.create()
    yield store
    store.close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    for run_id in (RUN, LATER_RUN):
        state.begin_run(plan(run_id))
    yield state
    state.close()


def flush(store: SqliteStore, state: SqliteState, each: EnrichedArticle | DeadLetter, run_id: str = RUN) -> None:
    Indexer(store, state, IndexSettings(run_id=run_id, store="", state="")).flush([each])


def fetched(version: int, history: History | None = None) -> EnrichedArticle:
    article = make_article("Talks", "The talks resumed on Monday.", url=URL)
    cells = {"requested_url": URL, "version": version, "raw_sha256": "c" * 64, "history": history or History()}
    return make_enriched(replace(article, **cells))  # type: ignore[arg-type]


def failed(state: SqliteState, version: int, reason: str = "http_410") -> DeadLetter:
    """Return what the visit emits for a page that answered so."""
    row = state.lookup(URL)
    assert row is not None
    history = History(document_id=row["document_id"], version=row["version"], revision=row["revision"])
    return DeadLetter(
        stage="visit", reason=reason, message="", occurred_at=at(60), url=URL, version=version, history=history
    )


def visit_again(state: SqliteState) -> None:
    state.add_urls(LATER_RUN, [NewUrl(url=URL, site="gazette.example")], again=True)


@pytest.fixture
def stored(store: SqliteStore, state: SqliteState) -> None:
    """An article that was stored and is visited again."""
    state.add_urls(RUN, [NewUrl(url=URL, site="gazette.example")])
    flush(store, state, fetched(10))
    visit_again(state)


@pytest.mark.parametrize("reason", ["http_404", "http_410"])
@pytest.mark.usefixtures("stored")
def test_an_article_whose_page_is_gone_stays_and_says_since_when(
    store: SqliteStore, state: SqliteState, reason: str
) -> None:
    flush(store, state, failed(state, 20, reason), LATER_RUN)
    [document] = store.scan("articles")
    assert (document.version, document.source["status"], document.source["gone_at"]) == (
        20,
        "gone",
        "2027-01-15T08:01:00.000Z",
    )
    assert document.source["body"] == "The talks resumed on Monday."
    assert list(store.scan("dead-letters")) == []
    row = state.lookup(URL)
    assert row is not None
    assert (row["outcome"], row["reason"], row["version"]) == ("updated", "gone", 20)
    assert compare_with_store(state, store, LATER_RUN) == ()
    assert state.books(LATER_RUN).unbalanced == ()


@pytest.mark.usefixtures("stored")
def test_an_article_that_comes_back_with_the_same_words_is_live_again(store: SqliteStore, state: SqliteState) -> None:
    flush(store, state, failed(state, 20), LATER_RUN)
    row = state.lookup(URL)
    assert row is not None
    history = History(document_id=row["document_id"], version=row["version"], revision=row["revision"])
    flush(store, state, fetched(30, history), LATER_RUN)
    [document] = store.scan("articles")
    assert (document.source["status"], "gone_at" in document.source) == ("live", False)


@pytest.mark.usefixtures("stored")
def test_the_first_instant_stays_when_it_is_gone_again(store: SqliteStore, state: SqliteState) -> None:
    flush(store, state, failed(state, 20), LATER_RUN)
    flush(store, state, replace(failed(state, 30), occurred_at=at(9999)), LATER_RUN)
    [document] = store.scan("articles")
    assert document.source["gone_at"] == "2027-01-15T08:01:00.000Z"


@pytest.mark.usefixtures("stored")
def test_other_failures_of_a_revisit_are_failures(store: SqliteStore, state: SqliteState) -> None:
    flush(store, state, failed(state, 20, "http_403"), LATER_RUN)
    assert [document.source["status"] for document in store.scan("articles")] == ["live"]
    assert len(list(store.scan("dead-letters"))) == 1


def test_a_page_that_was_never_stored_is_a_failure(store: SqliteStore, state: SqliteState) -> None:
    state.add_urls(RUN, [NewUrl(url=URL, site="gazette.example")])
    flush(store, state, failed(state, 20))
    assert len(list(store.scan("dead-letters"))) == 1
    assert state.lookup(URL)["outcome"] == "dead_lettered"  # type: ignore[index]
