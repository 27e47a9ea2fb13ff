"""The commands as a user types them: limits, interruption, two runs at once, saved pages, schedule, broken stores."""

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.support.commands import newsbeam, wait_until
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, judge, read_log
from tests.support.newsweb.saving import save_pages

pytestmark = pytest.mark.slow


def test_a_limit_leaves_the_rest_for_the_next_run(tmp_path: Path) -> None:
    with NewsWeb.big(pages=20, sites=2, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:2], delay="0s")
        first = json.loads(newsbeam(tmp_path, "ingest", "--limit", "5", "--json").stdout)
        assert (first["ended"], first["deferred"], first["balanced"]) == (5, 15, True)
        second = json.loads(newsbeam(tmp_path, "ingest", "--json").stdout)
    assert (second["carried_over"], second["ended"], second["deferred"]) == (15, 15, 0)
    pages = [request.url for request in read_log(tmp_path / "log") if request.url in set(web.article_urls())]
    assert len(pages) == len(set(pages)) == 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_settles_what_it_fetched_and_goes_on_next_time(number: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with NewsWeb.big(pages=30, sites=2, log_path=log) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:2], delay="0.3s")
        articles = set(web.article_urls())
        command = harness.start("ingest")
        wait_until(lambda: log.exists() and sum(request.url in articles for request in read_log(log)) >= 3)
        command.send_signal(number)
        output, _ = command.communicate(timeout=60)
        assert command.returncode == 130, output
        assert "Traceback" not in output
        fetched = {request.url for request in read_log(log) if request.url in articles}
        settled = {url for (url,) in harness.rows("SELECT url FROM ledger_urls WHERE state = 'settled'")}
        assert fetched == settled
        assert 0 < len(settled) < 30
        assert harness.rows("SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL") == [(0,)]
        newsbeam(tmp_path, "ingest")
    pages = [request.url for request in read_log(log) if request.url in articles]
    assert len(pages) == len(set(pages)) == 30


def test_two_runs_at_once_share_the_work(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with NewsWeb.big(pages=60, sites=6, log_path=log) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:6], delay="0.1s")
        commands = [harness.start("ingest") for _ in range(2)]
        outputs = [command.communicate(timeout=120)[0] for command in commands]
        assert [command.returncode for command in commands] == [0, 0], outputs
        articles = set(web.article_urls())
    requests = read_log(log)
    assert judge.fetched_more_than_once(requests, except_urls=web.feed_urls) == {}
    assert max(judge.max_open_per_site(requests).values()) == 1
    assert {url for (url,) in harness.rows("SELECT url FROM ledger_urls WHERE outcome = 'created'")} == articles


def test_saved_pages_are_read_once_and_the_backfill_resumes(tmp_path: Path) -> None:
    save_pages(tmp_path / "pages", 25)
    (tmp_path / "pages" / "zz-broken.html.gz").write_bytes(b"\x1f\x8bnot gzip at all")
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    first = json.loads(newsbeam(tmp_path, "backfill", "pages", "--json", "--workers", "2").stdout)
    assert first["balanced"]
    outcomes = {(row["outcome"], row["reason"]): row["count"] for row in first["outcomes"]}
    assert outcomes == {("created", None): 25, ("dead_lettered", "unreadable_file"): 1}
    second = json.loads(newsbeam(tmp_path, "backfill", "pages", "--json").stdout)
    assert (second["came"], second["ended"], second["balanced"]) == (0, 0, True)


def test_a_plan_costs_nothing_and_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text("http://a.example/1\nhttp://a.example/2\nhttp://b.example/1\n")
    done = newsbeam(tmp_path, "backfill", "urls.txt", "--plan")
    assert "3 URLs on 2 sites" in done.stdout
    assert not (tmp_path / "newsbeam.db").exists()


def test_schedule_runs_what_is_due_and_ends_on_sigterm(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with NewsWeb.big(pages=6, sites=2, log_path=log) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:2], delay="0s")
        command = harness.start("schedule")
        wait_until(lambda: (tmp_path / "newsbeam.db").exists() and _created(tmp_path) == 6)
        command.send_signal(signal.SIGTERM)
        output, _ = command.communicate(timeout=60)
    assert command.returncode == 0, output
    assert "Books balance" in output
    assert "Traceback" not in output


def _created(folder: Path) -> int:
    db = sqlite3.connect(folder / "newsbeam.db")
    try:
        return int(db.execute("SELECT count(*) FROM ledger_urls WHERE outcome = 'created'").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def test_a_page_that_kills_its_worker_is_given_up_and_nothing_else_is(tmp_path: Path) -> None:
    with NewsWeb.big(pages=10, sites=1, log_path=tmp_path / "log") as web:
        poison = sorted(web.article_urls())[4]
        harness = Harness(tmp_path, poison=poison)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        command = harness.start("ingest")
        output, _ = command.communicate(timeout=120)
    assert command.returncode == 0, output
    assert "3 worker deaths" in output
    assert harness.rows("SELECT url, reason FROM ledger_urls WHERE outcome = 'dead_lettered'") == [(poison, "crashed")]


def test_more_failures_than_the_ratio_exit_3(tmp_path: Path) -> None:
    with NewsWeb(slow_s=0.1) as web:
        Harness(tmp_path).configure(web.resolve, [], delay="0s")
        (tmp_path / "urls.txt").write_text("http://odd.example/status/404\nhttp://odd.example/status/410\n")
        newsbeam(tmp_path, "backfill", "urls.txt", code=3)


def test_a_store_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    (tmp_path / "urls.txt").write_text("http://a.example/1\n")
    done = newsbeam(tmp_path, "backfill", "urls.txt", "--store", "http://127.0.0.1:9", code=1)
    assert "127.0.0.1:9" in done.stderr


@pytest.mark.parametrize(
    "newer",
    [
        "UPDATE ledger_meta SET value = '99' WHERE key = 'version'",
        "UPDATE newsbeam_store SET value = '99' WHERE key = 'schema_version'",
    ],
)
def test_a_store_of_a_newer_schema_is_refused_with_exit_2(newer: str, tmp_path: Path) -> None:
    save_pages(tmp_path / "pages", 1)
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    newsbeam(tmp_path, "backfill", "pages")
    db = sqlite3.connect(tmp_path / "newsbeam.db")
    db.execute(newer)
    db.commit()
    db.close()
    done = newsbeam(tmp_path, "backfill", "pages", code=2)
    assert "newer newsbeam" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ingest", "--frobnicate"), "--frobnicate"),
        (("ingest", "no-such-file.opml"), "no-such-file.opml"),
        (("ingest", "ftp://a.example/feed"), "ftp://a.example/feed"),
        (("backfill", "nothing.txt"), "nothing.txt"),
        (("ingest", "--set", "fetch.delya=1s"), "fetch.delya"),
        (("search", "person:"), "person"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_value(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    done = newsbeam(tmp_path, *arguments, code=2)
    assert words in done.stderr
