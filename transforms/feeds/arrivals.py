"""What arrives in a feed, how fast, and whether entries were missed between two polls. Pure."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from transforms.elements import FeedEntry

MEMORY_H = 24.0  # of the rate: a day, so that night and morning even out
LENGTHEN = 1.5  # at most, from poll to poll: one quiet hour says little
SHORTEN_AFTER = 2  # polls on time in a row that call for it (Media Cloud): one burst is no habit
MAX_KEYS = 8_000  # two for each entry of the largest edition, twice
MIN_EDITION = 3  # entries: below that a feed shows its newest only, and no overlap is normal


class Edition(NamedTuple):
    """An edition's entries as short hashes of id and link, and the epoch seconds of its oldest and newest entry.

    An entry is known again by either: some feeds make new ids at every poll, others new links.
    """

    entries: tuple[tuple[str, ...], ...] = ()
    oldest_at: float | None = None
    newest_at: float | None = None
    is_partial: bool = False  # of some parts the entries are as before, and not repeated


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """What is remembered of arrivals. `interval_s` is the pace they call for, `per_hour` the smoothed rate of new ones.

    `gap_from` and `gap_until` are the window of the last gap: what was published in between may have been missed.
    """

    interval_s: float | None = None
    per_hour: float | None = None
    shorter: int = 0  # polls in a row that called for a shorter interval
    read_at: float | None = None
    new: int = 0  # at the last poll
    hours: float = 0.0  # in which they came
    keys: tuple[str, ...] = ()  # of the last edition
    count: int = 0  # its entries
    newest_at: float | None = None
    span_s: float | None = None  # from the edition's oldest entry to its newest: what a later poll still finds
    gaps: int = 0
    gap_from: float | None = None
    gap_until: float | None = None


def edition_of(entries: Sequence[FeedEntry], *, is_partial: bool = False) -> Edition:
    """Return what of an edition is remembered: 8 hex digits for an entry are enough to know it again."""
    keys = dict.fromkeys(tuple(dict.fromkeys((_key(entry.id), _key(entry.link)))) for entry in entries)
    dates = [date.timestamp() for entry in entries if (date := entry.published or entry.updated) is not None]
    return Edition(tuple(keys), min(dates, default=None), max(dates, default=None), is_partial)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def new_entries(arrivals: Arrivals, entries: Sequence[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Return the entries that the last edition did not have."""
    known = frozenset(arrivals.keys)
    return tuple(entry for entry in entries if known.isdisjoint((_key(entry.id), _key(entry.link))))


def _count_new(arrivals: Arrivals, edition: Edition) -> int:
    known = frozenset(arrivals.keys)
    return sum(known.isdisjoint(keys) for keys in edition.entries)


def arrived(
    arrivals: Arrivals, edition: Edition | None, *, at: float, on_time: bool, floor_s: float, max_s: float
) -> Arrivals:
    """Return what is remembered after a good poll. `edition` None: the same as before.

    The interval aims at one new entry a poll, within `floor_s` and `max_s`. It starts at the floor, lengthens by half
    at most, and shortens after two polls in a row that were not late; after a gap at once.
    """
    ceiling_s = max(max_s, floor_s)
    interval_s = min(max(arrivals.interval_s or floor_s, floor_s), ceiling_s)
    if arrivals.read_at is None:
        return _first(arrivals, edition or Edition(), at=at, floor_s=floor_s)
    if at <= arrivals.read_at:  # the clock was set back: how long it took to come is not known
        found = replace(arrivals, read_at=at, shorter=0, interval_s=interval_s)
        return found if edition is None else _with_edition(found, edition)
    new = 0 if edition is None else _count_new(arrivals, edition)
    hours = (at - arrivals.read_at) / 3600
    weight = -math.expm1(-hours / MEMORY_H)
    # Below a minute the quotient says nothing (a poll that was forced).
    rate = new / max(hours, 1 / 60)
    per_hour = rate if arrivals.per_hour is None else arrivals.per_hour + weight * (rate - arrivals.per_hour)
    found = replace(arrivals, per_hour=per_hour, read_at=at, new=new, hours=hours)
    gap = None
    if edition is not None:
        gap = _gap(arrivals, edition, new, at)
        found = _with_edition(found, edition)
    if gap is not None:
        found = replace(found, gaps=found.gaps + 1, gap_from=gap[0], gap_until=gap[1])
    target_s = min(max(3600 / per_hour if per_hour > 0 else ceiling_s, floor_s), ceiling_s)
    if target_s >= interval_s:
        return replace(found, interval_s=max(min(target_s, interval_s * LENGTHEN), floor_s), shorter=0)
    shorter = arrivals.shorter + 1 if on_time else 0
    if gap is not None and on_time:
        return replace(found, interval_s=max(min(target_s, interval_s / 2), floor_s), shorter=0)
    if shorter >= SHORTEN_AFTER:
        return replace(found, interval_s=target_s, shorter=0)
    return replace(found, interval_s=interval_s, shorter=shorter)


def _first(arrivals: Arrivals, edition: Edition, *, at: float, floor_s: float) -> Arrivals:
    """Start with the rate that the first edition's own dates show."""
    span_s = _span_s(edition)
    count = len(edition.entries)
    per_hour = (count - 1) / (span_s / 3600) if span_s and count >= MIN_EDITION else None
    found = replace(arrivals, read_at=at, per_hour=per_hour, interval_s=floor_s, new=count, hours=0.0, shorter=0)
    return _with_edition(found, edition)


def _with_edition(arrivals: Arrivals, edition: Edition) -> Arrivals:
    keys = tuple(dict.fromkeys(key for keys in edition.entries for key in keys))
    if edition.is_partial:
        keys = tuple(dict.fromkeys((*keys, *arrivals.keys)))[:MAX_KEYS]
    return replace(
        arrivals, keys=keys, count=len(edition.entries), newest_at=edition.newest_at, span_s=_span_s(edition)
    )


def read_on(arrivals: Arrivals, edition: Edition) -> Arrivals:
    """Return what is remembered after more of the same edition was read: its entries are known, and no arrivals."""
    keys = (key for keys in edition.entries for key in keys)
    return replace(arrivals, keys=tuple(dict.fromkeys((*arrivals.keys, *keys)))[:MAX_KEYS])


def _span_s(edition: Edition) -> float | None:
    if edition.oldest_at is None or edition.newest_at is None:
        return None
    return edition.newest_at - edition.oldest_at or None


def _gap(arrivals: Arrivals, edition: Edition, new: int, at: float) -> tuple[float, float] | None:
    """Return the window in which entries may have come and gone unseen: no entry of this edition was in the last."""
    if edition.is_partial or new < len(edition.entries) or min(len(edition.entries), arrivals.count) < MIN_EDITION:
        return None
    since = arrivals.newest_at if arrivals.newest_at is not None else arrivals.read_at or at
    until = edition.oldest_at if edition.oldest_at is not None else at
    return (since, until) if since < until else (arrivals.read_at or at, at)
