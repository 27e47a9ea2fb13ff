"""Kinds that came after a store was made: read as empty, made by the next write, and stored like the others."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.elements import NOON, make_article, make_enriched
from transforms.index.base import LATER_KINDS, DocumentStore, Kind, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.mapping import Names
from transforms.index.elasticsearch.store import ElasticsearchStore
from transforms.index.revisions import revision_write
from transforms.index.sqlite.store import SqliteStore

SUPPRESSED = Write(
    kind="suppressed", id="0" * 64, version=1,
    source={"@timestamp": "2026-01-01T12:00:00.000Z", "of": "url", "reason": "a court's order", "schema_version": 1},
)  # fmt: skip


def article(title: str = "Talks resume") -> Write:
    enriched = make_enriched(make_article(title))
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)[0]


def test_a_revision_keeps_the_whole_document_and_what_it_is_found_by(document_store: DocumentStore) -> None:
    written = article()
    revision = revision_write(written)
    document_store.bulk([revision, SUPPRESSED])
    document_store.refresh()

    (stored,) = document_store.scan("revisions")

    assert stored.id.startswith(f"{written.id}-")
    assert stored.source == revision.source
    assert stored.source["document"] == written.source
    assert [each.source for each in document_store.scan("suppressed")] == [SUPPRESSED.source]


def test_a_repeated_write_is_the_same_revision_and_a_newer_one_another() -> None:
    first = article()
    newer = replace(first, version=first.version + 1)
    assert revision_write(first) == revision_write(article())
    assert revision_write(first).id != revision_write(newer).id


def read_as_empty(store: DocumentStore, kind: Kind) -> None:
    assert store.get(kind, "x") is None
    assert list(store.scan(kind)) == []
    store.prune(kind, before=NOON)
    store.refresh()


def test_a_file_without_them_reads_as_empty_and_gets_them_by_writing(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = SqliteStore(path)
    store.create()
    store.close()
    with sqlite3.connect(path) as db:
        for kind in LATER_KINDS:
            db.execute(f"DROP TABLE {kind}")
    db.close()
    for kind in LATER_KINDS:
        assert store.get(kind, "x") is None
        assert list(store.scan(kind)) == []

    assert [result.status for result in store.bulk([SUPPRESSED])] == ["written"]

    assert store.check() == ()
    for kind in LATER_KINDS:
        store.prune(kind, before=NOON)
    store.close()


@pytest.mark.elasticsearch
def test_a_server_without_them_reads_as_empty_and_gets_them_by_writing() -> None:
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project, elasticsearch_node.client() as client:
        old = ElasticsearchStore(url, project=project, environ={})
        old.create()
        old.close()
        for kind in LATER_KINDS:
            client.indices.delete(index=Names(project=project).index(kind))

        store = ElasticsearchStore(url, project=project, environ={})
        for kind in LATER_KINDS:
            read_as_empty(store, kind)
        assert [result.status for result in store.bulk([SUPPRESSED])] == ["written"]
        assert store.check() == ()
        store.close()
