"""What the polling policy remembers of a feed between polls: one JSON text, opaque to the ledger."""

from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple, get_type_hints

import orjson

from transforms.feeds.arrivals import Arrivals
from transforms.feeds.moves import Moves
from transforms.feeds.trust import Trust


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the feed's own text asks for: a pause, and hours (0 to 23) and days (0: Monday) without polls, in UTC.

    Remembered, because a 304 has no text.
    """

    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


class Part(NamedTuple):
    """A document that a feed consists of (a sitemap of an index), with the validators of its last edition.

    `full_bytes` is what that took on the wire.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    full_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class FeedMemory:
    """All of it. `why` is the reason of the planned poll in words; instants are epoch seconds.

    `behind`: so many parts, from the first on, are still to be read of the present edition.
    `overflow`: so many entries of the last edition were beyond what one poll reads.
    `full_bytes` is what the last whole answer took on the wire: what a 304 spares. `back_off` sums the weights of
    failures in a row; `gone_at` is the first of the 410s in a row, `retired` what they end in.
    """

    why: str = ""
    planned_at: float | None = None
    wishes: Wishes = Wishes()
    arrivals: Arrivals = Arrivals()
    trust: Trust = Trust()
    moves: Moves = Moves()
    parts: tuple[Part, ...] = ()
    behind: int = 0
    overflow: int = 0
    full_bytes: int | None = None
    back_off: float = 0.0
    gone_at: float | None = None
    retired: bool = False


def dump_memory(memory: FeedMemory) -> str:
    """Return a memory as JSON text, without what has its default."""
    return orjson.dumps(_changed(memory)).decode()


def load_memory(text: str | None) -> FeedMemory:
    """Return the memory that `dump_memory` wrote; a new one for None and for what another version left unreadable."""
    if not text:
        return FeedMemory()
    try:
        memory: FeedMemory = _build(FeedMemory, orjson.loads(text))
    except (orjson.JSONDecodeError, TypeError, ValueError, AttributeError):
        return FeedMemory()
    return memory


def _changed(value: Any) -> dict[str, Any]:
    default = type(value)()
    cells = {}
    for each in fields(value):
        found = getattr(value, each.name)
        if found != getattr(default, each.name):
            cells[each.name] = _changed(found) if is_dataclass(found) else found
    if "parts" in cells:
        cells["parts"] = [list(part) for part in cells["parts"]]
    return cells


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, cells: dict[str, Any]) -> Any:
    """Return a dataclass from its JSON: unknown names are of another version and dropped, lists become tuples."""
    hints = _hints(kind)
    values = {}
    for name in hints.keys() & cells.keys():
        value = cells[name]
        if is_dataclass(hints[name]):
            value = _build(hints[name], value)
        if isinstance(value, list):
            value = tuple(Part(*each) for each in value) if name == "parts" else tuple(value)
        values[name] = value
    return kind(**values)
