"""How a job on an engine is followed and stopped; with a stand-in for what Beam hands back, and a real ledger."""

from pathlib import Path

import pytest

from pipeline.engines import driver
from pipeline.engines.base import OnEngine
from pipeline.engines.driver import EngineError
from pipeline.job import Job
from tests.support.flink_answers import JOBS, flink_saying
from tests.support.ledgers import RUN, SITE, plan, url_on
from transforms.errors import StoreError
from transforms.state.sqlite.ledger import SqliteState


class Submitted:
    """A job that is in these states, the last one for ever, and CANCELLED once it is cancelled."""

    def __init__(self, *states: str) -> None:
        self._states, self.cancelled = list(states), False

    @property
    def state(self) -> str:
        """Return the next state."""
        if self.cancelled:
            return "CANCELLED"
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]

    def cancel(self) -> None:
        """Cancel it."""
        self.cancelled = True


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "POLL_S", 0.01)


@pytest.fixture
def state(tmp_path: Path) -> SqliteState:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    return state


def follow(result: Submitted, state: SqliteState, *, grace_s: float = 600.0, **more: object) -> str:
    values = {"engine": "flink", "options": (), "job_name": "newsbeam-1", "records": "", "ending": "cancel"}
    values |= {"stop_s": 60.0, "seats": 2, "streaming": True, **more}
    engine = OnEngine(**values)  # type: ignore[arg-type]
    job = Job(run_id=RUN, state="", graph=None, grace_s=grace_s, engine=engine)  # type: ignore[arg-type]
    return driver._follow(result, job, engine, state)


def test_a_job_that_is_done_is_good(state: SqliteState) -> None:
    assert follow(Submitted("STARTING", "RUNNING", "DONE"), state, streaming=False) == ""


def test_a_job_that_somebody_else_ended_is_told(state: SqliteState) -> None:
    with pytest.raises(EngineError, match="by somebody else"):
        follow(Submitted("RUNNING", "CANCELLED"), state)


def test_a_job_that_failed_without_a_reason_says_so(state: SqliteState) -> None:
    with pytest.raises(EngineError, match="flink failed the job: it gave no reason"):
        follow(Submitted("RUNNING", "FAILED"), state)


def test_a_stopped_stream_is_cancelled_when_nothing_is_on_the_wire_any_more(state: SqliteState) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.stop_run(RUN)
    looks = []

    class Released(Submitted):
        @property
        def state(self) -> str:
            looks.append(self.cancelled)
            if len(looks) == 5:
                state.release(lease.site, lease.epoch, plan().started_at)
            return super().state

    result = Released("RUNNING")
    assert follow(result, state) == ""
    assert looks[:5] == [False] * 5
    assert result.cancelled


def test_what_does_not_let_go_of_its_site_is_cut_after_the_grace(state: SqliteState) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    state.lease(RUN, limit=1, slice_s=60)
    state.stop_run(RUN)
    result = Submitted("RUNNING")
    assert follow(result, state, grace_s=0.05) == ""
    assert result.cancelled


def test_a_stopped_bounded_job_may_end_by_itself(state: SqliteState) -> None:
    state.stop_run(RUN)
    result = Submitted("RUNNING", "RUNNING", "RUNNING", "DONE")
    assert follow(result, state, streaming=False) == ""
    assert not result.cancelled


def test_a_ledger_that_is_away_for_a_while_ends_nothing(state: SqliteState, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def stopped(run_id: str) -> bool:
        asked.append(run_id)
        if len(asked) < 3:
            raise StoreError("the node is away")
        return True

    monkeypatch.setattr(state, "stopped", stopped)
    result = Submitted("RUNNING")
    assert follow(result, state) == ""
    assert (len(asked), result.cancelled) == (3, True)


def test_a_job_that_does_not_end_is_an_error_with_a_remedy(state: SqliteState) -> None:
    state.stop_run(RUN)

    class Stubborn(Submitted):
        def cancel(self) -> None:
            pass

    with pytest.raises(EngineError, match=r"engines\.flink_rest"):
        follow(Stubborn("RUNNING"), state, stop_s=0.05)


def test_a_savepoint_that_fails_does_not_keep_the_job_alive(state: SqliteState) -> None:
    state.stop_run(RUN)
    failed = {"status": {"id": "COMPLETED"}, "operation": {"failure-cause": {"class": "java.io.IOException"}}}
    answers = {
        "/jobs/overview": [(200, JOBS)],
        "/jobs/b2/stop": [(202, {"request-id": "r"})],
        "/jobs/b2/savepoints/r": [(200, failed)],
        "/jobs/b2?mode=cancel": [(202, {})],
    }
    with flink_saying(answers) as (address, asked):
        note = follow(Submitted("RUNNING", "FAILED"), state, ending="flink", flink_rest=address, savepoints="file:///s")
    assert "without a savepoint" in note
    assert asked[-1][:2] == ("PATCH", "/jobs/b2?mode=cancel")


def test_of_a_traceback_its_error_is_told() -> None:
    text = "bundle failed: Traceback\n  File x\nValueError: no such thing [while running 'Visit']\n\nstack of go\n"
    assert driver._one_line(text) == "ValueError: no such thing [while running 'Visit']"
    assert driver._one_line("connection refused\nmore") == "connection refused"
    assert driver._one_line("") == ""
