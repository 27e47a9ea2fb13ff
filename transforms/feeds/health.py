"""What a feed's memory tells people: how it is polled and why, what it brings, what it lost, whom it moved to."""

from datetime import UTC, datetime
from typing import Any

from transforms.feeds.memory import load_memory


def feed_health(text: str | None) -> dict[str, Any]:
    """Return the memory of a feed (`StateStore.feeds()` has its text) as a flat record without what is absent.

    `why` is the reason of the next poll in words, `interval_s` the pace that arrivals call for, `new_per_hour` their
    smoothed rate. `gap_from` and `gap_until` are the window of the last gap, `gaps` their number. `distrusted_until`:
    no conditional requests until then. `moved_to`: a permanent redirect seen `moved_times` in a row, `home` one that is
    believed. `overflow`: entries of the last edition beyond what one poll reads. `retired`: gone for good.
    """
    memory = load_memory(text)
    arrivals, moves = memory.arrivals, memory.moves
    values = {
        "why": memory.why or None,
        "interval_s": arrivals.interval_s,
        "new_per_hour": arrivals.per_hour,
        "ttl_s": memory.wishes.ttl_s,
        "skip_hours": memory.wishes.skip_hours or None,
        "skip_days": memory.wishes.skip_days or None,
        "gaps": arrivals.gaps or None,
        "gap_from": _instant(arrivals.gap_from),
        "gap_until": _instant(arrivals.gap_until),
        "distrusted_until": _instant(memory.trust.distrust_until),
        "moved_to": moves.to,
        "moved_times": moves.times or None,
        "home": moves.home,
        "parts": tuple(part.url for part in memory.parts) or None,
        "overflow": memory.overflow or None,
        "retired": memory.retired or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
