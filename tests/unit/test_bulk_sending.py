"""What the bulk core does about answers: what is sent again, how much of it, when, and when it gives up."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.scripted_elasticsearch import (
    Action,
    Answer,
    Item,
    Scripted,
    error,
    refusal,
    scripted_elasticsearch,
    written,
)
from transforms.elastic import bulk, bulk_pace, connection
from transforms.elastic.address import Address
from transforms.elastic.bulk import Bulk, BulkLimits, BulkReport, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.bulk_results import read_items
from transforms.elastic.connection import Connection
from transforms.errors import StoreError

BUSY = error(429, "es_rejected_execution_exception", "rejected execution of TimedRunnable{")


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of making them."""
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    return pauses


def actions(count: int, **changes: Any) -> list[BulkAction]:
    return [
        BulkAction(**({"index": "news", "id": str(number), "version": 1, "source": {"n": number}} | changes))
        for number in range(count)
    ]


def send(scripted: Scripted, wanted: list[BulkAction], *, retry_within_s: float = 60, **limits: Any) -> BulkReport:
    connecting = Connection(Address(hosts=(scripted.url,)), retry_within_s=retry_within_s)
    try:
        limits = {"in_flight": 1} | limits
        return Bulk(connecting, BulkLimits(**limits)).send([prepare(action) for action in wanted])
    finally:
        connecting.close()


def answering(*bad: int, item: Item) -> Callable[[int, Action], Item]:
    return lambda position, action: item if position in bad else written(position, action)


def test_only_the_items_that_had_no_room_are_sent_again() -> None:
    with scripted_elasticsearch([Answer(item=answering(1, 3, item=BUSY))]) as scripted:
        report = send(scripted, actions(5))
    assert scripted.ids == [["0", "1", "2", "3", "4"], ["1", "3"]]
    assert {result.status for result in report.results} == {"written"}
    assert (report.sent_again, report.rejections) == (2, 1)


def test_requests_get_smaller_after_rejections_and_larger_again_after_work() -> None:
    script = [refusal(429, "es_rejected_execution_exception")] * 2
    with scripted_elasticsearch(script) as scripted:
        report = send(scripted, actions(400), max_actions=64)
    sizes = [len(ids) for ids in scripted.ids]
    assert sizes[:3] == [64, 32, 16]
    assert sizes[3:-1] == sorted(sizes[3:-1])
    assert max(sizes[3:]) > 16
    assert sum(sizes[2:]) == 400
    assert [result.id for result in report.results] == [str(number) for number in range(400)]


def test_retry_after_is_honoured(without_pauses: list[float]) -> None:
    with scripted_elasticsearch([refusal(429, "circuit_breaking_exception", retry_after="7")]) as scripted:
        send(scripted, actions(1))
    assert len(without_pauses) == 1
    assert without_pauses[0] >= 7


def test_pauses_have_full_jitter(without_pauses: list[float]) -> None:
    with scripted_elasticsearch([refusal(503, "unavailable_shards_exception")] * 8) as scripted:
        send(scripted, actions(1))
    assert len(set(without_pauses)) == 8
    assert max(without_pauses) <= 10


def test_time_for_trying_begins_anew_with_each_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def tick() -> float:
        nonlocal now
        now += 1.0
        return now

    monkeypatch.setattr(connection, "monotonic", tick)
    one_by_one = [Answer(item=answering(*range(1, 40), item=BUSY))] * 20
    with scripted_elasticsearch(one_by_one) as scripted:
        report = send(scripted, actions(20), retry_within_s=40)
    assert {result.status for result in report.results} == {"written"}
    assert len(scripted.requests) == 20


def test_pauses_begin_anew_with_each_progress(without_pauses: list[float]) -> None:
    """A server that takes one of a request's items each time is not left alone for longer and longer."""
    one_by_one = [Answer(item=answering(*range(1, 40), item=BUSY))] * 30
    with scripted_elasticsearch(one_by_one) as scripted:
        send(scripted, actions(30))
    assert len(without_pauses) > 10
    assert max(without_pauses) <= connection.FIRST_PAUSE_S


def test_server_that_never_has_room_is_given_up_with_one_line() -> None:
    with (
        scripted_elasticsearch([Answer(item=lambda _position, _action: BUSY)] * 1_000) as scripted,
        pytest.raises(StoreError, match="stayed overloaded or unavailable"),
    ):
        send(scripted, actions(3), retry_within_s=0)
    assert len(scripted.requests) == 1


def test_request_that_is_too_large_is_split_and_later_ones_stay_below() -> None:
    with scripted_elasticsearch([Answer(status=413), Answer(status=413)]) as scripted:
        report = send(scripted, actions(64), max_actions=32)
    assert [len(ids) for ids in scripted.ids[:3]] == [32, 16, 8]
    assert max(len(ids) for ids in scripted.ids[2:]) == 8
    assert {result.status for result in report.results} == {"written"}


def test_single_document_that_is_too_large_fails_and_others_go_on() -> None:
    with scripted_elasticsearch([Answer(status=413)]) as scripted:
        report = send(scripted, actions(3), max_bytes=1)
    assert [(result.status, result.reason) for result in report.results] == [
        ("failed", "document_too_large"), ("written", None), ("written", None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (
            error(403, "security_exception", "unauthorized, granted by the index privileges [index,write,all]"),
            r"a privilege is missing at Elasticsearch, http://127.0.0.1:\d+: .*\[index,write,all\]",
        ),
        (error(404, "index_not_found_exception", "no such index [news]"), "no such index"),
        (error(400, "index_closed_exception", "closed"), "open it"),
    ],
)
def test_what_is_no_documents_fault_stops_the_run_with_one_line(item: Item, said: str) -> None:
    with (
        scripted_elasticsearch([Answer(item=answering(2, item=item))]) as scripted,
        pytest.raises(StoreError, match=said) as caught,
    ):
        send(scripted, actions(5))
    assert "\n" not in str(caught.value)
    assert len(scripted.requests) == 1


def test_block_is_waited_for_and_only_the_rest_is_sent() -> None:
    block = error(403, "cluster_block_exception", "index [news] blocked by: [FORBIDDEN/8/index write (api)];")
    with scripted_elasticsearch([Answer(item=answering(0, 2, item=block))] * 2) as scripted:
        report = send(scripted, actions(3))
    assert scripted.ids[:2] == [["0", "1", "2"], ["0", "2"]]
    assert {result.status for result in report.results} == {"written"}
    assert report.paused_s > 0


def test_document_that_is_sent_again_does_not_overtake_its_successor() -> None:
    """Without external versions: an older write that found no room must not come after the newer one."""
    steps = [
        BulkAction(index="news", id="a", source={"n": 1}),
        BulkAction(index="news", id="b", source={"n": 1}),
        BulkAction(operation="delete", index="news", id="a"),
    ]
    with scripted_elasticsearch([Answer(item=answering(0, item=BUSY))]) as scripted:
        send(scripted, steps)
    sent = [(operation, line["_id"]) for actions, _ in scripted.requests for operation, line in actions]
    assert sent == [("index", "a"), ("index", "b"), ("index", "a"), ("delete", "a")]


def test_update_that_met_others_is_sent_again() -> None:
    update = BulkAction(operation="update", index="news", id="a", source={"n": 1})
    conflict = error(409, "version_conflict_engine_exception", "version conflict, required seqNo [1]")
    with scripted_elasticsearch([Answer(item=answering(0, item=conflict))]) as scripted:
        [result] = send(scripted, [update]).results
    assert (result.status, len(scripted.requests)) == ("written", 2)


@pytest.mark.parametrize(
    "body", [{"items": []}, {"items": [{}]}, {"items": [{"index": {"status": "201"}}]}, {"items": "x"}, {"took": 3}]
)
def test_answer_that_does_not_tell_of_each_action_is_refused(body: dict[str, Any]) -> None:
    with (
        scripted_elasticsearch([Answer(body=body)]) as scripted,
        pytest.raises(StoreError, match="is a proxy in between"),
    ):
        send(scripted, actions(1))
    with pytest.raises(StoreError, match="is a proxy in between"):
        read_items([body], 1)


def test_several_requests_are_under_way_at_once_and_fewer_after_rejections() -> None:
    pace = bulk_pace.Pace(in_flight=4)
    assert pace.in_flight == 4
    pace.rejected()
    assert pace.in_flight == 2
    for _ in range(5):
        pace.rejected()
    assert pace.in_flight == 1
    inside = threading.Semaphore(0)
    with pace.turn():
        other = threading.Thread(target=lambda: [inside.release() for _ in [0] if pace.turn().__enter__() is None])
        other.start()
        assert not inside.acquire(blocking=False)
    other.join()
    assert inside.acquire(blocking=False)


def test_writers_of_one_process_share_what_they_learn_of_a_server() -> None:
    first = bulk_pace.shared_pace("http://learned:9", in_flight=2)
    first.rejected()
    assert bulk_pace.shared_pace("http://learned:9", in_flight=4).share == 0.5
    assert bulk_pace.shared_pace("http://other:9", in_flight=2).share == 1.0


def test_an_interrupt_ends_what_other_threads_send_and_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    block = error(403, "cluster_block_exception", "index [news] blocked by: [FORBIDDEN/8/index write (api)];")
    interrupted = threading.Event()

    def blocked(_position: int, _action: Action) -> Item:
        assert interrupted.wait(60)
        return block

    class Waited:
        def result(self) -> None:
            interrupted.set()
            raise KeyboardInterrupt

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *call: Any) -> Waited:  # type: ignore[override]
            super().submit(*call)
            return Waited()

    monkeypatch.setattr(bulk, "ThreadPoolExecutor", Interrupted)
    with scripted_elasticsearch([Answer(item=blocked)] * 1_000) as scripted, pytest.raises(KeyboardInterrupt):
        send(scripted, actions(4), max_actions=1, in_flight=2)
    assert len(scripted.ids) < 1_000
