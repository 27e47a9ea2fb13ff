"""The document store's writes as bulk actions: whole documents with external versions, through an alias that exists."""

from collections.abc import Callable, Sequence

from transforms.elastic.bulk import Bulk, BulkLimits, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.bulk_results import ActionResult
from transforms.elastic.connection import Connection
from transforms.index.base import Kind, Write, WriteResult


class Writer:
    """Writes to one project's aliases. Thread-safe."""

    def __init__(self, connection: Connection, alias_of: Callable[[Kind], str], *, blocked_within_s: float) -> None:
        self._bulk = Bulk(connection, BulkLimits(require_alias=True, blocked_within_s=blocked_within_s))
        self._alias_of = alias_of

    def write(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write all and return their results in order. Raises `StoreError` when the store as a whole fails."""
        report = self._bulk.send([prepare(self._action(write)) for write in writes])
        return tuple(_result(write, result) for write, result in zip(writes, report.results, strict=True))

    def _action(self, write: Write) -> BulkAction:
        return BulkAction(
            operation="delete" if write.source is None else "index",
            index=self._alias_of(write.kind),
            id=write.id,
            version=write.version,
            # Searches sort by `id`: Elasticsearch cannot sort by `_id`. Articles have it anyhow.
            source=None if write.source is None else {"id": write.id, **write.source},
        )


def _result(write: Write, result: ActionResult) -> WriteResult:
    match result.status:
        case "failed":
            return WriteResult(
                kind=write.kind, id=write.id, status="rejected", reason=result.reason, message=result.message
            )
        case "stale":
            return WriteResult(kind=write.kind, id=write.id, status="stale")
    return WriteResult(kind=write.kind, id=write.id, status="written")  # a delete of what is not there leaves its mark
