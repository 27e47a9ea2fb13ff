"""Everything a server can do wrong, through the real command: each URL ends in its one outcome, and nothing hangs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, judge, read_log
from tests.support.newsweb.hostile import SECRET

pytestmark = pytest.mark.slow

ODD = "http://odd.example"

# path -> (outcome, reason); None: any reason
PAGES: dict[str, tuple[str, str | None]] = {
    "/page": ("created", None),
    "/page-again": ("duplicate", "same_document"),
    "/claims-other-site": ("created", None),
    "/noindex": ("filtered", "noindex"),
    "/noindex-header": ("filtered", "noindex"),
    "/paywalled": ("created", None),
    "/status/403": ("dead_lettered", "http_403"),
    "/status/404": ("dead_lettered", "http_404"),
    "/status/410": ("dead_lettered", "http_410"),
    "/status/500": ("deferred", "http_5xx"),
    "/redirect/other-site": ("filtered", "other_site"),
    "/redirect/loop": ("dead_lettered", "too_many_redirects"),
    "/redirect/chain/30": ("dead_lettered", "too_many_redirects"),
    "/redirect/private": ("filtered", "other_site"),
    "/redirect/file": ("dead_lettered", "bad_redirect"),
    "/drip": ("deferred", "timeout"),
    "/never-ends": ("dead_lettered", "too_large"),
    "/huge": ("dead_lettered", "too_large"),
    "/huge-chunked": ("dead_lettered", "too_large"),
    "/gzip": ("created", None),
    "/gzip-bomb": ("dead_lettered", "too_large"),
    "/charset-wrong": ("created", None),
    "/charset-missing": ("created", None),
    "/empty": ("deferred", "empty_response"),
    "/gzip-broken": ("created", None),
    "/length-too-long": ("deferred", "broken_answer"),
    "/length-too-short": ("created", None),
    "/pdf": ("dead_lettered", "not_html"),
    # hostile
    "/slow-headers": ("deferred", "timeout"),
    "/header-flood": ("dead_lettered", "too_large"),
    "/many-headers": ("created", None),
    "/gzip-bomb-nested": ("dead_lettered", "too_large"),
    "/deep": ("created", None),
    "/entity-bomb": ("created", None),
    "/feed-as-article": ("dead_lettered", "not_html"),
    "/challenge": ("blocked", "challenge"),
    "/challenge-as-page": ("blocked", "challenge"),
    "/redirect/self": ("dead_lettered", "redirect_loop"),
    "/redirect/credentials": ("dead_lettered", "bad_redirect"),
    "/redirect/nowhere": ("dead_lettered", "bad_redirect"),
    "/redirect/mapped": ("filtered", "other_site"),
    "/redirect/nat64": ("filtered", "other_site"),
    "/redirect/cgnat": ("filtered", "other_site"),
    "/redirect/multicast": ("filtered", "other_site"),
    "/redirect/loopback": ("filtered", "other_site"),
    "/pdf-as-html": ("dead_lettered", "not_html"),
}


@pytest.fixture(scope="module")
def odd_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Harness, dict[str, Any]]:
    """One backfill over all odd pages, and its report."""
    folder = tmp_path_factory.mktemp("odd")
    log = folder / "requests.jsonl"
    with NewsWeb(slow_s=0.1, log_path=log) as web:
        harness = Harness(folder)
        harness.configure(web.resolve, [], delay="0s")
        (folder / "urls.txt").write_text("".join(f"{ODD}{path}\n" for path in PAGES))
        report = newsbeam(
            harness.folder,
            "backfill",
            "urls.txt",
            "--json",
            "--set",
            "fetch.timeout=3s",
            "--set",
            "ingest.linger=1s",
            code=3,
        )
    return harness, json.loads(report.stdout)


@pytest.mark.parametrize("path", PAGES)
def test_each_odd_page_ends_as_it_should(path: str, odd_run: tuple[Harness, dict[str, Any]]) -> None:
    harness, _ = odd_run
    [(state, outcome, reason)] = harness.rows(
        "SELECT state, outcome, reason FROM ledger_urls WHERE url = ?", f"{ODD}{path}"
    )
    expected, expected_reason = PAGES[path]
    assert ("deferred" if state == "pending" else outcome) == expected, reason
    if expected_reason is not None:
        assert reason == expected_reason


def test_the_books_balance_over_all_of_it(odd_run: tuple[Harness, dict[str, Any]]) -> None:
    _, report = odd_run
    assert report["balanced"]
    assert report["came"] + report["carried_over"] == report["ended"] + report["deferred"]


PRIVATE = (
    "http://169.254.169.254/latest/",
    "http://[::ffff:7f00:1]/page",
    "http://[64:ff9b::a9fe:a9fe]/latest/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://localhost/",
)


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_behind_a_redirect_is_refused(url: str, odd_run: tuple[Harness, dict[str, Any]]) -> None:
    harness, _ = odd_run
    [(reason,)] = harness.rows("SELECT reason FROM ledger_urls WHERE url = ?", url)
    assert reason == "private_address"


def test_a_page_whose_labels_hold_nowhere_says_that_its_encoding_is_a_guess(
    odd_run: tuple[Harness, dict[str, Any]],
) -> None:
    harness, _ = odd_run
    warnings = {}
    for path in ("/charset-missing", "/charset-wrong", "/page"):
        shown = newsbeam(harness.folder, "show", f"{ODD}{path}", "--json", code=0)
        warnings[path] = json.loads(shown.stdout)["pipeline"].get("warnings", [])
    assert any("read as cp1251 (detected)" in warning for warning in warnings["/charset-missing"])
    assert warnings["/page"] == []


def test_credentials_of_a_redirect_are_written_nowhere(odd_run: tuple[Harness, dict[str, Any]]) -> None:
    harness, report = odd_run
    password = SECRET.partition(":")[2]
    assert password not in json.dumps(report)
    written = [path for path in harness.folder.rglob("*") if path.is_file() and password.encode() in path.read_bytes()]
    assert written == []


def test_every_failure_is_a_searchable_dead_letter(odd_run: tuple[Harness, dict[str, Any]]) -> None:
    harness, _ = odd_run
    listed = newsbeam(harness.folder, "dead-letters", "list", "--json", code=0)
    letters = {(letter["url"], letter["reason"]) for letter in map(json.loads, listed.stdout.splitlines())}
    for path, (outcome, reason) in PAGES.items():
        if outcome == "dead_lettered":
            assert (f"{ODD}{path}", reason) in letters


def test_a_claim_across_sites_is_kept_and_not_believed(odd_run: tuple[Harness, dict[str, Any]]) -> None:
    harness, _ = odd_run
    shown = newsbeam(harness.folder, "show", f"{ODD}/claims-other-site", "--json", code=0)
    url = json.loads(shown.stdout)["url"]
    assert (url["full"], url["claimed"]) == (f"{ODD}/claims-other-site", "http://gazette.example/2026/01/claimed/")


def test_odd_feeds_are_recorded_and_stop_nothing(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with NewsWeb(slow_s=0.1, log_path=log) as web:
        harness = Harness(tmp_path)
        paths = ["/feed-html", "/feed-empty", "/feed-nothing", "/feed-truncated", "/status/404", "/redirect/loop"]
        paths += ["/feed-deep", "/feed-entity-bomb", "/feed-external-entity", "/feed-gzip-bomb", "/feed-slow-headers"]
        paths += ["/drip", "/never-ends", "/header-flood", "/feed-challenge", "/pdf", "/length-too-long"]
        paths += ["/redirect/private", "/redirect/credentials", "/redirect/file"]
        harness.configure(web.resolve, [f"{ODD}{path}" for path in paths], delay="0s")
        ran = newsbeam(harness.folder, "ingest", "--set", "fetch.timeout=3s", code=3)
        assert "feeds that failed: " in ran.stdout
        listed = newsbeam(harness.folder, "feeds", "list", "--json", code=0)
    errors = {
        feed["url"].removeprefix(ODD): feed["health"].get("error")
        for feed in map(json.loads, listed.stdout.splitlines())
    }
    assert errors == {
        "/feed-html": "not_a_feed",
        "/feed-empty": None,
        "/feed-nothing": "empty_response",
        "/feed-truncated": None,
        "/status/404": "http_404",
        "/redirect/loop": "too_many_redirects",
        "/feed-deep": "unreadable_feed",
        "/feed-entity-bomb": "unreadable_feed",
        "/feed-external-entity": "unreadable_feed",
        "/feed-gzip-bomb": "too_large",
        "/feed-slow-headers": "timeout",
        "/drip": "timeout",
        "/never-ends": "too_large",
        "/header-flood": "too_large",
        "/feed-challenge": "challenge",
        "/pdf": "not_a_feed",
        "/length-too-long": "broken_answer",
        "/redirect/private": "private_address",
        "/redirect/credentials": "bad_redirect",
        "/redirect/file": "bad_redirect",
    }


def test_too_many_requests_are_answered_with_the_pause_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with NewsWeb(slow_s=0.1, log_path=log) as web:
        harness = Harness(tmp_path)
        feeds = [url for url in web.feed_urls if "limited.example" in url]
        harness.configure(web.resolve, feeds, delay="0s")
        newsbeam(harness.folder, "ingest", code=0)
        expected = {url for url in web.article_urls() if "limited.example" in url}
    requests = read_log(log)
    assert {url for (url,) in harness.rows("SELECT url FROM ledger_urls WHERE outcome = 'created'")} == expected
    pauses = judge.after_429_s(requests)
    assert pauses
    assert all(kept >= asked for _, asked, kept in pauses)


def test_a_host_that_is_down_is_said_to_be_down_and_asked_again_when_forced(tmp_path: Path) -> None:
    """Not `robots_disallow`: whoever reads that would look for the fault in the wrong place."""
    with NewsWeb(slow_s=0.1, log_path=tmp_path / "requests.jsonl") as web:
        harness = Harness(tmp_path)
        feeds = [url for url in web.feed_urls if "herald" in url]
        harness.configure({"herald.example": "127.0.0.1:9"}, feeds, delay="0s")
        ran = newsbeam(tmp_path, "ingest", "--set", "ingest.linger=1s", code=3)
        assert "connection_failed" in ran.stdout
        harness.configure(web.resolve, feeds, delay="0s")
        harness.change("UPDATE ledger_sites SET next_at = 0")  # the pause of a minute is over
        newsbeam(tmp_path, "ingest", "--force", code=0)
    assert harness.rows("SELECT count(*) FROM ledger_urls WHERE outcome = 'created'") != [(0,)]
