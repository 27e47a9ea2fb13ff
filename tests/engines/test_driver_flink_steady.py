"""`newsbeam schedule --runner flink` on a cluster of this machine: what Flink keeps for an endless job stays small."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.driving import ROOT, driving, harness, nothing_is_left, polite
from tests.support.engines import engine_environment
from tests.support.flink_cluster import FlinkCluster
from tests.support.newsweb import NewsWeb, read_log
from tests.support.processes import wait_for

pytestmark = [pytest.mark.engines, pytest.mark.full]

CHECKPOINTS = 30  # one a second at most: half a minute, on a busy machine two
# The source of ticks alone: 3.4 KB. With PeriodicImpulse a checkpoint grew by 1.8 KB a second, from 45 KB on.
GROWTH = 1.5


def test_checkpoints_stay_as_small_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in engine_environment("flink").items():
        monkeypatch.setenv(name, value)
    log = tmp_path / "web.jsonl"
    with (
        NewsWeb.big(pages=40, sites=4, log_path=log) as web,
        FlinkCluster(tmp_path / "flink", env={"PYTHONPATH": str(ROOT)}, job_server=False) as flink,
    ):
        made = harness(tmp_path, web, list(web.feed_urls))
        savepoints = (tmp_path / "flink" / "savepoints").as_uri()
        keys = ("--set", "engines.checkpoint=1s", "--set", f"engines.savepoints={savepoints}", "--workers", "2")
        master = flink.rest_url.removeprefix("http://")
        with driving(made, "schedule", "--runner", "flink", *keys, "--", f"--flink_master={master}") as driver:
            driver.wait_for_documents(set(web.article_urls()))
            [job] = flink.jobs()

            def checkpoints(least: int) -> dict[str, Any]:
                said: dict[str, Any] = {}

                def completed() -> bool:
                    assert driver.process.poll() is None, driver.said()
                    said.update(flink.ask(f"/jobs/{job['jid']}/checkpoints"))
                    return int(said["counts"]["completed"]) >= least

                wait_for(f"{least} checkpoints", completed, words=lambda: f"{said}\n{flink.last_words()}")
                return said

            before = checkpoints(1)
            after = checkpoints(before["counts"]["completed"] + CHECKPOINTS)
            assert driver.stop() == 0, driver.said()
            assert "--savepoint_path=" in driver.said()
            assert "Traceback" not in driver.said()
        assert [each["state"] for each in flink.jobs()] == ["FINISHED"]
        wait_for("the end of the workers", lambda: flink.worker_pids() == [])
        nothing_is_left(made)
        polite(read_log(log), list(web.feed_urls))
    first, last = (said["latest"]["completed"]["state_size"] for said in (before, after))
    print(f"\n{after['counts']['completed']} checkpoints: {first} bytes, then {last}")
    assert last < first * GROWTH, (first, last)
