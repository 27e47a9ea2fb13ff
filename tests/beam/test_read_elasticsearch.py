"""ReadFromElasticsearch in pipelines, on a real node: complete, in slices, through losses."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.proxies import dropping_proxy
from transforms.elastic import slices
from transforms.elastic.address import Address
from transforms.elastic.connection import Connection
from transforms.elastic.slices import Selection, Slice, StoredDocument, close_slices, open_slices, read_slice
from transforms.errors import StoreError
from transforms.read_elasticsearch import ConnectionSettings, ReadFromElasticsearch

pytestmark = pytest.mark.elasticsearch

COUNT = 1_500
NUMBERLESS = 700


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with elasticsearch_node.client() as elasticsearch:
        yield elasticsearch


@pytest.fixture(scope="module")
def index(client: Elasticsearch) -> Iterator[str]:
    """An index of two shards and numbered documents, one of them without its number."""
    with elasticsearch_node.project() as project:
        name = f"newsbeam-{project}-read"
        properties = {"key": {"type": "keyword"}, "n": {"type": "integer"}, "text": {"type": "text"}}
        client.indices.create(index=name, mappings={"properties": properties}, settings={"number_of_shards": 2})
        documents = [{"key": f"k{number:05}", "n": number, "text": "words"} for number in range(COUNT)]
        operations: list[dict[str, Any]] = []
        for document in documents:
            if document["n"] == NUMBERLESS:
                del document["n"]
            operations += [{"index": {"_id": document["key"], "version": 40, "version_type": "external"}}, document]
        client.bulk(index=name, operations=operations, refresh=True)
        yield name


@pytest.fixture
def connection() -> Iterator[Connection]:
    made = Connection(Address(hosts=(elasticsearch_node.node_url(),)), retry_within_s=60)
    yield made
    made.close()


def here() -> ConnectionSettings:
    return ConnectionSettings(url=elasticsearch_node.node_url())


@pytest.mark.parametrize("order_by", [None, "key", "n"])
def test_every_document_comes_once(index: str, order_by: str | None) -> None:
    with beam.Pipeline() as pipeline:
        found = pipeline | ReadFromElasticsearch(
            index, slices=5, order_by=order_by, page=200, fields=("n",), connection=here()
        )
        assert_that(
            found | beam.Map(lambda each: (each.id, each.version, each.source)),
            equal_to([(f"k{number:05}", 40, {"n": number} if number != NUMBERLESS else {}) for number in range(COUNT)]),
        )


def test_query_selects_and_points_in_time_are_closed(index: str, client: Elasticsearch) -> None:
    with beam.Pipeline() as pipeline:
        query = {"range": {"n": {"gte": 100, "lt": 103}}}
        found = pipeline | ReadFromElasticsearch(index, query=query, connection=here())
        assert_that(found | beam.Map(lambda each: each.source["n"]), equal_to([100, 101, 102]))
    stats = client.indices.stats(index=index, metric="search")["_all"]["total"]["search"]
    assert stats["open_contexts"] == 0


@pytest.mark.parametrize("order_by", [None, "key"])
def test_slices_do_not_overlap_and_pages_are_bounded(index: str, connection: Connection, order_by: str | None) -> None:
    selection = Selection(index=index, order_by=order_by, page=70)
    parts = open_slices(connection, selection, 4)
    seen: list[str] = []
    for part in parts:
        for page in read_slice(connection, selection, part):
            assert len(page) <= 70
            seen += [each.id for each in page]
    close_slices(connection, parts[0].pit)
    close_slices(connection, parts[0].pit)  # again is no error
    assert sorted(seen) == [f"k{number:05}" for number in range(COUNT)]


def test_what_is_written_meanwhile_changes_nothing(client: Elasticsearch, connection: Connection) -> None:
    with elasticsearch_node.project() as project:
        name = f"newsbeam-{project}-moving"
        for number in range(30):
            client.index(index=name, id=str(number), document={"n": number})
        client.indices.refresh(index=name)
        selection = Selection(index=name, page=10)
        [part] = open_slices(connection, selection, 1)
        pages = read_slice(connection, selection, part)
        seen = [each.source["n"] for each in next(pages)]
        for number in range(30, 60):
            client.index(index=name, id=str(number), document={"n": number})
        client.delete(index=name, id="29", refresh=True)
        seen += [each.source["n"] for page in pages for each in page]
        close_slices(connection, part.pit)
    assert sorted(seen) == list(range(30))


def lost(client: Elasticsearch, part: Slice) -> None:
    client.close_point_in_time(id=part.pit)  # what a node restart or an expiry does to it


def test_lost_point_in_time_is_told(index: str, client: Elasticsearch, connection: Connection) -> None:
    selection = Selection(index=index, page=50)
    part = open_slices(connection, selection, 3)[1]
    pages = read_slice(connection, selection, part)
    next(pages)
    lost(client, part)
    with pytest.raises(StoreError, match=r"lost the point in time that slice 2 of 3 .* name an order_by"):
        next(pages)


@pytest.mark.parametrize("pages_before", [0, 1, 3])
def test_slice_with_an_order_reads_on_behind_its_last_document(
    index: str, client: Elasticsearch, connection: Connection, pages_before: int
) -> None:
    selection = Selection(index=index, page=50, order_by="key")
    part = open_slices(connection, selection, 3)[1]
    expected = [each.id for page in read_slice(connection, selection, part) for each in page]
    assert len(expected) > 200
    pages = read_slice(connection, selection, part)
    seen: list[StoredDocument] = []
    for _ in range(pages_before):
        seen += next(pages)
    lost(client, part)
    seen += [each for page in pages for each in page]
    assert [each.id for each in seen] == expected
    stats = client.indices.stats(index=index, metric="search")["_all"]["total"]["search"]
    assert stats["open_contexts"] == 0


def test_page_whose_answer_was_lost_comes_once(index: str) -> None:
    selection = Selection(index=index, page=300)
    with dropping_proxy(elasticsearch_node.node_url(), path=b"_search", answers=2) as proxy:
        connection = Connection(Address(hosts=(proxy.url,)), retry_within_s=60)
        [part] = open_slices(connection, selection, 1)
        seen = [each.id for page in read_slice(connection, selection, part) for each in page]
        close_slices(connection, part.pit)
        connection.close()
        assert proxy.dropped == 2
    assert sorted(seen) == [f"k{number:05}" for number in range(COUNT)]


def test_pages_get_smaller_when_documents_are_large(
    index: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PAGE_BYTES", 4_000)
    selection = Selection(index=index)
    [part] = open_slices(connection, selection, 1)
    sizes = [len(page) for page in read_slice(connection, selection, part)]
    close_slices(connection, part.pit)
    assert sizes[0] == slices.FIRST_PAGE
    assert max(sizes[1:]) < 40
    assert sum(sizes) == COUNT


def test_missing_index_is_named() -> None:
    with pytest.raises(Exception, match="no such index"), beam.Pipeline() as pipeline:
        _ = pipeline | ReadFromElasticsearch("newsbeam-never-made", connection=here())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"index": ""}, "name an index"), ({"slices": 0}, "from 1 to 1024"), ({"page": 20_000}, "from 1 to 10,000")],
)
def test_what_cannot_work_is_refused_when_the_pipeline_is_made(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReadFromElasticsearch(**({"index": "news"} | arguments))
