"""A ledger's rows as they go from one backend into another: plain values, the same whatever keeps them.

The newer row stands, as in the document store: copied twice, or into a ledger that has worked on, nothing goes back.
What one run does at the moment (leases, owners, which feeds it may poll) is no part of a row; pauses and what was
configured of a site are written by the next run anyway.
"""

from collections.abc import Mapping
from typing import Any

from transforms.state.base import SUPPRESSED
from transforms.state.rows import RowKind

# Feeds last: validators without the rows that they stand for would lose those for good (5).
ROW_KINDS: tuple[RowKind, ...] = ("documents", "urls", "robots", "sites", "runs", "feeds")
ROW_KEYS: dict[RowKind, str] = {
    "documents": "id", "urls": "url", "robots": "origin", "sites": "site", "runs": "run", "feeds": "feed",
}  # fmt: skip
# What decides which of two rows is the newer one; None counts as 0 or "".
_AGES: dict[RowKind, tuple[str, ...]] = {
    "documents": (),
    "urls": ("version", "settled_at", "revisits", "entered_run", "attempts"),
    "robots": ("fetched_at",),
    "sites": ("next_at", "pause_until"),
    "runs": ("ended_at",),
    "feeds": ("polled_at", "polls"),
}


def gives_way(kind: RowKind, known: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
    """Say whether a row is to be written where `known` stands (None: nothing).

    A document id stays with the URL that had it first (`StateStore.claim`), until it is forgotten.

    >>> gives_way("robots", {"fetched_at": 2.0, "body": b"a"}, {"fetched_at": 1.0, "body": b"b"})
    False
    """
    if known is None:
        return True
    if all(known[name] == value for name, value in row.items()):
        return False
    if kind == "documents":
        return row["url"] in (known["url"], SUPPRESSED)
    return _age(kind, known) <= _age(kind, row)


def _age(kind: RowKind, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] or ("" if name.endswith("run") else 0) for name in _AGES[kind])
