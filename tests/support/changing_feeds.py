"""Feeds that change by the injected clock, each with its own wishes, and a clock that tests move in every process."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.newsweb import NewsWeb
from tests.support.newsweb.feeds import Entry, rss
from tests.support.newsweb.generated import generated_article
from tests.support.newsweb.publishers import Publisher
from tests.support.newsweb.responses import Response, html, plain
from tests.support.newsweb.templates import render_page
from transforms import clock
from transforms.clock import epoch_s

LISTED = 25  # entries of an edition
KINDS = ("validators", "max-age", "ttl", "nothing", "failing", "busy")
MAX_AGE_S, TTL_MIN, RETRY_AFTER_S, EVERY_S = 7_200, 90, 5_400, 1_800
FAILS_BETWEEN_S = (1.5 * 3_600, 4.0 * 3_600)  # since the web's start
BUSY_AT = 3  # which poll is answered 429


class MovedClock:
    """The wall clock of all processes that have NEWSBEAM_CLOCK: moved by hand. It goes on between moves."""

    def __init__(self, file: Path) -> None:
        self.file, self.offset_s = file, 0.0
        self.move(0.0)

    def move(self, seconds: float) -> None:
        """Set the clock forward, or back. Readers see the old or the new time, never half a number."""
        self.offset_s += seconds
        new = self.file.with_suffix(".new")
        new.write_text(repr(self.offset_s))
        os.replace(new, self.file)

    @contextmanager
    def here(self, monkeypatch: pytest.MonkeyPatch) -> Iterator["MovedClock"]:
        """Let this process go by it too."""
        with monkeypatch.context() as patch:
            patch.setattr(clock, "_FILE", str(self.file))
            yield self


class Poll(NamedTuple):
    """A request for a feed: when, by the clock, and what was answered."""

    at: float
    status: int
    articles: tuple[int, ...]


@dataclass
class Site:
    """One host with one feed. An article appears every `every_s` seconds, by the clock."""

    number: int
    every_s: float
    polls: list[Poll] = field(default_factory=list)
    pages: Counter[int] = field(default_factory=Counter)

    @property
    def host(self) -> str:
        return f"changing-{self.number:02}.example"

    @property
    def kind(self) -> str:
        return KINDS[self.number % len(KINDS)]

    @property
    def feed_url(self) -> str:
        return f"http://{self.host}/feed"

    def url(self, article: int) -> str:
        return f"http://{self.host}/news/{article}"

    def listed(self) -> set[int]:
        """Return the articles that a client could have seen."""
        return {article for poll in self.polls for article in poll.articles}


class ChangingWorld:
    """What `NewsWeb` asks for answers: sites whose feeds change by the clock."""

    def __init__(self, sites: int) -> None:
        self.started_at = epoch_s()
        self.sites = {site.host: site for site in (Site(n, 1_200.0 + 431.0 * n) for n in range(sites))}

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self.sites)

    @property
    def feed_urls(self) -> tuple[str, ...]:
        return tuple(site.feed_url for site in self.sites.values())

    def answer(self, host: str, target: str, *, if_none_match: str | None, if_modified_since: str | None) -> Response:
        """Return the response to GET `target` on `host`."""
        site = self.sites[host]
        if target == "/feed":
            return self._feed(site, if_none_match)
        if target.startswith("/news/"):
            article = int(target.rpartition("/")[2])
            site.pages[article] += 1
            return html(self._page(site, article))
        return plain("nothing here\n", status=404)

    def _feed(self, site: Site, if_none_match: str | None) -> Response:
        now = epoch_s()
        age_s = now - self.started_at
        if site.kind == "failing" and FAILS_BETWEEN_S[0] <= age_s < FAILS_BETWEEN_S[1]:
            site.polls.append(Poll(now, 500, ()))
            return plain("out of order\n", status=500)
        if site.kind == "busy" and len(site.polls) == BUSY_AT:
            site.polls.append(Poll(now, 429, ()))
            return plain("later\n", status=429, headers=(("Retry-After", str(RETRY_AFTER_S)),))
        newest = int(age_s // site.every_s)
        articles = tuple(range(max(0, newest - LISTED + 1), newest + 1))
        body = rss(self._publisher(site), [self._entry(site, article) for article in reversed(articles)])
        body = body.replace("<ttl>60</ttl>", f"<ttl>{TTL_MIN}</ttl>" if site.kind == "ttl" else "")
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/rss+xml"),)
        if site.kind != "nothing":
            headers += (("ETag", etag),)
        if site.kind == "max-age":
            headers += (("Cache-Control", f"max-age={MAX_AGE_S}"),)
        if site.kind != "nothing" and if_none_match == etag:
            site.polls.append(Poll(now, 304, ()))
            return Response(status=304, headers=headers[1:])
        site.polls.append(Poll(now, 200, articles))
        return Response(headers=headers, body=body.encode())

    def _entry(self, site: Site, article: int) -> Entry:
        made = generated_article(1_000 * site.number + article, 1)
        at = datetime.fromtimestamp(self.started_at + article * site.every_s, UTC).replace(microsecond=0)
        return Entry(url=site.url(article), title=made.title, summary=made.summary, published=at)

    def _page(self, site: Site, article: int) -> str:
        made = replace(generated_article(1_000 * site.number + article, 1), host=site.host, slug=str(article))
        return render_page(replace(made, paragraphs=made.paragraphs[:6]), self._publisher(site))

    def _publisher(self, site: Site) -> Publisher:
        return Publisher(host=site.host, name=f"Changing {site.number}", theme="minimal")


def changing_web(sites: int, *, log_path: Path | None = None, delay_s: float = 0.0) -> tuple[NewsWeb, ChangingWorld]:
    """Return a web of such feeds, not started, and its world."""
    web = NewsWeb(articles=(), publishers=(), log_path=log_path, delay_s=delay_s)
    world = ChangingWorld(sites)
    web.world = world  # type: ignore[assignment]  # answers, hosts and feed URLs are all that a web asks for
    return web, world
