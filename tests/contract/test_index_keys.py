"""Keys of `newsbeam index create --key` on a node with security: enough for a run, and no more."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from elasticsearch import AuthorizationException, Elasticsearch

from tests.support.elements import NOON, make_article, make_enriched
from tests.support.own_node import OwnNode
from tests.support.secure_node import secure_node
from transforms.errors import StoreError
from transforms.index.base import Access, SearchRequest, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.store import ElasticsearchStore
from transforms.index.queries import Query
from transforms.state import open_state

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full]


@pytest.fixture(scope="module")
def node() -> Iterator[OwnNode]:
    with secure_node() as node, closing(opened(node)) as store:
        store.create()
        yield node


def opened(node: OwnNode, project: str = "default", access: Access | None = None) -> ElasticsearchStore:
    """Open the store as who may do all, or with a new key."""
    environ = dict(node.environ)
    if access:
        environ = {"ES_API_KEY": make(node, access), "ES_CA_CERT": environ["ES_CA_CERT"]}
    return ElasticsearchStore(node.url, project=project, environ=environ, retry_within_s=60)


def make(node: OwnNode, access: Access) -> str:
    with closing(opened(node)) as store:
        key = store.create_key("desk", access=access)
    assert key.encoded not in repr(key)
    return key.encoded


def article(title: str = "Talks resume") -> Write:
    enriched = make_enriched(make_article(title))
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)[0]


def test_a_key_for_runs_does_all_that_a_run_does(node: OwnNode) -> None:
    with closing(opened(node, access="write")) as store:
        write = article()
        assert store.create() == ()
        assert [result.status for result in store.bulk([write])] == ["written"]
        store.refresh()
        assert store.versions([write.id]) == {write.id: write.version}
        assert [each.id for each in store.scan("articles")] == [write.id]
        assert list(store.articles_of_run("r")) == [(write.id, write.version, (write.source or {})["url"]["requested"])]
        assert store.check() == ()
        deleted = Write(kind="articles", id=write.id, version=write.version + 1, source=None)
        assert [result.status for result in store.bulk([deleted])] == ["written"]
        store.prune("requests", before=NOON)


def test_a_key_for_runs_keeps_a_ledger_on_the_server_too(node: OwnNode, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ES_USERNAME", "ES_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ES_API_KEY", make(node, "write"))
    monkeypatch.setenv("ES_CA_CERT", node.environ["ES_CA_CERT"])
    with closing(open_state(node.url)) as ledger:
        ledger.create()
        assert ledger.status()["pending"] == 0


def test_a_key_for_runs_does_not_change_indices_or_reach_another_project(node: OwnNode) -> None:
    with closing(opened(node, "elections")) as theirs:
        theirs.create()
        key = make(node, "write")
    with Elasticsearch(node.url, api_key=key, ca_certs=node.environ["ES_CA_CERT"], request_timeout=60) as client:
        for forbidden in (
            lambda: client.indices.delete(index="newsbeam-articles-v1-000001"),
            lambda: client.indices.close(index="newsbeam-articles"),
            lambda: client.search(index="newsbeam-elections-articles"),
            lambda: client.index(index="newsbeam-elections-articles", document={}),
            lambda: client.indices.put_index_template(name="x", index_patterns=["x"]),
        ):
            with pytest.raises(AuthorizationException):
                forbidden()


def test_a_key_for_reading_reads_and_does_not_write(node: OwnNode) -> None:
    with closing(opened(node)) as store:
        store.bulk([article("Harvest")])
        store.refresh()
    with closing(opened(node, access="read")) as reader:
        assert reader.search(SearchRequest(query=Query())).total == len(list(reader.scan("articles"))) > 0
        with pytest.raises(StoreError, match="a privilege is missing"):
            reader.bulk([article()])


def test_a_key_for_runs_makes_no_keys_and_the_missing_privilege_is_named(node: OwnNode) -> None:
    with closing(opened(node, access="write")) as store, pytest.raises(StoreError, match="manage_own_api_key"):
        store.create_key("more", access="write")
