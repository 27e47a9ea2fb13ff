"""Scans of Elasticsearch that read several pages at once: complete, in order, of one moment, and nothing left open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.lent_projects import lent_project
from tests.support.proxies import dropping_proxy
from transforms.elastic import ordered, slices
from transforms.errors import StoreError
from transforms.index.base import Write
from transforms.index.elasticsearch.mapping import Names
from transforms.index.elasticsearch.store import ElasticsearchStore

pytestmark = pytest.mark.elasticsearch

IDS = [f"run-{number:04}" for number in range(530)]
PAGE, LISTED = 20, 110  # listings that do not end where pages do


def run(id: str, version: int = 1) -> Write:
    return Write(kind="runs", id=id, version=version, source={"@timestamp": "2026-01-01T12:00:00.000Z", "run_id": id})


@pytest.fixture(scope="module")
def project() -> Iterator[str]:
    with lent_project() as name, opened(name) as store:
        store.bulk([run(each) for each in reversed(IDS)])
        store.refresh()
        yield name


@pytest.fixture
def store(project: str, small_pages: None) -> Iterator[ElasticsearchStore]:
    with opened(project) as store:
        yield store


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered, "PAGE", PAGE)
    monkeypatch.setattr(ordered, "LISTED", LISTED)


@contextmanager
def opened(project: str, url: str | None = None, **options: Any) -> Iterator[ElasticsearchStore]:
    store = ElasticsearchStore(url or elasticsearch_node.node_url(), project=project, environ={}, **options)
    try:
        yield store
    finally:
        store.close()


def search_stats(client: Elasticsearch, project: str) -> dict[str, int]:
    stats = client.indices.stats(index=Names(project=project).alias("runs"), metric="search")
    found: dict[str, int] = stats["_all"]["total"]["search"]
    return found


def readers() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith(("read_", "keep-alive"))]


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("not within a minute")


def test_all_come_in_order_as_of_the_first_one_while_others_write(small_pages: None) -> None:
    with lent_project() as name, opened(name) as store, opened(name) as other:
        other.bulk([run(each) for each in IDS])
        other.refresh()
        seen = []
        for each in store.scan("runs"):
            if len(seen) % 100 == 0:
                number = len(seen)
                other.bulk([run(f"run-{number:04}-later"), run(IDS[-1 - number], 2), Write(
                    kind="runs", id=IDS[-2 - number], version=2, source=None)])  # fmt: skip
                other.refresh()
            seen.append((each.id, each.version))
        assert seen == [(each, 1) for each in IDS]
        assert len(list(store.scan("runs"))) == len(IDS)  # six came, six went
    assert readers() == []


@pytest.mark.parametrize("behind", [0, PAGE - 1, LISTED, len(IDS) - PAGE - 1, len(IDS) - 2, len(IDS) - 1])
def test_a_scan_goes_on_behind_an_id(store: ElasticsearchStore, behind: int) -> None:
    assert [each.id for each in store.scan("runs", after=IDS[behind])] == IDS[behind + 1 :]


@pytest.mark.parametrize("taken", [1, PAGE, PAGE + 1, 300])
def test_a_caller_who_stops_leaves_nothing_open(
    store: ElasticsearchStore, client: Elasticsearch, project: str, taken: int
) -> None:
    found = store.scan("runs")
    assert [next(found).id for _ in range(taken)] == IDS[:taken]
    assert search_stats(client, project)["open_contexts"] > 0
    assert len(readers()) > 1
    found.close()  # type: ignore[attr-defined]
    assert search_stats(client, project)["open_contexts"] == 0
    assert readers() == []


def test_an_interrupt_leaves_nothing_open(store: ElasticsearchStore, client: Elasticsearch, project: str) -> None:
    def interrupted() -> None:
        for number, _ in enumerate(store.scan("runs")):
            if number == 50:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert search_stats(client, project)["open_contexts"] == 0
    assert readers() == []


def test_one_page_takes_no_threads(store: ElasticsearchStore, client: Elasticsearch, project: str) -> None:
    found = store.scan("runs", after=IDS[-PAGE])
    assert next(found).id == IDS[-PAGE + 1]
    assert readers() == []
    assert [each.id for each in found] == IDS[-PAGE + 2 :]
    assert search_stats(client, project)["open_contexts"] == 0


def test_pages_whose_answer_was_lost_come_once(project: str, small_pages: None) -> None:
    with (
        dropping_proxy(elasticsearch_node.node_url(), path=b"_search", answers=0) as proxy,
        opened(project, proxy.url) as store,
    ):
        found = store.scan("runs")
        seen = [next(found).id for _ in range(30)]
        proxy.answers = 5
        seen += [each.id for each in found]
        assert proxy.dropped == 5
    assert seen == IDS


def test_a_page_that_cannot_be_read_is_told_behind_those_before_it(
    project: str, client: Elasticsearch, small_pages: None
) -> None:
    with (
        dropping_proxy(elasticsearch_node.node_url(), path=b"_search", answers=0) as proxy,
        opened(project, proxy.url, retry_within_s=0.1) as store,
    ):
        found = store.scan("runs")
        seen = [next(found).id for _ in range(30)]
        proxy.answers = 1_000_000
        with pytest.raises(StoreError, match="cannot be reached"):
            seen.extend(each.id for each in found)  # keeps what came before the error
        assert seen == IDS[: len(seen)]
    assert search_stats(client, project)["open_contexts"] == 0
    assert readers() == []


def test_the_point_in_time_is_kept_alive_while_the_caller_is_slow(
    store: ElasticsearchStore, client: Elasticsearch, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordered, "RENEW_S", 0.05)
    found = store.scan("runs")
    next(found)
    until(lambda: search_stats(client, project)["query_current"] == 0)
    before = search_stats(client, project)["query_total"]
    until(lambda: search_stats(client, project)["query_total"] > before + 10)  # more than the pages read ahead
    assert [each.id for each in found] == IDS[1:]
    assert readers() == []


def test_a_lost_point_in_time_is_told(
    store: ElasticsearchStore, client: Elasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    search_page = ordered.search_page

    def noted(connection: Any, body: dict[str, Any], **how: Any) -> Any:
        asked.append(body["pit"]["id"])
        return search_page(connection, body, **how)

    monkeypatch.setattr(ordered, "search_page", noted)
    found = store.scan("runs")
    next(found)
    client.close_point_in_time(id=asked[0])
    with pytest.raises(StoreError, match="lost the point in time"):
        list(found)
    assert readers() == []


def test_pages_get_smaller_when_documents_are_large(
    store: ElasticsearchStore, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PAGE_BYTES", 1_500)
    alias = Names(project=project).alias("runs")
    pages = [len(page) for page in ordered.pages_in_order(store._connection, alias, {"match_all": {}}, order_by="id")]
    assert sum(pages) == len(IDS)
    assert pages[0] == PAGE
    assert max(pages[1:]) < 10


def test_a_page_that_lacks_a_document_is_refused(store: ElasticsearchStore, monkeypatch: pytest.MonkeyPatch) -> None:
    search_page = ordered.search_page

    def lacking(connection: Any, body: dict[str, Any], **how: Any) -> Any:
        answer = search_page(connection, body, **how)
        if "bool" in body["query"]:
            answer["hits"]["hits"].pop()
        return answer

    monkeypatch.setattr(ordered, "search_page", lacking)
    with pytest.raises(StoreError, match=f"gave {PAGE - 1} documents where it had listed {PAGE}"):
        list(store.scan("runs"))
    assert readers() == []
