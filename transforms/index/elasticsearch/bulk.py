"""The document store's writes as bulk actions: whole documents with external versions, through an alias that exists."""

from collections.abc import Callable, Iterator, Sequence

from transforms.elastic.bulk import Bulk, BulkLimits, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.bulk_results import ActionResult
from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.index.base import Document, Kind, Write, WriteResult
from transforms.index.elasticsearch.search_fields import FIELD, search_fields, searches_by_keys


class Writer:
    """Writes to one project's aliases. Thread-safe."""

    def __init__(self, connection: Connection, alias_of: Callable[[Kind], str], *, blocked_within_s: float) -> None:
        self._bulk = Bulk(connection, BulkLimits(require_alias=True, blocked_within_s=blocked_within_s))
        self._alias_of = alias_of
        self._connection = connection
        self._keyed: set[Kind] = set()  # kinds whose index takes keys

    def write(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write all and return their results in order. Raises `StoreError` when the store as a whole fails."""
        self._note_keyed(writes)
        keyed = set(self._keyed)
        results = list(self._send(writes))
        # A migration may have made another index meanwhile, for which these have waited: the same again, with keys.
        if keyless := [each for each, write in enumerate(writes) if write.kind not in keyed]:
            self._note_keyed(writes)
            again = [each for each in keyless if writes[each].kind in self._keyed and writes[each].source is not None]
            for each, result in zip(again, self._send([writes[each] for each in again]), strict=True):
                results[each] = result if result.status != "stale" else results[each]
        return tuple(results)

    def _note_keyed(self, writes: Sequence[Write]) -> None:
        self._keyed |= {kind for kind in {write.kind for write in writes} - self._keyed if self._takes_keys(kind)}

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
        return {"id": id, **document, **(search_fields(kind, document) if kind in self._keyed else {})}

    def _takes_keys(self, kind: Kind) -> bool:
        """Say whether an index has the field: one of an older newsbeam has not until `index migrate`, and is strict."""
        if not searches_by_keys(kind):
            return True
        index = self._alias_of(kind)
        try:
            found = self._connection.ask(
                lambda client: client.indices.get_field_mapping(index=index, fields=f"{FIELD}.terms")
            )
        except RefusalError:  # a key that may not look; or no index yet, and then the write tells
            return True
        return any(each["mappings"] for each in found.values())


def _result(write: Write, result: ActionResult) -> WriteResult:
    match result.status:
        case "failed":
            return WriteResult(
                kind=write.kind, id=write.id, status="rejected", reason=result.reason, message=result.message
            )
        case "stale":
            return WriteResult(kind=write.kind, id=write.id, status="stale")
    return WriteResult(kind=write.kind, id=write.id, status="written")  # a delete of what is not there leaves its mark
