"""`newsbeam feeds check, discover, add, import, export` against the local web, through the real command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, NewsWeb]]:
    folder = tmp_path_factory.mktemp("feeds")
    with NewsWeb(slow_s=0.1) as web:
        Harness(folder).configure(web.resolve, [], delay="0s")
        yield folder, web


def test_a_good_feed_is_explained(place: tuple[Path, NewsWeb]) -> None:
    done = newsbeam(place[0], "feeds", "check", "http://gazette.example/feed/", code=0)
    assert "can be polled" in done.stdout
    for words in ("The Gazette", "entries from", "validators: If-None-Match", "ask again in", "it is not encrypted"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("url", "reason", "words"),
    [
        ("http://odd.example/feed-html", "not_a_feed", "feeds discover"),
        ("http://odd.example/feed-challenge", "challenge", "wants a browser"),
        ("http://odd.example/status/410", "http_410", "once more on another day"),
        ("http://closed.example/feed", "robots_unreachable", "later"),
        ("http://odd.example/redirect/private", "private_address", "--allow-private"),
        ("http://odd.example/redirect/credentials", "bad_redirect", "ask again later"),
        ("http://odd.example/feed-gzip-bomb", "too_large", "ask again later"),
        ("http://odd.example/feed-entity-bomb", "unreadable_feed", "ask again later"),
    ],
)
def test_a_bad_feed_is_explained_with_the_reason(
    place: tuple[Path, NewsWeb], url: str, reason: str, words: str
) -> None:
    shown = newsbeam(place[0], "feeds", "check", url, code=4).stdout
    assert f"cannot be polled ({reason})" in shown
    assert words in shown
    [document] = map(json.loads, newsbeam(place[0], "feeds", "check", url, "--json", code=4).stdout.splitlines())
    assert (document["ok"], document["reason"]) == (False, reason)


def test_a_homepage_gives_its_feed_and_add_takes_it(place: tuple[Path, NewsWeb], tmp_path: Path) -> None:
    _, web = place
    Harness(tmp_path).configure(web.resolve, [], delay="0s")
    lines = newsbeam(tmp_path, "feeds", "discover", "http://tribune.example/", "--json", code=0).stdout.splitlines()
    [found] = map(json.loads, lines)
    assert (found["url"], found["found_by"]) == ("http://tribune.example/atom.xml", "link of the page")
    assert found["entries"] > 0
    newsbeam(tmp_path, "feeds", "add", "http://tribune.example/", code=0)
    assert "url: http://tribune.example/atom.xml" in (tmp_path / "feeds.yaml").read_text()


def test_a_page_without_a_feed_says_so(place: tuple[Path, NewsWeb]) -> None:
    done = newsbeam(place[0], "feeds", "discover", "http://odd.example/page", code=4)
    assert "no feed was found" in done.stderr


def test_discovery_goes_through_the_same_door(place: tuple[Path, NewsWeb]) -> None:
    for url, words in (("http://127.0.0.1:1/", "not public"), ("http://closed.example/", "robots.txt cannot be had")):
        assert words in newsbeam(place[0], "feeds", "discover", url, code=2).stderr


def test_lists_go_in_once_and_come_out(place: tuple[Path, NewsWeb], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("https://a.example/rss\nhttps://b.example/rss\n")
    assert "added 2 of 2" in newsbeam(tmp_path, "feeds", "import", "list.txt", "--tag", "x", code=0).stdout
    assert "added 0 of 2" in newsbeam(tmp_path, "feeds", "import", "list.txt", code=0).stdout
    opml = newsbeam(tmp_path, "feeds", "export", code=0).stdout
    (tmp_path / "out.opml").write_text(opml)
    assert 'xmlUrl="https://b.example/rss"' in opml
    assert "added 0 of 2" in newsbeam(tmp_path, "feeds", "import", "out.opml", code=0).stdout


def test_ten_thousand_feeds_are_imported_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("".join(f"https://site-{n}.example/rss\n" for n in range(10_000)))
    assert "added 10000 of 10000" in newsbeam(tmp_path, "feeds", "import", "many.txt", code=0).stdout
    assert len(newsbeam(tmp_path, "feeds", "export", "--format", "text", code=0).stdout.splitlines()) == 10_000
