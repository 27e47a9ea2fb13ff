"""What is forgotten, deleted in indices that a migration has copied into newer ones and left behind.

They have no alias and take no writes: the block is lifted for the deletes and set again. Fields are asked for as they
are now; an older schema that did not have one has no document of that field's.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from transforms.elastic.pages import pages
from transforms.errors import StoreError
from transforms.index.base import Named
from transforms.index.elasticsearch import keeping, mapping
from transforms.index.elasticsearch.indices import Indices
from transforms.index.elasticsearch.query import Dsl

_IDS = 1_000  # in one query


def forget(indices: Indices, named: Sequence[Named]) -> tuple[str, ...]:
    """Delete what is named, and return the indices that may still hold some of it, in words."""
    left = []
    for kind in dict.fromkeys(each.kind for each in named):
        queries = [query for each in named if each.kind == kind for query in _queries(each)]
        for index in indices.left_behind(kind):
            try:
                _forget_in(indices, index, queries)
            except StoreError as err:
                left.append(f"{index} ({err})")
    return tuple(left)


def _queries(named: Named) -> Iterator[Dsl]:
    for at in range(0, len(named.values), _IDS):
        values = list(named.values[at : at + _IDS])
        yield {"ids": {"values": values}} if named.field == "id" else keeping.having(named.field, values)


def _forget_in(indices: Indices, index: str, queries: Sequence[Dsl]) -> None:
    ask = indices.connection.ask
    indices.refresh(index)
    for query in queries:
        for answer in pages(indices.connection, index, query, [{"_shard_doc": "asc"}], limit=None, source=False):
            ids = [hit["_id"] for hit in answer["hits"]]
            if not ids:
                continue
            unblocked = {mapping.WRITE_BLOCK: None}
            ask(partial(_settings, index=index, settings=unblocked))
            try:
                keeping.deleted(ask(partial(_bulk, operations=keeping.deletes(index, ids))), len(ids))
            finally:
                ask(partial(_block, index=index))
    indices.refresh(index)


def _settings(client: Any, *, index: str, settings: Dsl) -> Any:
    return client.indices.put_settings(index=index, settings=settings)


def _bulk(client: Any, *, operations: list[Dsl]) -> Any:
    return client.bulk(operations=operations, filter_path="items.*.result")


def _block(client: Any, *, index: str) -> Any:
    return client.indices.add_block(index=index, block="write")
