"""The bulk core on a real node: what becomes of each action, and that none of them can cost its neighbours."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import elasticsearch_node
from tests.support.proxies import dropping_proxy
from transforms.elastic.address import Address
from transforms.elastic.bulk import Bulk, BulkLimits, BulkReport, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.connection import Connection
from transforms.errors import StoreError

pytestmark = pytest.mark.elasticsearch

MAPPING = {"dynamic": "strict", "properties": {"n": {"type": "integer"}, "text": {"type": "text"}}}


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with elasticsearch_node.client() as elasticsearch:
        yield elasticsearch


@pytest.fixture(scope="module")
def shared_index(client: Elasticsearch) -> Iterator[str]:
    """An index for tests of single documents, which do not disturb each other."""
    yield from made_index(client)


@pytest.fixture
def index(client: Elasticsearch) -> Iterator[str]:
    yield from made_index(client)


def made_index(client: Elasticsearch) -> Iterator[str]:
    with elasticsearch_node.project() as project:
        name = f"newsbeam-{project}-bulk"
        client.indices.create(index=name, mappings=MAPPING, settings={"index.number_of_replicas": 0})
        yield name


def send(actions: list[BulkAction], url: str | None = None, **limits: Any) -> BulkReport:
    address = Address(hosts=(url or elasticsearch_node.node_url(),))
    connection = Connection(address, retry_within_s=60)
    try:
        return Bulk(connection, BulkLimits(**limits)).send([prepare(action) for action in actions])
    finally:
        connection.close()


def outcomes(report: BulkReport) -> list[tuple[str, str | None]]:
    return [(result.status, result.reason) for result in report.results]


# --- what becomes of an action


def test_index_replaces_and_tells_the_version(shared_index: str) -> None:
    write = BulkAction(index=shared_index, id="replaced", source={"n": 1})
    [first] = send([write]).results
    [second] = send([write]).results
    assert (first.status, first.version, second.status, second.version) == ("written", 1, "written", 2)


@pytest.mark.parametrize(
    ("version_type", "again"), [("external_gte", ("written", None)), ("external", ("stale", "version_conflict"))]
)
def test_older_version_is_stale_and_leaves_the_newer_one(
    shared_index: str, client: Elasticsearch, version_type: Any, again: tuple[str, str | None]
) -> None:
    def write(version: int) -> list[BulkAction]:
        name = f"versioned-{version_type}"
        source = {"n": version}
        return [BulkAction(index=shared_index, id=name, version=version, version_type=version_type, source=source)]

    assert outcomes(send(write(10))) == [("written", None)]
    assert outcomes(send(write(9))) == [("stale", "version_conflict")]
    assert outcomes(send(write(10))) == [again]
    assert client.get(index=shared_index, id=f"versioned-{version_type}")["_source"] == {"n": 10}


def test_create_only_adds(shared_index: str, client: Elasticsearch) -> None:
    first = BulkAction(operation="create", index=shared_index, id="created", source={"n": 1})
    second = BulkAction(operation="create", index=shared_index, id="created", source={"n": 2})
    assert outcomes(send([first])) == [("written", None)]
    assert outcomes(send([second])) == [("unchanged", "exists")]
    assert client.get(index=shared_index, id="created")["_source"] == {"n": 1}


def test_update_merges_inserts_and_tells_when_nothing_changed(shared_index: str, client: Elasticsearch) -> None:
    def update(source: dict[str, Any], **options: Any) -> list[BulkAction]:
        return [BulkAction(operation="update", index=shared_index, id="merged", source=source, **options)]

    assert outcomes(send(update({"n": 1}, upsert=False))) == [("failed", "document_missing")]
    assert outcomes(send(update({"n": 1}, upsert={"n": 5, "text": "first"}))) == [("written", None)]
    assert outcomes(send(update({"n": 2}))) == [("written", None)]
    assert outcomes(send(update({"n": 2}))) == [("unchanged", "noop")]
    assert client.get(index=shared_index, id="merged")["_source"] == {"n": 2, "text": "first"}


def test_conditional_write_is_stale_when_something_else_stands(shared_index: str, client: Elasticsearch) -> None:
    send([BulkAction(index=shared_index, id="condition", source={"n": 1})])
    read = client.get(index=shared_index, id="condition")
    seen = {"if_seq_no": read["_seq_no"], "if_primary_term": read["_primary_term"]}
    for operation in ("index", "update", "delete"):
        source = None if operation == "delete" else {"n": 2}
        action = BulkAction(
            operation=operation,  # type: ignore[arg-type]
            index=shared_index, id="condition", source=source, upsert=False, **seen,
        )  # fmt: skip
        expected = [("written", None)] if operation == "index" else [("stale", "version_conflict")]
        assert outcomes(send([action])) == expected


def test_delete_of_what_is_not_there_changes_nothing(shared_index: str) -> None:
    send([BulkAction(index=shared_index, id="deleted", source={"n": 1})])
    delete = BulkAction(operation="delete", index=shared_index, id="deleted")
    assert outcomes(send([delete])) == [("written", None)]
    assert outcomes(send([delete])) == [("unchanged", "not_found")]


def test_document_without_an_id_is_told_the_one_it_got(shared_index: str, client: Elasticsearch) -> None:
    [result] = send([BulkAction(index=shared_index, source={"n": 7})]).results
    assert result.id is not None
    assert client.get(index=shared_index, id=result.id)["_source"] == {"n": 7}


def test_routing_reaches_the_shard_that_reads_ask(client: Elasticsearch, index: str) -> None:
    send([BulkAction(index=index, id="routed", routing="desk", source={"n": 1})])
    assert client.get(index=index, id="routed", routing="desk")["_routing"] == "desk"


def test_actions_on_one_document_keep_their_order(index: str, client: Elasticsearch) -> None:
    steps = [BulkAction(index=index, id="steps", source={"n": step}) for step in range(4)]
    last = BulkAction(operation="delete", index=index, id="steps")
    assert outcomes(send([*steps, last, steps[3]])) == [("written", None)] * 6
    assert client.get(index=index, id="steps")["_source"] == {"n": 3}


# --- what cannot be stored costs itself only


def test_bad_documents_fail_with_elasticsearchs_reason_and_their_neighbours_are_written(shared_index: str) -> None:
    good = [BulkAction(index=shared_index, id=f"good-{number}", source={"n": number}) for number in range(3)]
    bad = [
        BulkAction(index=shared_index, id="b1", source={"n": "many " * 10_000}),
        BulkAction(index=shared_index, id="b2", source={"unknown": 1}),
        BulkAction(index=shared_index, id="b3", source={"n": 2**70}),
        BulkAction(index=shared_index, id="x" * 513, source={"n": 1}),
        BulkAction(index="No Index", id="b5", source={"n": 1}),
    ]
    report = send([good[0], *bad, *good[1:]])
    assert [result.status for result in report.results] == ["written", *["failed"] * 5, "written", "written"]
    said = [result.message or "" for result in report.results[1:6]]
    reasons = [result.reason for result in report.results[1:6]]
    assert reasons == ["mapping_conflict", "mapping_conflict", *["rejected_by_store"] * 3]
    for message, part in zip(
        said, ["failed to parse field [n]", "strict", "Integer", "512 bytes", "lower case"], strict=True
    ):
        assert part in message
        assert len(message) <= 500


_texts = st.text(max_size=20) | st.sampled_from(["x" * 512, "x" * 513, "ü" * 300, "\ud800", "\0", "a,b", " "])
_numbers = st.integers(-(2**70), 2**70) | st.sampled_from([0, 1, -1, 2**63 - 1, 2**63, True])
_values = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | _texts
_sources = st.none() | st.dictionaries(
    _texts, st.recursive(_values, lambda inner: st.lists(inner, max_size=3)), max_size=4
)
_ODD: dict[str, st.SearchStrategy[Any]] = {
    "operation": st.sampled_from(["index", "create", "update", "delete", "upsert"]),
    "id": st.none() | _texts,
    "source": _sources | st.just([1]),
    "routing": st.none() | _texts,
    "version": st.none() | _numbers,
    "version_type": st.sampled_from(["external", "external_gte", "internal", ""]),
    "if_seq_no": st.none() | _numbers,
    "if_primary_term": st.none() | _numbers,
    "upsert": st.booleans() | _sources,
    "retry_on_conflict": _numbers,
}
_changes = st.lists(
    st.sampled_from(sorted(_ODD)).flatmap(lambda name: st.tuples(st.just(name), _ODD[name])), max_size=4
)
_actions = st.builds(
    lambda operation, changes: {"operation": operation, "id": "odd", "source": {"n": 1}} | dict(changes),
    st.sampled_from(["index", "create", "update", "delete"]),
    _changes,
)


@settings(max_examples=60)
@given(odd=st.lists(_actions, max_size=12))
def test_no_action_costs_the_whole_request(shared_index: str, odd: list[dict[str, Any]]) -> None:
    """Whatever is asked for, `send` raises nothing and the documents before, between and behind are written."""
    good = [BulkAction(index=shared_index, id=f"beside-{number}", source={"n": number}) for number in range(2)]
    report = send([good[0], *(BulkAction(index=shared_index, **each) for each in odd), good[1]])
    assert len(report.results) == len(odd) + 2
    assert {report.results[0].status, report.results[-1].status} == {"written"}


# --- chunks


def test_many_actions_go_in_several_requests_and_come_back_in_order(index: str, client: Elasticsearch) -> None:
    actions = [BulkAction(index=index, id=str(number), version=5, source={"n": number}) for number in range(95)]
    report = send(actions, max_actions=10, in_flight=3)
    assert [result.id for result in report.results] == [str(number) for number in range(95)]
    assert {result.status for result in report.results} == {"written"}
    assert sorted(request.actions for request in report.requests) == [5, *[10] * 9]
    client.indices.refresh(index=index)
    assert client.count(index=index)["count"] == 95


def test_document_larger_than_a_chunk_travels_alone(index: str) -> None:
    large = BulkAction(index=index, id="large", source={"text": "word " * 10_000})
    small = [BulkAction(index=index, id=str(number), source={"n": number}) for number in range(6)]
    report = send([*small[:3], large, *small[3:]], max_bytes=1_000, in_flight=1)
    assert {result.status for result in report.results} == {"written"}
    assert [request.actions for request in report.requests] == [3, 1, 3]


# --- a server that cannot be written to


@pytest.mark.parametrize("block", ["index.blocks.write", "index.blocks.read_only_allow_delete"])
def test_write_block_pauses_says_so_and_writing_goes_on_when_it_is_lifted(
    index: str, client: Elasticsearch, block: str, caplog: pytest.LogCaptureFixture
) -> None:
    client.indices.put_settings(index=index, settings={block: True})

    class LiftWhenTold(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "pauses" in record.getMessage():
                client.indices.put_settings(index=index, settings={block: None})

    logger, handler = logging.getLogger("transforms.elastic.bulk"), LiftWhenTold(logging.WARNING)
    logger.addHandler(handler)
    try:
        with caplog.at_level(logging.INFO, logger=logger.name):
            report = send([BulkAction(index=index, id="blocked", source={"text": "Nobody may read this in a log."})])
    finally:
        logger.removeHandler(handler)
        client.indices.put_settings(index=index, settings={block: None})

    assert outcomes(report) == [("written", None)]
    assert report.paused_s > 0
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "writing pauses, for 900 s at most" in said[0]
    assert said[-1].endswith("takes writes again")
    assert "Nobody may read" not in caplog.text


def test_block_of_one_index_leaves_what_was_written_elsewhere(
    index: str, shared_index: str, client: Elasticsearch
) -> None:
    client.indices.put_settings(index=index, settings={"index.blocks.write": True})
    blocked = BulkAction(index=index, id="a", source={"n": 1})
    free = BulkAction(index=shared_index, id="free", source={"n": 1})
    with pytest.raises(StoreError, match="lift the block"):
        send([blocked, free], blocked_within_s=0)
    assert client.get(index=shared_index, id="free")["found"]


def test_missing_index_stops_the_run_where_an_alias_is_required(index: str, client: Elasticsearch) -> None:
    with pytest.raises(StoreError, match="no such index"):
        send([BulkAction(index=f"{index}-none", id="a", source={"n": 1})], require_alias=True)
    assert not client.indices.exists(index=f"{index}-none")


def test_lost_answer_is_asked_for_again_without_harm(index: str, client: Elasticsearch) -> None:
    actions = [BulkAction(index=index, id=str(number), version=3, source={"n": number}) for number in range(5)]
    with dropping_proxy(elasticsearch_node.node_url(), path=b"_bulk", answers=1) as proxy:
        report = send(actions, proxy.url)
    assert outcomes(report) == [("written", None)] * 5
    assert (proxy.dropped, report.sent_again) == (1, 5)
    assert client.get(index=index, id="4")["_version"] == 3
