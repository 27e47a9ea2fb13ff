"""`newsbeam schedule` as a process: signals, edits, neighbours on one file, a job that hangs, a file that is locked."""

import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, judge, read_log
from tests.support.newsweb.saving import save_pages
from tests.support.scheduling import count, created, is_idle, scheduling, wait_for

pytestmark = pytest.mark.slow

# Another program that holds the write lock until its input ends.
LOCKS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_on_the_wire_be_finished(number: int, tmp_path: Path) -> None:
    with NewsWeb.big(pages=40, sites=1, delay_s=1.0, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        with scheduling(harness, "--grace", "60s") as scheduler:
            wait_for(lambda: len([r for r in web.requests() if "/news/" in r.path]) >= 1)
            code = scheduler.stop(number)
        requests = read_log(tmp_path / "log")
    assert (code, "stopped" in scheduler.lines[-1]) == (0, True), scheduler.output
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in scheduler.lines), "one line per job"
    assert not any(request.gone for request in requests), "cut off on the wire"
    pages = [request for request in requests if "/news/" in request.path]
    assert len(pages) == created(tmp_path) < 40, "fetched and settled, and no more begun"
    assert count(tmp_path, "SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL") == 0
    assert newsbeam(tmp_path, "status").returncode == 0


def test_a_second_signal_stops_at_once_and_loses_nothing(tmp_path: Path) -> None:
    with NewsWeb.big(pages=6, sites=1, delay_s=0.0, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        web.delay_s = 15.0
        with scheduling(harness, "--grace", "300s") as scheduler:
            wait_for(lambda: sum(web.open_now.values()) == 1)
            scheduler.process.send_signal(signal.SIGTERM)
            wait_for(lambda: count(tmp_path, "SELECT count(*) FROM ledger_runs WHERE stop") == 1)
            assert scheduler.stop() == 0
        assert "stopped at once" in scheduler.output
        web.delay_s = 0.0
        with scheduling(harness, "--max-cycles", "1") as again:
            assert again.wait() == 0
    assert created(tmp_path) == 6
    assert "Traceback" not in scheduler.output + again.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_to_the_last_moment_do_not_change_the_exit_code(number: int, tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.configure({}, ["http://127.0.0.1:9/feed"], delay="0s")
    with scheduling(harness) as scheduler:
        scheduler.says("Ctrl-C ends")
        while scheduler.process.poll() is None:
            scheduler.process.send_signal(number)
        code = scheduler.wait()
    assert (code, "stopped" in scheduler.lines[-1]) == (0, True), scheduler.output


def test_a_feed_that_is_added_is_polled_and_a_broken_edit_is_not_taken(tmp_path: Path) -> None:
    with NewsWeb.big(pages=4, sites=2) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        good = (tmp_path / "feeds.yaml").read_text()
        with scheduling(harness) as scheduler:
            wait_for(lambda: created(tmp_path) == 2)
            (tmp_path / "feeds.yaml").write_text("feeds: [nonsense")
            scheduler.says("an edit was not taken over")
            (tmp_path / "feeds.yaml").write_text(good + f"  - url: {web.feed_urls[1]}\n")
            wait_for(lambda: created(tmp_path) == 4)
            assert scheduler.stop() == 0
    assert scheduler.output.count("not taken over") == 1
    assert "the feed list was read again: 2 feeds, 1 new" in scheduler.output


def test_two_schedulers_share_the_work_and_ingest_search_and_backfill_go_beside_them(tmp_path: Path) -> None:
    with NewsWeb.big(pages=120, sites=6, delay_s=0.05, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:6], delay="0.1s")
        save_pages(tmp_path / "pages", 30)
        with scheduling(harness) as one, scheduling(harness) as other:
            wait_for(lambda: created(tmp_path) >= 5)
            beside = [
                newsbeam(tmp_path, "ingest", "--json"),
                newsbeam(tmp_path, "search", "officials", "--json"),
                newsbeam(tmp_path, "backfill", "pages", "--json"),
                newsbeam(tmp_path, "status", "--running", "--json"),
            ]
            wait_for(lambda: created(tmp_path) == 144)  # six of the saved pages are the web's too
            assert (one.stop(), other.stop()) == (0, 0)
        requests = read_log(tmp_path / "log")
    said = one.output + other.output + "".join(done.stderr for done in beside)
    assert "locked" not in said
    assert "BOOKS" not in said
    assert judge.fetched_more_than_once(requests, except_urls=web.feed_urls) == {}
    assert all(most == 1 for most in judge.max_open_per_site(requests).values())
    feeds = [request.url for request in requests if request.url in set(web.feed_urls)]
    assert sorted(feeds) == sorted(set(feeds)), "no feed was polled twice"


def test_a_job_in_which_nothing_moves_is_ended_told_and_tried_again(tmp_path: Path) -> None:
    with NewsWeb.big(pages=2, sites=1) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        web.delay_s = 300.0  # each answer; requests may take longer here than the watchdog waits
        with scheduling(harness, "--set", "run.watchdog=15s", "--set", "fetch.timeout=300s") as scheduler:
            scheduler.says("nothing moved for 15 s (run.watchdog)")
            web.delay_s = 0.0
            wait_for(lambda: created(tmp_path) == 2)
            assert scheduler.stop() == 0


@pytest.mark.full
def test_a_ledger_that_another_program_locks_is_waited_for(tmp_path: Path) -> None:
    with NewsWeb.big(pages=4, sites=2) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        with scheduling(harness) as scheduler:
            wait_for(lambda: created(tmp_path) == 2 and is_idle(tmp_path))
            with subprocess.Popen(
                [sys.executable, "-c", LOCKS, str(tmp_path / "newsbeam.db")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as locking:
                assert locking.stdout is not None
                assert locking.stdout.readline() == "locked\n"
                with (tmp_path / "feeds.yaml").open("a") as file:
                    file.write(f"  - url: {web.feed_urls[1]}\n")
                scheduler.says("cannot be written: database is locked; trying again in")
                assert newsbeam(tmp_path, "search", "officials").returncode == 0, "reading goes on"
                locking.communicate("")
            wait_for(lambda: created(tmp_path) == 4)
            assert scheduler.stop() == 0


@pytest.mark.full
def test_a_store_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """The store's folder is unmounted, and comes back; the ledger is elsewhere."""
    with NewsWeb.big(pages=4, sites=2) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        (tmp_path / "disk").mkdir()
        with scheduling(harness, "--store", "disk/news.db", "--state", "newsbeam.db") as scheduler:
            wait_for(lambda: created(tmp_path) == 2 and is_idle(tmp_path))
            (tmp_path / "disk").rename(tmp_path / "away")
            with (tmp_path / "feeds.yaml").open("a") as file:
                file.write(f"  - url: {web.feed_urls[1]}\n")
            scheduler.says("no run: ")
            assert created(tmp_path) == 2, "nothing was fetched for a store that is away"
            (tmp_path / "away").rename(tmp_path / "disk")
            wait_for(lambda: created(tmp_path) == 4)
            assert scheduler.stop() == 0
    db = sqlite3.connect(tmp_path / "disk" / "news.db")
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (4,)
    db.close()
