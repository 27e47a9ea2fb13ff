"""Reading many documents from Elasticsearch, page by page, without the cap of 10,000 results."""

import sys
from collections.abc import Iterator
from typing import Any

from transforms.elastic.connection import Connection

PAGE = 500  # documents per answer: about 5 MB of articles
KEEP_ALIVE = "10m"  # how long a reader may take over one page


def pages(
    connection: Connection,
    index: str,
    query: dict[str, Any],
    order: list[dict[str, Any]],
    *,
    limit: int | None,
    source: Any = True,
) -> Iterator[dict[str, Any]]:
    """Yield the answers, of up to `PAGE` hits each, to a search in a total order; at least one, even without hits.

    More than one page comes from a point in time: a snapshot that later writes do not change. `limit=None`: all.
    """
    body: dict[str, Any] = {"query": query, "sort": order, "source": source}
    body |= {"version": True, "track_scores": True, "track_total_hits": True}
    if limit is not None and limit <= PAGE:
        yield _search(connection, {**body, "index": index, "size": limit})["hits"]
        return
    pit = connection.ask(lambda client: client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE))["id"]
    left = sys.maxsize if limit is None else limit
    try:
        while left:
            answer = _search(
                connection, {**body, "pit": {"id": pit, "keep_alive": KEEP_ALIVE}, "size": min(PAGE, left)}
            )
            pit, hits = answer["pit_id"], answer["hits"]["hits"]
            yield answer["hits"]
            if len(hits) < min(PAGE, left):
                return
            left -= len(hits)
            body |= {"search_after": hits[-1]["sort"], "track_total_hits": False}
    finally:
        connection.ask(lambda client: client.close_point_in_time(id=pit))


def _search(connection: Connection, body: dict[str, Any]) -> Any:
    return connection.ask(lambda client: client.search(**body))
