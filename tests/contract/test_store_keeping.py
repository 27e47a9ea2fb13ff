"""What every document store keeps, finds, counts and throws away, and what it never takes back."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.support.elements import NOON, make_article, make_enriched, make_figure, make_quote
from transforms.elements import FORGOTTEN_VERSION, Article
from transforms.index.base import DocumentStore, Write
from transforms.index.documents import article_writes
from transforms.index.revisions import revision_write
from transforms.index.sqlite.store import SqliteStore
from transforms.index.suppression import deletes_for_good, held_back, suppressed_writes, urls_of

BODY = "Strikes killed 12 people in Rafah. “It is not enough,” said Ann Blake. Xylophonequartz rang."


def writes_of(article: Article) -> tuple[Write, ...]:
    figures = (make_figure(article, "12 people", 12.0, event="killed"),)
    quotes = (make_quote(article, "It is not enough,", "Ann Blake"),)
    enriched = make_enriched(article, figures=figures, quotes=quotes)
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)


def aged(name: str, days: int) -> Article:
    return make_article(name, BODY, fetched_at=NOON - timedelta(days=days))


def test_documents_are_counted_and_the_oldest_found_first(document_store: DocumentStore) -> None:
    articles = [aged(f"Story {days}", days) for days in (1, 30, 20, 10)]
    for article in articles:
        document_store.bulk(writes_of(article))
    assert document_store.count("articles") == 4
    assert document_store.count("articles", before=NOON - timedelta(days=15)) == 2
    old = document_store.expired("articles", before=NOON - timedelta(days=5), limit=2)
    assert old == (articles[1].id, articles[2].id)


def test_documents_are_found_by_an_exact_field(document_store: DocumentStore) -> None:
    one, other = aged("One", 1), aged("Other", 1)
    document_store.bulk([*writes_of(one), *writes_of(other), revision_write(writes_of(one)[0])])
    assert [each.id for each in document_store.find("figures", "article.id", [one.id, "x"])] == [f"{one.id}-f1"]
    assert [each.source["version"] for each in document_store.find("revisions", "article.id", [one.id])] == [
        one.version
    ]
    assert [each.id for each in document_store.find("articles", "url.full", [other.url])] == [other.id]
    assert list(document_store.find("dead-letters", "url", [other.url])) == []


def test_what_is_discarded_leaves_no_trace(document_store: DocumentStore) -> None:
    article = aged("One", 1)
    document_store.bulk(writes_of(article))
    assert document_store.discard("articles", [article.id, "nothing"]) == 1
    document_store.refresh()
    assert document_store.get("articles", article.id) is None
    assert document_store.count("articles") == 0
    assert document_store.discard("articles", [article.id]) == 0
    newer = replace(article, version=article.version + 10)  # it may be stored again (a server counts the deletes)
    assert {each.status for each in document_store.bulk(writes_of(newer))} == {"written"}


def test_a_later_writer_cannot_bring_back_what_was_forgotten(document_store: DocumentStore) -> None:
    article = aged("One", 1)
    document_store.bulk(writes_of(article))
    document_store.bulk(suppressed_writes([article.url], [article.id], reason="asked for", now=NOON))
    document_store.bulk(deletes_for_good(article.id))
    late = writes_of(replace(article, version=FORGOTTEN_VERSION - 1))
    assert {each.status for each in document_store.bulk(late)} == {"stale"}
    document_store.refresh()
    assert [document_store.count(kind) for kind in ("articles", "figures", "quotes")] == [0, 0, 0]


def test_hashes_alone_say_what_was_forgotten(document_store: DocumentStore) -> None:
    article = aged("One", 1)
    source = dict(writes_of(article)[0].source or {})
    assert held_back(document_store, urls=urls_of(source), ids=[article.id]) == set()
    document_store.bulk(suppressed_writes([article.url], [article.id], reason="asked for", now=NOON))
    assert held_back(document_store, urls=[article.url, "https://gazette.example/other"], ids=["a1x"]) == {article.url}
    assert held_back(document_store, ids=[article.id, "a1x"]) == {article.id}
    document_store.refresh()
    for each in document_store.scan("suppressed"):
        assert article.url not in str(each)
        assert each.source["reason"] == "asked for"


def test_no_byte_of_what_is_deleted_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = SqliteStore(path)
    store.create()
    for number in range(200):
        store.bulk(writes_of(make_article(f"Other {number}", BODY.replace("Xylophonequartz", f"Bell{number}"))))
    secret = make_article("Xylophonequartz rings", BODY)
    store.bulk([*writes_of(secret), revision_write(writes_of(secret)[0])])
    changed = replace(secret, body="Nothing rang but “It is not enough,” for 12 people.", version=secret.version + 1)
    store.bulk(writes_of(changed))
    assert remains(tmp_path)
    assert store.discard("revisions", [each.id for each in store.find("revisions", "article.id", [secret.id])]) == 1
    store.bulk(deletes_for_good(secret.id))
    assert store.erase() == ()
    assert not remains(tmp_path)
    assert store.count("articles") == 200
    store.close()


def test_remains_of_an_older_version_are_rewritten_once(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = SqliteStore(path)
    store.create()
    secret = make_article("Xylophonequartz rings", BODY)
    store.bulk([*writes_of(secret), *writes_of(make_article("Other", BODY.replace("Xylophonequartz", "Bell")))])
    store.close()
    with sqlite3.connect(path) as db:  # as an older version deleted, without overwriting
        db.execute("DELETE FROM newsbeam_store WHERE key = 'secure_delete'")
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("DELETE FROM articles WHERE id = ?", (secret.id,))
    db.close()
    store.bulk(deletes_for_good(secret.id))
    assert remains(tmp_path)
    with sqlite3.connect(path) as db:  # its words are still there: the row that named them is gone
        db.execute("DELETE FROM article_words WHERE article_words MATCH 'xylophonequartz'")
    db.close()
    assert store.erase() == ()
    assert not remains(tmp_path)
    store.close()


def remains(folder: Path) -> bool:
    """Say whether a rare word stands in any file; the index of words cuts off what neighbours begin with."""
    data = b"".join(path.read_bytes().lower() for path in folder.iterdir())
    return b"ylophonequartz" in data
