"""One fuzz target over every parser of foreign bytes: whatever comes, a value or a `StageError`, and in time.

`check(data)` is the target for any fuzzer: its first byte chooses the parser, the rest is its input. Hypothesis drives
it here with pieces of what the parsers look for, cut and shuffled; `--full` runs it for longer.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transforms.elements import FeedSource, RawPage
from transforms.errors import REASONS, ConfigurationError, StageError
from transforms.feeds import read_feed
from transforms.feeds.lists import read_feed_list
from transforms.text.article import extract_article
from transforms.text.settings import ExtractSettings
from transforms.web import politeness, urls
from transforms.web.challenges import is_challenge
from transforms.web.charset import decode_page, sniff_kind
from transforms.web.robots import read_robots

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "http://gazette.example/news/a-story"
LIMIT_S = 60.0  # generous: what is quadratic in a few kilobytes takes hours


def page(body: bytes) -> None:
    kind = sniff_kind(body, "text/html")
    text = decode_page(body, "text/html").text
    if kind in ("html", "text"):
        raw = RawPage(url=URL, final_url=URL, site="gazette.example", body=body, fetched_at=NOW, version=1)
        extract_article(raw, text, source=FeedSource(url=URL, id="g"), settings=ExtractSettings(languages=("en",)))


def headers(body: bytes) -> None:
    lines = body.decode("latin-1").split("\n")
    names = ("retry-after", "cache-control", "expires", "date", "age", "cf-mitigated", "x-robots-tag", "location")
    fields = dict(zip(names, lines, strict=False))
    for seconds in (politeness.retry_after_s(fields, now=NOW), politeness.freshness_s(fields, now=NOW)):
        assert seconds is None or 0 < seconds < float("inf")
    is_challenge(fields, body)


def links(body: bytes) -> None:
    text = body.decode("utf-8", "surrogateescape")
    urls.believable_canonical(text, URL)
    normal = urls.normalize_url(text, URL)
    assert urls.normalize_url(normal) == normal
    urls.site_key(normal)


def robots(body: bytes) -> None:
    rules = read_robots(200, body, "newsbeam")
    rules.allowed(URL)
    rules.rule(URL)
    assert rules.crawl_delay_s is None or rules.crawl_delay_s >= 0


PARSERS: tuple[Callable[[bytes], object], ...] = (
    page,
    headers,
    links,
    robots,
    lambda body: read_feed(body, url=URL, content_type=None),
    lambda body: read_feed(body, url=URL, content_type="application/feed+json"),
    lambda body: read_feed_list(body, "list.opml"),
    lambda body: decode_page(body, body[:60].decode("latin-1")),
)


def check(data: bytes) -> None:
    """Give the bytes behind the first one to the parser that it names."""
    parse = PARSERS[data[0] % len(PARSERS)] if data else page
    started = time.monotonic()
    try:
        parse(data[1:])
    except (StageError, ConfigurationError) as err:
        assert not isinstance(err, StageError) or err.reason in REASONS  # noqa: PT017
        assert len(str(err)) < 5_000  # noqa: PT017
    assert time.monotonic() - started < LIMIT_S


PIECES = st.sampled_from([
    b"<html>", b"<head>", b"<body>", b"<p>", b"</p>", b"<div>" * 300, b"<table><tr><td>", b"<!--", b"-->", b"<![CDATA[",
    b"<title>Just a moment...</title>", b"<script type='application/ld+json'>", b"</script>",
    b'{"@type":"NewsArticle",',
    b'"headline":"A","articleBody":"', b"[" * 400, b'{"a":' * 400, b"<meta charset='utf-16'>", b"<meta charset='x'>",
    b"<link rel='canonical' href='//[::1'>", b"<base href='javascript:1'>", b"<meta name='robots' content='noindex'>",
    b"<rss version='2.0'><channel>", b"<item>", b"</item>", b"<link>http://[</link>", b"<guid>", b"<feed>", b"<entry>",
    b"<pubDate>Thu, 99 Foo 0000</pubDate>", b"<opml><body><outline xmlUrl='http://a.example/'/>", b"<!DOCTYPE x [",
    b"<!ENTITY a 'b'>", b"<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;", b"]>", b"&a;" * 50, b"&#x110000;",
    b"<x>" * 300,
    b"User-agent: *\n", b"User-agent: newsbeam\n", b"Disallow: /*a*a*a*a*a*a*$\n", b"Allow: %%%\n",
    b"Crawl-delay: inf\n",
    b"Crawl-delay: -1\n", b"Crawl-delay: 1e999\n", b"Sitemap: \n", b"/" + b"a" * 300,
    b"Thu, 01 Jan 2099 00:00:00 GMT\n",
    b"99999999999999999999\n", b"max-age=1e9\n", b"http://", b"//", b"..", b"%", b"@", b"xn--", b":99999", b"?utm_a=b",
    b'{"version":"https://jsonfeed.org/version/1.1","items":[', b'{"id":1,"url":[]},', b"]}", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b"\x00", b"\x1b$B", b"\xc0\x80", b"\xed\xa0\x80", b"\r", b"\n", b"#",
    b"text of a story. ",
])  # fmt: skip
INPUTS = st.tuples(
    st.integers(0, len(PARSERS) - 1).map(lambda number: bytes([number])),
    st.lists(PIECES | st.binary(max_size=6), max_size=25).map(b"".join) | st.binary(max_size=300),
).map(b"".join)


@given(INPUTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_gives_a_value_or_a_reason(data: bytes) -> None:
    check(data)


@pytest.mark.full
@given(INPUTS)
@settings(deadline=None, max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_for_a_long_time_gives_a_value_or_a_reason(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize("parser", range(len(PARSERS)))
@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 60_000, b"<x>" * 60_000, b"[" * 60_000, b'{"a":' * 60_000, b"<!--" * 60_000, b"&" * 200_000,
        b"a*" * 60_000, b"User-agent: *\nDisallow: /" + b"*a" * 60_000, b"%" * 200_000, b"/.." * 60_000,
        b"<rss><channel>" + b"<item>" * 60_000, b"<a href='" * 60_000, b"\xff" * 200_000, b"(" * 100_000,
        b"<script type='application/ld+json'>" + b"[" * 60_000, b"Crawl-delay: " + b"9" * 60_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)  # fmt: skip
def test_what_is_deep_or_long_ends_in_time(parser: int, body: bytes) -> None:
    check(bytes([parser]) + body)
