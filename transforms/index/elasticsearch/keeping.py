"""Queries of what is kept on a server and what is not: ages, deletes without a trace, documents by an exact field."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from transforms.errors import StoreError
from transforms.index.elasticsearch.query import Dsl

OLDEST_FIRST: list[Dsl] = [{"@timestamp": {"order": "asc"}}]


def older(before: datetime | None) -> Dsl:
    """Return the query for what is older than an instant; for everything without one."""
    return {"match_all": {}} if before is None else {"range": {"@timestamp": {"lt": before.isoformat()}}}


def having(field: str, values: Sequence[str]) -> Dsl:
    """Return the query for documents whose exact field has one of the values."""
    return {"terms": {field: list(values)}}


def deletes(index: str, ids: Sequence[str]) -> list[Dsl]:
    """Return the operations that delete documents whatever their version."""
    return [{"delete": {"_index": index, "_id": each}} for each in ids]


def deleted(answer: Any, asked: int) -> int:
    """Return how many documents a bulk of deletes found. Raises `StoreError` where some were refused.

    The answer is asked for with `items.*.result`, which one that was refused (a full queue, a block) has not.
    """
    items = answer.get("items", ())
    if len(items) < asked:
        raise StoreError(f"Elasticsearch refused {asked - len(items)} of {asked} deletes: it is busy; try again")
    return sum(item["delete"]["result"] == "deleted" for item in items)
