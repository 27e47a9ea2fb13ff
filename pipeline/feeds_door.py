"""Requests of a command that asks a few things now and stores nothing: robots.txt obeyed, pauses kept.

The lease of a site is the ledger's, and these commands work without one: they ask one site, slowly, a bounded number of
times, and say so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.plans import fetch_settings
from pipeline.settings import Settings
from transforms.clock import utc_now
from transforms.errors import ConfigurationError, StageError
from transforms.turns import redirect_target
from transforms.web import politeness, urls
from transforms.web.client import HttpClient, HttpResponse
from transforms.web.robots import MAX_REDIRECTS, MAX_ROBOTS_BYTES, RobotsRules, read_robots

MAX_REQUESTS = 40
PRODUCT = "newsbeam"


@dataclass
class Door:
    """`hops` of the last answer: (status, URL) of each redirect on its way. Not for several threads."""

    settings: Settings
    sleep: Callable[[float], None] = time.sleep
    most: int = MAX_REQUESTS
    requests: int = 0
    hops: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = HttpClient(fetch_settings(self.settings))
        self._rules: dict[str, RobotsRules] = {}
        self._next_at: dict[str, float] = {}

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, url: str, *, max_bytes: int | None = None) -> HttpResponse:
        """Return the answer at the end of a URL's redirects, each hop checked. Raises `StageError`.

        `robots_disallow` and `robots_unreachable` are among the reasons; a 429 or 503 of a site ends its questions.
        """
        self.hops = []
        url = urls.normalize_url(url)
        for _ in range(self.settings.fetch.max_redirects + 1):
            rules = self.robots(url)
            if not rules.allowed(url):
                if not rules.reachable:
                    raise StageError("robots_unreachable", f"{url}: its robots.txt cannot be had", retryable=True)
                raise StageError("robots_disallow", f"{url}: robots.txt keeps us out ({rules.rule(url)})")
            response = self._get(url, max_bytes or self.settings.fetch.max_feed_bytes)
            target = redirect_target(response)
            if target is None:
                return response
            self.hops.append((response.status_code, target))
            url = target
        raise StageError("too_many_redirects", f"{url}: more than {self.settings.fetch.max_redirects} redirects")

    def robots(self, url: str) -> RobotsRules:
        """Return the rules of a URL's origin, asked for once."""
        origin = urls.origin(urls.normalize_url(url))
        if origin not in self._rules:
            try:
                response = self._robots_at(origin)
                status = response.status_code if response.status_code not in range(300, 400) else 404
                self._rules[origin] = read_robots(status, response.body, PRODUCT)
            except StageError as err:
                if err.reason not in ("timeout", "broken_answer", "undecodable", "bad_redirect"):
                    raise
                self._rules[origin] = read_robots(None, None, PRODUCT)
        return self._rules[origin]

    def _robots_at(self, origin: str) -> HttpResponse:
        """Ask for robots.txt, following redirects within the site, as a visit does."""
        url, max_bytes = f"{origin}/robots.txt", MAX_ROBOTS_BYTES
        for _ in range(MAX_REDIRECTS):
            response = self._get(url, max_bytes, truncate=True)
            target = redirect_target(response)
            if target is None or urls.site_key(target) != urls.site_key(origin):
                break
            url = target
        return response

    def _get(self, url: str, max_bytes: int, *, truncate: bool = False) -> HttpResponse:
        if self.requests >= self.most:
            raise ConfigurationError(f"{self.most} requests were made, which is enough for one command")
        self.requests += 1
        site = urls.site_key(url)
        self.sleep(max(0.0, self._next_at.get(site, 0.0) - time.monotonic()))
        response = self._client.get(url, max_bytes=max_bytes, truncate=truncate)
        configured = self.settings.sites.get(site)
        delay_s = self.settings.fetch.delay_s
        if configured is not None and configured.delay_s is not None:
            delay_s = configured.delay_s
        rules = self._rules.get(urls.origin(url))
        delay_s = politeness.site_delay_s(delay_s, rules.crawl_delay_s if rules is not None else None)
        self._next_at[site] = time.monotonic() + delay_s
        if response.status_code in (429, 503):
            asked_s = politeness.retry_after_s(response.fields, now=utc_now())
            wait = f"; it asks to be left alone for {asked_s:.0f} s" if asked_s else ""
            raise StageError("http_429", f"{url}: the server answered {response.status_code}{wait}", retryable=True)
        return response
