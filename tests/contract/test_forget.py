"""`forget` over every store: everything of an article goes, and no writer, early or late, brings it back."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from pipeline.forget import Forgotten, find_targets, forget, sweep
from tests.support import elasticsearch_node
from tests.support.elements import NOON, make_article, make_enriched, make_figure
from tests.support.ledgers import RUN, SetClock, feed_on, plan, poll_of
from transforms.elements import FORGOTTEN_VERSION, DeadLetter, EnrichedArticle, FeedEntry, History, Receipt
from transforms.errors import ConfigurationError
from transforms.index import open_store
from transforms.index.base import KINDS, DocumentStore, SearchRequest, Write, WriteResult
from transforms.index.elasticsearch.mapping import Names, component_body
from transforms.index.query_parser import parse_query
from transforms.index.sqlite.file import keep
from transforms.indexer import Indexer
from transforms.settings import IndexSettings
from transforms.state.base import NewUrl
from transforms.state.sqlite.ledger import SqliteState
from transforms.web.urls import document_id

SITE = "gazette.example"
URL = "https://gazette.example/harbour?from=feed"
CANONICAL = "https://gazette.example/harbour"
HOP = "https://gazette.example/go/123"
BODY = "Strikes killed 12 people at the harbour, officials said."
FORGET = "20270115T080500.000Z-ffff"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db", clock=SetClock())
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan())
    state.add_urls(RUN, [NewUrl(url=URL, site=SITE, feed=SITE, entry=FeedEntry(link=URL, id=URL, title="Harbour"))])
    yield state
    state.close()


@pytest.fixture
def indexer(document_store: DocumentStore, state: SqliteState) -> Indexer:
    indexer = Indexer(document_store, state, IndexSettings(run_id=RUN, store="", state=""))
    indexer.flush([harbour(), receipt(HOP), receipt(URL), letter()])
    changed = harbour(body=f"{BODY} More followed.", minutes=5, version_before=harbour().article.version)
    indexer.flush([changed])
    return indexer


def harbour(body: str = BODY, minutes: int = 0, version_before: int = 0, url: str = URL) -> EnrichedArticle:
    at = NOON + timedelta(minutes=minutes)
    article = make_article("Harbour hit", body, url=CANONICAL, fetched_at=at, original_url=url, requested_url=url)
    history = History(version=version_before, revision=int(version_before > 0), figures=int(version_before > 0))
    article = replace(article, history=history)
    return make_enriched(article, figures=(make_figure(article, "12 people", 12.0, event="killed"),))


def receipt(url: str, subject: str = URL) -> Receipt:
    return Receipt(url=url, site=SITE, why="page", subject=subject, epoch=1, sent_at=NOON, status_code=200)


def letter(url: str = URL) -> DeadLetter:
    return DeadLetter(stage="visit", reason="timeout", message=f"{url}: slow", occurred_at=NOON, url=url, site=SITE)


def forgotten(store: DocumentStore, state: SqliteState | None, *names: str, query: str | None = None) -> Forgotten:
    request = None if query is None else SearchRequest(query=parse_query(query))
    targets = find_targets(store, state, names, request)
    return forget(store, state, targets, reason="asked for", run_id=FORGET, now=NOON)


def left(store: DocumentStore) -> dict[str, int]:
    store.refresh()
    counts = {kind: store.count(kind) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count and kind not in ("suppressed", "runs")}


@pytest.mark.parametrize("name", [URL, CANONICAL, "id", "prefix"])
def test_everything_of_an_article_goes(
    name: str, document_store: DocumentStore, state: SqliteState, indexer: Indexer
) -> None:
    indexer.flush([make_enriched(make_article("Other", "Other words."))])
    assert left(document_store) == {
        "articles": 2, "figures": 1, "revisions": 2, "dead-letters": 1, "requests": 2,
    }  # fmt: skip
    names = {"id": document_id(CANONICAL), "prefix": document_id(CANONICAL)[2:12]}
    done = forgotten(document_store, state, names.get(name, name))
    assert done.deleted == {
        "articles": 1, "figures": 1, "quotes": 0, "revisions": 2, "dead-letters": 1, "requests": 2,
    }  # fmt: skip
    assert left(document_store) == {"articles": 1}
    for url in (URL, HOP, CANONICAL):
        row = state.lookup(url)
        assert row is not None
        assert (row["outcome"], row["reason"]) == ("filtered", "suppressed")
    assert state.books(RUN).unbalanced == ()
    assert not done.nothing_left
    assert forgotten(document_store, state, names.get(name, name)).nothing_left


def test_what_a_job_writes_while_it_is_being_forgotten_goes_too(
    document_store: DocumentStore, state: SqliteState, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk, done = document_store.bulk, list[Forgotten]()

    def forget_first(writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        if not done:
            monkeypatch.setattr(document_store, "bulk", bulk)
            done.append(forgotten(document_store, state, URL))
        return bulk(writes)

    monkeypatch.setattr(document_store, "bulk", forget_first)
    standing = harbour(body=f"{BODY} More followed.").article.version
    other = receipt("https://gazette.example/other", subject="https://gazette.example/other")
    indexer.flush(
        [harbour(body=f"{BODY} And more.", minutes=9, version_before=standing), receipt(URL), letter(), other]
    )

    assert done[0].deleted["articles"] == 1
    assert left(document_store) == {"requests": 1}


def test_a_query_names_articles(document_store: DocumentStore, state: SqliteState, indexer: Indexer) -> None:
    assert forgotten(document_store, state, query="killed:>=10").deleted["articles"] == 1
    assert left(document_store) == {}


def test_a_job_that_has_the_page_in_hand_ends_it_as_suppressed(
    document_store: DocumentStore, state: SqliteState, indexer: Indexer
) -> None:
    forgotten(document_store, state, CANONICAL)
    elsewhere = "https://gazette.example/harbour?from=mail"
    state.add_urls(RUN, [NewUrl(url=elsewhere, site=SITE)])
    indexer.flush([harbour(minutes=9), harbour(minutes=9, url=elsewhere), receipt(HOP), receipt(URL), letter()])
    assert left(document_store) == {}
    row = state.lookup(elsewhere)
    assert row is not None
    assert (row["outcome"], row["reason"]) == ("filtered", "suppressed")


def test_a_writer_that_had_asked_before_is_too_late(
    document_store: DocumentStore, state: SqliteState, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.indexer.without_forgotten", lambda _, buffer: buffer)  # it asked a moment ago
    forgotten(document_store, state, CANONICAL)
    indexer.flush([harbour(minutes=60)])
    assert left(document_store) == {}
    free = Indexer(document_store, None, IndexSettings(run_id=RUN, store="", state=None))  # no ledger stops it either
    free.flush([harbour(minutes=61)])
    assert left(document_store) == {}
    assert state.books(RUN).unbalanced == ()


def test_a_later_feed_does_not_list_it_anew(
    document_store: DocumentStore, state: SqliteState, indexer: Indexer
) -> None:
    forgotten(document_store, state, CANONICAL)
    entry = FeedEntry(link=URL, id=URL, title="Harbour hit")
    state.polled(RUN, poll_of(SITE, 60), [NewUrl(url=URL, site=SITE, feed=SITE, entry=entry, fingerprint="2")])
    assert state.add_urls(RUN, [NewUrl(url=CANONICAL, site=SITE)], again=True) == (0, 1)
    assert [lease.urls for lease in state.lease(RUN, limit=5, slice_s=60) if lease.urls] == []


def test_what_a_migration_kept_of_a_file_goes_too(state: SqliteState, tmp_path: Path) -> None:
    path, kept = tmp_path / "news.db", tmp_path / "news.db.bak-v0"
    with closing(open_store(str(path))) as store:
        store.create()
        other = harbour("Ferries with 12 people returned to Zanzibar.", url=f"{CANONICAL}/other")
        other = replace(other, article=replace(other.article, id="a1other", url=f"{CANONICAL}/other"))
        indexer = Indexer(store, state, IndexSettings(run_id=RUN, store="", state=None))
        indexer.flush([harbour(), letter(), receipt(URL), other])
        keep(path, kept)
        assert forgotten(store, state, CANONICAL).problems == ()
    assert BODY.encode() not in kept.read_bytes()
    assert b"Zanzibar" in kept.read_bytes()
    with closing(open_store(str(kept))) as old:  # it can be used as a store
        old.create()
        assert {kind: old.count(kind) for kind in ("articles", "dead-letters", "requests")} == {  # type: ignore[arg-type]
            "articles": 1, "dead-letters": 0, "requests": 0,
        }  # fmt: skip
        assert old.search(SearchRequest(query=parse_query("Zanzibar"))).total == 1
        assert old.search(SearchRequest(query=parse_query("strikes"))).total == 0


@pytest.mark.elasticsearch
def test_what_a_migration_kept_of_an_index_goes_too(state: SqliteState, client: Elasticsearch, names: Names) -> None:
    old = {kind: f"{names.alias(kind)}-v0-000000" for kind in ("articles", "figures")}  # type: ignore[arg-type]
    with closing(open_store(elasticsearch_node.node_url(), project=names.project)) as store:
        store.create()
        Indexer(store, state, IndexSettings(run_id=RUN, store="", state=None)).flush([harbour()])
        client.indices.create(index=old["articles"])
        client.indices.create(index=old["figures"], mappings=component_body("figures")["template"]["mappings"])
        mine = document_id(CANONICAL)
        for name in (mine, "a1other"):
            client.index(index=old["articles"], id=name, document={"id": name, "body": BODY})
            row = {"id": f"{name}-f1", "article": {"id": name}}
            client.index(index=old["figures"], id=f"{name}-f1", document=row)
        for index in old.values():
            client.indices.add_block(index=index, block="write")
        assert forgotten(store, state, CANONICAL).problems == ()
    for index, left in zip(old.values(), ("a1other", "a1other-f1"), strict=True):
        assert [hit["_id"] for hit in client.search(index=index)["hits"]["hits"]] == [left]
        settings = client.indices.get_settings(index=index, flat_settings=True)[index]["settings"]
        assert settings["index.blocks.write"] == "true"


def test_what_a_migration_kept_and_cannot_be_changed_is_told(state: SqliteState, tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "news.db"))) as store:
        store.create()
        kept = tmp_path / "news.db.bak-v0"
        kept.write_bytes(b"no database at all, but long enough to be one" * 100)
        [problem] = forgotten(store, state, URL).problems
    assert str(kept) in problem
    assert "index migrate --drop-old" in problem


def test_a_url_that_is_not_known_is_kept_out(document_store: DocumentStore, state: SqliteState) -> None:
    done = forgotten(document_store, state, "https://gazette.example/never-seen")
    assert (done.nothing_left, sum(done.deleted.values())) == (False, 0)
    assert state.add_urls(RUN, [NewUrl(url="https://gazette.example/never-seen", site=SITE)]) == (0, 1)


def test_an_id_that_nothing_has_is_told(document_store: DocumentStore) -> None:
    with pytest.raises(ConfigurationError, match="no article has the id"):
        forgotten(document_store, None, "a1ffffffff")


def test_what_came_back_all_the_same_is_swept_away(
    document_store: DocumentStore, state: SqliteState, indexer: Indexer
) -> None:
    before = document_store.get("articles", document_id(CANONICAL))
    assert before is not None
    forgotten(document_store, state, CANONICAL)
    assert sweep(document_store) == 0
    # A process that was stopped for longer than Elasticsearch remembers deletes (1 h): stood in for by the version.
    document_store.bulk([Write(kind="articles", id=before.id, version=FORGOTTEN_VERSION, source=before.source)])
    document_store.refresh()
    assert sweep(document_store) == 1
    assert left(document_store) == {}
