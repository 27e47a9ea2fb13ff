"""Flink's REST interface, against a server that says what Flink 1.19 says, and what it would not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.engines.flink_rest import FlinkError, FlinkRest
from tests.support.flink_answers import JOBS, Answers, Asked, flink_saying


@contextmanager
def flink(answers: Answers) -> Iterator[tuple[FlinkRest, Asked]]:
    """Give a client of a server that gives these answers."""
    with flink_saying(answers) as (address, asked):
        rest = FlinkRest(f"{address}/")
        yield rest, asked
        rest.close()


def test_the_job_that_lives_is_found_by_its_name() -> None:
    with flink({"/jobs/overview": [(200, JOBS)]}) as (rest, _):
        assert rest.job_named("newsbeam-1") == ("b2", "RUNNING")
        assert rest.job_named("newsbeam-9") is None


def test_a_job_is_cancelled_by_patch() -> None:
    with flink({"/jobs/b2?mode=cancel": [(202, {})]}) as (rest, asked):
        rest.cancel("b2")
    assert asked == [("PATCH", "/jobs/b2?mode=cancel", None)]


def test_a_savepoint_is_waited_for() -> None:
    going, done = {"status": {"id": "IN_PROGRESS"}}, {"status": {"id": "COMPLETED"}}
    answers = {
        "/jobs/b2/stop": [(202, {"request-id": "r"})],
        "/jobs/b2/savepoints/r": [(200, going), (200, {**done, "operation": {"location": "file:/s/savepoint-b2"}})],
    }
    with flink(answers) as (rest, asked):
        assert rest.stop_with_savepoint("b2", "file:///s", limit_s=60) == "file:/s/savepoint-b2"
    assert asked[0] == ("POST", "/jobs/b2/stop", {"drain": False, "targetDirectory": "file:///s"})


def test_a_savepoint_that_failed_or_does_not_come_is_an_error() -> None:
    cause = {"failure-cause": {"class": "java.io.IOException"}}
    failed = {"status": {"id": "COMPLETED"}, "operation": cause}
    stop = [(202, {"request-id": "r"})]
    with (
        flink({"/jobs/b2/stop": list(stop), "/jobs/b2/savepoints/r": [(200, failed)]}) as (rest, _),
        pytest.raises(FlinkError, match=r"java\.io\.IOException"),
    ):
        rest.stop_with_savepoint("b2", "file:///s", limit_s=60)
    going = [(200, {"status": {"id": "IN_PROGRESS"}})]
    with (
        flink({"/jobs/b2/stop": list(stop), "/jobs/b2/savepoints/r": going}) as (rest, _),
        pytest.raises(FlinkError, match="within 1 s"),
    ):
        rest.stop_with_savepoint("b2", "file:///s", limit_s=1)


@pytest.mark.parametrize(
    "body", [b"<html>proxy</html>", b"[1]", b'"x"', b"\xff", b"{}", b'{"jobs": 1}', b'{"jobs": [{"name": 1}, 2]}']
)
def test_what_is_no_answer_of_flink_is_an_error(body: bytes) -> None:
    with flink({"/jobs/overview": [(200, body)]}) as (rest, _), pytest.raises(FlinkError, match="no answer of Flink"):
        rest.job_named("newsbeam-1")


def test_a_flink_without_a_leader_is_asked_again() -> None:
    without = (503, {"errors": ["Service temporarily unavailable due to an ongoing leader election."]})
    done = {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/s/savepoint-b2"}}
    answers = {
        "/jobs/b2/stop": [without, without, (202, {"request-id": "r"})],
        "/jobs/b2/savepoints/r": [(200, done)],
    }
    with flink(answers) as (rest, asked):
        assert rest.stop_with_savepoint("b2", "file:///s", limit_s=60) == "file:/s/savepoint-b2"
    assert len(asked) == 4


def test_a_refusal_names_the_answer_and_nobody_there_the_address() -> None:
    with (
        flink({"/jobs/x?mode=cancel": [(404, {"errors": ["Job x not found"]})]}) as (rest, _),
        pytest.raises(FlinkError, match=r"404.*Job x not found"),
    ):
        rest.cancel("x")
    with pytest.raises(FlinkError, match="cannot be reached"):
        FlinkRest("http://127.0.0.1:9").job_named("x")
