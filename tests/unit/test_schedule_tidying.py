"""What months would leave behind: old runs in the ledger and old logs go, everything else stays."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import stream, tidying
from pipeline.config import load_config
from pipeline.live_settings import LiveSettings
from pipeline.runs import open_run
from tests.support.ledgers import RUN, SITE, START, SetClock, at, feed_on, plan, poll_of, url_on
from transforms.clock import epoch_s
from transforms.elements import Receipt
from transforms.index.base import Write
from transforms.index.requests import request_write
from transforms.state import base
from transforms.state.base import Progress, Settlement
from transforms.state.sqlite import upkeep
from transforms.state.sqlite.ledger import SqliteState

DAY_S = 86_400.0


def run_id(number: int) -> str:
    return f"20270101T000000.{number:03}Z-abcd"


def test_old_runs_go_but_the_latest_the_unended_and_what_they_did_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "KEPT_RUNS", 3)
    clock = SetClock()
    state = SqliteState(tmp_path / "ledger.db", clock=clock)
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=0.0)
    for number in range(10):
        state.begin_run(plan(run_id(number)))
        state.polled(run_id(number), poll_of(SITE, clock.now - START), [url_on(SITE, str(number))])
        state.settle(
            run_id(number), [Settlement(url=f"http://{SITE}/{number}", outcome="filtered", reason="x", version=1)]
        )
        if number != 4:
            state.end_run(run_id(number), {})
        clock.move(DAY_S)
    assert state.prune_runs(at(8 * DAY_S)) == 6
    rows = [run for (run,) in state._db.execute("SELECT run FROM ledger_runs ORDER BY run")]
    assert rows == [run_id(number) for number in (4, 7, 8, 9)]
    polls = [run for (run,) in state._db.execute("SELECT run FROM ledger_polls ORDER BY run")]
    assert polls == rows
    assert state._db.execute("SELECT count(*) FROM ledger_urls").fetchone() == (10,)
    assert state.prune_runs(at(8 * DAY_S)) == 0
    state.close()
    assert base.KEPT_RUNS >= 3


def test_a_streaming_run_of_months_stays(tmp_path: Path) -> None:
    clock = SetClock()
    state = SqliteState(tmp_path / "ledger.db", clock=clock)
    state.create()
    state.begin_run(plan())
    clock.move(200 * DAY_S)
    assert state.prune_runs(at(190 * DAY_S)) == 0
    assert not state.stopped(RUN)
    state.close()


def log_name(number: int) -> str:
    return f"newsbeam-20270101T000000.{number:03}Z-abcd.log"


def test_old_logs_go_and_so_do_those_beyond_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "KEPT_LOGS", 3)
    for number in range(6):
        (tmp_path / log_name(number)).write_text("failed")
        os.utime(tmp_path / log_name(number), (START - number * DAY_S, START - number * DAY_S))
    os.utime(tmp_path / log_name(1), (START - 15 * DAY_S, START - 15 * DAY_S))
    tidying.tidy_logs(tmp_path, now=START)
    assert sorted(path.name for path in tmp_path.iterdir()) == [log_name(0), log_name(2), log_name(3)]


def test_nothing_else_in_that_folder_is_touched(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("not ours")
    (tmp_path / log_name(1)).symlink_to(tmp_path / "theirs")
    (tmp_path / log_name(2)).mkdir()
    for name in ("newsbeam-memory-x.db", "newsbeam-notes.log", f"x{log_name(3)}", f"{log_name(4)}.gz"):
        (tmp_path / name).write_text("kept")
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0), follow_symlinks=False)
    before = sorted(path.name for path in tmp_path.iterdir())
    tidying.tidy_logs(tmp_path, now=START)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def receipt_at(seconds: float) -> Write:
    sent_at = datetime.fromtimestamp(seconds, UTC)
    cells: dict[str, object] = {
        "url": f"http://{SITE}/feed",
        "site": SITE,
        "epoch": 1,
        "why": "feed",
        "sent_at": sent_at,
    }
    return request_write(Receipt(**cells), run_id=RUN)  # type: ignore[arg-type]


def test_a_streaming_run_deletes_old_receipts_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\nretention: {requests: 1d}\n")
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - url: http://{SITE}/rss\n")
    live = LiveSettings(lambda: load_config(environ={}, cwd=tmp_path))
    now = epoch_s()
    with open_run(live.settings, "schedule", live.feeds) as run:
        watch = stream._Watch(run, live)

        def kept() -> int:
            return sum(run.store.get("requests", each.id) is not None for each in receipts)

        receipts = [receipt_at(now - 2 * DAY_S), receipt_at(now)]
        run.store.bulk(receipts)
        watch(Progress())
        assert kept() == 1
        run.store.bulk([receipts[0]])
        watch(Progress())
        assert kept() == 2, "once an hour"
        monkeypatch.setattr(stream.time, "monotonic", lambda: watch._prune_at)
        watch(Progress())
        assert kept() == 1
