"""Reading many documents from Elasticsearch, page by page, without the cap of 10,000 results."""

import sys
from collections.abc import Iterator
from typing import Any

from transforms.elastic.connection import Connection, PassingError

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
    size: int = PAGE,
) -> Iterator[dict[str, Any]]:
    """Yield the answers, of up to `size` hits each, to a search in a total order; at least one, even without hits.

    More than one page comes from a point in time: a snapshot that later writes do not change. `limit=None`: all.
    """
    body: dict[str, Any] = {"query": query, "sort": order, "source": source}
    body |= {"version": True, "track_scores": True, "track_total_hits": True}
    if limit is not None and limit <= size:
        yield search_page(connection, {**body, "index": index, "size": limit})["hits"]
        return
    pit = connection.ask(lambda client: client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE))["id"]
    left = sys.maxsize if limit is None else limit
    try:
        while left:
            answer = search_page(
                connection, {**body, "pit": {"id": pit, "keep_alive": KEEP_ALIVE}, "size": min(size, left)}
            )
            pit, hits = answer["pit_id"], answer["hits"]["hits"]
            yield answer["hits"]
            if len(hits) < min(size, left):
                return
            left -= len(hits)
            body |= {"search_after": hits[-1]["sort"], "track_total_hits": False}
    finally:
        connection.ask(lambda client: client.close_point_in_time(id=pit))


def search_page(connection: Connection, body: dict[str, Any]) -> Any:
    """Return the answer to a search, complete: one that a shard did not take part in is asked for again."""

    def attempt() -> Any:
        answer = connection.ask_once(lambda client: client.search(allow_partial_search_results=False, **body))
        if answer.get("timed_out") or answer.get("_shards", {}).get("failed"):
            raise PassingError(f"Elasticsearch at {connection.where} answered a search in part")
        return answer

    return connection.repeat(attempt)
