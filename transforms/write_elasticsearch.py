"""WriteToElasticsearch: documents of any Beam pipeline into Elasticsearch, with one outcome for each of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from transforms.elastic.bulk import Bulk, BulkLimits, BulkReport, Prepared, prepare
from transforms.elastic.bulk_actions import OPERATIONS, BulkAction, Operation, index_problem
from transforms.elastic.bulk_results import ActionResult
from transforms.elastic.settings import ConnectionSettings

__all__ = ["ActionResult", "Batching", "BulkAction", "ConnectionSettings", "FailedDocument", "WriteToElasticsearch"]

_NAMESPACE = "elasticsearch"


@dataclass(frozen=True, kw_only=True)
class FailedDocument(ActionResult):
    """A document that cannot be stored: why, and the element itself, for a dead letter of your own."""

    element: Any = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Batching:
    """When a bulk goes: at `max_actions` or `max_bytes` (a larger document goes alone), when its first document has
    waited for `max_age_s` and another comes, and at the end of the bundle. A process has `in_flight` of them under way.

    Streaming engines make small bundles, each with a bulk of its own; how small is theirs to say (on Flink
    `--max_bundle_size` and `--max_bundle_time_mills`). Nothing is collected across bundles: Beam's `GroupIntoBatches`
    with a time limit lost up to 9 % of the elements on Prism 2.77, in three of nine runs.
    """

    max_actions: int = 500
    max_bytes: int = 8_000_000
    max_age_s: float = 1.0
    in_flight: int = 2

    def __post_init__(self) -> None:
        for name in ("max_actions", "max_bytes", "in_flight"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: at least 1 is needed, not {getattr(self, name)}")


class WriteOutcome(NamedTuple):
    """What `WriteToElasticsearch` gives: each element is in exactly one of them."""

    written: PCollection[ActionResult]
    unchanged: PCollection[ActionResult]
    stale: PCollection[ActionResult]
    failed: PCollection[FailedDocument]


class WriteToElasticsearch(beam.PTransform):
    """Write documents to Elasticsearch 8.19 or newer in bulks, and tell what became of each.

    In: dicts, which are the documents, or whatever `source_of` makes one of; or `BulkAction`s, which are taken as they
    are. Out: `written`, `unchanged`, `stale` and `failed`, with id, index, version and reason, in the element's own
    window and with its timestamp. `failed` has Elasticsearch's own words and the element.

    `index`, `action` ("index", "create", "update", "delete"), `id_of`, `version_of` and `routing_of`: a value, or a
    function of the element. "update" merges the document into the one that stands and inserts it where none does.

    On a retry, and when an answer was lost, the same is sent again. With an id that is harmless for whole documents and
    merges; with `version_of` (external, `external_gte`) an older one never overwrites a newer one either, in whatever
    order they come: use both. Not safe: without `id_of` a repetition makes another document (at least once); a
    "create" that comes again is `unchanged`, and an action with `if_seq_no` `stale`, though it was our own. Updates by
    script are not offered, since they cannot be repeated. Within one bundle actions on one document keep their order.

    Only what may still succeed is sent again, for `connection.retry_within_s` after the last progress. A write block or
    a full disk is waited for. Raises `StoreError`, with one line that names the cause, when Elasticsearch cannot be
    reached, does not know us, or a privilege or an index is missing: then the bundle has not been written.

    Metrics, in the namespace `elasticsearch`: counters `written`, `unchanged`, `stale`, `failed`, `failed.REASON`,
    `sent_again`, `rejections`; distributions `bulk_ms`, `bulk_actions`, `bulk_bytes`, `paused_ms`.
    """

    def __init__(
        self,
        index: str | Callable[[Any], str] | None = None,
        *,
        id_of: Callable[[Any], str] | None = None,
        action: Operation | Callable[[Any], Operation] = "index",
        version_of: Callable[[Any], int] | None = None,
        routing_of: Callable[[Any], str | None] | None = None,
        source_of: Callable[[Any], Mapping[str, Any]] | None = None,
        connection: ConnectionSettings | None = None,
        batching: Batching | None = None,
    ) -> None:
        super().__init__()
        if isinstance(index, str) and (problem := index_problem(index)):
            raise ValueError(problem)
        if isinstance(action, str):
            if action not in OPERATIONS:
                raise ValueError(f"action {action!r} is none of {', '.join(OPERATIONS)}")
            if action in ("update", "delete") and id_of is None:
                raise ValueError(f"action {action!r} needs id_of")
            if action in ("create", "update") and version_of is not None:
                raise ValueError(f"action {action!r} takes no version_of: external versions go with index and delete")
        self._actions = _Actions(index, id_of, action, version_of, routing_of, source_of)
        self._connection = connection or ConnectionSettings()
        self._batching = batching or Batching()

    def expand(self, documents: PCollection[Any]) -> Any:  # a `WriteOutcome`: Beam knows no such type hint
        write = beam.ParDo(_Write(self._actions, self._connection, self._batching))
        out = documents | "Write" >> write.with_outputs("unchanged", "stale", "failed", main="written")
        return WriteOutcome(written=out.written, unchanged=out.unchanged, stale=out.stale, failed=out.failed)


@dataclass(frozen=True)
class _Actions:
    """Makes the action of an element."""

    index: str | Callable[[Any], str] | None
    id_of: Callable[[Any], str] | None
    action: Operation | Callable[[Any], Operation]
    version_of: Callable[[Any], int] | None
    routing_of: Callable[[Any], str | None] | None
    source_of: Callable[[Any], Mapping[str, Any]] | None

    def of(self, element: Any) -> BulkAction:
        if isinstance(element, BulkAction):
            return element
        if self.index is None:
            raise ValueError("WriteToElasticsearch: name the index, or give BulkActions, which say it themselves")
        operation = self.action(element) if callable(self.action) else self.action
        versioned = self.version_of if operation in ("index", "delete") else None
        return BulkAction(
            operation=operation,
            index=self.index(element) if callable(self.index) else self.index,
            id=self.id_of(element) if self.id_of else None,
            source=None if operation == "delete" else self.source_of(element) if self.source_of else element,
            version=versioned(element) if versioned else None,
            routing=self.routing_of(element) if self.routing_of else None,
        )


class _Waiting(NamedTuple):
    """An element of the buffer, and what its result inherits."""

    element: Any
    prepared: Prepared
    timestamp: Any
    window: Any


class _Write(beam.DoFn):
    def __init__(self, actions: _Actions, connection: ConnectionSettings, batching: Batching) -> None:
        self._actions, self._settings, self._batching = actions, connection, batching
        self._distributions = {
            name: Metrics.distribution(_NAMESPACE, name)
            for name in ("bulk_ms", "bulk_actions", "bulk_bytes", "paused_ms")
        }

    def setup(self) -> None:
        batching = self._batching
        limits = BulkLimits(
            max_actions=batching.max_actions,
            max_bytes=batching.max_bytes,
            in_flight=batching.in_flight,
            blocked_within_s=self._settings.blocked_within_s,
        )
        self._connection = self._settings.connect()
        self._bulk = Bulk(self._connection, limits)

    def teardown(self) -> None:
        self._connection.close()

    def start_bundle(self) -> None:
        self._buffer: list[_Waiting] = []
        self._bytes = 0
        self._since = monotonic()

    def process(
        self, element: Any, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        if not self._buffer:
            self._since = monotonic()
        prepared = prepare(self._actions.of(element))
        self._buffer.append(_Waiting(element, prepared, timestamp, window))
        self._bytes += len(prepared.data)
        if self._is_due():
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        yield from self._flush()

    def _is_due(self) -> bool:
        batching = self._batching  # a buffer is as many bulks as may be under way at once
        full = len(self._buffer) >= batching.max_actions * batching.in_flight
        heavy = self._bytes >= batching.max_bytes * batching.in_flight
        return full or heavy or monotonic() - self._since >= batching.max_age_s

    def _flush(self) -> Iterator[Any]:
        buffer = self._buffer
        self.start_bundle()
        if not buffer:
            return
        report = self._bulk.send([each.prepared for each in buffer])
        self._count(report)
        for waiting, result in zip(buffer, report.results, strict=True):
            value = FailedDocument(**asdict(result), element=waiting.element) if result.status == "failed" else result
            windowed = WindowedValue(value, timestamp=waiting.timestamp, windows=(waiting.window,))
            yield windowed if result.status == "written" else TaggedOutput(result.status, windowed)

    def _count(self, report: BulkReport) -> None:
        for result in report.results:
            Metrics.counter(_NAMESPACE, result.status).inc()
            if result.status == "failed":
                Metrics.counter(_NAMESPACE, f"failed.{result.reason}").inc()
        Metrics.counter(_NAMESPACE, "sent_again").inc(report.sent_again)
        Metrics.counter(_NAMESPACE, "rejections").inc(report.rejections)
        for request in report.requests:
            self._distributions["bulk_ms"].update(request.elapsed_ms)
            self._distributions["bulk_actions"].update(request.actions)
            self._distributions["bulk_bytes"].update(request.bytes)
        if report.paused_s:
            self._distributions["paused_ms"].update(round(1000 * report.paused_s))
