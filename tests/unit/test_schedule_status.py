"""`newsbeam status` as a health check: what makes it exit 1, and what does not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.health import OVERDUE_S
from tests.support.ledgers import RUN, SITE, feed_on, url_on
from transforms.clock import epoch_s, utc_now
from transforms.state.base import FeedPoll, RunPlan, Settlement
from transforms.state.sqlite.ledger import SqliteState

ROOT = Path(__file__).parents[2]
# A scheduler that is killed: it notes itself and never takes that back.
DIES = """
import os, signal, sys
from pathlib import Path
from transforms.state.sqlite.ledger import SqliteState
SqliteState(Path(sys.argv[1])).mark_scheduler()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteState]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    state = SqliteState(tmp_path / "newsbeam.db")
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=0.0)
    yield state
    state.unmark_scheduler()
    state.close()


def status(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(cli, ("status", "--json", *arguments), prog_name="newsbeam")
    assert result.stderr == ""
    return result.exit_code, json.loads(result.stdout)


def text(*arguments: str) -> str:
    return CliRunner().invoke(cli, ("status", *arguments), prog_name="newsbeam").stdout


def polled(state: SqliteState, *, ago_s: float, **cells: object) -> None:
    at = utc_now() - timedelta(seconds=ago_s)
    next_at = cells.pop("next_poll_at", at + timedelta(hours=1))
    state.polled(RUN, FeedPoll(feed=SITE, polled_at=at, next_poll_at=next_at, **cells), ())  # type: ignore[arg-type]


def test_without_a_scheduler_it_is_well_unless_one_must_run(state: SqliteState) -> None:
    code, found = status()
    assert (code, found["scheduler"], found["healthy"], found["problems"]) == (0, False, True, [])
    code, found = status("--running")
    assert (code, found["problems"]) == (1, ["no scheduler runs"])
    state.mark_scheduler()
    assert status("--running")[0] == 0


def test_a_scheduler_that_was_killed_is_told_until_one_runs_again(state: SqliteState) -> None:
    subprocess.run(
        [sys.executable, "-c", DIES, str(state.path)], env={"PYTHONPATH": str(ROOT)}, check=False, timeout=60
    )
    code, found = status()
    assert code == 1
    assert found["problems"] == ["the scheduler died: it was not stopped, and it does not run"]
    assert "problem" in text()
    state.mark_scheduler()
    assert status()[0] == 0
    state.unmark_scheduler()
    assert status()[0] == 0, "a stopped one is no problem"


def test_of_two_schedulers_one_may_stop(state: SqliteState, tmp_path: Path) -> None:
    state._db.execute("INSERT INTO ledger_meta VALUES('scheduler:another', '0')")
    state.mark_scheduler()
    assert state._db.execute("SELECT count(*) FROM ledger_meta WHERE key = 'scheduler:another'").fetchone() == (0,)
    assert status()[1]["scheduler"] is True


def test_a_failed_run_is_told(state: SqliteState) -> None:
    state.begin_run(RunPlan(run_id=RUN, command="schedule", started_at=utc_now()))
    assert (status()[0], "not ended" in text()) == (0, True)
    state.end_run(RUN, {"end": "hung", "exit_code": 1, "message": "nothing moved for 300 s"})
    code, found = status()
    assert (code, found["problems"]) == (1, ["the last run failed: nothing moved for 300 s"])
    assert found["last_run"]["exit_code"] == 1
    state.end_run(RUN, {"end": "ok", "exit_code": 3})
    assert status()[0] == 0


def test_work_that_waits_for_a_scheduler_that_does_nothing_is_told(state: SqliteState) -> None:
    polled(state, ago_s=2 * OVERDUE_S, next_poll_at=utc_now() - timedelta(seconds=OVERDUE_S + 60))
    assert status()[0] == 0, "who runs ingest by hand decides when"
    state.mark_scheduler()
    assert status()[0] == 0, "it has only begun"
    state._db.execute("UPDATE ledger_meta SET value = value - ? WHERE key LIKE 'scheduler:%'", (OVERDUE_S + 60,))
    code, found = status()
    assert code == 1
    assert "has been waiting" in found["problems"][0]
    polled(state, ago_s=1)
    assert status()[0] == 0
    assert found["next_work_at"] < epoch_s()


def test_a_feed_that_failed_three_times_in_a_row_is_told(state: SqliteState) -> None:
    for number in range(3):
        assert status()[0] == 0
        polled(state, ago_s=10 - number, error="http_404", message="gone", status_code=404)
    code, found = status()
    assert (code, found["problems"]) == (1, [f"{SITE}: failed 3 times, http_404"])


def test_pages_that_killed_their_worker_are_counted(state: SqliteState) -> None:
    state.add_urls(RUN, [url_on(SITE, "poison")])
    state.settle(RUN, [Settlement(url=f"http://{SITE}/poison", outcome="dead_lettered", reason="crashed", version=1)])
    code, found = status()
    assert (code, found["crashed"]) == (0, 1)
    assert "1 page that killed their worker" in text()


def test_sites_are_told_with_what_waits_and_why(state: SqliteState) -> None:
    state.add_urls(RUN, [url_on(SITE, "a"), url_on("other.example", "b")])
    state.back_off(SITE, utc_now() + timedelta(hours=1), count=2, why="http_429")
    code = CliRunner().invoke(cli, ("status", "--sites", "--json"), prog_name="newsbeam")
    rows = {row["site"]: row for row in map(json.loads, code.stdout.splitlines())}
    assert (rows[SITE]["pending"], rows["other.example"]["pending"]) == (1, 1)
    assert "http_429, 2 times in a row" in text("--sites")
