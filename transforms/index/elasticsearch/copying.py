"""Documents from one index into another under the versions they have, whatever happens meanwhile.

Every write is `external_gte`, so copying twice, or what has changed since, is harmless. What differs is found by
comparing ids and versions, two streams in one order: no clock, no counter, and nothing is missed.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from transforms.elastic.bulk import Bulk, BulkLimits, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.connection import Connection
from transforms.elastic.pages import pages
from transforms.errors import StoreError
from transforms.index.elasticsearch.search_fields import kind_of, search_fields
from transforms.index.upgrades import upgraded

BATCH = 500
_IDS = 10_000  # per answer, without their documents; the most that a search gives
_BY_ID = [{"id": {"order": "asc"}}]
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Unequal:
    """An id that two indices do not have alike; `version` is that of the new index for what is only there."""

    id: str
    version: int | None


class Copier:
    """Copies between two indices of one server."""

    def __init__(self, connection: Connection, source: str, target: str) -> None:
        self._connection = connection
        self._source, self._target = source, target
        self._bulk = Bulk(connection, BulkLimits())

    def copy(self, after: str | None, reached: Callable[[str, int], None]) -> int:
        """Copy all with an id above `after`, in order of ids, and return how many; each batch is told when written."""
        query: dict[str, Any] = {"range": {"id": {"gt": after}}} if after else {"match_all": {}}
        copied = 0
        for answer in pages(self._connection, self._source, query, _BY_ID, limit=None, size=BATCH):
            hits = answer["hits"]
            if not hits:
                break
            self._write([_action(self._target, hit) for hit in hits])
            copied += len(hits)
            reached(hits[-1]["_id"], copied)
        return copied

    def copy_unequal(self, unequal: Iterator[Unequal]) -> int:
        """Bring what differs to the source's state, and return how much that was."""
        done = 0
        while batch := list(islice(unequal, BATCH)):
            self._write(self._actions(batch))
            done += len(batch)
        return done

    def unequal(self, still: Callable[[], None] | None = None) -> Iterator[Unequal]:
        """Yield what the target has not as the source, by id; only with `still` also what only the target has.

        `still` is called when both are held as they are, and raises when that is too late to delete from the target.
        """
        with closing(self._ids(self._target)) as targets, closing(self._ids(self._source)) as sources:
            # Opened in this order: what is written after the target is held is in the source's stream, or in neither.
            target, source = next(targets, None), next(sources, None)
            if still:
                still()
            while source or target:
                if target and (not source or target[0] < source[0]):
                    if still:
                        yield Unequal(id=target[0], version=target[1])
                    target = next(targets, None)
                elif source:
                    same = target is not None and target[0] == source[0]
                    if not (same and target is not None and target[1] >= source[1]):
                        yield Unequal(id=source[0], version=None)
                    source = next(sources, None)
                    target = next(targets, None) if same else target

    def _ids(self, index: str) -> Generator[tuple[str, int], None, None]:
        everything: dict[str, Any] = {"match_all": {}}
        for answer in pages(self._connection, index, everything, _BY_ID, limit=None, source=False, size=_IDS):
            yield from ((hit["_id"], hit["_version"]) for hit in answer["hits"])

    def _actions(self, batch: Sequence[Unequal]) -> list[BulkAction]:
        surplus = [each for each in batch if each.version is not None]
        actions = [
            BulkAction(operation="delete", index=self._target, id=each.id, version=each.version) for each in surplus
        ]
        if ids := [each.id for each in batch if each.version is None]:
            answer = self._connection.ask(lambda client: client.mget(index=self._source, ids=ids))
            actions += [_action(self._target, hit) for hit in answer["docs"] if hit.get("found")]
        return actions

    def _write(self, actions: Sequence[BulkAction]) -> None:
        """Write all, or raise `StoreError` that names the first that are not taken."""
        results = self._bulk.send([prepare(action) for action in actions]).results
        refused = [
            f"{action.id}: {result.message}"
            for action, result in zip(actions, results, strict=True)
            if result.status == "failed"
        ]
        if refused:
            more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
            raise StoreError(
                f"{self._source}: {len(refused)} of {len(actions)} documents do not fit into {self._target} "
                f"({'; '.join(refused[:_SHOWN])}{more}); correct or delete them, then migrate again: "
                "nothing was taken out of use"
            )


def _action(target: str, hit: dict[str, Any]) -> BulkAction:
    document = upgraded(hit["_source"])
    keys = search_fields(kind_of(target), document)  # they are no part of what is stored
    source = {**document, **keys}
    return BulkAction(operation="index", index=target, id=hit["_id"], version=hit["_version"], source=source)
