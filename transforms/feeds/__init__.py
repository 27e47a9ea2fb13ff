"""Feeds: which formats there are, what an edition says, when to poll again."""

import re
from dataclasses import replace

from transforms.errors import StageError
from transforms.feeds.base import FeedDocument, FeedFormat, FeedRequest
from transforms.feeds.identity import identify
from transforms.feeds.inflate import inflate
from transforms.feeds.json_feed import JSON_FEED
from transforms.feeds.sitemap import SITEMAP
from transforms.feeds.xml_feed import XML_FEED

# One file and one line per format; the first that recognises the beginning of the body reads it.
FORMATS: tuple[FeedFormat, ...] = (XML_FEED, JSON_FEED, SITEMAP)

_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.I)
_FEED_LINK = re.compile(rb"<link\b[^>]{0,500}application/(?:rss|atom)\+xml[^>]{0,500}>", re.I)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.I)


def read_feed(body: bytes, *, url: str, content_type: str | None = None, timezone: str | None = None) -> FeedDocument:
    """Return what an edition of a feed says. `url` is where it came from: relative links hang on it.

    `timezone` (an IANA name) is meant for dates without a zone, UTC without it. A broken feed gives what can be read
    of it. Raises `StageError`: empty_response, not_a_feed (what it is instead, where that is clear), unreadable_feed,
    undecodable and too_large (a file that is compressed itself, as sitemap.xml.gz is).
    """
    body = inflate(body, url)
    if not body.strip(b" \t\r\n\x00"):
        raise StageError("empty_response", f"{url}: the feed is empty", retryable=True)
    head = body[:4096].replace(b"\x00", b"")  # so that UTF-16 reads like ASCII here
    for feed_format in FORMATS:
        if feed_format.recognises(head):
            request = FeedRequest(body=body, url=url, content_type=content_type, timezone=timezone)
            document = feed_format.read(request)
            return replace(document, entries=identify(document.entries))
    raise StageError("not_a_feed", f"{url}: {_what_it_is(body, head, content_type)}")


def _what_it_is(body: bytes, head: bytes, content_type: str | None) -> str:
    if not _HTML.search(head):
        start = head.lstrip()[:40].decode("ascii", errors="replace")
        return f"not a feed in a known format: {content_type or 'no content type'}, starts with {start!r}"
    offered = _FEED_LINK.search(body, 0, 200_000)
    href = _HREF.search(offered[0]) if offered else None
    hint = f"; the page names {href[1].decode('utf-8', errors='replace')} as its feed" if href else ""
    return f"an HTML page, not a feed{hint}"
