"""RSS 0.9x, 1.0 (RDF), 2.0 and Atom, through feedparser: the only module that imports it."""

import html
import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from w3lib.html import remove_comments, remove_tags, remove_tags_with_content

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds.base import MAX_ENTRIES, FeedDocument, FeedFormat, FeedRequest
from transforms.feeds.fields import (
    MAX_CONTENT_CHARS,
    MAX_NAMES,
    MAX_SUMMARY_CHARS,
    MAX_TITLE_CHARS,
    absolute_url,
    distinct,
)
from transforms.feeds.memory import Wishes
from transforms.feeds.xml_guard import NOT_WELL_FORMED, safe_xml

MAX_TTL_S = 30 * 86_400.0

_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|[A-Za-z][\w.-]{0,20}:(?:RDF|feed|rss)|channel)[\s>/]", re.I)
_HTML = re.compile(rb"<html[\s>]", re.I)  # not its doctype: some feeds carry one
_ZONE = re.compile(r"(?:[+-]\d\d:?\d\d|[A-Za-z]{1,5})\s*(?:\([^)]*\))?\s*$")  # +0200, GMT, Z; also "+0200 (CEST)"
_ROOT_END = re.compile(rb"</(?:[\w.-]{1,20}:)?(?:rss|feed|rdf|channel)\s*>", re.I)
_TAIL_BYTES = 4_096  # some servers append a comment or a script
# feedparser keeps only the last hour and the last day.
_SKIP_HOURS = re.compile(rb"<skipHours\s*>", re.I)
_SKIP_DAYS = re.compile(rb"<skipDays\s*>", re.I)
_SKIP_END = re.compile(rb"</skip", re.I)
_SKIP_BYTES = 4_096  # 24 hours, generously indented
_HOUR = re.compile(rb"<hour\s*>\s*([0-9]{1,2})\s*</hour\s*>", re.I)
_DAY = re.compile(rb"<day\s*>\s*([A-Za-z]{3})[a-z]{0,6}\s*</day\s*>", re.I)
_WEEK = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_PERIODS_S = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}


def recognises(head: bytes) -> bool:
    """Tell whether the beginning of a document holds a feed's root element before any sign of HTML."""
    root, page = _ROOT.search(head), _HTML.search(head)
    return root is not None and (page is None or root.start() < page.start())


def read(request: FeedRequest) -> FeedDocument:
    """Return what an XML feed says. Raises `StageError("unreadable_feed")`."""
    import feedparser  # imported late: only a poll needs it

    data, warnings = safe_xml(request.body, request.content_type, request.url)
    try:
        # A stream, never a string: feedparser would take a string for a URL or a file name and open it.
        parsed = feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-location": request.url, "content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,  # of links it does so anyway; bodies are the text stage's
            sanitize_html=False,  # nothing here renders HTML, and it takes most of the time
        )
    except Exception as err:  # feedparser meets hostile bytes with whatever comes to hand, IndexError to AssertionError
        message = f"{request.url}: the feed cannot be parsed ({type(err).__name__}: {err})"
        raise StageError("unreadable_feed", message[:500]) from err
    # A broken document without one entry is no empty feed: taken for one, its validators would hide the mended one.
    if not parsed.entries and (NOT_WELL_FORMED in warnings or not parsed.version):
        raise StageError("unreadable_feed", f"{request.url}: no feed can be read from this XML", retryable=True)
    entries: list[FeedEntry] = []
    skipped = 0
    for raw in parsed.entries[:MAX_ENTRIES]:
        entry = _entry(raw, request)
        if entry is None:
            skipped += 1
        else:
            entries.append(entry)
    overflow = max(len(parsed.entries) - MAX_ENTRIES, 0)
    if skipped:
        warnings += (f"{skipped} entries without a usable link",)
    if overflow:
        warnings += (f"{overflow} entries beyond the first {MAX_ENTRIES}",)
    return FeedDocument(
        format=parsed.version or "xml",
        title=_text(parsed.feed, "title", MAX_TITLE_CHARS),
        language=_string(parsed.feed, "language", 35),
        wishes=Wishes(ttl_s=_ttl_s(parsed.feed), skip_hours=_skip_hours(data), skip_days=_skip_days(data)),
        truncated=NOT_WELL_FORMED in warnings and not _ROOT_END.search(data[-_TAIL_BYTES:]),
        entries=tuple(entries),
        skipped=skipped,
        overflow=overflow,
        warnings=warnings,
    )


XML_FEED = FeedFormat(name="xml", recognises=recognises, read=read)


def _entry(raw: Mapping[str, Any], request: FeedRequest) -> FeedEntry | None:
    """Return an entry, None without a link that can be fetched."""
    link = _link(raw, request.url)
    if link is None:
        return None
    return FeedEntry(
        link=link,
        id=_string(raw, "id", 2048) or link,
        title=_text(raw, "title", MAX_TITLE_CHARS),
        summary=_string(raw, "summary", MAX_SUMMARY_CHARS),
        content=_content(raw),
        published=_date(raw, "published", request.timezone),
        updated=_date(raw, "updated", request.timezone),
        authors=distinct(_names(raw.get("authors"), "name")),
        categories=distinct(_names(raw.get("tags"), "term")),
        language=_string(raw, "language", 35) or _detail_language(raw),
        images=distinct(_images(raw, request.url)),
    )


def _link(raw: Mapping[str, Any], base: str) -> str | None:
    # feedburner:origLink is the publisher's own address behind a counting redirect.
    for value in (raw.get("feedburner_origlink"), raw.get("link")):
        link = absolute_url(value, base)
        if link:
            return link
    return None


def _content(raw: Mapping[str, Any]) -> str | None:
    """Return the longest full text of an entry; several are alternatives or parts of which one is the whole."""
    values = [part.get("value") for part in raw.get("content") or () if isinstance(part, Mapping)]
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    return max(texts, key=len)[:MAX_CONTENT_CHARS] if texts else None


def _images(raw: Mapping[str, Any], base: str) -> Iterator[str]:
    candidates = [item for key in ("media_content", "enclosures", "media_thumbnail") for item in raw.get(key) or ()]
    for item in candidates[: 4 * MAX_NAMES]:
        kind = f"{item.get('medium', '')} {item.get('type', '')}".strip().lower()
        if kind and "image" not in kind:
            continue
        url = absolute_url(item.get("url") or item.get("href"), base)
        if url:
            yield url


def _names(items: object, key: str) -> Iterator[str]:
    for item in items if isinstance(items, list) else ():
        value = item.get(key) if isinstance(item, Mapping) else None
        if isinstance(value, str) and value.strip():
            yield " ".join(html.unescape(value).split())[:200]


def _string(raw: Mapping[str, Any], key: str, max_chars: int) -> str | None:
    value = dict.get(raw, key) if isinstance(raw, dict) else None  # feedparser's own `get` answers with other keys
    return value.strip()[:max_chars] or None if isinstance(value, str) else None


def _text(raw: Mapping[str, Any], key: str, max_chars: int) -> str | None:
    """Return a value as plain text on one line; feedparser says whether it is markup."""
    value = _string(raw, key, 20 * max_chars)
    if value is None:
        return None
    detail = raw.get(f"{key}_detail")
    if isinstance(detail, Mapping) and detail.get("type") != "text/plain":
        value = html.unescape(remove_tags(remove_tags_with_content(remove_comments(value), ("script", "style"))))
    return " ".join(value.split())[:max_chars] or None


def _detail_language(raw: Mapping[str, Any]) -> str | None:
    detail = raw.get("title_detail")
    language = detail.get("language") if isinstance(detail, Mapping) else None
    return language[:35] if isinstance(language, str) and language else None


def _date(raw: Mapping[str, Any], key: str, timezone: str | None) -> datetime | None:
    """Return an entry's date as aware UTC; one without a zone is in the feed's."""
    parsed = dict.get(raw, f"{key}_parsed") if isinstance(raw, dict) else None
    if not parsed:
        return None
    try:
        date = datetime.fromtimestamp(timegm(parsed), tz=UTC)
        if timezone and not _ZONE.search(_string(raw, key, 100) or "Z"):
            date = date.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None  # the year 0 and the year 10000: one bad date costs a date, not the entry
    return date


def _ttl_s(feed: Mapping[str, Any]) -> float | None:
    """Return the longer of RSS `ttl` (minutes) and the syndication module's period over frequency."""
    asked = []
    minutes = _number(_string(feed, "ttl", 20))
    if minutes:
        asked.append(minutes * 60)
    period_s = _PERIODS_S.get((_string(feed, "sy_updateperiod", 20) or "").lower())
    if period_s:
        asked.append(period_s / (_number(_string(feed, "sy_updatefrequency", 20)) or 1))
    return min(max(asked), MAX_TTL_S) if asked else None


def _skip_hours(data: bytes) -> tuple[int, ...]:
    """Return RSS `skipHours`, GMT; 24 is midnight in RSS 0.91."""
    hours = {int(hour) % 24 for hour in _HOUR.findall(_skipped(data, _SKIP_HOURS))}
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _skip_days(data: bytes) -> tuple[int, ...]:
    """Return RSS `skipDays` as numbers, Monday 0."""
    names = {day.lower() for day in _DAY.findall(_skipped(data, _SKIP_DAYS))}
    days = tuple(number for number, name in enumerate(_WEEK) if name in names)
    return days if len(days) < 7 else ()


def _skipped(data: bytes, start: re.Pattern[bytes]) -> bytes:
    found = start.search(data)
    inside = data[found.end() : found.end() + _SKIP_BYTES] if found else b""
    end = _SKIP_END.search(inside)
    return inside[: end.start()] if end else b""


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else None
