"""Stored articles through today's enrichers: what is written again, what is left, and what a document keeps."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_figure
from tests.support.ledgers import RUN, at, plan
from transforms.elements import Article, DeadLetter, EnrichedArticle, Image, Outcome, Publisher, Removed, Rights, Tick
from transforms.enrich import load_enrichers
from transforms.enrich.naming.declared_names import DeclaredName
from transforms.enrich_article import enrich_article
from transforms.index.base import DocumentStore, Stored, Write
from transforms.index.documents import article_writes
from transforms.index.sqlite.store import SqliteStore
from transforms.index.stored_articles import kept_as_it_is, says_the_same, stored_article
from transforms.indexer import Indexer
from transforms.settings import GENERATION_BITS, IndexSettings, ReprocessSettings
from transforms.state.base import NewUrl, StateStore
from transforms.state.sqlite.ledger import SqliteState
from transforms.stored_articles import article_to_enrich, if_changed
from transforms.try_each import FaultLimit

URL = "https://www.gazette.example/a"
AGAIN_RUN = "20270116T080000.000Z-bbbb"
SETTINGS = ReprocessSettings(
    run_id=AGAIN_RUN,
    store="",
    state="",
    project="default",
    pipeline_version="1",
    config_sha256="c2",
    enrichers=("figures@1",),
)


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
    state.begin_run(plan())
    state.add_urls(RUN, [NewUrl(url=URL, site="gazette.example")])
    yield state
    state.close()


def fetched(*numbers: str, body: str = "Strikes killed 12 people and injured 34 others.") -> EnrichedArticle:
    article = make_article("Talks", body, url=URL)
    figures = tuple(make_figure(article, number, kind="count", value=float(number)) for number in numbers)
    return replace(make_enriched(article, figures=figures), enrichers=("figures@1",))


def ingested(store: DocumentStore, state: StateStore, enriched: EnrichedArticle) -> Stored:
    """Store an article as a run does; return it."""
    settings = IndexSettings(run_id=RUN, store="", state="", pipeline_version="1", config_sha256="c1")
    Indexer(store, state, settings).flush([enriched])
    found = store.get("articles", enriched.article.id)
    assert found is not None
    return found


def reprocessed(
    store: DocumentStore, state: StateStore, enrich: EnrichedArticle | None = None, *, run: str = AGAIN_RUN
) -> object:
    """Take the article, give it the annotations of `enrich`, and write it if it changed; return what came of it."""
    settings = replace(SETTINGS, run_id=run)
    state.begin_run(plan(run_id=run))
    element = article_to_enrich(make_article(url=URL).id, store, state, settings, limit=FaultLimit())
    if isinstance(element, Article):
        annotations = {} if enrich is None else enrich.annotations
        again = EnrichedArticle(article=element, annotations=annotations, enrichers=("figures@1",))
        element = if_changed(again, store, settings, now=NOON)
    if not isinstance(element, Tick):
        index = IndexSettings(
            run_id=run, store="", state="", pipeline_version="1", config_sha256="c2", reprocessed=True
        )
        assert isinstance(element, EnrichedArticle | Outcome | DeadLetter)
        Indexer(store, state, index).flush([element])
    return element


def outcome(state: StateStore) -> tuple[str, str, int]:
    row = state.lookup(URL)
    assert row is not None
    return row["outcome"], row["reason"], row["version"]


def test_a_changed_enrichment_is_an_update_with_its_rows_and_the_version_before(
    store: SqliteStore, state: SqliteState
) -> None:
    before = ingested(store, state, fetched("12", "34"))
    reprocessed(store, state, fetched("12"))
    after = store.get("articles", before.id)
    assert after is not None
    assert after.version == before.version + (1 << GENERATION_BITS)
    assert [figure["value"] for figure in after.source["figures"]] == [12]
    assert [(row.id[-3:], row.version) for row in store.scan("figures")] == [("-f1", after.version)]
    assert outcome(state) == ("updated", "reprocessed", after.version)
    assert sorted(each.source["version"] for each in store.scan("revisions")) == [before.version, after.version]
    assert after.source["content"] == before.source["content"]  # the text is the same, so is its revision
    assert after.source["event"] == before.source["event"]  # it is no news
    assert after.source["pipeline"]["config_sha256"] == "c2"
    books = state.books(AGAIN_RUN)
    assert (books.came, books.ended, books.unbalanced) == (1, 1, ())


def test_the_same_enrichment_is_left_and_counted(store: SqliteStore, state: SqliteState) -> None:
    before = ingested(store, state, fetched("12", "34"))
    reprocessed(store, state, fetched("12", "34"))
    assert store.get("articles", before.id) == before
    assert list(store.scan("revisions")) == []
    assert outcome(state) == ("unchanged", "same_document", before.version)
    assert state.books(AGAIN_RUN).unbalanced == ()


def test_what_this_pipeline_wrote_is_not_enriched_again(store: SqliteStore, state: SqliteState) -> None:
    ingested(store, state, fetched("12", "34"))
    reprocessed(store, state, fetched("12"))
    found = reprocessed(store, state, fetched("34"), run="20270117T080000.000Z-cccc")
    assert isinstance(found, Outcome)
    assert found.reason == "same_pipeline"


def test_a_page_that_waits_for_a_visit_is_left_to_it(store: SqliteStore, state: SqliteState) -> None:
    before = ingested(store, state, fetched("12"))
    state.begin_run(plan(run_id="20270115T090000.000Z-dddd"))
    state.add_urls("20270115T090000.000Z-dddd", [NewUrl(url=URL, site="gazette.example")], again=True)
    assert isinstance(reprocessed(store, state), Tick)
    row = state.lookup(URL)
    assert row is not None
    assert row["state"] == "pending"
    assert store.get("articles", before.id) == before


def test_what_an_interrupted_job_had_taken_is_taken_again(store: SqliteStore, state: SqliteState) -> None:
    ingested(store, state, fetched("12", "34"))
    state.begin_run(plan(run_id=AGAIN_RUN))
    taken = article_to_enrich(make_article(url=URL).id, store, state, SETTINGS, limit=FaultLimit())
    assert isinstance(taken, Article)  # and then its process is killed
    reprocessed(store, state, fetched("12"), run="20270117T080000.000Z-cccc")
    assert outcome(state)[:2] == ("updated", "reprocessed")


def test_a_newer_fetch_wins_over_what_was_taken_before_it(store: SqliteStore, state: SqliteState) -> None:
    ingested(store, state, fetched("12", "34"))
    state.begin_run(plan(run_id=AGAIN_RUN))
    taken = article_to_enrich(make_article(url=URL).id, store, state, SETTINGS, limit=FaultLimit())
    assert isinstance(taken, Article)
    later = make_article("Talks", "Another text.", url=URL, fetched_at=at(86_400.0))
    newer = ingested(store, state, replace(make_enriched(later), enrichers=("figures@1",)))
    late = EnrichedArticle(article=taken, annotations=fetched("12").annotations, enrichers=("figures@1",))
    found = if_changed(late, store, SETTINGS, now=NOON)
    assert isinstance(found, Outcome)
    assert found.reason == "newer_version"
    Indexer(store, state, IndexSettings(run_id=AGAIN_RUN, store="", state="", reprocessed=True)).flush([late])
    assert store.get("articles", newer.id) == newer
    assert outcome(state)[2] == newer.version


def test_an_article_that_the_ledger_does_not_know_is_written_and_known_from_then_on(
    store: SqliteStore, tmp_path: Path, state: SqliteState
) -> None:
    before = ingested(store, state, fetched("12"))
    other = SqliteState(tmp_path / "other.db")
    other.create()
    reprocessed(store, other, fetched("12"))
    after = store.get("articles", before.id)
    assert after is not None
    assert after.version > before.version
    assert outcome(other)[2] == after.version
    assert other.books(AGAIN_RUN).unbalanced == ()
    reprocessed(store, other, fetched("12"), run="20270117T080000.000Z-cccc")
    assert outcome(other)[:2] == ("unchanged", "same_pipeline")
    other.close()


def test_what_is_gone_stays_gone(store: SqliteStore, state: SqliteState) -> None:
    before = ingested(store, state, fetched("12", "34"))
    gone = {**before.source, "status": "gone", "gone_at": "2026-02-01T00:00:00.000Z"}
    store.bulk([Write(kind="articles", id=before.id, version=before.version, source=gone)])
    reprocessed(store, state, fetched("12"))
    after = store.get("articles", before.id)
    assert after is not None
    assert (after.source["status"], after.source["gone_at"]) == ("gone", "2026-02-01T00:00:00.000Z")
    assert len(after.source["figures"]) == 1


def test_a_document_that_newsbeam_did_not_write_is_a_dead_letter(store: SqliteStore, state: SqliteState) -> None:
    before = ingested(store, state, fetched("12"))
    broken = {**before.source, "content": {**before.source["content"], "revision": "first"}}
    store.bulk([Write(kind="articles", id=before.id, version=before.version, source=broken)])
    found = reprocessed(store, state)
    assert isinstance(found, DeadLetter)
    assert (found.stage, found.reason) == ("reprocess", "internal_error")


def test_an_article_with_everything_comes_back_as_it_was() -> None:
    article = make_article(
        "Blinken in Cairo",
        "Blinken met 12 officials in Cairo on Monday, the U.S. envoy said. “We leave tonight,” he told reporters.",
        subtitle="Talks", summary="What the feed says", claimed_url="https://other.example/x", authors=("A", "B"),
        section="World", topics=("t",), keywords=("k",), tags=("uk",), language="en", language_confidence=0.9,
        publisher=Publisher(name="The Gazette", id="g", country="GB"), feeds=("gazette",), updated=NOON,
        images=(Image(url="https://gazette.example/i.jpg", caption="c", agency="AP", width=3, height=2),),
        published_precision="day", published_local="2026-01-01", removed=(Removed(text="Sign up", rule="en.txt:3"),),
        warnings=("read as cp1252 (detected): no label of its encoding holds",), paywalled=True, opinion=False,
        agency="AP", noindex=False, robots_rule="Allow: /", rights=Rights(tdm_reserved=True, licenses=("l",)),
    )  # fmt: skip
    enrichers = load_enrichers(("entities", "places", "figures", "quotes", "dates"), (
        DeclaredName(name="Antony Blinken", label="PERSON", also=("Blinken",)),
    ))  # fmt: skip
    first = _document(enrich_article(article, enrichers))
    stored = Stored(id=article.id, version=article.version, source=first)
    again = enrich_article(stored_article(stored, article.history, version=article.version), enrichers)
    again = replace(again, annotations={**again.annotations, **kept_as_it_is(first)})
    assert says_the_same(first, _document(again))
    assert first["people"] == ["Antony Blinken"]


def _document(enriched: EnrichedArticle) -> dict[str, object]:
    write, *_ = article_writes(enriched, run_id="r", pipeline_version="1", config_sha256="c", now=NOON)
    assert write.source is not None
    return dict(write.source)
