"""Reading all documents of a search, in slices of one point in time that can be read beside each other.

A point in time is a snapshot: what is written meanwhile changes nothing. It lives in the server's memory and is gone
when nobody asked for `KEEP_ALIVE`, or when a node restarts. A slice whose documents have an order of their own
(`order_by`) is then read on from a new point in time, behind the last one that was read; without one it is told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any

import orjson

from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.elastic.pages import KEEP_ALIVE, search_page
from transforms.errors import StoreError

FIRST_PAGE = 100
SAMPLE = 1_000  # documents that tell where to cut: parts within some percent of one size
PAGE_BYTES = 8_000_000  # of a slice in memory, about: pages get smaller when documents are large


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is read: the documents of `index` (names, aliases, patterns) that match `query`.

    `fields` None: whole documents; patterns such as `url.*` are understood. `order_by` names a keyword or a number that
    each document has, unlike all others, and keeps: an id. None: in the order in which they lie, which is the fastest.
    """

    index: str
    query: Mapping[str, Any] = field(default_factory=lambda: {"match_all": {}})
    fields: tuple[str, ...] | None = None
    order_by: str | None = None
    page: int = 1_000


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One of `of` parts of a point in time. With an order it is a range of it, the same in every point in time."""

    pit: str
    number: int
    of: int
    at_least: Any = None
    below: Any = None


@dataclass(frozen=True, kw_only=True)
class StoredDocument:
    """A document as it stands: `version` is what a write with `version_of` gave it."""

    index: str
    id: str
    version: int
    seq_no: int
    primary_term: int
    routing: str | None = None
    source: dict[str, Any] = field(repr=False)


def open_slices(connection: Connection, selection: Selection, count: int) -> tuple[Slice, ...]:
    """Open a point in time and return its slices. Raises `StoreError` for an index that is not there."""
    pit = _open(connection, selection)
    if selection.order_by is None:
        return tuple(Slice(pit=pit, number=number, of=count) for number in range(count))
    bounds = [None, *_bounds(connection, selection, pit, count), None]
    ranges = list(pairwise(bounds))
    return tuple(
        Slice(pit=pit, number=number, of=len(ranges), at_least=at_least, below=below)
        for number, (at_least, below) in enumerate(ranges)
    )


def close_slices(connection: Connection, pit: str) -> None:
    """Let the server forget a point in time; one that it has forgotten already is no error."""
    try:
        connection.ask(lambda client: client.close_point_in_time(id=pit))
    except RefusalError as refused:
        if refused.status != 404:
            raise


def read_slice(connection: Connection, selection: Selection, part: Slice) -> Iterator[list[StoredDocument]]:
    """Yield the pages of a slice; a request that fails is made again, so that each page comes once.

    Raises `StoreError` when the point in time is gone and the selection has no order to go on by.
    """
    own: str | None = None  # a point in time of our own, after the shared one was lost
    body = _body(selection, part)
    size, last = min(FIRST_PAGE, selection.page), None
    answered = True  # since the point in time was opened
    try:
        while True:
            try:
                answer = search_page(connection, {**body, "size": size})
            except RefusalError as refused:
                if refused.status != 404 or not answered or not _can_go_on(selection, last):
                    raise _told(refused, part, connection.where) from refused
                own = _open(connection, selection)
                body = _body(selection, replace(part, pit=own))
                body |= {"search_after": last[:1]} if last else {}
                answered = False
                continue
            answered, hits = True, answer["hits"]["hits"]
            if not hits:
                return
            yield [_document(hit) for hit in hits]
            if len(hits) < size:
                return
            last = hits[-1]["sort"]
            body |= {"pit": {"id": answer["pit_id"], "keep_alive": KEEP_ALIVE}, "search_after": last}
            size = _next_size(hits, selection.page)
    finally:
        if own is not None:
            close_slices(connection, own)


def _open(connection: Connection, selection: Selection) -> str:
    ask = partial(_open_point_in_time, index=selection.index)
    pit: str = connection.ask(ask)["id"]
    return pit


def _open_point_in_time(client: Any, *, index: str) -> Any:
    return client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)


def _bounds(connection: Connection, selection: Selection, pit: str, count: int) -> list[Any]:
    """Return where to cut the order into `count` parts of about one size, from a sample."""
    if count == 1:
        return []
    by_chance = {"query": dict(selection.query), "random_score": {"field": "_seq_no", "seed": 0}}
    answer = search_page(
        connection,
        {
            "query": {"function_score": {**by_chance, "boost_mode": "replace"}},
            "sort": [{"_score": "desc"}, {selection.order_by: "asc"}],
            "pit": {"id": pit, "keep_alive": KEEP_ALIVE},
            "source": False,
            "track_total_hits": False,
            "size": SAMPLE,
        },
    )
    # Code points order texts as UTF-8 orders their bytes, which is how Elasticsearch sorts a keyword.
    values = sorted({hit["sort"][1] for hit in answer["hits"]["hits"] if hit["sort"][1] is not None})
    return sorted({values[len(values) * part // count] for part in range(1, count)} - set(values[:1])) if values else []


def _body(selection: Selection, part: Slice) -> dict[str, Any]:
    """Return the search for a slice. The first range has the documents without a value, too."""
    order = {selection.order_by: "asc"} if selection.order_by else {"_shard_doc": "asc"}
    query: dict[str, Any] = {"must": [dict(selection.query)]}
    if part.at_least is not None:
        query["filter"] = [{"range": {selection.order_by: {"gte": part.at_least}}}]
    if part.below is not None:
        query["must_not"] = [{"range": {selection.order_by: {"gte": part.below}}}]
    body: dict[str, Any] = {
        "query": {"bool": query},
        "sort": [order],
        "pit": {"id": part.pit, "keep_alive": KEEP_ALIVE},
        "source": True if selection.fields is None else list(selection.fields),
        "version": True,
        "seq_no_primary_term": True,
        "track_total_hits": False,
    }
    if part.of > 1 and selection.order_by is None:
        body["slice"] = {"id": part.number, "max": part.of}
    return body


def _can_go_on(selection: Selection, last: list[Any] | None) -> bool:
    """Tell whether another point in time has the same order behind the last document read."""
    return selection.order_by is not None and (last is None or last[0] is not None)


def _next_size(hits: list[Any], most: int) -> int:
    size = len(orjson.dumps(hits))
    return max(1, min(most, PAGE_BYTES * len(hits) // size))


def _told(refused: RefusalError, part: Slice, where: str) -> StoreError:
    if refused.status != 404 or refused.index_is_missing:
        return refused
    return StoreError(
        f"Elasticsearch at {where} has lost the point in time that slice {part.number + 1} of {part.of} is read from "
        f"(a node restarted, or nobody asked for {KEEP_ALIVE}): run again, or name an order_by to read on by"
    )


def _document(hit: Mapping[str, Any]) -> StoredDocument:
    return StoredDocument(
        index=hit["_index"],
        id=hit["_id"],
        version=hit["_version"],
        seq_no=hit["_seq_no"],
        primary_term=hit["_primary_term"],
        routing=hit.get("_routing"),
        source=hit.get("_source", {}),
    )
