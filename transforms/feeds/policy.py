"""When to poll a feed again, and why: one pure function of what is remembered, what a poll saw, and the clock.

Each bound is the wish of somebody: the user's floor, the pace of arrivals, the feed's text, the server's headers, the
back-off after failures. The longest wins, and jitter is added to it: nothing that a server asks for is ever shortened.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from transforms.errors import Reason
from transforms.feeds import arrivals, moves, trust
from transforms.feeds.arrivals import Edition
from transforms.feeds.memory import FeedMemory, Wishes
from transforms.feeds.polling import DAY_S, HOUR_S, PollLimits

NEVER = datetime.fromtimestamp(4e9, UTC)  # 2096, as the ledger's pages that are held back
OUTAGE_RETRY_S = 900.0  # our network was down: no server has seen us, none is disturbed by a look soon
GONE_AFTER_S = 20 * HOUR_S  # between two 410s that retire a feed; the second is asked for after a day
MAX_SKIP_H = 7 * 24
JITTER, MAX_JITTER_S = 0.1, 900.0
# How much each failure says: a name server that is briefly away says least (Media Cloud), a refusal most.
WEIGHTS: dict[Reason, float] = {
    "dns_failed": 0.25, "http_404": 2.0, "http_410": 2.0, "http_401": 3.0, "http_403": 3.0, "robots_disallow": 3.0,
    "challenge": 3.0,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PollSeen:
    """What a poll saw. `outcome`: a new edition was `read`; `unchanged`; `failed`; `busy` (429 and 503, put off);
    `outage` (our own network).

    `start` is where it began and `url` where it ended. `edition`, `wishes` and `evidence` come with a body that was
    read, which may be that of an `unchanged` poll too. `has_validators`: the next poll could be conditional.
    """

    outcome: Literal["read", "unchanged", "failed", "busy", "outage"]
    at: datetime
    reason: Reason | None = None
    start: str = ""
    url: str = ""
    edition: Edition | None = None
    wishes: Wishes | None = None
    evidence: trust.Evidence | None = None
    has_validators: bool = False
    fresh_s: float | None = None
    retry_after_s: float | None = None
    site_free_at: datetime | None = None  # until then the whole site is left alone


class PollPlan(NamedTuple):
    """When to poll next, the reason in words, and what to remember."""

    next_poll_at: datetime
    why: str
    memory: FeedMemory


class _Bound(NamedTuple):
    seconds: float
    why: str


def after_poll(
    memory: FeedMemory, seen: PollSeen, *, feed: str, configured: str, every_s: float | None, limits: PollLimits
) -> PollPlan:
    """Return when to poll a feed again, why then, and what to remember.

    `feed` is its id (it spreads the polls), `configured` its URL, `every_s` the user's floor (None: none). Idempotent:
    the same poll gives the same plan, so a restart that repeats it changes nothing.
    """
    if seen.outcome == "outage":
        return _plan(memory, seen, [_Bound(OUTAGE_RETRY_S, "our own network was down")], feed=feed)
    if seen.outcome in ("failed", "busy"):
        return _after_failure(memory, seen, feed=feed, every_s=every_s, limits=limits)
    at = seen.at.timestamp()
    memory = replace(
        memory,
        back_off=0.0,
        gone_at=None,
        retired=False,
        wishes=seen.wishes or memory.wishes,
        trust=_trust_after(memory, seen),
        moves=moves.arrived_at(memory.moves, seen.url, start=seen.start, configured=configured, at=at),
    )
    floor = _floor(memory, seen, every_s, limits)
    before = memory.arrivals
    late_s = at - memory.planned_at if memory.planned_at is not None else 0.0
    found = arrivals.arrived(
        before,
        seen.edition,
        at=at,
        on_time=late_s <= max(before.interval_s or 0.0, floor.seconds) / 2,
        floor_s=limits.floor_s if every_s is None else every_s,
        max_s=limits.max_interval_s,
    )
    memory = replace(memory, arrivals=found)
    if seen.evidence is not None:
        memory = replace(memory, trust=replace(memory.trust, per_hour=found.per_hour))
    pace = _Bound(
        found.interval_s or 0.0, f"adaptive: {found.new or 'nothing'} new in {duration(found.hours * HOUR_S)}"
    )
    return _plan(memory, seen, [floor, pace, *_asked(memory, seen, limits)], feed=feed)


def _trust_after(memory: FeedMemory, seen: PollSeen) -> trust.Trust:
    at = seen.at.timestamp()
    if seen.evidence is None:
        return trust.not_modified(memory.trust, at=at)
    return trust.whole_edition(memory.trust, seen.evidence, at=at)


def _floor(memory: FeedMemory, seen: PollSeen, every_s: float | None, limits: PollLimits) -> _Bound:
    """Return the user's floor, else an hour, and a day where each poll costs the server a whole edition.

    Never longer than half of what an edition covers: entries would come and go unseen.
    """
    if every_s is not None:
        return _Bound(every_s, f"every {duration(every_s)}, as configured")
    if trust.is_distrusted(memory.trust, now=seen.at.timestamp()):
        problem = "its 304 cannot be trusted"
    elif trust.is_useless(memory.trust):
        problem = "its validators are of no use"
    elif not seen.has_validators:  # that the bytes are the same spares us work, and the server nothing
        problem = "it gives no validators"
    else:
        return _Bound(limits.floor_s, f"every {duration(limits.floor_s)}")
    edition = seen.edition or Edition(newest_at=memory.arrivals.newest_at)
    covered_s = memory.arrivals.span_s
    if edition.oldest_at is not None and edition.newest_at is not None:
        covered_s = edition.newest_at - edition.oldest_at or None
    seconds = limits.unconditional_s if covered_s is None else min(limits.unconditional_s, covered_s / 2)
    return _Bound(max(seconds, limits.floor_s), f"{problem}: each poll is a whole edition")


def _asked(memory: FeedMemory, seen: PollSeen, limits: PollLimits) -> list[_Bound]:
    """Return what the feed's text and the server's headers ask for."""
    bounds = []
    if memory.wishes.ttl_s:
        bounds.append(_Bound(min(memory.wishes.ttl_s, limits.max_asked_s), "the feed asks for that pause"))
    if seen.fresh_s:
        bounds.append(_Bound(min(seen.fresh_s, limits.max_asked_s), "Cache-Control or Expires"))
    if seen.retry_after_s:
        bounds.append(_Bound(seen.retry_after_s, "Retry-After"))
    return bounds


def _after_failure(
    memory: FeedMemory, seen: PollSeen, *, feed: str, every_s: float | None, limits: PollLimits
) -> PollPlan:
    """Back off: the floor doubles with each failure by its weight, up to a cap that a longer floor is above."""
    at = seen.at.timestamp()
    if seen.outcome == "busy":
        free_s = (seen.site_free_at - seen.at).total_seconds() if seen.site_free_at is not None else 0.0
        waiting = [_Bound(max(free_s, seen.retry_after_s or 0.0), f"{seen.reason}: the site is left alone")]
        return _plan(memory, seen, waiting, feed=feed)
    weights = memory.back_off + WEIGHTS.get(seen.reason or "internal_error", 1.0)
    memory = replace(memory, back_off=weights, moves=moves.failed(memory.moves), retired=False)
    floor_s = limits.floor_s if every_s is None else every_s
    # A pace of zero ("as often as you like") must still back off. The exponent is bounded: a feed may fail for years.
    doubled_s = max(floor_s, 60.0) * 2.0 ** min(max(weights - 1.0, 0.0), 32.0)
    pause = _Bound(max(floor_s, min(doubled_s, limits.max_failure_s)), f"{seen.reason}: backing off")
    if seen.reason == "http_410":
        gone_at = at if memory.gone_at is None else memory.gone_at
        memory = replace(memory, gone_at=gone_at)
        if at - gone_at >= GONE_AFTER_S:
            why = "410 seen twice, on different days: retired"
            return PollPlan(NEVER, why, replace(memory, retired=True, why=why, planned_at=NEVER.timestamp()))
        pause = _Bound(max(pause.seconds, DAY_S), "410: asked once more tomorrow")
    elif seen.reason is not None and seen.reason.startswith("http_"):
        memory = replace(memory, gone_at=None)
    return _plan(memory, seen, [pause, *_asked(memory, seen, limits)], feed=feed)


def _plan(memory: FeedMemory, seen: PollSeen, bounds: list[_Bound], *, feed: str) -> PollPlan:
    longest = max(bounds, key=lambda bound: bound.seconds)
    spread = _spread(feed, seen.at)
    jitter_s = min(longest.seconds * JITTER, MAX_JITTER_S) * spread
    at = seen.at + timedelta(seconds=longest.seconds + jitter_s)
    why = longest.why
    open_at = _not_skipped(at, memory.wishes, spread)
    if open_at != at:
        at, why = open_at, f"{why}; skipHours or skipDays until then"
    return PollPlan(at, why, replace(memory, why=why, planned_at=at.timestamp()))


def _not_skipped(at: datetime, wishes: Wishes, spread: float) -> datetime:
    """Return the first instant from `at` on that the feed does not ask to be left out (RSS 2.0 skipHours, skipDays).

    A feed that asks for every hour of the week means something else.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    for ahead in range(MAX_SKIP_H):
        tried = hour + timedelta(hours=ahead)
        if tried.hour not in wishes.skip_hours and tried.weekday() not in wishes.skip_days:
            return at if ahead == 0 else tried + timedelta(seconds=MAX_JITTER_S * spread)
    return at


def _spread(feed: str, at: datetime) -> float:
    """Return a number in 0..1 that is the same for the same poll: feeds of one hour do not stay together."""
    digest = hashlib.sha256(f"{feed} {at.timestamp():.3f}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4]) / 2**32


def duration(seconds: float) -> str:
    """Return a time span in words.

    >>> [duration(each) for each in (90, 5400, 259200)]
    ['90 s', '1.5 h', '3 d']
    """
    for unit_s, unit in ((2 * DAY_S, "d"), (HOUR_S, "h"), (120.0, "min")):
        if seconds >= unit_s:
            return f"{seconds / (DAY_S if unit == 'd' else HOUR_S if unit == 'h' else 60.0):.3g} {unit}"
    return f"{seconds:.0f} s"
