"""Writing a buffer: each URL once, its newest fetch; what ledger and store say afterwards is the same."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report import compare_with_store
from tests.support.elements import make_article, make_enriched, make_figure
from tests.support.ledgers import RUN, at, plan
from transforms.elements import EnrichedArticle
from transforms.index.base import Write, WriteResult
from transforms.index.sqlite.store import SqliteStore
from transforms.indexer import Indexer
from transforms.settings import IndexSettings
from transforms.state.base import NewUrl, Settlement
from transforms.state.sqlite.ledger import SqliteState

LATER_RUN = "20260101T130000Z-later"
BODY = "Strikes killed 12 people and injured 34 others."
URL = "https://www.gazette.example/a"


class Picky(SqliteStore):
    """Refuses figures, as a mapping conflict would."""

    refuse = False

    def bulk(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write, but no figures."""
        results = iter(super().bulk([write for write in writes if not (self.refuse and write.kind == "figures")]))
        return tuple(
            WriteResult(kind="figures", id=write.id, status="rejected", reason="mapping_conflict", message="no number")
            if self.refuse and write.kind == "figures"
            else next(results)
            for write in writes
        )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Picky]:
    store = Picky(tmp_path / "store.db")
    store.create()
    yield store
    store.close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    state.add_urls(RUN, [NewUrl(url=URL, site="gazette.example")])
    yield state
    state.close()


def indexer(store: SqliteStore, state: SqliteState) -> Indexer:
    return Indexer(store, state, IndexSettings(run_id=RUN, store="", state=""))


def fetched(version: int, *numbers: str) -> EnrichedArticle:
    article = make_article("Talks", BODY, url=URL)
    figures = tuple(make_figure(article, number, kind="count", value=float(number)) for number in numbers)
    article = replace(article, requested_url=URL, version=version, raw_sha256=f"{version:064}")
    return make_enriched(article, figures=figures)


def test_two_fetches_of_a_url_in_one_buffer_are_one_document_with_its_own_rows(
    store: Picky, state: SqliteState
) -> None:
    indexer(store, state).flush([fetched(10, "12", "34"), fetched(20, "12")])
    assert [(stored.version, stored.id[-3:]) for stored in store.scan("figures")] == [(20, "-f1")]
    row = state.lookup(URL)
    assert row is not None
    assert (row["version"], row["outcome"], row["revision"]) == (20, "created", 1)
    assert compare_with_store(state, store, RUN) == ()


def test_a_refused_fact_row_is_recorded_and_its_article_stays_settled(store: Picky, state: SqliteState) -> None:
    store.refuse = True
    indexer(store, state).flush([fetched(10, "12")])
    row = state.lookup(URL)
    assert row is not None
    assert (row["outcome"], row["version"]) == ("created", 10)
    [letter] = store.scan("dead-letters")
    assert letter.source["reason"] == "mapping_conflict"
    assert compare_with_store(state, store, RUN) == ()


@pytest.mark.parametrize(
    "end",
    [
        Settlement(url=URL, outcome="deferred", reason="http_5xx", due_at=at(60)),
        Settlement(url=URL, outcome="dead_lettered", reason="http_404", version=20),
    ],
    ids=lambda end: end.outcome,
)
def test_a_document_whose_worker_died_before_the_ledger_knew_is_no_bug(
    end: Settlement, store: Picky, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(state, "settle", lambda *_: None)
        indexer(store, state).flush([fetched(10)])
    state.settle(RUN, [end])
    assert len(compare_with_store(state, store, RUN)) == 1
    assert compare_with_store(state, store, RUN, deaths=1) == ()


@pytest.mark.parametrize("first", [20, 10], ids=["an older one after a newer", "a newer one after an older"])
def test_two_ledgers_over_one_store_both_balance(first: int, store: Picky, state: SqliteState, tmp_path: Path) -> None:
    with closing(SqliteState(tmp_path / "second.db")) as second:
        second.create()
        second.begin_run(plan(LATER_RUN))
        second.add_urls(LATER_RUN, [NewUrl(url=URL, site="gazette.example")])
        indexer(store, state).flush([fetched(first)])
        Indexer(store, second, IndexSettings(run_id=LATER_RUN, store="", state="")).flush([fetched(30 - first)])
        assert [stored.version for stored in store.scan("articles")] == [20]
        assert compare_with_store(state, store, RUN) == ()
        assert compare_with_store(second, store, LATER_RUN) == ()


def test_a_ledger_that_is_ahead_of_the_store_is_told(store: Picky, state: SqliteState) -> None:
    indexer(store, state).flush([fetched(10)])
    [document] = store.scan("articles")
    ahead = Settlement(url=URL, outcome="stored", reason="new", version=20, document_id=document.id)
    state.settle(RUN, [ahead])
    assert "1 URLs are settled at a newer version than the store's document" in compare_with_store(state, store, RUN)
