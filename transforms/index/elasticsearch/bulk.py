"""The document store's writes as bulk actions: whole documents with external versions, through an alias that exists."""

from collections.abc import Callable, Iterator, Sequence

from transforms.elastic.bulk import Bulk, BulkLimits, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.bulk_results import ActionResult
from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.index.base import Document, Kind, Write, WriteResult
from transforms.index.elasticsearch.search_fields import FIELD, MARKS, PARTS, Part, is_searched, search_fields


class Writer:
    """Writes to one project's aliases. Thread-safe."""

    def __init__(self, connection: Connection, alias_of: Callable[[Kind], str], *, blocked_within_s: float) -> None:
        self._bulk = Bulk(connection, BulkLimits(require_alias=True, blocked_within_s=blocked_within_s))
        self._alias_of = alias_of
        self._connection = connection
        self._parts: dict[Kind, tuple[Part, ...]] = {}  # what a kind's index takes beside its documents

    def write(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write all and return their results in order. Raises `StoreError` when the store as a whole fails."""
        self._note_parts(writes)
        taken = dict(self._parts)
        results = list(self._send(writes))
        # A migration may have made another index meanwhile, for which these have waited: the same again, with all.
        if any(taken[write.kind] != PARTS for write in writes):
            self._note_parts(writes)
            more = {kind for kind, parts in taken.items() if self._parts[kind] != parts}
            again = [at for at, write in enumerate(writes) if write.kind in more and write.source is not None]
            for at, result in zip(again, self._send([writes[at] for at in again]), strict=True):
                results[at] = result if result.status != "stale" else results[at]
        return tuple(results)

    def _note_parts(self, writes: Sequence[Write]) -> None:
        kinds = {write.kind for write in writes}
        self._parts |= {kind: self._parts_taken(kind) for kind in kinds if self._parts.get(kind) != PARTS}

    def _send(self, writes: Sequence[Write]) -> Iterator[WriteResult]:
        report = self._bulk.send([prepare(self._action(write)) for write in writes])
        return (_result(write, result) for write, result in zip(writes, report.results, strict=True))

    def _action(self, write: Write) -> BulkAction:
        return BulkAction(
            operation="delete" if write.source is None else "index",
            index=self._alias_of(write.kind),
            id=write.id,
            version=write.version,
            source=None if write.source is None else self._source(write.kind, write.id, dict(write.source)),
        )

    def _source(self, kind: Kind, id: str, document: Document) -> Document:
        # Searches sort by `id`: Elasticsearch cannot sort by `_id`. Articles have it anyhow.
        return {**document, "id": id, **search_fields(kind, document, self._parts[kind])}

    def _parts_taken(self, kind: Kind) -> tuple[Part, ...]:
        """Return the parts whose fields an index has: one of an older newsbeam lacks some, and is strict."""
        if not is_searched(kind):
            return PARTS
        index, marks = self._alias_of(kind), {f"{FIELD}.{mark}": part for part, mark in MARKS[kind].items()}
        try:
            found = self._connection.ask(
                lambda client: client.indices.get_field_mapping(index=index, fields=list(marks))
            )
        except RefusalError:  # a key that may not look; or no index yet, and then the write tells
            return PARTS
        mapped = {name for each in found.values() for name in each["mappings"]}
        return tuple(part for mark, part in marks.items() if mark in mapped)


def _result(write: Write, result: ActionResult) -> WriteResult:
    match result.status:
        case "failed":
            return WriteResult(
                kind=write.kind, id=write.id, status="rejected", reason=result.reason, message=result.message
            )
        case "stale":
            return WriteResult(kind=write.kind, id=write.id, status="stale")
    return WriteResult(kind=write.kind, id=write.id, status="written")  # a delete of what is not there leaves its mark
