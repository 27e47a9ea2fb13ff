"""Reading all documents of a search in order, several pages at once: of one point in time, by ranges of the order.

The caller's thread lists what the order is by, 10,000 values at a time and without documents, and cuts it into pages;
`READERS` threads read a page each, as a range, which costs the server no more at the end than at the beginning. Ranges
and not Elasticsearch's slices: a slice is a piece of the index as it lies there, and where documents were written in
order of their ids (by `copy`) one slice after the other would have to be read.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.elastic.pages import KEEP_ALIVE, PAGE, search_page
from transforms.elastic.slices import close_slices, next_size
from transforms.errors import StoreError

logger = logging.getLogger(__name__)

READERS = 4  # 12,000 articles of 8 KB on two busy cores: 10.6 s with one, 5.3 to 7.1 with two, 4.1 with four
LISTED = 10_000  # values per request, the most that Elasticsearch gives: 0.15 s
RENEW_S = 200.0  # a third of KEEP_ALIVE


def pages_in_order(
    connection: Connection, index: str, query: dict[str, Any], *, order_by: str
) -> Iterator[list[dict[str, Any]]]:
    """Yield pages of hits, of up to `PAGE` and about 8 MB, ordered by a keyword that each document has for itself.

    All are as of the first one: later writes change nothing, and the point in time is kept alive however slow the
    caller is. At most `READERS` pages wait for the caller. One page in all takes no threads. Raises `StoreError` at the
    page that cannot be read, behind all pages before it; then, and when the caller stops early, the threads end and the
    point in time is closed before this returns.
    """
    pit = connection.ask(lambda client: client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE))["id"]
    try:
        reading = _Reading(connection, pit, query, order_by)
        first = reading.search(size=PAGE, version=True)
        if len(first) < PAGE:
            yield first
        else:
            yield from _read_on(reading, first)
    finally:
        close_slices(connection, pit)


class _Reading:
    """Searches of one point in time; none is begun, or tried again, when `ended` is set."""

    def __init__(self, connection: Connection, pit: str, query: dict[str, Any], order_by: str) -> None:
        self._connection, self._pit, self._query, self._order_by = connection, pit, query, order_by
        self.ended = threading.Event()

    def listed(self, last: Any) -> Iterator[Any]:
        """Yield the values behind `last`."""
        while True:
            hits = self.search(size=LISTED, source=False, search_after=[last])
            yield from (hit["sort"][0] for hit in hits)
            if len(hits) < LISTED:
                return
            last = hits[-1]["sort"][0]

    def page(self, values: list[Any]) -> list[dict[str, Any]]:
        """Return the documents of these values, which follow each other."""
        within = {"range": {self._order_by: {"gte": values[0], "lte": values[-1]}}}
        hits = self.search(query={"bool": {"filter": [self._query, within]}}, size=len(values), version=True)
        if [hit["sort"][0] for hit in hits] != values:
            raise StoreError(
                f"Elasticsearch at {self._connection.where} gave {len(hits)} documents where it had listed "
                f"{len(values)}, from {values[0]!r} to {values[-1]!r}: run again"
            )
        return hits

    def search(self, **body: Any) -> list[dict[str, Any]]:
        pit = {"id": self._pit, "keep_alive": KEEP_ALIVE}
        body = {"query": self._query, "sort": [{self._order_by: "asc"}], "track_total_hits": False, "pit": pit, **body}
        try:
            hits: list[dict[str, Any]] = search_page(self._connection, body, ended=self.ended)["hits"]["hits"]
        except RefusalError as refused:
            if refused.status != 404 or refused.index_is_missing:
                raise
            raise StoreError(
                f"Elasticsearch at {self._connection.where} has lost the point in time that is read from (a node "
                "restarted): run again"
            ) from refused
        return hits

    def renew(self) -> None:
        """Keep the point in time alive until `ended`."""
        while not self.ended.wait(RENEW_S):
            try:
                self.search(size=0)
            except StoreError as error:  # whoever reads the next page will see it, too
                logger.debug("the point in time could not be renewed: %s", error)


def _read_on(reading: _Reading, first: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    with _threads(reading) as pool:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        page, size, values = first, next_size(first, PAGE), list[Any]()
        for value in reading.listed(first[-1]["sort"][0]):
            values.append(value)
            if len(values) < size:
                continue
            waiting.append(pool.submit(reading.page, values))
            values = []
            if len(waiting) == READERS:
                yield page
                page = waiting.popleft().result()
                size = next_size(page, PAGE)
        yield page
        if values:
            waiting.append(pool.submit(reading.page, values))
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _threads(reading: _Reading) -> Iterator[ThreadPoolExecutor]:
    """Give threads to read with, beside one that renews; all have ended when the block is left."""
    renewing = threading.Thread(target=reading.renew, name="keep-alive", daemon=True)
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="read")
    try:
        renewing.start()
        yield pool
    finally:
        reading.ended.set()
        pool.shutdown(cancel_futures=True)
        renewing.join()
