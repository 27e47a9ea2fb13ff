"""Sitemaps as feeds: Google News sitemaps, plain ones, and the news sections of a sitemap index (sitemaps.org)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from xml.parsers import expat

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds.base import MAX_ENTRIES, FeedDocument, FeedFormat, FeedRequest
from transforms.feeds.fields import MAX_NAMES, MAX_TITLE_CHARS, absolute_url, distinct, iso_date, one_line
from transforms.feeds.xml_guard import NOT_WELL_FORMED, safe_xml

MAX_PARTS = 5  # sitemaps of an index that are read; each costs a request of the site
MAX_ELEMENTS = 500_000  # 50,000 pages (sitemaps.org) of ten; 50,000 of five take 3.5 s of CPU and 80 MB
_MAX_FIELD_CHARS = 10_000
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)

_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(urlset|sitemapindex)[\s>]", re.I)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.I)
_NEWS = re.compile(r"news|latest|recent|article|story|stories|post", re.I)
_NOT_NEWS = re.compile(r"image|video|author|tag|categor|archive", re.I)

Fields = dict[str, list[str]]


class _Listed(NamedTuple):
    """One `url` or `sitemap` element: texts by the names of parent and element."""

    fields: Fields

    def first(self, name: str) -> str | None:
        return next(iter(self.fields.get(name, ())), None)


def recognises(head: bytes) -> bool:
    """Tell whether the beginning of a document holds a sitemap's root element before any sign of HTML."""
    root, page = _ROOT.search(head), _HTML.search(head)
    return root is not None and (page is None or root.start() < page.start())


def read(request: FeedRequest) -> FeedDocument:
    """Return a sitemap's pages as entries, newest first; of an index the `parts` to read.

    A document that breaks off gives what stands before. Raises `StageError("unreadable_feed")`.
    """
    data, warnings = safe_xml(request.body, request.content_type, request.url, max_elements=MAX_ELEMENTS)
    collector = _Collector()
    whole = collector.read(data)
    if not whole and not collector.listed:
        raise StageError("unreadable_feed", f"{request.url}: no sitemap can be read from this XML", retryable=True)
    if collector.root == "sitemapindex":
        parts = _parts(collector.listed, request)
        return FeedDocument(format="sitemapindex", parts=parts, warnings=warnings, truncated=not whole)
    found = [_entry(listed, request) for listed in collector.listed]
    # Undated last: a plain sitemap has no order, and what is beyond the limit should be the oldest.
    entries = sorted((entry for entry in found if entry is not None), key=_dated, reverse=True)
    skipped, overflow = len(found) - len(entries), max(len(entries) - MAX_ENTRIES, 0)
    if skipped:
        warnings += (f"{skipped} entries without a usable link",)
    if overflow:
        warnings += (f"{overflow} entries beyond the first {MAX_ENTRIES}",)
    news = any("news:title" in listed.fields for listed in collector.listed)
    return FeedDocument(
        format="news-sitemap" if news else "sitemap",
        title=collector.listed[0].first("publication:name") if collector.listed else None,
        language=collector.listed[0].first("publication:language") if collector.listed else None,
        entries=tuple(entries[:MAX_ENTRIES]),
        skipped=skipped,
        overflow=overflow,
        warnings=warnings,
        truncated=NOT_WELL_FORMED in warnings and not whole,
    )


SITEMAP = FeedFormat(name="sitemap", recognises=recognises, read=read)


class _Collector:
    """Collects the texts of each `url` or `sitemap` element by local names; prefixes are often undeclared."""

    def __init__(self) -> None:
        self.root = ""
        self.listed: list[_Listed] = []
        self._path: list[str] = []
        self._fields: Fields = {}
        self._text: list[str] = []
        self._left = 0  # characters that the present field may still have

    def read(self, data: bytes) -> bool:
        """Read as far as it goes; tell whether that was to the end."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            return False
        return True

    def _start(self, name: str, _: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if not self._path:
            self.root = local
        elif len(self._path) == 1:
            self._fields = {}
        self._path.append(local)
        self._text, self._left = [], _MAX_FIELD_CHARS

    def _characters(self, text: str) -> None:
        if len(self._path) > 2 and self._left > 0:
            self._text.append(text[: self._left])
            self._left -= len(text)

    def _end(self, _: str) -> None:
        local = self._path.pop()
        if len(self._path) == 1:
            self.listed.append(_Listed(self._fields))
        elif len(self._path) > 1:
            values = self._fields.setdefault(f"{self._path[-1]}:{local}", [])
            text = "".join(self._text).strip()
            if text and len(values) < MAX_NAMES:
                values.append(text)
        self._text = []


def _entry(listed: _Listed, request: FeedRequest) -> FeedEntry | None:
    link = absolute_url(listed.first("url:loc"), request.url)
    if link is None:
        return None
    keywords = (listed.first("news:keywords") or "").split(",")
    return FeedEntry(
        link=link,
        id=link,
        title=one_line(listed.first("news:title"), MAX_TITLE_CHARS),
        published=iso_date(listed.first("news:publication_date"), request.timezone),
        updated=iso_date(listed.first("url:lastmod"), request.timezone),
        categories=distinct(one_line(word, 200) for word in keywords),
        language=one_line(listed.first("publication:language"), 35),
        images=distinct(absolute_url(value, request.url) for value in listed.fields.get("image:loc", ())),
    )


def _dated(entry: FeedEntry) -> datetime:
    return entry.published or entry.updated or _EPOCH


def _parts(listed: list[_Listed], request: FeedRequest) -> tuple[str, ...]:
    """Return the sitemaps of an index to read: those that say news, else the newest ones."""
    found: dict[str, datetime] = {}
    for each in listed:
        url = absolute_url(each.first("sitemap:loc"), request.url)
        if url is not None:
            found[url] = iso_date(each.first("sitemap:lastmod"), None) or _EPOCH
    newest = sorted(found, key=found.__getitem__, reverse=True)
    pages = [url for url in newest if not _NOT_NEWS.search(url)] or newest
    return tuple([url for url in pages if _NEWS.search(url.partition("://")[2].partition("/")[2])] or pages)[:MAX_PARTS]
