"""`newsbeam schedule` on a Flink cluster, ledger and documents in Elasticsearch, while its parts are killed."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.driving import ROOT, Driver, driving, harness, indexed, polite
from tests.support.engines import engine_environment
from tests.support.flink_cluster import FlinkCluster
from tests.support.newsweb import NewsWeb, read_log
from tests.support.processes import wait_for
from transforms.state import open_state

pytestmark = [pytest.mark.engines, pytest.mark.elasticsearch, pytest.mark.full]

PAGES = 160
# With Flink's source of ticks every checkpoint has 6.8 KB. With PeriodicImpulse the first had 28 KB, and each added 3.
CHECKPOINT_BYTES = 20_000
CHECKPOINTS = 10


def test_deaths_and_a_savepoint_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in engine_environment("flink").items():
        monkeypatch.setenv(name, value)
    log, url = tmp_path / "web.jsonl", elasticsearch_node.node_url()
    with (
        elasticsearch_node.project() as project,
        NewsWeb.big(pages=PAGES, sites=8, log_path=log) as web,
        FlinkCluster(tmp_path / "flink", env={"PYTHONPATH": str(ROOT)}) as flink,
    ):
        urls, made = set(web.article_urls()), harness(tmp_path, web, list(web.feed_urls))
        keys = ["project=" + project, "engines.checkpoint=2s"]
        options = [word for key in keys for word in ("--set", key)]
        options += ["--workers", "2", "--store", url, "--state", url]
        by_job_server = ["--runner", "portable", "--set", f"engines.flink_rest={flink.rest_url}"]
        by_job_server += ["--set", f"engines.savepoints={(tmp_path / 'flink' / 'savepoints').as_uri()}"]

        @contextmanager
        def on_flink(name: str, *more: str) -> Iterator[Driver]:
            with driving(made, "schedule", *options, *more, log=f"{name}.log") as driver:
                yield driver

        def goes_on(driver: Driver, count: int) -> None:
            aim = min(len(indexed(url, project)) + count, PAGES)

            def reached() -> bool:
                assert driver.process.poll() is None, driver.said()
                return len(indexed(url, project)) >= aim

            wait_for(f"{aim} documents", reached, words=lambda: driver.said() + flink.last_words())

        def checkpoints_stay_small() -> None:
            job, until = flink.jobs()[0]["jid"], 0

            def done() -> bool:
                nonlocal until
                said = flink.ask(f"/jobs/{job}/checkpoints")
                sizes = [each["state_size"] for each in said["history"] if each["status"] == "COMPLETED"]
                assert max(sizes, default=0) <= CHECKPOINT_BYTES
                until = until or said["counts"]["completed"] + CHECKPOINTS
                return bool(said["counts"]["completed"] >= until)

            wait_for(f"{CHECKPOINTS} checkpoints", done, words=flink.last_words)

        with on_flink("first", *by_job_server, "--", f"--job_endpoint={flink.job_endpoint}") as driver:
            goes_on(driver, 20)
            flink.kill_task_manager()
            flink.start_task_manager()
            goes_on(driver, 20)
            flink.kill_worker()
            goes_on(driver, 20)
            assert driver.stop() == 0, driver.said()
            assert "Traceback" not in driver.said()
        assert [job["state"] for job in flink.jobs()] == ["FINISHED"]
        assert len(indexed(url, project)) < PAGES, "it was over before the savepoint"
        [savepoint] = re.findall(r"--savepoint_path=(\S+) goes on", driver.said())
        # From another driver, which has a job server of its own; and without a folder for savepoints it cancels.
        beam = ("--", f"--flink_master={flink.rest_url.removeprefix('http://')}", f"--savepoint_path={savepoint}")
        with on_flink("second", "--runner", "flink", *beam) as driver:
            goes_on(driver, PAGES)
            checkpoints_stay_small()
            assert driver.stop() == 0, driver.said()
            assert "Traceback" not in driver.said()
        assert [job["state"] for job in flink.jobs()] == ["CANCELED", "FINISHED"]
        assert indexed(url, project) == urls
        wait_for("the end of the workers", lambda: flink.worker_pids() == [])
        requests = read_log(log)
        polite(requests, list(web.feed_urls), deaths=2)
        with closing(open_state(f"{url}#{project}")) as state:
            rows = {page: state.lookup(page) for page in urls}
            assert {row["outcome"] for row in rows.values() if row} == {"created"}
            late = [r.url for r in requests if (row := rows.get(r.url)) and r.start > row["settled_at"].timestamp()]
            assert late == [], "a settled page was asked for again"
