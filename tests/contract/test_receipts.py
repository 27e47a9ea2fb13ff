"""Receipts of requests in every document store: written once, read back whole, forgotten when they are old."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.support.elements import NOON
from transforms.elements import Receipt
from transforms.index.base import DocumentStore
from transforms.index.documents import instant
from transforms.index.requests import request_write
from transforms.index.sqlite.store import SqliteStore

FULL = Receipt(
    url="http://gazette.example/feed?a=1",
    site="gazette.example",
    why="feed",
    subject="gazette",
    epoch=3,
    sent_at=NOON,
    status_code=304,
    if_none_match='W/"é"',
    if_modified_since="Thu, 01 Jan 2026 12:00:00 GMT",
    wire_bytes=180,
    saved_bytes=41_820,
    elapsed_ms=12.34,
    waited_s=1.5,
    pause_s=1.0,
    retry_after_s=120.0,
    robots_rule="Allow: /feed",
)
FAILED = Receipt(
    url="http://gazette.example/a", site="gazette.example", why="page", epoch=3, sent_at=NOON, failure="timeout"
)


def test_a_receipt_comes_back_as_it_was_and_once(document_store: DocumentStore) -> None:
    writes = [request_write(each, run_id="r") for each in (FULL, FAILED)]
    for _ in range(2):  # a bundle that is repeated
        assert {result.status for result in document_store.bulk(writes)} == {"written"}
    document_store.refresh()
    stored = {each.id: each.source for each in document_store.scan("requests")}
    assert stored == {write.id: dict(write.source or {}) for write in writes}
    full = stored[writes[0].id]
    assert (full["conditional"], full["saved_bytes"], full["robots_rule"]) == (True, 41_820, "Allow: /feed")
    assert stored[writes[1].id]["failure"] == "timeout"


def test_two_requests_of_one_moment_are_two_receipts() -> None:
    others = (replace(FULL, url="http://gazette.example/b"), replace(FULL, sent_at=NOON + timedelta(milliseconds=1)))
    assert len({request_write(each, run_id="r").id for each in (FULL, *others)}) == 3


def test_old_receipts_are_forgotten_and_new_ones_stay(document_store: DocumentStore) -> None:
    ages = [replace(FULL, sent_at=NOON - timedelta(days=days)) for days in (0, 6, 8, 30)]
    document_store.bulk([request_write(each, run_id="r") for each in ages])
    document_store.refresh()
    document_store.prune("requests", before=NOON - timedelta(days=7))
    document_store.refresh()
    kept = list(document_store.scan("requests"))
    assert {each.source["@timestamp"] for each in kept} == {instant(each.sent_at) for each in ages[:2]}


def test_a_store_from_before_receipts_gets_its_table(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = SqliteStore(path)
    store.create()
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE requests")
    db.close()
    assert store.create() == ("requests",)
    assert [result.status for result in store.bulk([request_write(FULL, run_id="r")])] == ["written"]
    assert store.check() == ()
    store.close()
