"""JSON Feed, sitemaps, and which entry is which."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds import FORMATS, read_feed
from transforms.feeds.base import MAX_ENTRIES
from transforms.feeds.identity import fingerprint, identify, unwrap
from transforms.feeds.sitemap import MAX_PARTS

URL = "https://gazette.example/feed"


def json_feed(*items: Any, **cells: Any) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, **cells}).encode()


def sitemap(*urls: str, root: str = "urlset", tail: str | None = None) -> bytes:
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f"<?xml version='1.0'?><{root} {spaces}>{''.join(urls)}{f'</{root}>' if tail is None else tail}".encode()


def news(path: str, title: str, date: str) -> str:
    return (
        f"<url><loc>https://gazette.example/{path}</loc><news:news><news:publication><news:name>The Gazette</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title><news:keywords>Ports, Ferries</news:keywords></news:news></url>"
    )


def failure(body: bytes) -> StageError:
    with pytest.raises(StageError) as caught:
        read_feed(body, url=URL)
    return caught.value


# --- JSON Feed


def test_json_feed_gives_its_items() -> None:
    item = {
        "id": 17,
        "url": "/ferry?utm_source=json",
        "title": "Ferry\n returns",
        "content_html": "<p>It is back.</p>",
        "summary": "Back.",
        "date_published": "2026-01-01T13:00:00+01:00",
        "date_modified": "2026-01-01T14:00:00+01:00",
        "authors": [{"name": "Ann Writer"}, "nobody"],
        "tags": ["Transport", 3],
        "image": "ferry.jpg",
        "attachments": [{"url": "/two.png", "mime_type": "image/png"}, {"url": "/talk.mp3", "mime_type": "audio/mpeg"}],
    }
    document = read_feed(json_feed(item, title="The Gazette", language="en-GB"), url=URL)
    assert (document.format, document.title, document.language) == ("json11", "The Gazette", "en-GB")
    assert document.entries == (
        FeedEntry(
            link="https://gazette.example/ferry?utm_source=json",
            id="17",
            title="Ferry returns",
            summary="Back.",
            content="<p>It is back.</p>",
            published=datetime(2026, 1, 1, 12, tzinfo=UTC),
            updated=datetime(2026, 1, 1, 13, tzinfo=UTC),
            authors=("Ann Writer",),
            categories=("Transport",),
            language="en-GB",
            images=("https://gazette.example/ferry.jpg", "https://gazette.example/two.png"),
        ),
    )


def test_json_feed_1_0_has_one_author_and_text() -> None:
    body = json_feed(
        {"id": "https://gazette.example/a", "content_text": "Words.", "author": {"name": "A. Name"}},
        version="https://jsonfeed.org/version/1",
    )
    (entry,) = read_feed(b"\xef\xbb\xbf" + body, url=URL).entries
    assert (entry.link, entry.content, entry.authors) == ("https://gazette.example/a", "Words.", ("A. Name",))


def test_a_bad_item_costs_itself_only() -> None:
    good = {"id": "g", "url": "https://gazette.example/good"}
    bad = [None, 3, "x", [], {}, {"id": "x"}, {"id": [], "url": {"a": 1}}, {"url": "javascript:alert(1)"}]
    odd = {"url": "https://gazette.example/odd", "date_published": "yesterday", "authors": 3, "tags": {}, "title": []}
    document = read_feed(json_feed(good, *bad, odd), url=URL)
    assert [entry.link.rpartition("/")[2] for entry in document.entries] == ["good", "odd"]
    assert document.skipped == len(bad)


def test_json_entries_beyond_the_limit_are_counted() -> None:
    items = [{"url": f"https://gazette.example/{number}"} for number in range(MAX_ENTRIES + 5)]
    document = read_feed(json_feed(*items), url=URL)
    assert (len(document.entries), document.overflow) == (MAX_ENTRIES, 5)


@pytest.mark.parametrize(
    "body",
    [json_feed()[:-3], b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 5000, json_feed(items=3)],
)
def test_json_feed_that_cannot_be_read_is_a_failure(body: bytes) -> None:
    assert failure(body).reason == "unreadable_feed"


def test_other_json_is_no_feed() -> None:
    assert failure(b'{"items": []}').reason == "not_a_feed"


# --- sitemaps


def test_news_sitemap_gives_its_pages_newest_first() -> None:
    body = sitemap(news("old", "An older one", "2026-01-01"), news("new", "Ferry &amp; port", "2026-01-02T08:00:00Z"))
    document = read_feed(body, url=URL)
    assert (document.format, document.title, document.language) == ("news-sitemap", "The Gazette", "en")
    first, second = document.entries
    assert (first.link, first.title) == ("https://gazette.example/new", "Ferry & port")
    assert first.published == datetime(2026, 1, 2, 8, tzinfo=UTC)
    assert (first.language, first.categories) == ("en", ("Ports", "Ferries"))
    assert second.published == datetime(2026, 1, 1, tzinfo=UTC)


def test_plain_sitemap_has_addresses_and_dates_of_change() -> None:
    body = sitemap("<url><loc> https://gazette.example/a </loc><lastmod>2026-01-01</lastmod></url>", "<url/>")
    document = read_feed(body, url=URL)
    assert (document.format, document.skipped) == ("sitemap", 1)
    assert document.entries[0].updated == datetime(2026, 1, 1, tzinfo=UTC)


def test_sitemap_that_breaks_off_gives_what_stands_before() -> None:
    body = sitemap(news("a", "A", "2026-01-01"), "<url><loc>https://gazette.exa", tail="")
    document = read_feed(body, url=URL)
    assert [entry.title for entry in document.entries] == ["A"]
    assert document.truncated
    assert "not well-formed XML" in document.warnings


def test_the_largest_sitemap_that_there_may_be_is_read_to_our_limit() -> None:
    more = "<lastmod>2026-01-01</lastmod><changefreq>daily</changefreq><priority>0.5</priority>"
    urls = [f"<url><loc>https://gazette.example/{number}</loc>{more}</url>" for number in range(50_000)]
    document = read_feed(sitemap(*urls), url=URL)
    assert (len(document.entries), document.overflow) == (MAX_ENTRIES, 50_000 - MAX_ENTRIES)


def test_compressed_sitemap_is_read_and_a_bomb_is_not() -> None:
    body = sitemap(news("a", "A", "2026-01-01"))
    assert len(read_feed(gzip.compress(body), url=URL).entries) == 1
    assert failure(gzip.compress(gzip.compress(body))).reason == "not_a_feed"
    assert failure(gzip.compress(b" " * 60_000_000)).reason == "too_large"
    assert failure(b"\x1f\x8bnonsense").reason == "undecodable"


def index(*children: tuple[str, str]) -> bytes:
    parts = [f"<sitemap><loc>{url}</loc><lastmod>{date}</lastmod></sitemap>" for url, date in children]
    return sitemap(*parts, root="sitemapindex")


def test_of_an_index_the_news_sections_are_read() -> None:
    body = index(
        ("/sitemap-video-news.xml", "2026-01-03"),
        ("/sitemap-pages.xml", "2026-01-02"),
        ("/sitemap-news.xml", "2026-01-01"),
        ("https://elsewhere.example/news/2.xml", "2026-01-02"),
    )
    document = read_feed(body, url=URL)
    assert (document.format, document.entries) == ("sitemapindex", ())
    assert document.parts == ("https://elsewhere.example/news/2.xml", "https://gazette.example/sitemap-news.xml")


def test_an_index_without_news_sections_gives_its_newest_parts() -> None:
    body = index(*((f"/sitemap-{number:02}.xml", f"2026-01-{number:02}") for number in range(1, 29)))
    document = read_feed(body, url=URL)
    assert len(document.parts) == MAX_PARTS
    assert document.parts[0].endswith("-28.xml")


def test_entities_that_grow_are_refused_in_a_sitemap() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>' + sitemap()[21:]
    assert failure(bomb).reason == "unreadable_feed"


def test_each_document_is_of_one_format() -> None:
    for body in (json_feed(), sitemap(), b"<rss version='2.0'><channel/></rss>"):
        assert sum(each.recognises(body[:4096]) for each in FORMATS) == 1


# --- identity


@pytest.mark.parametrize(
    ("link", "inner"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://a.example/x%3Fy%3D1&ct=ga", "https://a.example/x?y=1"),
        ("https://www.google.co.uk/url?q=https://a.example/x", "https://a.example/x"),
        ("https://www.google.com/amp/s/a.example/x", "https://a.example/x"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx&h=1", "https://a.example/x"),
        ("https://t.umblr.com/redirect?z=https://a.example/x", "https://a.example/x"),
        ("https://www.google.com/url?url=https://t.umblr.com/redirect?z=https://a.example/x", "https://a.example/x"),
        ("https://www.google.com/url?url=javascript:alert(1)", None),
        ("https://www.google.com/url", None),
        ("https://google.com.evil.example/url?url=https://a.example/x", None),
        ("https://gazette.example/url?url=https://a.example/x", None),
        ("https://[bad", None),
    ],
)
def test_links_through_click_counters_are_unwrapped(link: str, inner: str | None) -> None:
    assert unwrap(link) == (inner or link)


def test_unwrapping_ends() -> None:
    link = "https://a.example/x"
    for _ in range(5):
        link = f"https://t.umblr.com/redirect?z={link}"
    assert unwrap(link).count("umblr") == 2


def entry(link: str, id: str, title: str = "") -> FeedEntry:
    return FeedEntry(link=link, id=id, title=title or None)


def test_an_id_that_several_entries_share_is_none() -> None:
    found = identify(
        [entry("https://a.example/1", "site"), entry("https://a.example/2", "site"), entry("https://a.example/3", "3")]
    )
    assert [each.id for each in found] == ["https://a.example/1", "https://a.example/2", "3"]


def test_entries_of_one_link_and_one_id_are_told_apart_by_what_they_say() -> None:
    found = identify([entry("https://a.example/live", "live", title) for title in ("one", "two", "one")])
    ids = [each.id for each in found]
    assert ids[0] == ids[2] != ids[1]
    assert all(each.startswith("sha256:") for each in ids)


def test_an_entry_that_says_something_else_has_another_fingerprint() -> None:
    one = FeedEntry(link="https://a.example/1", id="1", title="One", summary="s")
    later = datetime(2026, 1, 1, tzinfo=UTC)
    others = [
        replace(one, title="Two"),
        replace(one, updated=later),
        replace(one, summary="t"),
        replace(one, content="c"),
    ]
    assert len({fingerprint(each) for each in (one, *others)}) == 5
    assert fingerprint(replace(one, categories=("x",), published=later)) == fingerprint(one)
