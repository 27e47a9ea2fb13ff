"""What only the Elasticsearch store can do wrong: faults made on a real node. The rest is in the contract suite."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.elements import NOON, make_article, make_enriched
from tests.support.lent_projects import lent_project
from tests.support.proxies import dropping_proxy
from transforms.elastic import bulk
from transforms.errors import SchemaVersionError, StoreError, WrongStoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, SearchRequest, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.mapping import Names
from transforms.index.elasticsearch.store import ElasticsearchStore
from transforms.index.queries import Query

pytestmark = pytest.mark.elasticsearch

RUN = Write(kind="runs", id="run-1", version=1, source={"@timestamp": "2026-01-01T12:00:00.000Z", "run_id": "run-1"})
SECRET = "c2VjcmV0OmtleQ=="


@pytest.fixture
def project() -> Iterator[str]:
    """A project whose indices are made, and empty."""
    with lent_project() as name:
        yield name


@pytest.fixture
def new_project() -> Iterator[str]:
    """A project of which nothing has been made."""
    with elasticsearch_node.project() as name:
        yield name


@pytest.fixture
def store(project: str) -> Iterator[ElasticsearchStore]:
    with opened(project) as store:
        yield store


@pytest.fixture(scope="module")
def shared_store() -> Iterator[ElasticsearchStore]:
    """A store for tests of single documents, which do not disturb each other."""
    with lent_project() as name, opened(name) as store:
        yield store


@contextmanager
def opened(project: str, url: str | None = None, **options: Any) -> Iterator[ElasticsearchStore]:
    store = ElasticsearchStore(url or elasticsearch_node.node_url(), project=project, environ={}, **options)
    try:
        yield store
    finally:
        store.close()


def article(title: str = "Talks resume", **source: Any) -> Write:
    write = article_writes(
        make_enriched(make_article(title)), run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON
    )[0]
    return replace(write, source={**(write.source or {}), **source})


def closed_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port


# --- making the indices


def test_first_write_makes_indices_behind_aliases(client: Elasticsearch, new_project: str) -> None:
    with opened(new_project) as store:
        assert [result.status for result in store.bulk([article()])] == ["written"]

    names = Names(project=new_project)
    live = client.indices.get(index=names.alias("articles"), flat_settings=True)
    assert list(live) == [names.index("articles")]
    body = live[names.index("articles")]
    assert body["settings"]["index.gc_deletes"] == "1h"
    assert body["mappings"]["_meta"]["schema_version"] == SCHEMA_VERSION
    assert body["mappings"]["dynamic"] == "strict"
    assert client.cluster.health(index=f"newsbeam-{new_project}-*")["status"] == "green"


def test_processes_that_create_at_the_same_time_make_each_index_once(new_project: str) -> None:
    made: list[str] = []
    with ExitStack() as stack:
        stores = [stack.enter_context(opened(new_project)) for _ in range(4)]
        threads = [threading.Thread(target=lambda store=store: made.extend(store.create())) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [store.create() for store in stores] == [()] * 4
    assert sorted(made) == sorted(Names(project=new_project).index(kind) for kind in KINDS)


def test_reading_what_was_never_made_says_how_to_make_it(new_project: str) -> None:
    with opened(new_project) as store:
        for read in (
            lambda: store.get("articles", "a1x"),
            lambda: store.search(SearchRequest(query=Query())),
            lambda: list(store.scan("runs")),
            lambda: list(store.articles_of_run("r")),
        ):
            with pytest.raises(WrongStoreError, match=r"there is no store newsbeam-.* yet; `newsbeam ingest`"):
                read()
        with pytest.raises(WrongStoreError, match="there is no store"):
            store.versions(["a1x"])
        store.refresh()
        assert {each.field for each in store.check()} == {"alias"}


def test_check_names_what_was_changed(store: ElasticsearchStore, client: Elasticsearch, project: str) -> None:
    index = Names(project=project).index("articles")
    client.indices.put_settings(index=index, settings={"index.gc_deletes": "60s", "index.refresh_interval": "30s"})
    client.indices.put_mapping(index=index, properties={"mood": {"type": "keyword"}})

    assert [(each.index, each.field, each.expected, each.found) for each in store.check()] == [
        (index, "index.gc_deletes", "1h", "60s"),
        (index, "mood", "absent", '{"type": "keyword"}'),
    ]


def test_store_of_a_newer_schema_is_refused(store: ElasticsearchStore, client: Elasticsearch, project: str) -> None:
    index = Names(project=project).index("quotes")
    client.indices.put_mapping(index=index, meta={"product": "newsbeam", "schema_version": SCHEMA_VERSION + 1})
    with opened(project) as fresh:
        for use in (fresh.create, fresh.check, lambda: fresh.bulk([article()]), lambda: fresh.get("articles", "a1x")):
            with pytest.raises(SchemaVersionError, match="use a newer newsbeam"):
                use()


def test_index_in_the_place_of_the_alias_is_refused_and_left_alone(client: Elasticsearch, new_project: str) -> None:
    client.indices.create(index=f"newsbeam-{new_project}-articles")
    with opened(new_project) as store, pytest.raises(StoreError, match="is an index, but newsbeam needs an alias"):
        store.bulk([article()])
    assert client.count(index=f"newsbeam-{new_project}-articles")["count"] == 0


# --- documents that are not taken


@pytest.mark.parametrize(
    ("source", "reason", "said"),
    [
        ({"mood": "calm"}, "mapping_conflict", "mapping set to strict, dynamic introduction of [mood]"),
        ({"published": "last Tuesday"}, "mapping_conflict", "failed to parse field [published]"),
        ({"figures": [{"kind": "count", "value": "many"}]}, "mapping_conflict", "figures.value"),
        ({"subtitle": {"text": "x"}}, "mapping_conflict", "[subtitle]"),
        ({"word_count": 2**40}, "mapping_conflict", "[word_count]"),
        ({"subtitle": "\ud800"}, "rejected_by_store", "surrogates"),
        ({"word_count": 2**70}, "rejected_by_store", "Integer"),
    ],
)
def test_document_that_does_not_fit_is_rejected_with_the_servers_reason(
    shared_store: ElasticsearchStore, source: dict[str, Any], reason: str, said: str
) -> None:
    good, bad, other = article("Good"), article("Bad", **source), article("Other")

    results = shared_store.bulk([good, bad, other])

    assert [result.status for result in results] == ["written", "rejected", "written"]
    assert results[1].reason == reason
    assert said in (results[1].message or "")


def test_message_of_a_rejection_never_holds_the_whole_value(shared_store: ElasticsearchStore) -> None:
    (result,) = shared_store.bulk([article(published="x" * 40_000)])
    assert result.reason == "mapping_conflict"
    assert len(result.message or "") <= 500


@pytest.mark.parametrize("write", [article(), replace(article(), source=None)], ids=["index", "delete"])
@pytest.mark.parametrize("change", [{"id": ""}, {"id": "x" * 513}, {"version": -1}, {"version": 2**63}])
def test_write_that_would_lose_the_whole_request_is_rejected_before_it_is_sent(
    shared_store: ElasticsearchStore, write: Write, change: dict[str, Any]
) -> None:
    results = shared_store.bulk([article("Good"), replace(write, **change)])
    assert [(result.status, result.reason) for result in results] == [
        ("written", None),
        ("rejected", "rejected_by_store"),
    ]


def test_bad_places_and_dates_of_enrichers_do_not_cost_the_article(shared_store: ElasticsearchStore) -> None:
    write = article(locations=[{"lat": 99.0, "lon": 500.0}], dates=[{"text": "then", "date": "no date"}])
    assert [result.status for result in shared_store.bulk([write])] == ["written"]
    stored = shared_store.get("articles", write.id)
    assert stored is not None
    assert stored.source == write.source


def test_document_larger_than_a_request_may_be_is_rejected_alone(store: ElasticsearchStore) -> None:
    writes = [article("One"), article("Two", body="word " * 21_000_000), article("Three"), article("Four")]

    results = store.bulk(writes)

    assert [result.status for result in results] == ["written", "rejected", "written", "written"]
    assert results[1].reason == "document_too_large"


def test_many_writes_go_in_several_requests_and_come_back_in_order(store: ElasticsearchStore) -> None:
    writes = [article(f"Number {number}") for number in range(1_100)]
    writes[500] = article("Large", body="Long words follow here. " * 10_000)

    results = store.bulk(writes)

    assert [(result.id, result.status) for result in results] == [(write.id, "written") for write in writes]
    store.refresh()
    found = store.search(SearchRequest(query=Query(), limit=1_050))
    assert (found.total, len({hit.id for hit in found.hits})) == (1_100, 1_050)
    assert len(list(store.scan("articles"))) == 1_100


# --- a store that cannot be used


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("index.blocks.write", r"does not take writes .*lift the block"),
        ("index.blocks.read_only_allow_delete", "the disk of Elasticsearch .* is full"),
    ],
)
def test_block_that_stays_stops_the_run_and_names_the_remedy(
    client: Elasticsearch, project: str, block: str, said: str
) -> None:
    with opened(project, blocked_within_s=0) as store:
        index = Names(project=project).index("articles")
        client.indices.put_settings(index=index, settings={block: True})
        try:
            with pytest.raises(StoreError, match=said):
                store.bulk([article()])
        finally:
            client.indices.put_settings(index=index, settings={block: None})
        assert [result.status for result in store.bulk([article()])] == ["written"]


def test_index_closed_or_gone_while_running_stops_the_run(
    store: ElasticsearchStore, client: Elasticsearch, project: str
) -> None:
    index = Names(project=project).index("articles")
    client.indices.close(index=index)
    with pytest.raises(StoreError, match="open it"):
        store.bulk([article()])
    client.indices.delete(index=index)
    with pytest.raises(StoreError, match="newsbeam index create"):
        store.bulk([article()])
    assert not client.indices.exists(index=f"newsbeam-{project}-articles")  # no stray index without our mapping


def test_shard_that_is_not_there_yet_is_waited_for(
    store: ElasticsearchStore,
    client: Elasticsearch,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(bulk, "SERVER_TIMEOUT", "100ms")
    index = Names(project=project).index("articles")
    nowhere = "index.routing.allocation.require._name"
    client.indices.delete(index=index)
    alias = Names(project=project).alias("articles")
    client.indices.create(index=index, aliases={alias: {}}, settings={nowhere: "nowhere"}, wait_for_active_shards=0)
    retries = 0

    class LiftAtFirstRetry(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            nonlocal retries
            retries += 1
            if retries == 1:
                client.indices.put_settings(index=index, settings={nowhere: None})

    handler = LiftAtFirstRetry(logging.DEBUG)
    logger = logging.getLogger("transforms.elastic.connection")
    logger.addHandler(handler)
    try:
        with caplog.at_level(logging.DEBUG, logger=logger.name):
            results = store.bulk([article(body="Nobody may read this in a log."), RUN])
    finally:
        logger.removeHandler(handler)

    assert [result.status for result in results] == ["written", "written"]
    assert retries >= 1
    assert "Nobody may read" not in caplog.text


def test_writes_whose_answer_was_lost_are_sent_again_without_harm(project: str) -> None:
    with (
        dropping_proxy(elasticsearch_node.node_url(), path=b"_bulk", answers=1) as proxy,
        opened(project, proxy.url) as store,
    ):
        results = store.bulk([article("One"), article("Two")])
        store.refresh()
        assert [result.status for result in results] == ["written", "written"]
        assert proxy.dropped == 1
        assert len(list(store.scan("articles"))) == 2


def test_closed_port_is_named_without_credentials() -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    store = ElasticsearchStore(address, project="default", environ={"ES_API_KEY": SECRET}, retry_within_s=0.1)
    with pytest.raises(StoreError) as caught:
        store.bulk([article()])
    assert f"Elasticsearch at {address} cannot be reached" in str(caught.value)
    assert SECRET not in str(caught.value) + repr(store) + repr(vars(store))
    store.close()


def test_https_to_a_server_without_tls_names_the_remedy() -> None:
    address = elasticsearch_node.node_url().replace("http://", "https://")
    with opened("default", address) as store, pytest.raises(StoreError, match="write http://"):
        store.check()


def test_server_that_is_something_else_is_recognised() -> None:
    class Greeter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"hello": "world"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Greeter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with (
            opened("default", f"http://127.0.0.1:{server.server_port}") as store,
            pytest.raises(StoreError, match="is not Elasticsearch"),
        ):
            store.check()
        server.shutdown()
