"""A document store in the memory of the process, for tests: the plainest right implementation, without any index.

The contract suite compares the others with it.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from transforms.errors import ConfigurationError
from transforms.index.base import (
    KINDS,
    AccessKey,
    Difference,
    Document,
    Hit,
    Kind,
    Named,
    SearchRequest,
    SearchResult,
    Sharing,
    Step,
    Stored,
    Write,
    WriteResult,
)  # fmt: skip
from transforms.index.checks import rejection
from transforms.index.documents import instant
from transforms.index.facets import FacetField, Facets, ValueCount
from transforms.index.lookups import RowKind, check_row_query, row_order
from transforms.index.matching import facet_values, field_values, matches, row_matches
from transforms.index.snippets import snippets

Rows = dict[str, tuple[int, bytes | None]]  # id -> version, JSON (None: deleted)
_named: "dict[str, MemoryStore]" = {}


def open_memory_store(name: str) -> "MemoryStore":
    """Return the process's store of that name: the same one for everybody who asks."""
    return _named.setdefault(name, MemoryStore())


class MemoryStore:
    """Documents in a dict, kept as JSON so that nobody shares objects with the store."""

    sharing: Sharing = "process"

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[Kind, Rows] = {kind: {} for kind in KINDS}
        self._lock = threading.Lock()

    def create(self) -> tuple[str, ...]:
        """Nothing is missing."""
        return ()

    def check(self) -> tuple[Difference, ...]:
        """Nothing can differ."""
        return ()

    def migrate(self, **_: object) -> tuple[Step, ...]:
        """Nothing can be of another version."""
        return ()

    def old_generations(self) -> tuple[str, ...]:
        """Nothing is left behind."""
        return ()

    def forget_in_old_generations(self, _named: Sequence[Named]) -> tuple[str, ...]:
        """Nothing is left behind."""
        return ()

    def drop_old_generations(self) -> tuple[str, ...]:
        """Nothing is left behind."""
        return ()

    def create_key(self, *_: object, **__: object) -> AccessKey:
        """Refuse."""
        raise ConfigurationError("a store in memory has no keys")

    def bulk(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write, and return one result per write."""
        with self._lock:
            return tuple(self._put(write) for write in writes)

    def _put(self, write: Write) -> WriteResult:
        if refused := rejection(write):
            return WriteResult(kind=write.kind, id=write.id, status="rejected", reason=refused[0], message=refused[1])
        rows = self._rows[write.kind]
        if write.id in rows and rows[write.id][0] > write.version:
            return WriteResult(kind=write.kind, id=write.id, status="stale")
        rows[write.id] = (write.version, None if write.source is None else orjson.dumps(write.source))
        return WriteResult(kind=write.kind, id=write.id, status="written")

    def get(self, kind: Kind, id: str) -> Stored | None:
        """Return a document as last written."""
        return next((stored for stored in self._stored(kind) if stored.id == id), None)

    def prune(self, kind: Kind, *, before: datetime) -> None:
        """Forget what is older."""
        old = [stored.id for stored in self._stored(kind) if stored.source["@timestamp"] < instant(before)]
        with self._lock:
            for key in old:
                self._rows[kind].pop(key, None)

    def find_ids(self, text: str, *, limit: int = 10) -> tuple[str, ...]:
        """Return ids of articles that start with `text` (prefix `a1` optional) or that have it as a URL."""
        starts = (text.lower(), f"a1{text.lower()}")
        found = [
            stored.id
            for stored in self._stored("articles")
            if text and (stored.id.startswith(starts) or text in _urls(stored.source))
        ]
        return tuple(found[:limit])

    def search(self, request: SearchRequest) -> SearchResult:
        """Search articles; every score is 1."""
        found = list(self._matching(request))
        found.sort(key=lambda stored: stored.id)
        found.sort(key=lambda stored: _moment(stored.source, request), reverse=True)
        hits = (
            Hit(id=each.id, score=1.0, source=each.source, snippets=snippets(each.source, request.query))
            for each in found[: max(request.limit, 0)]
        )
        return SearchResult(total=len(found), hits=tuple(hits))

    def search_rows(self, kind: RowKind, request: SearchRequest) -> SearchResult:
        """Search fact rows."""
        check_row_query(kind, request)
        found = [row for row in self._stored(kind) if row_matches(row.source, kind, request.query)]
        found = [row for row in found if _in_window(row.source, request)]
        found.sort(key=lambda row: row_order(row.id))
        found.sort(key=lambda row: _moment(row.source, request), reverse=True)  # sorts are stable
        hits = (Hit(id=row.id, score=1.0, source=row.source) for row in found[: max(request.limit, 0)])
        return SearchResult(total=len(found), hits=tuple(hits))

    def facets(self, request: SearchRequest, fields: Sequence[FacetField], *, size: int = 10) -> Facets:
        """Count matching articles by the values of fields."""
        documents = [stored.source for stored in self._matching(request)]
        counted: Facets = {}
        for field in fields:
            counts = Counter(value for document in documents for value in facet_values(document, field))
            values = sorted(counts, reverse=True) if field == "day" else sorted(counts, key=lambda v: (-counts[v], v))
            counted[field] = tuple(ValueCount(value, counts[value]) for value in values[:size])
        return counted

    def scan(self, kind: Kind, request: SearchRequest | None = None, *, after: str | None = None) -> Iterator[Stored]:
        """Yield every document of a kind, ordered by id."""
        if request is None:
            yield from self._stored(kind)
        elif kind == "articles":
            yield from (stored for stored in self._matching(request) if after is None or stored.id > after)
        else:
            articles = {stored.id for stored in self.scan("articles", request, after=after)}
            yield from (row for row in self._stored(kind) if row.source.get("article", {}).get("id") in articles)

    def versions(self, ids: Sequence[str], *, kind: Kind = "articles") -> dict[str, int]:
        """Return the versions of those documents that exist."""
        wanted = set(ids)
        return {stored.id: stored.version for stored in self._stored(kind) if stored.id in wanted}

    def count(self, kind: Kind, *, before: datetime | None = None) -> int:
        """Count documents."""
        return len(self._older(kind, before))

    def expired(self, kind: Kind, *, before: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of the oldest."""
        old = sorted(self._older(kind, before), key=lambda stored: str(stored.source["@timestamp"]))
        return tuple(stored.id for stored in old[:limit])

    def find(self, kind: Kind, field: str, values: Sequence[str]) -> Iterator[Stored]:
        """Yield the documents whose field has one of the values."""
        return (each for each in self._stored(kind) if set(values).intersection(field_values(each.source, field)))

    def discard(self, kind: Kind, ids: Sequence[str]) -> int:
        """Delete without a trace."""
        with self._lock:
            return sum(self._rows[kind].pop(each, (0, None))[1] is not None for each in ids)

    def erase(self) -> tuple[str, ...]:
        """Nothing is written to a file."""
        return ()

    def articles_of_run(self, run_id: str) -> Iterator[tuple[str, int, str]]:
        """Yield (id, version, requested URL) of the articles last written by a run."""
        for stored in self._stored("articles"):
            if run_id in field_values(stored.source, "pipeline.run_id"):
                yield stored.id, stored.version, stored.source["url"]["requested"]

    def refresh(self) -> None:
        """Do nothing: what is written is searchable at once."""

    def close(self) -> None:
        """Do nothing: the process keeps the data."""

    def _stored(self, kind: Kind) -> list[Stored]:
        with self._lock:
            rows = sorted(self._rows[kind].items())
        return [Stored(id=key, version=version, source=orjson.loads(raw)) for key, (version, raw) in rows if raw]

    def _older(self, kind: Kind, before: datetime | None) -> list[Stored]:
        found = self._stored(kind)
        return [each for each in found if before is None or each.source["@timestamp"] < instant(before)]

    def _matching(self, request: SearchRequest) -> Iterator[Stored]:
        for stored in self._stored("articles"):
            if _in_window(stored.source, request) and matches(stored.source, request.query):
                yield stored


def _in_window(document: Document, request: SearchRequest) -> bool:
    moment = _moment(document, request)
    since = request.since is None or (moment and moment >= instant(request.since))
    until = request.until is None or (moment and moment < instant(request.until))
    return bool(since and until)


def _moment(document: Document, request: SearchRequest) -> str:
    value: Any = document["@timestamp"] if request.by == "published" else document.get("event", {}).get("ingested")
    return str(value or "")


def _urls(document: Document) -> list[str]:
    return [url for name in ("full", "original", "requested") for url in field_values(document, f"url.{name}")]
