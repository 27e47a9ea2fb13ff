"""What the local news web knows and answers: publishers, their articles, feeds by edition, robots.txt."""

import threading
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from .article_files import WebArticle
from .behaviours import ODD_PATHS, odd_article
from .feeds import Entry, Feed, render_feed
from .generated import bulk_markup
from .hostile import HOSTILE_PATHS
from .publishers import AGGREGATOR, LIMITED, ODD, Publisher
from .responses import Response, html, plain, png, redirect
from .templates import Link, render_page

RETRY_AFTER_S = "2"
SCRIPTED = ODD_PATHS | HOSTILE_PATHS


class World:
    """Every host of the web. One lock guards what changes: editions, publications and counts."""

    def __init__(
        self,
        publishers: Iterable[Publisher],
        articles: Iterable[WebArticle],
        *,
        second_edition_after_polls: int | None = None,
        bulk_bytes: int = 0,
    ) -> None:
        self.publishers = {publisher.host: publisher for publisher in publishers}
        self.articles = tuple(articles)
        unknown = {article.host for article in self.articles} - self.publishers.keys()
        if unknown:
            raise ValueError(f"articles for hosts without a publisher: {', '.join(sorted(unknown))}")
        self._second_after = second_edition_after_polls
        self._bulk_bytes = bulk_bytes
        self._lock = threading.Lock()
        self._pages = {self.url(article): article for article in self.articles}
        self._editions = dict.fromkeys([*self.publishers, AGGREGATOR.host, ODD.host], 1)
        self._polls = dict.fromkeys(self._editions, 0)
        self._published: dict[str, list[Entry]] = {host: [] for host in self._editions}
        self._by_host: dict[str, list[WebArticle]] = {host: [] for host in self.publishers}
        for article in self.articles:
            self._by_host[article.host].append(article)
        self._hits = 0  # of the limited host

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self._editions)

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """The feeds of all publishers, the aggregator's last."""
        return (*(publisher.feed_url for publisher in self.publishers.values()), AGGREGATOR.feed_url)

    def url(self, article: WebArticle) -> str:
        return self.publishers[article.host].url(article)

    def article_urls(self) -> tuple[str, ...]:
        """The canonical URLs of all articles that are out by now."""
        with self._lock:
            return tuple(url for url, article in self._pages.items() if self._is_out(article))

    def article(self, url: str) -> WebArticle:
        """Return the article as it stands now; KeyError when the web has none there."""
        parts = urlsplit(url)
        if parts.hostname == ODD.host and parts.path in SCRIPTED:
            return odd_article(parts.path)
        article = self._pages[f"http://{parts.hostname}{parts.path}"]
        with self._lock:
            return article.revised() if self._editions[article.host] > 1 else article

    def next_edition(self, host: str) -> int:
        """Let the host publish its second edition: new entries and the changed ones. Returns its number."""
        with self._lock:
            self._editions[host] += 1
            return self._editions[host]

    def publish(self, host: str, entry: Entry) -> None:
        """Add an entry to the host's feed; its URL may be anywhere, a scripted path of `odd.example` too."""
        with self._lock:
            self._published[host].append(entry)

    def entries(self, host: str) -> Sequence[Entry]:
        """Return what the host's feed lists now."""
        with self._lock:
            own = [a for a in self.articles if (a.host == host or host == AGGREGATOR.host) and self._is_out(a)]
            revised = [a.revised() if self._editions[a.host] > 1 else a for a in own]
            published = list(self._published[host])
        return [*(self._entry(article) for article in revised), *published]

    def _is_out(self, article: WebArticle) -> bool:
        return article.edition <= self._editions[article.host]

    def _entry(self, article: WebArticle) -> Entry:
        return Entry(
            url=self.url(article),
            title=article.title,
            summary=article.summary,
            published=article.published,
            updated=article.updated,
            authors=article.authors,
            section=article.section,
        )

    def answer(self, host: str, target: str, *, if_none_match: str | None, if_modified_since: str | None) -> Response:
        """Return the response to GET `target` on `host`."""
        if host == LIMITED.host:
            with self._lock:
                self._hits += 1
                limited = self._hits % 4 == 0
            if limited:
                return plain("Too many requests\n", status=429, headers=(("Retry-After", RETRY_AFTER_S),))
        if host.startswith("www.") and host[4:] in self._editions:
            return redirect(f"http://{host[4:]}{target}", 301)
        if host not in self._editions:
            return plain(f"no publisher has the name {host}\n", status=404)
        path = urlsplit(target).path
        publisher = self.publishers.get(host) or {AGGREGATOR.host: AGGREGATOR, ODD.host: ODD}[host]
        if path == "/robots.txt":
            return robots(publisher)
        if path == publisher.feed_path:
            return self._feed(publisher, if_none_match, if_modified_since)
        if path.startswith("/media/") and path.endswith(".png"):
            return Response(headers=(("Content-Type", "image/png"),), body=png(host + path))
        if host == ODD.host and path in SCRIPTED:
            return SCRIPTED[path]()
        return self._page(publisher, path)

    def _feed(self, publisher: Publisher, if_none_match: str | None, if_modified_since: str | None) -> Response:
        with self._lock:
            self._polls[publisher.host] += 1
            due = self._second_after is not None and self._polls[publisher.host] > self._second_after
            if due and self._editions[publisher.host] == 1:
                self._editions[publisher.host] = 2
            edition = self._editions[publisher.host]
        feed = render_feed(publisher, self.entries(publisher.host), edition=edition)
        validators = (("ETag", feed.etag), ("Last-Modified", feed.last_modified))
        if not_modified(feed, if_none_match, if_modified_since):
            return Response(status=304, headers=validators)
        return Response(headers=(("Content-Type", feed.content_type), *validators), body=feed.body)

    def _page(self, publisher: Publisher, path: str) -> Response:
        # `/print/...` is the same article under another address, with the same canonical URL.
        url = f"http://{publisher.host}{path.removeprefix('/print')}"
        article = self._pages.get(url)
        if path == "/":
            feed = f'<link rel="alternate" type="application/{publisher.feed_format}+xml" href="{publisher.feed_path}">'
            return html(f"<html><head>{feed}</head><body><h1>{publisher.name}</h1></body></html>")
        with self._lock:
            out = article is not None and self._is_out(article)
        if article is None or not out:
            return html("<html><body><h1>Page not found</h1></body></html>", status=404)
        neighbours = [other for other in self._by_host[publisher.host][:6] if other is not article]
        links = [Link(a.title, self.url(a)) for a in neighbours]
        text = render_page(self.article(url), publisher, links, bulk=bulk_markup(article.slug, self._bulk_bytes))
        return html(text, encoding=publisher.encoding, charset=publisher.charset)


def not_modified(feed: Feed, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """RFC 9110 13.2.2: If-None-Match alone decides when it is there. Dates are compared as opaque strings."""
    if if_none_match is not None:
        return if_none_match == "*" or feed.etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return if_modified_since == feed.last_modified


def robots(publisher: Publisher) -> Response:
    if isinstance(publisher.robots, int):
        return plain("no robots.txt\n", status=publisher.robots)
    return plain(publisher.robots)
