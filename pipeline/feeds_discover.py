"""`feeds discover`: the feeds of a homepage, each asked for once and read before it is named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import NamedTuple

from pipeline.feeds_door import Door
from transforms.errors import ConfigurationError, StageError
from transforms.feeds import read_feed
from transforms.web import urls
from transforms.web.charset import decode_page

MAX_CANDIDATES = 15
MAX_HTML_CHARS = 1_000_000
FEED_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/json", "text/xml", "application/xml",
})  # fmt: skip
# Where the common systems put them: WordPress, Drupal, Ghost, Hugo, Medium, Arc, and by habit.
COMMON_PATHS = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_LESS_WANTED = re.compile(r"comment|reply|/author/|/tag/|podcast|/search", re.I)


class Candidate(NamedTuple):
    """An address that may be a feed, and why it is thought so; lower `rank` first."""

    url: str
    found_by: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class FoundFeed:
    """A feed that was asked for and read."""

    url: str
    found_by: str
    format: str
    title: str | None
    entries: int
    newest: datetime | None
    rank: int


def discover_feeds(door: Door, homepage: str) -> tuple[FoundFeed, ...]:
    """Return the feeds of a homepage, best first: its own links, sitemaps of news in robots.txt, common paths.

    Common paths are tried only where the page names none. Raises `StageError` when the homepage cannot be had.
    """
    response = door.ask(homepage, max_bytes=door.settings.fetch.max_page_bytes)
    if response.status_code >= 400:
        raise StageError("http_4xx", f"{response.url}: the server answered {response.status_code}")
    try:
        read_feed(response.body, url=response.url, content_type=response.header("content-type"))
    except StageError:
        pass
    else:
        return tuple(_verified(door, [Candidate(response.url, "is a feed itself", 0)]))
    text = decode_page(response.body, response.header("content-type")).text
    linked = [*_linked(text, response.url), *_sitemaps(door, response.url)]
    found = list(_verified(door, linked))
    if not any(feed.rank < _SITEMAP_RANK for feed in found):
        known = {candidate.url for candidate in linked}
        guesses = [urls.normalize_url(path, urls.origin(response.url) + "/") for path in COMMON_PATHS]
        found += _verified(door, [Candidate(url, "common path", 4) for url in guesses if url not in known], enough=2)
    return tuple(sorted(found, key=lambda feed: (feed.rank, not feed.entries)))


_SITEMAP_RANK = 3


class _Links(HTMLParser):
    """Collects `<link rel=alternate>` and anchors that speak of feeds."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, int]] = []
        self.base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cells = {name: value or "" for name, value in attrs}
        href = cells.get("href", "")
        if not href:
            return
        if tag == "base" and self.base is None:
            self.base = href
        elif tag == "link" and "alternate" in cells.get("rel", "").lower().split():
            if cells.get("type", "").split(";")[0].strip().lower() in FEED_TYPES:
                self.found.append((href, "link of the page", 0))
        elif tag == "a" and re.search(r"(?:\brss\b|\batom\b|/feeds?/?$|\.rss$|\.xml$)", href, re.I):
            self.found.append((href, "link in the text", 2))


def _linked(text: str, url: str) -> Iterator[Candidate]:
    """Yield what a page links to as its feeds, each once; those of comments and the like last."""
    parser = _Links()
    parser.feed(text[:MAX_HTML_CHARS])
    seen = set()
    for href, found_by, rank in sorted(parser.found, key=lambda each: each[2]):
        try:
            target = urls.normalize_url(href, urls.normalize_url(parser.base, url) if parser.base else url)
        except StageError:
            continue
        if target not in seen:
            seen.add(target)
            yield Candidate(target, found_by, rank + (1 if _LESS_WANTED.search(target) else 0))


def _sitemaps(door: Door, url: str) -> Iterator[Candidate]:
    for named in door.robots(url).sitemaps[:MAX_CANDIDATES]:
        if "news" in named.lower():  # a sitemap of everything is no feed
            try:
                yield Candidate(urls.normalize_url(named, url), "sitemap in robots.txt", _SITEMAP_RANK)
            except StageError:
                continue


def _verified(door: Door, candidates: list[Candidate], *, enough: int = MAX_CANDIDATES) -> Iterator[FoundFeed]:
    """Ask for each candidate and yield those that are feeds, until there are enough; what cannot be had is none."""
    seen, count = set(), 0
    for candidate in sorted(candidates, key=lambda each: each.rank)[:MAX_CANDIDATES]:
        try:
            response = door.ask(candidate.url)
            if response.status_code >= 400 or response.url in seen:
                continue
            document = read_feed(response.body, url=response.url, content_type=response.header("content-type"))
        except StageError as err:
            if err.reason == "http_429":
                return
            continue
        except ConfigurationError:  # asked enough
            return
        seen.add(response.url)
        dates = [entry.published for entry in document.entries if entry.published is not None]
        yield FoundFeed(
            url=response.url,
            found_by=candidate.found_by,
            format=document.format,
            title=document.title,
            entries=len(document.entries),
            newest=max(dates, default=None),
            rank=candidate.rank,
        )
        count += 1
        if count >= enough:
            return
