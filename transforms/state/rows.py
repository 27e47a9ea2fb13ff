"""Elements to ledger cells and back: entries and feed sources are kept as JSON."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import orjson

from transforms.elements import FeedEntry, FeedSource, Publisher

MAX_SAYINGS = 16  # feeds whose last word on a URL is kept

RowKind = Literal["documents", "urls", "robots", "sites", "runs", "feeds"]
Cells = dict[str, Any]  # a row as it goes from one ledger into another (`exchange`)


class RowsTaken(NamedTuple):
    """What became of rows for another ledger: `there` already, or newer there; `held`: forgotten there."""

    written: int = 0
    there: int = 0
    held: int = 0


def heard(known: str | None, feed: str | None, fingerprint: str) -> tuple[str, bool]:
    """Return what feeds last said of a URL, with this feed's word, and whether it says something else than before.

    Each feed is compared with itself: a news sitemap and a feed that list the same pages never say the same of them,
    and taking turns they would have each page fetched again and again. `known` is what was kept.
    """
    name, said = feed or "", dict[str, str]()
    for kept in (known or "").splitlines():
        word, _, other = kept.partition("\t")
        said[other] = word
    before = said.pop(name, None)
    lines = [f"{fingerprint}\t{name}", *(f"{word}\t{other}" for other, word in said.items())]
    return "\n".join(lines[:MAX_SAYINGS]), before not in (None, fingerprint)


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
