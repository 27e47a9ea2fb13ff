"""A leased site's turns: every request waits for its own, which the ledger gives, and leaves a receipt. Beam-free.

Rules (3) and (4) of ARCHITECTURE.md, "The ledger": the pause is written before a request leaves, Retry-After at once.
"""

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from transforms.clock import epoch_s
from transforms.crash_points import crash_point
from transforms.elements import PageElement, Why
from transforms.errors import Reason, StageError, http_error
from transforms.receipts import Sent, receipt_of
from transforms.settings import GENERATION_BITS, VisitSettings
from transforms.state.base import SiteLease, StateStore
from transforms.try_each import FaultLimit
from transforms.web import politeness, urls
from transforms.web.client import HttpClient, HttpResponse
from transforms.web.robots import MAX_REDIRECTS, RobotsCopy, RobotsRules, dump_copy, load_copy, remember
from transforms.web.tdm import TdmRule

STALE_TURN_S = 1.0  # a process stopped longer than this between the answer and the request asks again
# What has begun may end behind the slice, or it would begin anew in each visit and never end. The heartbeat goes on for
# 120 s (`STUCK_VISIT_S`), and a request takes 20.
FINISH_S = 100.0
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
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.lease, self.state, self.settings, self.emit, self.clock = lease, state, settings, emit, clock
        self.limit = limit or FaultLimit(settings.max_faults)
        self.next_at = 0.0
        self._client, self._sleep_until, self._chance = client, sleep_until, chance
        self._ends_at = time.monotonic() + lease.stop_at - clock()
        # What the lease says may be what slow answers or a Crawl-delay made of the configured pause in earlier visits.
        configured_s = settings.site_delays.get(lease.site, settings.delay_s)
        self._floor_s = lease.delay_s if configured_s is None else configured_s
        self._slow_s, self._crawl_delay_s, self._waited_s = lease.delay_s, 0.0, 0.0
        self._rules: dict[str, RobotsRules] = {}
        self._robots_failures: dict[str, StageError] = {}
        self.tdm_rules: dict[str, tuple[TdmRule, ...]] = {}  # by the address of their file

    def version(self, at: float, after: int = 0) -> int:
        """Return the version of what is fetched at an instant."""
        return version_at(at, generation=self.settings.generation, after=after)

    @property
    def delay_s(self) -> float:
        """The pause between two requests: the longest of what is configured, what robots.txt asks, what answers take.

        A configured pause of nothing is said of servers that are one's own: their answers' time does not count.
        """
        slow_s = min(self._slow_s, self.settings.max_delay_s) if self._floor_s else 0.0
        return politeness.site_delay_s(max(self._floor_s, slow_s), self._crawl_delay_s)

    def take(self, url: str | None = None, *, begun: bool = False) -> tuple[str, float]:
        """Wait for the next turn: ("go", when given), or "skip" or "crashed" for a page. Raises `VisitOverError`.

        `begun`: the request goes on with what an earlier one began (the next hop of a redirect, a part of a list).
        """
        wanted_at, over_s = self.clock(), FINISH_S if begun else 0.0
        while True:
            if max(self.next_at, self.clock()) > self.lease.stop_at + over_s or self._waits_too_long(over_s):
                raise VisitOverError("slice")
            self._sleep_until(self.next_at)
            turn = self.state.begin(self.lease, url, delay_s=self.delay_s)
            if turn.answer == "wait":
                self.next_at = turn.at
            elif turn.answer in ("go", "skip", "crashed"):
                self._waited_s = max(0.0, turn.at - wanted_at)
                return turn.answer, turn.at
            else:
                raise VisitOverError(turn.answer)

    def _waits_too_long(self, over_s: float) -> bool:
        """Say whether the pause outlasts the visit; a clock that was set back moves both ends, and `stop_at` is far."""
        wait_s = self.next_at - self.clock()
        return wait_s > 0 and wait_s > self._ends_at + over_s - time.monotonic()

    def send(
        self,
        url: str,
        given_at: float,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        truncate: bool = False,
        why: Why = "feed",
        subject: str | None = None,
        full_bytes: int | None = None,
    ) -> HttpResponse:
        """Send the request whose turn it is, and emit its receipt. The pause counts from its end. Raises `StageError`.

        An answer that cannot be unpacked is asked for once more, uncompressed, in a turn of its own.
        For the receipt alone: `subject` is the feed's id or the page's key in the ledger, `full_bytes` what the answer
        took the last time it was more than "not modified".
        """
        once = partial(
            self._send, url, max_bytes=max_bytes, truncate=truncate, why=why, subject=subject, full_bytes=full_bytes
        )
        try:
            return once(given_at, headers=headers or {})
        except StageError as err:
            if err.reason != "undecodable":
                raise
            try:
                _, given_at = self.take(begun=True)
            except GivenUpError:
                raise
            except VisitOverError:
                raise err from None
        return once(given_at, headers={**(headers or {}), "Accept-Encoding": "identity"})

    def _send(
        self,
        url: str,
        given_at: float,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        truncate: bool,
        why: Why,
        subject: str | None,
        full_bytes: int | None,
    ) -> HttpResponse:
        crash_point("begun")
        if self.clock() - given_at > STALE_TURN_S:
            self.next_at = 0.0
            self.take()
        rules = self._rules.get(urls.origin(url))
        sent = Sent(
            url=url,
            why=why,
            subject=subject,
            sent_at=instant(self.clock()),
            headers=headers,
            waited_s=self._waited_s,
            pause_s=self.delay_s,
            robots_rule=rules.rule(url) if rules is not None else None,
            full_bytes=full_bytes,
        )
        started = time.monotonic()
        try:
            response = self._client.get(url, headers=headers, max_bytes=max_bytes, truncate=truncate)
        except StageError as err:
            self._note(sent, err, time.monotonic() - started)
            raise
        finally:
            self.next_at = self.clock() + self.delay_s
            crash_point("fetched")
        self._note(sent, response, response.elapsed_ms / 1000)
        return response

    def _note(self, sent: Sent, answer: HttpResponse | StageError, elapsed_s: float) -> None:
        """Learn from an answer how long the site takes, and leave the receipt."""
        failed = isinstance(answer, StageError) or answer.status_code >= 400
        self._slow_s = politeness.smoothed_s(self._slow_s, elapsed_s, only_up=failed)
        self.next_at = max(self.next_at, self.clock() + self.delay_s)
        self.emit(receipt_of(sent, answer, site=self.lease.site, epoch=self.lease.epoch, elapsed_s=elapsed_s))

    def pause_site(self, response: HttpResponse | None, failures: int, *, ours: bool = False) -> datetime:
        """Keep away from the site for as long as it asks, else longer each time; return until when.

        `failures` is what the caller knows; the ledger knows those of all workers, until the site was well for a while.
        `ours`: our own network is down, and no site is made to wait longer for that.
        """
        now = instant(self.clock())
        kept = self.state.pause_of(self.lease.site)
        if not ours and kept is not None and (now - kept.until).total_seconds() < politeness.FORGIVEN_AFTER_S:
            failures = max(failures, kept.times + 1)
        asked_s = politeness.retry_after_s(response.fields, now=now) if response is not None else None
        own_s = politeness.jittered_s(politeness.back_off_s(failures), self._chance())
        until = now + timedelta(seconds=own_s if asked_s is None else max(asked_s, self.delay_s))
        why = "unreachable" if response is None else http_error(response.status_code, response.url).reason
        self.state.back_off(self.lease.site, until, count=0 if ours else failures, why=why)
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
            copy = load_copy(kept[0]) if kept is not None else None
            if copy is None or instant(self.clock()) >= copy.ask_at:
                copy = self._ask_robots_once(origin, copy)
            rules = copy.rules(self.settings.product, now=instant(self.clock()))
            self._rules[origin] = rules
            self._crawl_delay_s = max(self._crawl_delay_s, rules.crawl_delay_s or 0.0)
        return self._rules[origin]

    def _ask_robots_once(self, origin: str, kept: RobotsCopy | None) -> RobotsCopy:
        try:
            status, body, headers = self._ask_robots(origin)
        except StageError as err:
            self._robots_failures[origin] = err
            raise
        now = instant(self.clock())
        copy = remember(kept, status=status, body=body, headers=headers, now=now)
        self.state.save_robots(origin, dump_copy(copy), status, now)
        return copy

    def _ask_robots(self, origin: str) -> tuple[int | None, bytes, Mapping[str, str]]:
        """Return status (None: no answer), body and headers of robots.txt. Raises `StageError` for a site that is down.

        Redirects are followed within the site. RFC 9309 2.3.1.2 would follow them elsewhere too; but another site has a
        lease and a pause of its own, and its pages are asked for under its own robots.txt.
        """
        url = f"{origin}/robots.txt"
        for hop in range(MAX_REDIRECTS + 1):
            _, given_at = self.take(begun=hop > 0)
            try:
                max_bytes = self.settings.fetch.max_robots_bytes
                response = self.send(url, given_at, max_bytes=max_bytes, truncate=True, why="robots")
                target = redirect_target(response)
            except StageError as err:
                if err.reason in (*SITE_DOWN, "private_address", "bad_url"):
                    raise  # the site is down or refused: that, and not its robots.txt, is what there is to tell
                return (404 if err.reason == "bad_redirect" else None), b"", {}
            if target is None:
                asked_s = politeness.retry_after_s(response.fields, now=instant(self.clock()))
                if response.status_code in (429, 503) and asked_s is not None:
                    self.pause_site(response, 1)  # asked of us for the site, whatever the request was for
                return response.status_code, response.body, response.fields
            if urls.site_key(target) != self.lease.site:
                break
            url = target
        return 404, b"", {}


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
