"""What no store takes: said once for the stores that have no mapping of their own."""

from datetime import datetime
from typing import Any

import orjson

from transforms.errors import Reason
from transforms.index.base import Write
from transforms.index.matching import figure_ranges

MAX_DOCUMENT_BYTES = 20_000_000  # far above any article; the Elasticsearch default for one request is 100 MB
MAX_ID_BYTES = 512  # as in Elasticsearch
MAX_MESSAGE_CHARS = 500

Refusal = tuple[Reason, str]


def rejection(write: Write) -> Refusal | None:
    """Return (reason, message) when a document cannot be stored, None when it can."""
    if not write.id or len(write.id.encode("utf-8", "replace")) > MAX_ID_BYTES or not 0 <= write.version < 2**63:
        return "rejected_by_store", f"id of 1 to {MAX_ID_BYTES} bytes and a version of 63 bits expected"
    if write.source is None:
        return None
    try:
        size = len(orjson.dumps(write.source))
    except TypeError as err:  # a lone surrogate, an integer of more than 64 bits, a type that JSON does not know
        return "rejected_by_store", f"not JSON: {err}"[:MAX_MESSAGE_CHARS]
    if size > MAX_DOCUMENT_BYTES:
        return "document_too_large", f"{size:,} bytes, at most {MAX_DOCUMENT_BYTES:,} are taken"
    return _type_conflict(write)


def _type_conflict(write: Write) -> Refusal | None:
    """Check the few types that searches rely on."""
    source: dict[str, Any] = dict(write.source or {})
    if not _is_instant(source.get("@timestamp")):
        return "mapping_conflict", f"@timestamp: {source.get('@timestamp')!r} is not a date"[:MAX_MESSAGE_CHARS]
    if write.kind != "articles":
        return None
    for name in ("title", "body"):
        if not isinstance(source.get(name), str):
            return "mapping_conflict", f"{name}: {source.get(name)!r} is not a text"[:MAX_MESSAGE_CHARS]
    try:
        numbers = [number for figure in figure_ranges(source) for number in (figure.low, figure.high)]
    except (TypeError, KeyError, AttributeError) as err:
        return "mapping_conflict", f"figures: {type(err).__name__} {err}"[:MAX_MESSAGE_CHARS]
    if not all(isinstance(number, int | float) for number in numbers):
        return "mapping_conflict", "figures: a value is not a number"
    return None


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
