"""WriteToElasticsearch against what goes wrong on real nodes: rejections, sizes, keys, a kill in the middle."""

import threading
from typing import Any

import apache_beam as beam
import pytest

from tests.support.own_node import OwnNode, own_node
from tests.support.processes import wait_for
from transforms.elastic.address import find_address
from transforms.elastic.bulk import Bulk, BulkLimits, BulkReport, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.connection import Connection
from transforms.write_elasticsearch import ConnectionSettings, WriteToElasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full]


def actions(count: int, text: str = "") -> list[BulkAction]:
    return [
        BulkAction(index="sink", id=f"{number}", version=7, source={"n": number, "text": text})
        for number in range(count)
    ]


def send(node: OwnNode, wanted: list[BulkAction], **limits: Any) -> BulkReport:
    connection = Connection(find_address(node.url, node.environ), retry_within_s=300)
    try:
        return Bulk(connection, BulkLimits(**limits)).send([prepare(action) for action in wanted])
    finally:
        connection.close()


def stored(node: OwnNode) -> tuple[int, set[int]]:
    """Return how many documents there are, and their versions."""
    with node.client() as client:
        client.indices.refresh(index="sink")
        hits = client.search(index="sink", size=10_000, version=True, source=False)["hits"]["hits"]
    return len(hits), {hit["_version"] for hit in hits}


def test_tiny_queue_rejects_and_everything_is_written_at_last() -> None:
    settings = {"thread_pool.write.size": "1", "thread_pool.write.queue_size": "1"}
    with own_node(settings=settings) as node:
        with node.client() as client:
            client.indices.create(index="sink", settings={"number_of_shards": 4, "number_of_replicas": 0})
        reports: list[BulkReport] = []
        threads = [
            threading.Thread(target=lambda: reports.append(send(node, actions(600, "word " * 200), max_actions=50)))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {result.status for report in reports for result in report.results} == {"written"}
        assert len(reports) == 6
        assert stored(node) == (600, {7})


def test_server_with_room_for_little_gets_little() -> None:
    """Deterministic rejections: a request of more than 600 kB is more than the node takes at once."""
    with own_node(settings={"indexing_pressure.memory.limit": "600kb"}) as node:
        report = send(node, actions(400, "word " * 1_000), max_actions=400, in_flight=1)
        assert {result.status for result in report.results} == {"written"}
        assert report.rejections > 0
        assert stored(node) == (400, {7})


def test_request_larger_than_the_server_takes_is_split_and_one_document_fails() -> None:
    with own_node(settings={"http.max_content_length": "1mb"}) as node:
        large = BulkAction(index="sink", id="large", version=7, source={"text": "word " * 300_000})
        report = send(node, [*actions(300, "word " * 2_000), large])
        assert [result.reason for result in report.results if result.status == "failed"] == ["document_too_large"]
        assert stored(node) == (300, {7})


def test_node_killed_in_the_middle_of_a_bulk_loses_and_doubles_nothing() -> None:
    with own_node() as node:
        send(node, actions(1))
        found: list[BulkReport] = []
        writing = threading.Thread(
            target=lambda: found.append(send(node, actions(5_000, "word " * 100), max_actions=50))
        )
        writing.start()
        with node.client() as client:
            wait_for("some of the documents", lambda: count(client) > 1)
        node.kill()
        node.start()
        writing.join()
        assert {result.status for result in found[0].results} == {"written"}
        assert stored(node) == (5_000, {7})


def count(client: Any) -> int:
    client.indices.refresh(index="sink")
    return int(client.count(index="sink")["count"])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            {"indices": [{"names": ["other"], "privileges": ["index"]}]},
            r"a privilege is missing .*\[sink\].*granted by",
        ),
        (None, "does not know us .* check ES_API_KEY"),
    ],
)
def test_wrong_key_stops_the_run_with_one_line(key: dict[str, Any] | None, said: str, secure_node: OwnNode) -> None:
    with secure_node.client() as client:
        made = client.security.create_api_key(name="sink", role_descriptors={"writer": key} if key else None)
    encoded = made["encoded"] if key else "bm9ib2R5OmtleQ=="
    variables = {"ES_API_KEY": encoded, "ES_CA_CERT": secure_node.environ["ES_CA_CERT"]}
    settings = ConnectionSettings(url=secure_node.url, variables=lambda: variables)
    pipeline = beam.Pipeline()
    _ = pipeline | beam.Create(actions(3)) | WriteToElasticsearch(connection=settings)
    with pytest.raises(Exception, match=said) as caught:
        pipeline.run().wait_until_finish()
    assert encoded not in str(caught.value)


@pytest.fixture(scope="module")
def secure_node() -> Any:
    with own_node(secure=True) as node:
        yield node
