"""A leased site's turns: every request waits for its own, which the ledger gives. Beam-free.

Rules (3) and (4) of ARCHITECTURE.md, "The ledger": the pause is written before a request leaves, Retry-After at once.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from transforms.clock import epoch_s
from transforms.crash_points import crash_point
from transforms.elements import PageElement
from transforms.errors import Reason, StageError
from transforms.settings import GENERATION_BITS, VisitSettings
from transforms.state.base import SiteLease, StateStore
from transforms.try_each import FaultLimit
from transforms.web import politeness, urls
from transforms.web.client import HttpClient, HttpResponse
from transforms.web.robots import RobotsRules, read_robots

STALE_TURN_S = 1.0  # a process stopped longer than this between the answer and the request asks again
ROBOTS_FRESH_S = 86_400.0  # RFC 9309 2.4: not longer than 24 hours
ROBOTS_RETRY_S = 1_800.0  # a robots.txt whose server failed is asked for again after this long
SITE_DOWN: tuple[Reason, ...] = ("connection_failed", "dns_failed", "tls_failed")  # about the site, not about one page


def version_at(at: float, *, generation: int, after: int = 0) -> int:
    """Return the external version of a fetch at an instant (epoch seconds): newer fetches and generations win."""
    return max(int(at * 1000) << GENERATION_BITS | generation, after + 1)


def instant(at: float) -> datetime:
    """Return epoch seconds as an aware UTC instant."""
    return datetime.fromtimestamp(at, UTC)


class VisitOverError(Exception):
    """The lease was lost, the run stops or is at its limit, the slice is over, or the site asked for a pause."""


class GivenUpError(VisitOverError):
    """The work this visit belongs to has failed: nothing it still finds can be handed on."""


class Turns:
    """The turns of one lease. `emit` takes elements; `sleep_until` waits, and returns early when the run stops."""

    def __init__(
        self,
        lease: SiteLease,
        *,
        state: StateStore,
        client: HttpClient,
        settings: VisitSettings,
        emit: Callable[[PageElement], None],
        sleep_until: Callable[[float], None],
        clock: Callable[[], float] = epoch_s,
        limit: FaultLimit | None = None,
    ) -> None:
        self.lease, self.state, self.settings, self.emit, self.clock = lease, state, settings, emit, clock
        self.limit = limit or FaultLimit(settings.max_faults)
        self.next_at = 0.0
        self._client, self._sleep_until = client, sleep_until
        self._ends_at = time.monotonic() + lease.stop_at - clock()
        self._delay_s = lease.delay_s
        self._rules: dict[str, RobotsRules] = {}
        self._robots_failures: dict[str, StageError] = {}

    def version(self, at: float, after: int = 0) -> int:
        """Return the version of what is fetched at an instant."""
        return version_at(at, generation=self.settings.generation, after=after)

    def take(self, url: str | None = None) -> tuple[str, float]:
        """Wait for the next turn: ("go", when given), or "skip" or "crashed" for a page. Raises `VisitOverError`."""
        while True:
            if max(self.next_at, self.clock()) > self.lease.stop_at or self._waits_too_long():
                raise VisitOverError("slice")
            self._sleep_until(self.next_at)
            turn = self.state.begin(self.lease, url, delay_s=self._delay_s)
            if turn.answer == "wait":
                self.next_at = turn.at
            elif turn.answer in ("go", "skip", "crashed"):
                return turn.answer, turn.at
            else:
                raise VisitOverError(turn.answer)

    def _waits_too_long(self) -> bool:
        """Say whether the pause outlasts the visit; a clock that was set back moves both ends, and `stop_at` is far."""
        wait_s = self.next_at - self.clock()
        return wait_s > 0 and wait_s > self._ends_at - time.monotonic()

    def send(
        self,
        url: str,
        given_at: float,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        truncate: bool = False,
    ) -> HttpResponse:
        """Send the request whose turn it is. The pause counts from its end. Raises `StageError`."""
        crash_point("begun")
        if self.clock() - given_at > STALE_TURN_S:
            self.next_at = 0.0
            self.take()
        try:
            return self._client.get(url, headers=headers or {}, max_bytes=max_bytes, truncate=truncate)
        finally:
            self.next_at = self.clock() + self._delay_s
            crash_point("fetched")

    def pause_site(self, response: HttpResponse | None, failures: int) -> datetime:
        """Keep away from the site for as long as it asks, else longer each time; return until when."""
        now = instant(self.clock())
        asked_s = politeness.retry_after_s(response.fields, now=now) if response is not None else None
        pause_s = politeness.back_off_s(failures) if asked_s is None else max(asked_s, self._delay_s)
        until = now + timedelta(seconds=pause_s)
        self.state.back_off(self.lease.site, until)
        self.next_at = max(self.next_at, until.timestamp())
        return until

    def robots(self, url: str) -> RobotsRules:
        """Return the rules for a URL's origin: from this visit, from the ledger while fresh, else asked for now.

        Raises `StageError` when the site cannot be reached at all; it is not asked again in this visit.
        """
        origin = urls.origin(url)
        if origin in self._robots_failures:
            raise self._robots_failures[origin]
        if origin not in self._rules:
            kept = self.state.robots(origin)
            rules = read_robots(kept[1], kept[0], self.settings.product) if kept is not None else None
            if kept is None or rules is None or not self._is_fresh(rules, kept[2]):
                rules = self._ask_robots_once(origin)
            self._rules[origin] = rules
            self._delay_s = max(self._delay_s, politeness.site_delay_s(self.lease.delay_s, rules.crawl_delay_s))
        return self._rules[origin]

    def _is_fresh(self, rules: RobotsRules, fetched_at: datetime) -> bool:
        fresh_s = ROBOTS_FRESH_S if rules.reachable else ROBOTS_RETRY_S
        return self.clock() - fetched_at.timestamp() < fresh_s

    def _ask_robots_once(self, origin: str) -> RobotsRules:
        try:
            body, status = self._ask_robots(origin)
        except StageError as err:
            self._robots_failures[origin] = err
            raise
        self.state.save_robots(origin, body, status, instant(self.clock()))
        return read_robots(status, body, self.settings.product)

    def _ask_robots(self, origin: str) -> tuple[bytes | None, int | None]:
        """Return robots.txt and its status. Redirects are followed within the site. Raises `StageError`."""
        url = f"{origin}/robots.txt"
        for _ in range(self.settings.max_redirects + 1):
            _, given_at = self.take()
            try:
                response = self.send(url, given_at, max_bytes=self.settings.fetch.max_robots_bytes, truncate=True)
                target = redirect_target(response)
            except StageError as err:
                if err.reason != "bad_redirect":
                    raise  # the site is down or refused: that, and not its robots.txt, is what there is to tell
                return None, 404
            if target is None:
                asked_s = politeness.retry_after_s(response.fields, now=instant(self.clock()))
                if response.status_code in (429, 503) and asked_s is not None:
                    self.pause_site(response, 1)  # asked of us for the site, whatever the request was for
                return response.body, response.status_code
            if urls.site_key(target) != self.lease.site:
                return None, 404  # another site has its own lease and turn; RFC 9309 2.3.1.2 allows "unavailable"
            url = target
        return None, 404


def redirect_target(response: HttpResponse) -> str | None:
    """Return where a response redirects to, None when it does not. Raises `StageError` for a redirect to nowhere."""
    if response.status_code not in (301, 302, 303, 307, 308):
        return None
    location = response.fields.get("location")
    if not location:
        raise StageError("bad_redirect", f"{response.url}: answered {response.status_code} without a Location")
    try:
        return urls.normalize_url(location, response.url)
    except StageError as err:
        # The message shows what it speaks of, but for credentials: so the header itself is not shown again.
        raise StageError("bad_redirect", f"{response.url}: redirects to a place we do not go: {err.message}") from err
