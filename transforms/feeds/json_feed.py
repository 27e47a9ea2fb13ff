"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds.base import MAX_ENTRIES, FeedDocument, FeedFormat, FeedRequest
from transforms.feeds.fields import (
    MAX_CONTENT_CHARS,
    MAX_SUMMARY_CHARS,
    MAX_TITLE_CHARS,
    absolute_url,
    distinct,
    iso_date,
    one_line,
)

_VERSION = re.compile(rb"jsonfeed\.org\\?/version", re.I)
_BOM = b"\xef\xbb\xbf"


def recognises(head: bytes) -> bool:
    """Tell whether the beginning is a JSON object that names its version as JSON Feed's."""
    return head.removeprefix(_BOM).lstrip().startswith(b"{") and _VERSION.search(head) is not None


def read(request: FeedRequest) -> FeedDocument:
    """Return what a JSON feed says. Raises `StageError("unreadable_feed")`; a bad item costs itself only."""
    try:
        feed = orjson.loads(request.body.removeprefix(_BOM))  # refuses what nests deeper than 1,024
    except orjson.JSONDecodeError as err:
        message = f"{request.url}: the JSON feed cannot be parsed ({err})"
        raise StageError("unreadable_feed", message[:500], retryable=True) from err
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise StageError("unreadable_feed", f"{request.url}: the JSON feed has no list of items", retryable=True)
    found = [_entry(item, feed, request) for item in items[:MAX_ENTRIES]]
    entries = tuple(entry for entry in found if entry is not None)
    skipped, overflow = len(found) - len(entries), max(len(items) - MAX_ENTRIES, 0)
    warnings = []
    if skipped:
        warnings.append(f"{skipped} entries without a usable link")
    if overflow:
        warnings.append(f"{overflow} entries beyond the first {MAX_ENTRIES}")
    version = str(feed.get("version", "")).rpartition("/")[2]
    return FeedDocument(
        format=f"json{version.replace('.', '')}"[:10],
        title=one_line(_text(feed, "title"), MAX_TITLE_CHARS),
        language=one_line(_text(feed, "language"), 35),
        entries=entries,
        skipped=skipped,
        overflow=overflow,
        warnings=tuple(warnings),
    )


JSON_FEED = FeedFormat(name="json", recognises=recognises, read=read)


def _entry(item: object, feed: Mapping[str, Any], request: FeedRequest) -> FeedEntry | None:
    """Return an item as an entry, None without a link that can be fetched."""
    if not isinstance(item, dict):
        return None
    # `id` is often the item's address; `external_url` is what an item of a link blog is about.
    id_text = _text(item, "id")
    links = (_text(item, "url"), _text(item, "external_url"), id_text if id_text and "://" in id_text else None)
    link = next((found for value in links if (found := absolute_url(value, request.url))), None)
    if link is None:
        return None
    content = _text(item, "content_html") or _text(item, "content_text")
    return FeedEntry(
        link=link,
        id=(id_text or link)[:2048],
        title=one_line(_text(item, "title"), MAX_TITLE_CHARS),
        summary=(_text(item, "summary") or "")[:MAX_SUMMARY_CHARS] or None,
        content=content[:MAX_CONTENT_CHARS] if content else None,
        published=iso_date(_text(item, "date_published"), request.timezone),
        updated=iso_date(_text(item, "date_modified"), request.timezone),
        authors=distinct(_authors(item)) or distinct(_authors(feed)),
        categories=distinct(one_line(tag, 200) for tag in _list(item, "tags") if isinstance(tag, str)),
        language=one_line(_text(item, "language") or _text(feed, "language"), 35),
        images=distinct(absolute_url(value, request.url) for value in _images(item)),
    )


def _authors(cells: Mapping[str, Any]) -> Iterator[str | None]:
    # 1.0 has one `author`, 1.1 a list of `authors`.
    for author in (*_list(cells, "authors"), cells.get("author")):
        if isinstance(author, dict):
            yield one_line(_text(author, "name"), 200)


def _images(item: Mapping[str, Any]) -> Iterator[str | None]:
    yield _text(item, "image")
    yield _text(item, "banner_image")
    for attachment in _list(item, "attachments"):
        if isinstance(attachment, dict) and (_text(attachment, "mime_type") or "").startswith("image/"):
            yield _text(attachment, "url")


def _list(cells: Mapping[str, Any], name: str) -> list[Any]:
    value = cells.get(name)
    return value[:1000] if isinstance(value, list) else []


def _text(cells: Mapping[str, Any], name: str) -> str | None:
    """Return a member as text; ids are often numbers (JSON Feed 1.1: to be read as strings)."""
    value = cells.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return value.strip() or None if isinstance(value, str) else None
