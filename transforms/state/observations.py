"""What was learned of a site as ledger cells, and what a fold does to it: the same for both backends."""

import struct
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from transforms.elements import Learned, LearnedLine, Observed

KEPT_ARTICLES = 200  # the latest of a site that are counted; what is older is forgotten, so a site costs 100 KB at most
KEPT_VERSIONS = 20  # of a profile: a run of before twenty others is over
MAX_KEYS = 64  # of a line or a sketch in one observation, whoever made it


def dump_observed(observed: Observed) -> bytes:
    """Return an observation in at most 800 bytes: the number of lines, their keys, the sketch."""
    lines, sketch = observed.lines[:MAX_KEYS], observed.sketch[:MAX_KEYS]
    return struct.pack(f">B{len(lines)}Q{len(sketch)}I", len(lines), *lines, *sketch)


def load_observed(data: bytes) -> Observed:
    """Return what `dump_observed` wrote."""
    count = data[0]
    sketch = (len(data) - 1 - 8 * count) // 4
    numbers = struct.unpack(f">B{count}Q{sketch}I", data)[1:]
    return Observed(lines=numbers[:count], sketch=numbers[count:])


def dump_keys(keys: Sequence[int]) -> bytes:
    """Return a profile's keys, sorted."""
    return struct.pack(f">{len(keys)}Q", *sorted(keys))


def load_keys(data: bytes) -> frozenset[int]:
    """Return what `dump_keys` wrote."""
    return frozenset(struct.unpack(f">{len(data) // 8}Q", data))


def dump_learned(learned: Learned) -> bytes:
    """Return what people are told of a site, as JSON."""
    return orjson.dumps({**asdict(learned), "made_at": learned.made_at and learned.made_at.isoformat()})


def load_learned(data: bytes) -> Learned:
    """Return what `dump_learned` wrote."""
    cells: dict[str, Any] = orjson.loads(data)
    made_at = cells.pop("made_at")
    lines = tuple(LearnedLine(**line) for line in cells.pop("lines"))
    return Learned(**cells, lines=lines, made_at=datetime.fromisoformat(made_at) if made_at else None)
