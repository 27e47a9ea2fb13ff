"""The local news web answers as it says: the judge of other tests is judged here."""

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import feedparser
import pytest

from tests.support.newsweb import (
    CRASH_URL,
    HOSTILE_PATHS,
    ODD_PATHS,
    NewsWeb,
    Request,
    WebArticle,
    read_articles,
    read_log,
)
from tests.support.newsweb.article_files import WEEK
from tests.support.newsweb.judge import (
    after_429_s,
    fetched_more_than_once,
    max_open_per_site,
    min_end_to_start_s,
    min_start_gap_s,
)
from tests.support.newsweb.responses import png
from tests.support.newsweb.saving import save_pages

ROOT = Path(__file__).parents[2]
ARTICLES = read_articles()


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb(slow_s=0.0) as web:
        yield web


def connect(web: NewsWeb) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(web.address, timeout=10)


def get(web: NewsWeb, url: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """GET a URL of the web without following anything."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = connect(web)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", f"/{path}", headers={"Host": host, **named})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


# --- articles -------------------------------------------------------------------------------------------------


def test_there_are_enough_articles_of_each_kind() -> None:
    killed = [
        article
        for article in ARTICLES
        if any(f.get("event") == "killed" and f.get("value", 0) >= 10 for f in article.expect.get("figures", ()))
    ]
    assert len(ARTICLES) >= 18
    assert len(killed) >= 4
    assert {"en", "de", "fr", "es"} <= {article.language for article in ARTICLES}
    assert any(article.opinion for article in ARTICLES)
    assert any(article.images for article in ARTICLES)
    assert any(article.edition == 2 for article in ARTICLES)
    assert any(article.update for article in ARTICLES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_article_file_is_complete_and_expects_what_its_text_says(article: WebArticle) -> None:
    assert article.authors
    assert article.published.tzinfo
    assert 130 <= len(article.body.split()) <= 450
    expect = article.expect
    for kind in ("people", "organizations", "places"):
        for name in expect.get(kind, ()):
            assert name in article.body
    for figure in expect["figures"]:
        assert figure["text"] in article.body
    for quote in expect["quotes"]:
        assert all(part in article.body for part in quote["text"].split("\n\n"))
        assert quote["speaker"] in article.body


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_page_holds_exactly_the_articles_paragraphs_in_order(article: WebArticle) -> None:
    with NewsWeb(slow_s=0.0) as web:
        web.next_edition(article.host)
        response, body = get(web, web.world.url(article))
        expected = web.expected(web.world.url(article))
    encoding = web.world.publishers[article.host].encoding
    text = unescape(body.decode(encoding))
    assert response.status == 200
    places = [text.index(f"<p>{paragraph}</p>") for paragraph in expected.paragraphs]
    assert places == sorted(places)
    assert expected.paragraphs[: len(article.paragraphs)] == article.paragraphs


def test_moved_articles_keep_their_weekdays_and_end_in_the_last_week() -> None:
    now = datetime(2027, 6, 2, 12, tzinfo=UTC)
    with NewsWeb(newest_at=now) as web:
        newest = max(web.world.articles, key=lambda article: article.published)
    assert now - WEEK < newest.published <= now
    assert newest.published.weekday() == ARTICLES[0].published.weekday()


def test_article_file_without_a_title_is_refused_by_name(tmp_path: Path) -> None:
    from tests.support.newsweb.article_files import read_article

    bad = tmp_path / "bad.txt"
    bad.write_text('+++\nhost = "gazette.example"\n+++\nText.\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.txt.*title"):
        read_article(bad)


# --- feeds ----------------------------------------------------------------------------------------------------


def test_every_feed_parses_and_lists_the_articles_that_are_out(web: NewsWeb) -> None:
    listed, versions = set(), set()
    for url in web.feed_urls:
        response, body = get(web, url)
        parsed = feedparser.parse(body)
        assert response.status == 200
        assert not parsed.bozo, parsed.get("bozo_exception")
        assert all(entry.title and entry.get("summary") for entry in parsed.entries)
        versions.add(parsed.version)
        listed |= {entry.link for entry in parsed.entries}
    assert listed == set(web.article_urls())
    assert versions == {"rss20", "atom10", "rss10"}


def test_aggregator_lists_articles_of_every_publisher(web: NewsWeb) -> None:
    _, body = get(web, web.feed_urls[-1])
    assert {entry.link for entry in feedparser.parse(body).entries} == set(web.article_urls())


def test_feed_answers_304_to_its_validators_and_200_to_others(web: NewsWeb) -> None:
    for url in web.feed_urls[:3]:
        first, _ = get(web, url)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        again, body = get(web, url, If_None_Match=etag)
        assert (again.status, body) == (304, b"")
        assert get(web, url, If_Modified_Since=modified)[0].status == 304
        assert get(web, url, If_None_Match='"other"', If_Modified_Since=modified)[0].status == 200


def test_second_edition_has_new_entries_and_a_changed_one(web: NewsWeb) -> None:
    url = "http://gazette.example/feed/"
    first, before = get(web, url)
    web.next_edition("gazette.example")
    second, after = get(web, url, If_None_Match=first.headers["ETag"])
    old = {entry.link: entry.title for entry in feedparser.parse(before).entries}
    new = {entry.link: entry.title for entry in feedparser.parse(after).entries}
    assert second.status == 200
    assert second.headers["Last-Modified"] != first.headers["Last-Modified"]
    assert new.keys() > old.keys()
    assert [link for link in old if old[link] != new[link]]


def test_an_article_of_the_second_edition_is_not_there_before(web: NewsWeb) -> None:
    late = next(article for article in ARTICLES if article.edition == 2)
    assert get(web, web.world.url(late))[0].status == 404
    web.next_edition(late.host)
    assert get(web, web.world.url(late))[0].status == 200


def test_second_edition_comes_by_itself_after_n_polls() -> None:
    with NewsWeb(second_edition_after_polls=2) as web:
        etags = [get(web, "http://tribune.example/atom.xml")[0].headers["ETag"] for _ in range(4)]
    assert etags[0] == etags[1] != etags[2] == etags[3]


def test_published_entry_appears_in_the_feed(web: NewsWeb) -> None:
    web.publish("wire.example", CRASH_URL, title="A page that kills", published=datetime(2026, 3, 12, tzinfo=UTC))
    _, body = get(web, "http://wire.example/index.rdf")
    assert CRASH_URL in {entry.link for entry in feedparser.parse(body).entries}


# --- behaviours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [304, 403, 404, 410, 429, 500, 503])
def test_status_path_answers_with_its_status(web: NewsWeb, code: int) -> None:
    response, _ = get(web, f"http://odd.example/status/{code}")
    assert response.status == code
    assert response.headers["Retry-After"] == ("2" if code in (429, 503) else None)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("same-site", "/page"),
        ("other-site", "http://patient.example/news/windhoek-solar-farm"),
        ("loop", "/redirect/loop-back"),
        ("loop-back", "/redirect/loop"),
        ("chain/3", "/redirect/chain/2"),
        ("chain/0", "/page"),
        ("private", "http://169.254.169.254/latest/"),
        ("file", "file:///etc/hostname"),
    ],
)
def test_redirect_path_leads_where_it_says(web: NewsWeb, path: str, location: str) -> None:
    response, _ = get(web, f"http://odd.example/redirect/{path}")
    assert response.status in (301, 302)
    assert response.headers["Location"] == location


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/page", '<link rel="canonical" href="http://odd.example/page">'),
        ("/page-again", '<link rel="canonical" href="http://odd.example/page">'),
        ("/page?utm_source=feed&utm_medium=rss", '<link rel="canonical" href="http://odd.example/page">'),
        ("/crash", '<link rel="canonical" href="http://odd.example/crash">'),
        ("/claims-other-site", '<link rel="canonical" href="http://gazette.example/2026/01/claimed/">'),
        ("/noindex", '<meta name="robots" content="noindex">'),
        ("/paywalled", '"isAccessibleForFree": false'),
    ],
)
def test_page_path_gives_an_article_page_with_its_mark(web: NewsWeb, path: str, inside: str) -> None:
    response, body = get(web, f"http://odd.example{path}")
    assert response.status == 200
    assert inside in body.decode()
    shown = "/page" if path.startswith("/page") else path
    assert web.expected(f"http://odd.example{shown}").paragraphs[0] in unescape(body.decode())


def test_paywalled_page_has_only_the_first_paragraph(web: NewsWeb) -> None:
    text = unescape(get(web, "http://odd.example/paywalled")[1].decode())
    first, *rest = web.expected("http://odd.example/paywalled").paragraphs
    assert first in text
    assert not [paragraph for paragraph in rest if paragraph in text]


def test_noindex_header_is_sent(web: NewsWeb) -> None:
    assert get(web, "http://odd.example/noindex-header")[0].headers["X-Robots-Tag"] == "noindex, noarchive"


def test_gzip_page_unpacks_to_the_article_and_the_broken_one_does_not(web: NewsWeb) -> None:
    response, body = get(web, "http://odd.example/gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"http://odd.example/gzip" in gzip.decompress(body)
    with pytest.raises(EOFError):
        gzip.decompress(get(web, "http://odd.example/gzip-broken")[1])


def test_length_that_lies_cuts_the_page(web: NewsWeb) -> None:
    with pytest.raises(http.client.IncompleteRead):
        get(web, "http://odd.example/length-too-long")
    response, body = get(web, "http://odd.example/length-too-short")
    assert len(body) == int(response.headers["Content-Length"])
    assert b"</html>" not in body


def test_wrong_and_missing_charsets_are_wrong_and_missing(web: NewsWeb) -> None:
    response, body = get(web, "http://odd.example/charset-wrong")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    response, body = get(web, "http://odd.example/charset-missing")
    assert response.headers["Content-Type"] == "text/html"
    assert b"<meta charset" not in body
    assert "Власти города" in body.decode("windows-1251")


def test_wire_pages_are_latin_1_without_a_label(web: NewsWeb) -> None:
    french = next(article for article in ARTICLES if article.language == "fr")
    response, body = get(web, web.world.url(french))
    assert response.headers["Content-Type"] == "text/html"
    assert b"charset" not in body
    assert french.title in unescape(body.decode("iso-8859-1"))
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


@pytest.mark.parametrize("path", ["/pdf", "/pdf-as-html"])
def test_pdf_paths_give_a_pdf(web: NewsWeb, path: str) -> None:
    response, body = get(web, f"http://odd.example{path}")
    assert body.startswith(b"%PDF-")
    assert response.headers["Content-Type"].startswith("text/html" if path == "/pdf-as-html" else "application/pdf")


def test_bad_feeds_are_bad_in_their_own_way(web: NewsWeb) -> None:
    page = get(web, "http://odd.example/feed-html")[1]
    assert page.startswith(b"<!DOCTYPE html>")
    empty = feedparser.parse(get(web, "http://odd.example/feed-empty")[1])
    assert (empty.bozo, empty.version, empty.entries) == (False, "rss20", [])
    assert get(web, "http://odd.example/feed-nothing")[1] == b""
    assert feedparser.parse(get(web, "http://odd.example/feed-truncated")[1]).bozo


@pytest.mark.parametrize("path", ["/drip", "/never-ends", "/huge", "/huge-chunked", "/gzip-bomb"])
def test_endless_body_ends_with_its_client(path: str) -> None:
    with NewsWeb() as web:
        connection = connect(web)
        connection.request("GET", path, headers={"Host": "odd.example"})
        response = connection.getresponse()
        assert response.read(10)
        response.close()
        connection.close()
        while not web.requests():  # the handler notices at its next write
            os.sched_yield()
        assert web.requests()[0].gone
        assert get(web, "http://odd.example/page")[0].status == 200


def test_huge_page_declares_its_200_megabytes(web: NewsWeb) -> None:
    connection = connect(web)
    connection.request("GET", "/huge", headers={"Host": "odd.example"})
    response = connection.getresponse()
    assert int(response.headers["Content-Length"]) == 200 * 1024 * 1024
    response.close()
    connection.close()


@pytest.mark.parametrize(
    ("host", "status", "inside"),
    [
        ("gazette.example", 200, "Allow: /"),
        ("tribune.example", 200, "Disallow: /private/"),
        ("courier.example", 404, ""),
        ("closed.example", 500, ""),
        ("patient.example", 200, "Crawl-delay: 2"),
    ],
)
def test_robots_txt_differs_by_host(web: NewsWeb, host: str, status: int, inside: str) -> None:
    response, body = get(web, f"http://{host}/robots.txt")
    assert response.status == status
    assert inside in body.decode()


def test_limited_host_refuses_every_fourth_request(web: NewsWeb) -> None:
    responses = [get(web, "http://limited.example/feed")[0] for _ in range(8)]
    assert [response.status for response in responses] == [200, 200, 200, 429] * 2
    assert responses[3].headers["Retry-After"] == "2"


def test_pictures_are_png_and_differ(web: NewsWeb) -> None:
    picture = next(article for article in ARTICLES if article.images)
    response, body = get(web, f"http://{picture.host}/media/{picture.images[0].file}")
    assert response.headers["Content-Type"] == "image/png"
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    assert png("a") != png("b")


def test_other_addresses_of_a_page_carry_its_canonical_url(web: NewsWeb) -> None:
    url = web.article_urls()[0]
    host, _, path = url.removeprefix("http://").partition("/")
    for other in (f"{url}?utm_source=rss", f"http://{host}/print/{path}"):
        response, body = get(web, other)
        assert response.status == 200
        assert f'<link rel="canonical" href="{url}">' in body.decode("iso-8859-1")
    assert get(web, url.replace("http://", "http://www."))[0].headers["Location"] == url


def test_unknown_host_and_unknown_page_are_404(web: NewsWeb) -> None:
    assert get(web, "http://nobody.example/")[0].status == 404
    assert get(web, "http://gazette.example/nothing")[0].status == 404


def test_every_scripted_path_is_answered(web: NewsWeb) -> None:
    raw = {"/slow-headers", "/header-flood", "/many-headers", "/feed-slow-headers"}  # not for the standard library
    for path in (ODD_PATHS | HOSTILE_PATHS).keys() - raw:
        connection = connect(web)
        connection.request("GET", path, headers={"Host": "odd.example"})
        response = connection.getresponse()
        assert response.status < 500 or path.startswith("/status/")
        response.close()
        connection.close()


# --- the log and its judge ------------------------------------------------------------------------------------


def test_log_has_one_whole_line_per_request(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with NewsWeb(log_path=log) as web:
        get(web, "http://gazette.example/feed/", If_None_Match='"x"', User_Agent="newsbeam-test")
        get(web, "http://odd.example/status/404")
    first, second = read_log(log)
    assert (first.host, first.path, first.status, first.open) == ("gazette.example", "/feed/", 200, 1)
    assert (first.if_none_match, first.user_agent, first.gone) == ('"x"', "newsbeam-test", False)
    assert first.start <= first.end <= second.start
    assert second.status == 404


def test_connection_is_kept_alive_between_requests(web: NewsWeb) -> None:
    connection = connect(web)
    for _ in range(3):
        connection.request("GET", "/feed/", headers={"Host": "gazette.example"})
        assert connection.getresponse().read()
    connection.close()
    assert len(web.requests()) == 3


def test_client_that_waits_for_each_answer_never_has_two_open(web: NewsWeb) -> None:
    for _ in range(40):
        for url in ("http://gazette.example/feed/", "http://odd.example/status/404", "http://odd.example/gzip"):
            get(web, url)
    requests = web.requests()
    assert len(requests) == 120
    assert {request.open for request in requests} == {1}
    assert set(max_open_per_site(requests).values()) == {1}


def request(start: float, end: float, host: str = "a.example", **values: object) -> Request:
    return Request(**{"start": start, "end": end, "host": host, "path": "/", "status": 200, "open": 1, **values})


def test_judge_counts_open_requests_of_all_hosts_of_a_site() -> None:
    log = [request(0, 2, "www.a.example"), request(1, 3), request(3, 4), request(0, 9, "b.example")]
    assert max_open_per_site(log) == {"a.example": 2, "b.example": 1}


def test_judge_measures_gaps() -> None:
    log = [request(0, 2), request(2.5, 3), request(3.25, 4)]
    assert min_start_gap_s(log, "a.example") == 0.75
    assert min_end_to_start_s(log, "a.example") == 0.25
    assert min_end_to_start_s([request(0, 2), request(1, 3)], "a.example") == -1
    assert min_start_gap_s(log, "b.example") == float("inf")


def test_judge_finds_pages_fetched_twice() -> None:
    log = [request(0, 1, path=p) for p in ("/x", "/x", "/y", "/feed", "/feed", "/robots.txt", "/robots.txt")]
    log += [request(2, 3, path="/y", gone=True), request(2, 3, path="/y", status=304)]
    assert fetched_more_than_once(log, except_urls={"http://a.example/feed"}) == {"http://a.example/x": 2}


def test_judge_measures_the_pause_after_429() -> None:
    log = [request(0, 1, status=429, retry_after="2"), request(3.5, 4), request(5, 6, status=503, retry_after="9")]
    assert after_429_s(log) == [("a.example", 2.0, 2.5), ("a.example", 9.0, float("inf"))]


# --- the process, the generated web, saved pages --------------------------------------------------------------


def start_process(tmp_path: Path) -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    ready, log = tmp_path / "ready.json", tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.support.newsweb", "--ready-file", str(ready), "--log", str(log)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    while not ready.exists():
        assert process.poll() is None
        os.sched_yield()
    return process, json.loads(ready.read_text(encoding="utf-8"))


@pytest.mark.parametrize("end", ["SIGTERM", "stdin"])
def test_process_serves_until_told_to_end(tmp_path: Path, end: str) -> None:
    process, said = start_process(tmp_path)
    connection = http.client.HTTPConnection(str(said["address"]), timeout=10)
    connection.request("GET", "/feed/", headers={"Host": "gazette.example"})
    before = connection.getresponse().read()
    connection.request("POST", "/next-edition?host=gazette.example", headers={"Host": "control.example"})
    assert connection.getresponse().read() == b"2\n"
    connection.request("GET", "/feed/", headers={"Host": "gazette.example"})
    assert connection.getresponse().read() != before
    connection.close()
    if end == "SIGTERM":
        process.send_signal(signal.SIGTERM)
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    assert [r.path for r in read_log(tmp_path / "log.jsonl")] == ["/feed/", "/feed/"]


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


STARTER = """
import subprocess, sys, pathlib, os
command = [sys.executable, "-m", "tests.support.newsweb", "--ready-file", sys.argv[1]]
subprocess.Popen(command, stdin=subprocess.DEVNULL)
while not pathlib.Path(sys.argv[1]).exists():
    os.sched_yield()
os._exit(0)
"""


def test_process_ends_with_the_parent_that_did_not_stop_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    subprocess.run([sys.executable, "-c", STARTER, str(ready)], cwd=ROOT, check=True, timeout=60)
    address = json.loads(ready.read_text(encoding="utf-8"))["address"]
    host, _, port = address.partition(":")
    while answers(host, int(port)):
        os.sched_yield()


def test_redirect_to_another_site_ends_at_an_article(web: NewsWeb) -> None:
    response, _ = get(web, "http://odd.example/redirect/other-site")
    assert get(web, response.headers["Location"])[0].status == 200


def test_generated_web_is_the_same_every_time_and_has_pages_of_real_size() -> None:
    with NewsWeb.big(pages=60, sites=6) as one, NewsWeb.big(pages=60, sites=6) as two:
        assert one.article_urls() == two.article_urls()
        assert len(one.article_urls()) == 60
        for url in one.article_urls()[:12]:
            body = get(one, url)[1]
            assert body == get(two, url)[1]
            assert 30_000 <= len(body) <= 100_000


def test_saved_pages_are_listed_with_their_urls(tmp_path: Path) -> None:
    lines = save_pages(tmp_path, 9, bulk_bytes=0).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,url"
    assert len(lines) == 10
    for line in lines[1:]:
        name, url = line.split(",")
        data = (tmp_path / name).read_bytes()
        page = gzip.decompress(data) if name.endswith(".gz") else data
        assert f'rel="canonical" href="{url}"'.encode() in page
    assert len(list(tmp_path.glob("*.html.gz"))) == 2
