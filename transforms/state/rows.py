"""Elements to ledger cells and back: entries and feed sources are kept as JSON."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from transforms.elements import FeedEntry, FeedSource, Publisher


def instant(seconds: float | None) -> datetime | None:
    """Return epoch seconds as an aware UTC instant."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def dump_entry(entry: FeedEntry | None) -> bytes | None:
    """Return an entry as JSON (instants as ISO 8601)."""
    if entry is None:
        return None
    return orjson.dumps({key: value for key, value in asdict(entry).items() if value not in (None, ())})


def load_entry(data: bytes | None) -> FeedEntry | None:
    """Return the entry that `dump_entry` wrote."""
    if data is None:
        return None
    cells: dict[str, Any] = orjson.loads(data)
    for key in ("published", "updated"):
        if key in cells:
            cells[key] = datetime.fromisoformat(cells[key])
    for key in ("authors", "categories", "images"):
        cells[key] = tuple(cells.get(key, ()))
    return FeedEntry(**cells)


def dump_source(source: FeedSource) -> str:
    """Return a feed source as JSON text (text, not bytes: SQLite's JSON functions read it)."""
    return orjson.dumps(asdict(source)).decode()


def load_source(data: str) -> FeedSource:
    """Return the feed source that `dump_source` wrote."""
    cells: dict[str, Any] = orjson.loads(data)
    cells["publisher"] = Publisher(**cells["publisher"])
    cells["tags"] = tuple(cells["tags"])
    return FeedSource(**cells)


def how_it_ended(summary: bytes | str | None) -> dict[str, Any]:
    """Return what `status` tells of a run's end: `end`, `exit_code` and `message`, None each where it has not ended."""
    document: dict[str, Any] = orjson.loads(summary) if summary else {}
    return {key: document.get(key) for key in ("end", "exit_code", "message")}
