"""Documents of the ledger in Elasticsearch as they are read and as they are changed. No request is made here."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import orjson

Kind = Literal["urls", "sites", "feeds", "documents", "robots", "runs", "meta", "observed", "profiles"]
Source = dict[str, Any]

MAX_BULK_WRITES = 500
MAX_BULK_BYTES = 8_000_000  # small managed clusters take requests of 10 MB at most


class Row(NamedTuple):
    """A document as it stands, and the number that the next conditional write has to name."""

    id: str
    source: Source
    seq_no: int
    term: int


class Change(NamedTuple):
    """A write. `over`: only if that row is still what stands there; None: only if nothing does.

    `merge`: whatever stands there, these fields in it; nothing happens when there is no document. `put`: whatever
    stands there. `source` None: delete what `over` names.
    """

    kind: Kind
    id: str
    source: Source | None
    over: Row | None = None
    how: Literal["compare", "merge", "put"] = "compare"


def encoded(alias: str, change: Change) -> tuple[Change, bytes]:
    """Return a change with the lines that a bulk sends for it."""
    action: Source = {"_index": alias, "_id": change.id}
    if change.how == "merge":
        lines: list[Source | None] = [{"update": {**action, "retry_on_conflict": 5}}, {"doc": change.source}]
    elif change.how == "put":
        lines = [{"index": action}, change.source]
    elif change.over is None:
        lines = [{"create": action}, change.source]
    else:
        action |= {"if_seq_no": change.over.seq_no, "if_primary_term": change.over.term}
        lines = [{"delete": action}] if change.source is None else [{"index": action}, change.source]
    return change, b"".join(orjson.dumps(line) + b"\n" for line in lines)


def chunks(lines: Sequence[tuple[Change, bytes]]) -> Iterator[list[tuple[Change, bytes]]]:
    """Yield what one bulk carries, by count and bytes; an oversize document travels alone."""
    chunk: list[tuple[Change, bytes]] = []
    size = 0
    for change, data in lines:
        if chunk and (len(chunk) >= MAX_BULK_WRITES or size + len(data) > MAX_BULK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((change, data))
        size += len(data)
    if chunk:
        yield chunk


def packed(data: bytes | str | None) -> str | None:
    """Return what is kept and never searched, as Elasticsearch's `binary` takes it: no limit of length applies."""
    if data is None:
        return None
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def unpacked(text: str | None) -> bytes | None:
    """Return what was `packed`."""
    return None if text is None else base64.b64decode(text)
