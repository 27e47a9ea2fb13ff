"""The watch over a job: a hang, a death, a second Ctrl-C; with stand-ins for the job that really hang or die."""

import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from pipeline import supervise as watching
from pipeline.engines.base import OnEngine
from pipeline.job import Job
from pipeline.supervise import StopRequest, Watch, supervise
from tests.support.commands import wait_until
from tests.support.ledgers import RUN, plan
from transforms.errors import StoreError
from transforms.state.base import StateStore
from transforms.state.sqlite.ledger import SqliteState

HANGS = "import time; time.sleep(600)"
DIES_ONCE = """
import os, signal, sys
mark = sys.argv[1]
if not os.path.exists(mark):
    open(mark, "w").close()
    os.kill(os.getpid(), signal.SIGKILL)
print('{"end": "ok"}')
"""
FAILS = """print('{"end": "error", "message": "the store is full"}')"""
BREAKS = "raise SystemExit(3)"


@pytest.fixture
def state(tmp_path: Path) -> StateStore:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    return state


def run(code: str, state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **options: object):  # type: ignore[no-untyped-def]
    """Supervise a process that runs `code` in the job's place; return how it ended and its process."""
    started: list[subprocess.Popen[bytes]] = []

    def start(_job: Job, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "mark")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        started.append(child)
        return child

    monkeypatch.setattr(watching, "_start", start)
    stop = options.pop("stop", None) or StopRequest()
    job = Job(run_id=RUN, state="", graph=None, engine=options.pop("engine", None))  # type: ignore[arg-type]
    end = supervise(job, state, watch=Watch(**options), stop=stop, progress=lambda _: None)  # type: ignore[arg-type]
    for child in started:
        wait_until(lambda child=child: child.poll() is not None, limit_s=10)  # type: ignore[misc]
    return end


def test_a_job_in_which_nothing_moves_is_ended(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = run(HANGS, state, tmp_path, monkeypatch, watchdog_s=0.5)
    assert (end.end, "run.watchdog" in end.message) == ("hung", True)


def test_a_job_that_died_is_started_again(state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = run(DIES_ONCE, state, tmp_path, monkeypatch)
    assert (end.end, end.deaths) == ("ok", 1)


def test_a_job_that_failed_says_why_and_is_not_started_again(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = run(FAILS, state, tmp_path, monkeypatch)
    assert (end.end, end.message, end.deaths) == ("error", "the store is full", 0)


def test_a_job_that_broke_off_is_an_error(state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = run(BREAKS, state, tmp_path, monkeypatch)
    assert (end.end, "exit code 3" in end.message) == ("error", True)


def test_a_stop_waits_for_the_grace_and_no_longer(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = StopRequest()
    stop.ask()
    end = run(HANGS, state, tmp_path, monkeypatch, stop=stop, grace_s=0.5)
    assert end.end == "interrupted"
    assert state.stopped(RUN)


def test_a_second_signal_ends_it_at_once(state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = StopRequest()
    stop.ask()
    stop.ask()
    end = run(HANGS, state, tmp_path, monkeypatch, stop=stop, grace_s=600)
    assert end.end == "interrupted"


def on_prism(folder: Path, *, streaming: bool, replaces_workers: bool = False) -> OnEngine:
    return OnEngine(
        engine="prism",
        options=(),
        job_name="newsbeam-x",
        records=str(folder / "engines"),
        ending="cancel",
        stop_s=0.0,
        seats=2,
        streaming=streaming,
        replaces_workers=replaces_workers,
    )


def test_a_death_on_an_engine_ends_the_run_and_nothing_is_started_again(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = run(DIES_ONCE, state, tmp_path, monkeypatch, engine=on_prism(tmp_path, streaming=True))
    assert (end.end, end.deaths) == ("error", 0)
    assert "SIGKILL" in end.message


@pytest.mark.parametrize("replaces_workers", [False, True])
def test_an_engine_that_hangs_for_a_dead_worker_is_ended_and_one_that_replaces_it_goes_on(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces_workers: bool
) -> None:
    monkeypatch.setattr(state, "dead_holders", lambda _: True)
    monkeypatch.setattr(watching, "DEATH_GRACE_S", 0.1)
    monkeypatch.setattr(state, "work_at", lambda _: time.time() - 1)
    engine = on_prism(tmp_path, streaming=True, replaces_workers=replaces_workers)
    end = run(HANGS, state, tmp_path, monkeypatch, engine=engine, watchdog_s=3.0)
    assert (end.end, end.deaths) == ("hung" if replaces_workers else "error", 0)


@pytest.mark.parametrize("ledger_is_away", [False, True])
def test_an_endless_job_that_can_do_nothing_is_no_hang(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger_is_away: bool
) -> None:
    stop, looks = StopRequest(), []

    def look(run_id: str) -> float | None:
        looks.append(run_id)
        if len(looks) == 4:  # one a second: far more than the watchdog's time has passed
            stop.ask()
        if ledger_is_away:
            raise StoreError("refused")
        return time.time() + 3600

    monkeypatch.setattr(state, "work_at", look)
    engine = on_prism(tmp_path, streaming=True)
    end = run(HANGS, state, tmp_path, monkeypatch, engine=engine, stop=stop, watchdog_s=1.5, grace_s=0.5)
    assert end.end == "interrupted"


def test_an_endless_job_in_which_nothing_moves_although_work_is_due_is_ended(
    state: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "work_at", lambda _: time.time() - 1)
    end = run(HANGS, state, tmp_path, monkeypatch, engine=on_prism(tmp_path, streaming=True), watchdog_s=0.5)
    assert end.end == "hung"
