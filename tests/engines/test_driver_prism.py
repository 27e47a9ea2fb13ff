"""`newsbeam` on Prism, with one worker process: nothing lost, nobody hurried, and what a death or a stop leaves."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.driving import (
    driving,
    harness,
    make_due,
    nothing_is_left,
    polite,
    stored,
    world,
)
from tests.support.engines import engine_environment
from tests.support.killing import fetched_after_settled, validators_ahead
from tests.support.newsweb import NewsWeb, read_log
from tests.support.processes import wait_for

pytestmark = [pytest.mark.engines, pytest.mark.full]

PRISM = ("schedule", "--runner", "prism")
NEW = "http://herald.example/rss.xml"


@pytest.fixture(autouse=True)
def _prism(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBEAM_PRISM", engine_environment("prism")["NEWSBEAM_PRISM"])


def test_a_stream_follows_a_changing_web_and_stops_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "web.jsonl"
    with NewsWeb(slow_s=3.0, log_path=log) as web:
        feeds, urls = world(web)
        feeds = [url for url in feeds if "aggregator" not in url]  # it lists the new feed's articles, too
        made = harness(tmp_path, web, [url for url in feeds if url != NEW])
        with driving(made, *PRISM) as driver:
            driver.wait_for_documents({url for url in urls if "herald.example" not in url})
            for host in ("gazette.example", "wire.example"):
                web.next_edition(host)
            listed = (tmp_path / "feeds.yaml").read_text()
            (tmp_path / "feeds.yaml").write_text(f"{listed}  - url: {NEW}\n    tags: [valley]\n")
            wait_for("the new feed", lambda: "feed list was read again" in driver.said(), words=driver.said)
            make_due(made)
            driver.wait_for_documents(world(web)[1])
            assert driver.stop() == 0
            assert "Traceback" not in driver.said()
            assert "Books balance" in driver.said()
        nothing_is_left(made)
        polite(read_log(log), feeds)
    slow = [request for request in read_log(log) if request.host == "slow.example"]
    others = [request for request in read_log(log) if request.host == "gazette.example"]
    assert min(request.start for request in others) < slow[0].end, "the slow site held up others"
    tags = dict(made.rows("SELECT json_extract(source, '$.url.full'), json_extract(source, '$.tags') FROM articles"))
    assert any("valley" in (tags[url] or "") for url in tags if "herald.example" in url)
    assert validators_ahead(made, read_log(log)) == []


@pytest.mark.parametrize("victim", ["prism --job_port", "pipeline worker"])
def test_a_death_ends_the_run_with_its_reason_and_the_next_start_goes_on(victim: str, tmp_path: Path) -> None:
    log = tmp_path / "web.jsonl"
    with NewsWeb.big(pages=60, sites=6, log_path=log) as web:
        feeds, urls = web.feed_urls, set(web.article_urls())
        made = harness(tmp_path, web, list(feeds))
        with driving(made, *PRISM) as driver:
            wait_for("some documents", lambda: len(stored(made)) > 5, words=driver.said)
            driver.kill(victim)
            assert driver.code() == 1
            lines = [line for line in driver.said().splitlines() if "The job failed" in line]
            assert len(lines) == 1, driver.said()
            assert "prism" in lines[0]
            assert "Traceback" not in driver.said()
        wait_for("no process in the folder", lambda: not made.processes(), limit_s=60)
        assert len(stored(made)) < len(urls), "it was over before the kill"
        with driving(made, *PRISM, log="again.log") as driver:
            driver.wait_for_documents(urls)
            assert driver.stop() == 0
        nothing_is_left(made)
    requests = read_log(log)
    polite(requests, list(feeds), deaths=1)
    assert fetched_after_settled(made, requests) == []


def test_a_worker_that_cannot_start_is_seen_by_the_watchdog(tmp_path: Path) -> None:
    """Prism goes on RUNNING for ever when its worker's command fails."""
    with NewsWeb.big(pages=4, sites=1, log_path=tmp_path / "web.jsonl") as web:
        made = harness(tmp_path, web, list(web.feed_urls))
        options = ("--environment_type=PROCESS", '--environment_config={"command":"/bin/false"}')
        with driving(made, *PRISM, "--set", "run.watchdog=5s", "--", *options) as driver:
            assert driver.code() == 1
            assert "run.watchdog" in driver.said()
        nothing_is_left(made)


def test_what_a_killed_driver_leaves_is_ended_by_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "web.jsonl"
    with NewsWeb.big(pages=60, sites=6, log_path=log) as web:
        urls = set(web.article_urls())
        made = harness(tmp_path, web, list(web.feed_urls))
        with driving(made, *PRISM) as driver:
            wait_for("some documents", lambda: len(stored(made)) > 5, words=driver.said)
            [job] = driver.processes("pipeline.job")
            os.kill(driver.process.pid, signal.SIGKILL)  # at the same moment, so that neither can clear up
            os.kill(job, signal.SIGKILL)
            wait_for("the driver's end", lambda: driver.process.poll() is not None)
            [prism] = driver.processes("prism --job_port")
            with driving(made, *PRISM, log="again.log") as again:
                wait_for("the orphan's end", lambda: prism not in made.processes(), words=again.said)
                assert "ended run" in again.said()
                again.wait_for_documents(urls)
                assert again.stop() == 0
        nothing_is_left(made)
    polite(read_log(log), list(web.feed_urls), deaths=1)


def test_a_second_signal_ends_it_at_once_and_loses_nothing(tmp_path: Path) -> None:
    log = tmp_path / "web.jsonl"
    with NewsWeb.big(pages=60, sites=6, log_path=log) as web:
        urls = set(web.article_urls())
        made = harness(tmp_path, web, list(web.feed_urls))
        with driving(made, *PRISM) as driver:
            wait_for("some documents", lambda: len(stored(made)) > 5, words=driver.said)
            driver.process.send_signal(signal.SIGTERM)
            driver.process.send_signal(signal.SIGINT)
            assert driver.code() == 0, driver.said()
            assert "Traceback" not in driver.said()
        wait_for("no process in the folder", lambda: not made.processes(), limit_s=60)
        with driving(made, *PRISM, log="again.log") as driver:
            driver.wait_for_documents(urls)
            assert driver.stop() == 0
        nothing_is_left(made)
    polite(read_log(log), list(web.feed_urls), deaths=1)
