"""Bulk writes with one result per action, whatever happens to the others.

An action that could cost a whole request is not sent (`bulk_actions`). A request that is rejected comes again smaller
(`bulk_pace`), one that is too large for the server is split, and of one that was taken in part only the rest is sent
again. While Elasticsearch takes no writes (a write block, a full disk) everything waits, and says so.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple, cast

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay, wait_random_exponential

from transforms.elastic.bulk_actions import ActionError, BulkAction, encode
from transforms.elastic.bulk_pace import Pace, shared_pace
from transforms.elastic.bulk_queue import Line, Queue, waves
from transforms.elastic.bulk_results import ActionResult, Trouble, failed, read_items, read_result
from transforms.elastic.connection import Connection, PassingError
from transforms.elastic.faults import RefusalError, explain

logger = logging.getLogger(__name__)

SERVER_TIMEOUT = "20s"  # how long the server waits for a shard; below the client's own limit, so that it answers
MAX_LOOK_S = 15.0  # how long a block that is lifted goes unnoticed
_ANSWER = "errors,items.*.status,items.*.error,items.*.result,items.*._version"


@dataclass(frozen=True, kw_only=True)
class BulkLimits:
    """How much is sent at once, and for how long a server without room or behind a block is waited for.

    500 documents of 7 KB each were fastest of 50..1000 on a node of 1 GB heap (1,464 documents a second); small managed
    clusters take requests of 10 MB at most. Two requests under way are a fifth faster than one.
    """

    max_actions: int = 500
    max_bytes: int = 8_000_000
    in_flight: int = 2
    blocked_within_s: float = 900.0
    require_alias: bool = False


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An action that is encoded, or why it cannot be."""

    action: BulkAction
    data: bytes = field(default=b"", repr=False)
    problem: str | None = None


def prepare(action: BulkAction) -> Prepared:
    """Return an action ready to be sent; one that cannot be sent becomes a failed result, and costs no other."""
    try:
        return Prepared(action=action, data=encode(action))
    except ActionError as err:
        return Prepared(action=action, problem=str(err))


class BulkRequest(NamedTuple):
    """A request that was answered, for the books."""

    actions: int
    bytes: int
    elapsed_ms: int


@dataclass(kw_only=True)
class BulkReport:
    """The results in the order of the actions, and what they took."""

    results: list[ActionResult]
    requests: list[BulkRequest] = field(default_factory=list)
    sent_again: int = 0  # actions that went more than once, each time counted
    rejections: int = 0  # answers of a server without room
    paused_s: float = 0.0  # behind a block


class Bulk:
    """Writes through one connection. Thread-safe; what it learns of the server is shared by the process."""

    def __init__(self, connection: Connection, limits: BulkLimits | None = None) -> None:
        self._connection = connection
        self._limits = limits or BulkLimits()
        self._pace = shared_pace(connection.where, in_flight=self._limits.in_flight)

    def send(self, prepared: Sequence[Prepared]) -> BulkReport:
        """Carry out all actions; those on one document in their order. Raises `StoreError` when the store fails.

        After that, some may have been carried out: sending them again is harmless where they have an id and a version.
        """
        sending = _Sending(self._connection, self._limits, self._pace)
        results: dict[int, ActionResult] = {}
        lines = []
        for position, each in enumerate(prepared):
            if each.problem is None:
                lines.append(Line(position=position, action=each.action, data=each.data))
            else:
                results[position] = failed(each.action, "rejected_by_store", each.problem)
        for wave in waves(lines):
            sending.send(wave)
        results |= sending.results
        sending.report.results = [results[position] for position in range(len(prepared))]
        return sending.report


class _Sending:
    """One call of `Bulk.send`: the results so far, and the threads that fill them."""

    def __init__(self, connection: Connection, limits: BulkLimits, pace: Pace) -> None:
        self._connection, self._limits, self._pace = connection, limits, pace
        self._lock = threading.Lock()
        self._stopped = False
        self._blocked_at: float | None = None
        self.results: dict[int, ActionResult] = {}
        self.report = BulkReport(results=[])

    def send(self, lines: list[Line]) -> None:
        queue = Queue(lines)
        size = sum(len(line.data) for line in lines)
        requests = max(len(lines) / self._limits.max_actions, size / self._limits.max_bytes)
        threads = min(self._limits.in_flight, int(-(-requests // 1)))
        if threads <= 1:
            self._work(queue)
            return
        with ThreadPoolExecutor(threads, thread_name_prefix="bulk") as pool:
            try:
                for done in [pool.submit(self._work, queue) for _ in range(threads)]:
                    done.result()
            except BaseException:
                self._stopped = True  # an interrupt reaches this thread alone, and the pool waits for the others
                raise

    def _work(self, queue: Queue) -> None:
        """Send until nothing waits. What another thread puts back behind our back, it sends itself."""
        try:
            while queue and not self._stopped:
                self._through_blocks(queue)
        except BaseException:
            self._stopped = True
            raise

    def _through_blocks(self, queue: Queue) -> None:
        """Send a chunk; while Elasticsearch takes no writes, look again, for as long as the limits allow."""
        retrying = Retrying(
            retry=retry_if_exception(self._may_pass),
            stop=stop_before_delay(self._limits.blocked_within_s),
            wait=wait_random_exponential(multiplier=1, max=MAX_LOOK_S),
            before_sleep=self._say_blocked,
            reraise=True,
        )
        retrying(lambda: self._connection.repeat(lambda: self._step(queue)))
        if retrying.statistics["attempt_number"] == 1:
            return
        with self._lock:
            began, self._blocked_at = self._blocked_at, None
            self.report.paused_s += 0.0 if began is None else monotonic() - began
        if began is not None:
            logger.warning("Elasticsearch at %s takes writes again", self._connection.where)

    def _may_pass(self, err: BaseException) -> bool:
        return isinstance(err, RefusalError) and err.is_block and not self._stopped

    def _say_blocked(self, state: RetryCallState) -> None:
        """Say it once, whichever thread meets the block first."""
        with self._lock:
            first, self._blocked_at = self._blocked_at is None, self._blocked_at or monotonic()
        left_s = self._limits.blocked_within_s - (state.seconds_since_start or 0.0)
        error = state.outcome.exception() if state.outcome else None
        logger.log(logging.WARNING if first else logging.DEBUG, "writing pauses, for %.0f s at most: %s", left_s, error)

    def _step(self, queue: Queue) -> None:
        """Send one chunk, and put back what has to be sent again; raises then, so that it is done after a pause."""
        with self._pace.turn():
            chunk = queue.take(*self._pace.limits(self._limits.max_actions, self._limits.max_bytes))
            if not chunk:
                return
            try:
                items = self._ask(chunk)
            except RefusalError as refused:
                if refused.status == 413:
                    self._split(queue, chunk)
                    return
                queue.put_back(chunk)
                raise
            except PassingError as err:
                self._rejected(queue, chunk, slower=err.overload)
                raise
        self._take(queue, chunk, items)

    def _ask(self, chunk: list[Line]) -> Any:
        body = b"".join(line.data for line in chunk)
        nameless = any(line.action.id is None for line in chunk)
        began = monotonic()
        answer = self._connection.ask_once(
            lambda client: client.bulk(
                operations=cast(Any, body),  # the client takes encoded lines as they are
                require_alias=self._limits.require_alias,
                timeout=SERVER_TIMEOUT,
                filter_path=f"{_ANSWER},items.*._id" if nameless else _ANSWER,
            )
        )
        request = BulkRequest(len(chunk), len(body), round(1000 * (monotonic() - began)))
        with self._lock:
            self.report.requests.append(request)
        return read_items(answer, len(chunk))

    def _split(self, queue: Queue, chunk: list[Line]) -> None:
        size = sum(len(line.data) for line in chunk)
        if len(chunk) == 1:
            said = f"{size:,} bytes are more than the server takes in one request"
            self.results[chunk[0].position] = failed(chunk[0].action, "document_too_large", said)
            return
        self._pace.too_large(size)
        queue.put_back(chunk)

    def _take(self, queue: Queue, chunk: list[Line], items: Any) -> None:
        """Note each action's result. Raises `PassingError` for those put back, or the store's own refusal."""
        again: list[Line] = []
        refused: list[Line] = []
        problem: Trouble | None = None
        for line, item in zip(chunk, items, strict=True):
            result = read_result(line.action, item)
            if isinstance(result, Trouble):
                (again if result.again else refused).append(line)
                problem = result if problem is None or problem.again else problem
            else:
                self.results[line.position] = result
        if problem is None:
            self._pace.taken()
            return
        if not problem.again:
            queue.put_back([*again, *refused])
            said = explain(problem.status, problem.type, problem.reason, where=self._connection.where)
            raise RefusalError(said, status=problem.status, type=problem.type)
        overload = problem.status == 429
        self._rejected(queue, again, slower=overload)
        # The reason of a 503 may hold the whole document, so that only the type is told.
        said = explain(problem.status, problem.type, "", where=self._connection.where)
        raise PassingError(said, overload=overload, progressed=len(again) < len(chunk))

    def _rejected(self, queue: Queue, lines: list[Line], *, slower: bool) -> None:
        queue.put_back(lines)
        if slower:
            self._pace.rejected()
        with self._lock:
            self.report.sent_again += len(lines)
            self.report.rejections += slower
