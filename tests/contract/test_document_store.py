"""What every document store does, over every backend of `tests/support/stores.py`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_entity, make_figure, make_quote
from tests.support.stores import StoreUnderTest
from transforms.elements import Article, DeadLetter, EnrichedArticle, History
from transforms.index.base import DocumentStore, SearchRequest, Write
from transforms.index.documents import article_writes, dead_letter_write, run_write
from transforms.index.query_parser import parse_query

BODY = (
    "Strikes killed 12 people in Rafah. The World Food Programme sent 300 trucks. “It is not enough,” said Ann Blake."
)


def writes_of(enriched: EnrichedArticle, run_id: str = "run-1") -> tuple[Write, ...]:
    return article_writes(enriched, run_id=run_id, pipeline_version="0.1.0", config_sha256="0" * 64, now=NOON)


def with_facts(article: Article, *numbers: float) -> EnrichedArticle:
    figures = tuple(make_figure(article, "12 people", number, event="killed", subject="people") for number in numbers)
    return make_enriched(article, figures=figures, quotes=(make_quote(article, "It is not enough,", "Ann Blake"),))


def found(store: DocumentStore, query: str = "") -> list[str]:
    store.refresh()
    return [hit.id for hit in store.search(SearchRequest(query=parse_query(query), limit=100)).hits]


# --- writing and reading back


def test_document_is_read_back_as_it_was_written(document_store: DocumentStore) -> None:
    article = make_article(body=BODY, tags=("uk",), images=())
    writes = writes_of(with_facts(article, 12))

    results = document_store.bulk(writes)

    assert [(result.kind, result.id, result.status) for result in results] == [
        (write.kind, write.id, "written") for write in writes
    ]
    for write in writes:
        stored = document_store.get(write.kind, write.id)
        assert stored is not None
        assert (stored.id, stored.version, stored.source) == (write.id, write.version, write.source)


def test_every_kind_of_document_is_stored(document_store: DocumentStore) -> None:
    letter = DeadLetter(
        stage="visit", reason="http_404", message="gone", occurred_at=NOON, url="https://gazette.example/x",
        site="gazette.example", feed="gazette", fingerprint="f" * 16,
    )  # fmt: skip
    run = run_write(
        "run-1", command="ingest", started_at=NOON, ended_at=NOON + timedelta(seconds=9),
        counts={"came": 2, "ended": 2}, outcomes=(("created", "", 1), ("dead_lettered", "http_404", 1)),
        pipeline_version="0.1.0",
    )  # fmt: skip
    writes = (*writes_of(with_facts(make_article(body=BODY), 12)), dead_letter_write(letter, run_id="run-1"), run)

    assert [result.status for result in document_store.bulk(writes)] == ["written"] * len(writes)
    assert {write.kind for write in writes} == {"articles", "figures", "quotes", "dead-letters", "runs"}
    document_store.refresh()
    for write in writes:
        assert [stored.id for stored in document_store.scan(write.kind)] == [write.id]


def test_unknown_document_is_absent(document_store: DocumentStore) -> None:
    assert document_store.get("articles", "a1nothing") is None
    assert document_store.versions(["a1nothing"]) == {}


def test_empty_batch_does_nothing(document_store: DocumentStore) -> None:
    assert document_store.bulk(()) == ()


def test_search_of_an_empty_store_finds_nothing(document_store: DocumentStore) -> None:
    result = document_store.search(SearchRequest(query=parse_query("rafah killed:>1")))
    assert (result.total, result.hits) == (0, ())
    assert list(document_store.scan("articles")) == []


def test_writing_again_is_harmless(document_store: DocumentStore) -> None:
    writes = writes_of(with_facts(make_article(body=BODY), 12))
    document_store.bulk(writes)

    assert [result.status for result in document_store.bulk(writes)] == ["written"] * len(writes)
    assert found(document_store) == [writes[0].id]
    document_store.refresh()
    assert len(list(document_store.scan("figures"))) == 1


def test_same_document_twice_in_one_batch_ends_at_the_newer(document_store: DocumentStore) -> None:
    old = make_article(title="One", body="Old words.", url="https://gazette.example/a")
    new = replace(old, title="Two", body="New words.", version=old.version + 1)
    new_write, old_write = writes_of(make_enriched(new))[0], writes_of(make_enriched(old))[0]

    results = document_store.bulk((new_write, old_write))

    assert [result.status for result in results] == ["written", "stale"]
    assert found(document_store, "new") == [new.id]
    assert found(document_store, "old") == []


@pytest.mark.parametrize(("step", "status", "title"), [(-1, "stale", "Now"), (1, "written", "Other")])
def test_newest_version_wins(document_store: DocumentStore, step: int, status: str, title: str) -> None:
    article = make_article(title="Now", url="https://gazette.example/a")
    other = replace(article, title="Other", version=article.version + step)
    document_store.bulk(writes_of(make_enriched(article)))

    (result,) = document_store.bulk(writes_of(make_enriched(other)))

    assert result.status == status
    stored = document_store.get("articles", article.id)
    assert stored is not None
    assert stored.source["title"] == title
    assert stored.version == document_store.versions([article.id])[article.id] == max(article.version, other.version)


def test_words_of_an_older_revision_are_not_found(document_store: DocumentStore) -> None:
    article = make_article(body=BODY)
    document_store.bulk(writes_of(with_facts(article, 12)))
    changed = replace(article, body="Nothing of that is left.", version=article.version + 1)
    document_store.bulk(writes_of(make_enriched(changed)))

    assert found(document_store, "left") == [article.id]
    for query in ("Rafah", '"World Food Programme"', "killed:>=1", "event:killed", "speaker:Blake", "figure:people"):
        assert found(document_store, query) == [], query


def test_fact_rows_that_a_newer_revision_lacks_are_deleted(document_store: DocumentStore) -> None:
    article = make_article(body=BODY)
    document_store.bulk(writes_of(with_facts(article, 12, 13, 14)))
    history = History(document_id=article.id, revision=1, version=article.version, figures=3, quotes=1)
    newer = replace(article, version=article.version + 1, history=history)
    document_store.bulk(writes_of(make_enriched(newer, figures=(make_figure(article, "300 trucks", 300),))))
    document_store.refresh()

    assert [stored.id for stored in document_store.scan("figures")] == [f"{article.id}-f1"]
    assert list(document_store.scan("quotes")) == []
    assert document_store.get("figures", f"{article.id}-f2") is None


def test_deleted_document_is_gone_and_a_late_writer_does_not_bring_it_back(document_store: DocumentStore) -> None:
    article = make_article(body=BODY)
    write = writes_of(make_enriched(article))[0]
    document_store.bulk([write])

    (deleted,) = document_store.bulk([replace(write, source=None, version=write.version + 1)])
    (late,) = document_store.bulk([write])

    assert (deleted.status, late.status) == ("written", "stale")
    assert document_store.get("articles", article.id) is None
    assert document_store.versions([article.id]) == {}
    assert found(document_store) == []
    assert document_store.find_ids(article.id) == ()
    document_store.refresh()
    assert list(document_store.scan("articles")) == []
    assert list(document_store.articles_of_run("run-1")) == []


def test_deleted_document_may_be_written_anew(document_store: DocumentStore) -> None:
    write = writes_of(make_enriched(make_article(body=BODY)))[0]
    document_store.bulk([write, replace(write, source=None, version=write.version + 1)])

    (result,) = document_store.bulk([replace(write, version=write.version + 2)])

    assert result.status == "written"
    assert found(document_store, "Rafah") == [write.id]


def test_deleting_what_never_was_is_harmless(document_store: DocumentStore) -> None:
    (result,) = document_store.bulk([Write(kind="figures", id="a1x-f1", version=5, source=None)])
    assert result.status == "written"
    assert document_store.get("figures", "a1x-f1") is None


def test_older_delete_does_not_remove_a_newer_document(document_store: DocumentStore) -> None:
    write = writes_of(make_enriched(make_article()))[0]
    document_store.bulk([write])
    (result,) = document_store.bulk([replace(write, source=None, version=write.version - 1)])
    assert result.status == "stale"
    assert document_store.get("articles", write.id) is not None


def test_one_rejected_document_does_not_stop_the_others(document_store: DocumentStore) -> None:
    good = writes_of(make_enriched(make_article("Good")))[0]
    other = writes_of(make_enriched(make_article("Other")))[0]
    bad = writes_of(make_enriched(make_article("Bad")))[0]
    assert bad.source is not None
    bad = replace(bad, source={**bad.source, "@timestamp": "last Tuesday"})

    results = document_store.bulk((good, bad, other))

    assert [result.status for result in results] == ["written", "rejected", "written"]
    assert (results[1].id, results[1].reason) == (bad.id, "mapping_conflict")
    assert "timestamp" in (results[1].message or "")
    assert sorted(found(document_store)) == sorted((good.id, other.id))


# --- reading by id, by run, in order


def test_versions_of_many_articles_are_those_that_exist(document_store: DocumentStore) -> None:
    articles = [make_article(f"Number {number}") for number in range(20)]
    document_store.bulk([write for article in articles for write in writes_of(make_enriched(article))])
    asked = [article.id for article in articles] + [f"a1{number:030x}" for number in range(1_200)]

    assert document_store.versions(asked) == {article.id: article.version for article in articles}
    assert document_store.versions([]) == {}


def test_articles_of_a_run_are_those_it_wrote_last(document_store: DocumentStore) -> None:
    first, second = make_article("First"), make_article("Second", requested_url="https://gazette.example/asked")
    document_store.bulk((*writes_of(make_enriched(first), "run-1"), *writes_of(make_enriched(second), "run-1")))
    again = replace(first, version=first.version + 1)
    document_store.bulk(writes_of(make_enriched(again), "run-2"))
    document_store.refresh()

    assert list(document_store.articles_of_run("run-1")) == [
        (second.id, second.version, "https://gazette.example/asked")
    ]
    assert list(document_store.articles_of_run("run-2")) == [(first.id, again.version, first.requested_url)]
    assert list(document_store.articles_of_run("run")) == []


def test_ids_are_found_by_prefix_and_url(document_store: DocumentStore) -> None:
    article = make_article(
        url="https://gazette.example/a", original_url="https://gazette.example/a?from=feed",
        requested_url="https://gazette.example/asked",
    )  # fmt: skip
    other = make_article("Other", url="https://gazette.example/a/b")
    document_store.bulk((*writes_of(make_enriched(article)), *writes_of(make_enriched(other))))
    document_store.refresh()

    for text in (article.id, article.id[:8], article.id[2:], article.id[2:10], article.id[:8].upper(), article.url,
                 article.original_url, article.requested_url):  # fmt: skip
        assert document_store.find_ids(text) == (article.id,), text
    assert document_store.find_ids("a1") == tuple(sorted((article.id, other.id)))
    assert document_store.find_ids("a1", limit=1) == (min(article.id, other.id),)
    for text in ("", "zz", "https://gazette.example/", "https://gazette.example/a?from", "*", "%", "a1_"):
        assert document_store.find_ids(text) == (), text


def test_scan_yields_every_document_once_in_order_of_ids(document_store: DocumentStore) -> None:
    writes = [writes_of(make_enriched(make_article(f"Number {number}")))[0] for number in range(250)]
    document_store.bulk(writes)
    document_store.refresh()

    scanned = list(document_store.scan("articles"))

    assert [stored.id for stored in scanned] == sorted(write.id for write in writes)
    assert {stored.id: stored.source for stored in scanned} == {write.id: write.source for write in writes}


def test_scan_of_facts_follows_the_articles_that_match(document_store: DocumentStore) -> None:
    twelve, forty = make_article("Twelve", body=BODY), make_article("Forty", body=BODY)
    document_store.bulk((*writes_of(with_facts(twelve, 12)), *writes_of(with_facts(forty, 40, 41))))
    document_store.refresh()
    request = SearchRequest(query=parse_query("killed:>=40"))

    assert [stored.id for stored in document_store.scan("articles", request)] == [forty.id]
    assert [stored.id for stored in document_store.scan("figures", request)] == [f"{forty.id}-f1", f"{forty.id}-f2"]
    assert [stored.id for stored in document_store.scan("quotes", request)] == [f"{forty.id}-q1"]


def test_writing_while_scanning_neither_fails_nor_repeats(document_store: DocumentStore) -> None:
    document_store.bulk([writes_of(make_enriched(make_article(f"Number {number}")))[0] for number in range(20)])
    document_store.refresh()
    seen = []
    for stored in document_store.scan("articles"):
        seen.append(stored.id)
        document_store.bulk(writes_of(make_enriched(make_article(f"Late {len(seen)}"))))
    assert len(seen) == len(set(seen))
    assert len(seen) >= 20


def test_store_opened_again_has_everything(store_under_test: StoreUnderTest) -> None:
    article = make_article(body=BODY)
    store_under_test.store.bulk(writes_of(with_facts(article, 12)))
    store_under_test.store.close()

    reopened = store_under_test.reopen()

    assert reopened.create() == ()
    assert reopened.check() == ()
    assert found(reopened, "killed:12 Rafah") == [article.id]
    assert reopened.versions([article.id]) == {article.id: article.version}


def test_two_openings_see_each_others_writes(store_under_test: StoreUnderTest) -> None:
    store, other = store_under_test.store, store_under_test.reopen()
    first, second = make_article("First"), make_article("Second")
    store.bulk(writes_of(make_enriched(first)))
    other.bulk(writes_of(make_enriched(second)))

    assert store.versions([first.id, second.id]) == other.versions([first.id, second.id])
    assert sorted(found(store)) == sorted(found(other)) == sorted((first.id, second.id))


def test_new_store_is_as_this_version_expects(document_store: DocumentStore) -> None:
    assert document_store.check() == ()
    assert document_store.create() == ()


def test_entities_and_odd_texts_come_back_unchanged(document_store: DocumentStore) -> None:
    article = make_article(
        "Naïve “quotes” — ₤ 東京 👩‍👩‍👧",
        "Line one.\n\nLine\ttwo \\ \"x\" 'y' {z} <b> \u2028 end.",
        url="https://gazette.example/odd",
    )
    enriched = make_enriched(article, entities=(make_entity(article, "東京", "GPE", country="JP"),))
    document_store.bulk(writes_of(enriched))

    stored = document_store.get("articles", article.id)
    assert stored is not None
    assert (stored.source["title"], stored.source["body"]) == (article.title, article.body)
    assert stored.source["entities"][0]["mentions"][0]["text"] == "東京"
