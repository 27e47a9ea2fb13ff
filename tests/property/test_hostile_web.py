"""Strangers' bytes: whatever they are, the answer is a value or a `StageError`."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from transforms.errors import REASONS, StageError
from transforms.feeds import read_feed
from transforms.web.charset import decode_page, sniff_kind
from transforms.web.politeness import freshness_s, retry_after_s
from transforms.web.robots import read_robots
from transforms.web.urls import believable_canonical, normalize_url, site_key

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "https://gazette.example/rss"

_URL_PIECES = st.sampled_from(
    ["http://", "HTTPS://", "//", "/", "a.example", "münchen.de", "%", "%2e%2E", "%41", "..", ".", "?", "#", "&", "@",
     ":80", ":443", "[::1]", "[", "]", "utm_source=x", "q=%zz", " ", "\\", "\n", "。", "xn--", "0x7f", "127.1", "%%34"]
)  # fmt: skip
_URLS = st.one_of(st.text(), st.lists(_URL_PIECES | st.text(max_size=3), max_size=8).map("".join))

_XML_PIECES = st.sampled_from(
    [b"<rss>", b"<channel>", b"<item>", b"</item>", b"<link>/a</link>", b"<title>t</title>", b"<feed>", b"<entry>",
     b"<guid>x</guid>", b"<pubDate>31 Feb 99999</pubDate>", b"<![CDATA[", b"]]>", b"<!DOCTYPE r [", b"<!ENTITY a 'b'>",
     b"&a;", b"&#0;", b"&#x110000;", b"<?xml version='1.0' encoding='punycode'?>", b"\xff\xfe",
     b"<media:content url='['/>",
     b"<link href='http://[' />", b"<author>", b"<ttl>-1</ttl>", b"<!--", b"\x00", b"<source url='x'>", b"</rss>"]
)  # fmt: skip
_FEEDS = st.one_of(st.binary(), st.lists(_XML_PIECES | st.binary(max_size=4), max_size=12).map(b"".join))
_CONTENT_TYPES = (
    st.none() | st.text(max_size=40) | st.sampled_from(["text/xml; charset=idna", "text/html; charset=utf-16"])
)


@given(_URLS, st.none() | st.just("https://gazette.example/a/b"))
@example("http://a.example/%%341", None)
@example("http://a.example/a/..//b", None)
def test_normal_form_is_a_fixed_point(url, base):
    try:
        normal = normalize_url(url, base)
    except StageError as err:
        assert err.reason == "bad_url"  # noqa: PT017
        return
    assert normalize_url(normal) == normal
    assert normal.isascii()
    assert normal.startswith(("http://", "https://"))
    assert site_key(normal) == site_key(normal.lower())


@given(_URLS)
def test_claims_never_raise_and_stay_on_the_site(url):
    believed = believable_canonical(url, "https://news.gazette.example/2026/a-story-of-today")
    assert believed is None or site_key(believed) == "gazette.example"


@given(_FEEDS, _CONTENT_TYPES)
def test_feed_bytes_give_entries_or_a_reason(body, content_type):
    try:
        document = read_feed(body, url=URL, content_type=content_type, timezone="Europe/Berlin")
    except StageError as err:
        assert err.reason in ("empty_response", "not_a_feed", "unreadable_feed", "undecodable")  # noqa: PT017
        return
    for entry in document.entries:
        assert normalize_url(entry.link)
        assert entry.published is None or entry.published.tzinfo is UTC


@given(_FEEDS)
def test_bytes_behind_a_feeds_start_never_escape(body):
    try:
        read_feed(b"<rss version='2.0'><channel><item><link>/a</link></item>" + body, url=URL)
    except StageError as err:
        assert err.reason in REASONS  # noqa: PT017


@given(st.binary() | _FEEDS | st.text().map(str.encode), _CONTENT_TYPES)
def test_page_bytes_give_text_or_undecodable(body, content_type):
    assert sniff_kind(body, content_type)
    try:
        page = decode_page(body, content_type)
    except StageError as err:
        assert err.reason == "undecodable"  # noqa: PT017
        return
    assert "\x00" not in page.text
    page.text.encode("utf-8")


@given(st.text(), st.text(), st.text(max_size=60))
def test_header_text_gives_seconds_or_nothing(retry_after, date, cache_control):
    headers = {"retry-after": retry_after, "date": date, "cache-control": cache_control, "expires": date, "age": date}
    seconds = retry_after_s(headers, now=NOON)
    assert seconds is None or 0 < seconds <= 30 * 86_400
    fresh_s = freshness_s(headers, now=NOON)
    assert fresh_s is None or fresh_s > 0


@given(st.integers(-1, 999) | st.none(), st.binary(), st.sampled_from(["", "User-agent: *\nDisallow: /"]))
def test_robots_bytes_never_escape(status, body, start):
    rules = read_robots(status, start.encode() + b"\n" + body, "newsbeam")
    assert rules.allowed(URL) in (True, False)
    assert rules.crawl_delay_s is None or rules.crawl_delay_s >= 0
