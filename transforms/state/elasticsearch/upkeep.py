"""Who schedules on a ledger in Elasticsearch, and what keeps it small over months."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import orjson

from transforms.state.base import KEPT_RUNS
from transforms.state.elasticsearch.changes import Change, Source, packed, unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.owners import Neighbours
from transforms.state.elasticsearch.sites import change_row

SCHEDULERS = "schedulers"
BEAT_S = 60.0  # how often a scheduler says that it lives, to those on other machines
SILENT_S = 300.0  # without a word for so long it counts as dead; a report by wall clocks, no lease depends on it


class Scheduling(NamedTuple):
    """What is known of the processes that schedule."""

    running: bool
    died: bool


class Upkeep:
    """Notes of this process and of others, and runs that nobody asks for any more."""

    def __init__(self, client: LedgerClient, *, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._client, self._clock, self._monotonic = client, clock, monotonic
        self._me = ""  # this process, while it schedules
        self._beat_at = 0.0

    def mark_scheduler(self, me: str, neighbours: Neighbours) -> None:
        """Note that this process schedules, beside the living that do; those that died are no news any more."""
        now = self._clock()

        def with_me(marks: Mapping[str, float]) -> dict[str, float]:
            living = {name: at for name, at in marks.items() if not _is_dead(name, at, now, neighbours)}
            return {**living, me: now}

        self._change(with_me)
        self._me, self._beat_at = me, self._monotonic() + BEAT_S

    def beat(self) -> None:
        """Say that this process still schedules, if it does, once a minute at most."""
        if self._me and self._monotonic() >= self._beat_at:
            self._change(lambda marks: {**marks, self._me: self._clock()})
            self._beat_at = self._monotonic() + BEAT_S

    def unmark_scheduler(self, me: str) -> None:
        """Note that this process schedules no more."""
        self._me = ""
        self._change(lambda marks: {name: at for name, at in marks.items() if name != me})

    def scheduling(self, neighbours: Neighbours) -> Scheduling:
        """Return whether somebody schedules, and whether somebody died who did."""
        row = self._client.get("meta", SCHEDULERS)
        marks = {} if row is None else _marks(row.source)
        dead = [_is_dead(name, at, self._clock(), neighbours) for name, at in marks.items()]
        return Scheduling(False in dead, True in dead)

    def schedulers(self, neighbours: Neighbours) -> tuple[str, ...]:
        """Return the processes that schedule and live."""
        row = self._client.get("meta", SCHEDULERS)
        marks = {} if row is None else _marks(row.source)
        return tuple(name for name, at in marks.items() if not _is_dead(name, at, self._clock(), neighbours))

    def prune_runs(self, before: datetime) -> int:
        """Forget runs that ended before an instant, but for the latest; return how many."""
        self._client.refresh("runs")
        latest = {hit["_id"] for hit in self._client.first("runs", {"match_all": {}}, [{"run": "desc"}], KEPT_RUNS)}
        ended = {"range": {"ended_at": {"lt": before.timestamp()}}}
        old = [hit["_id"] for hit in self._client.scan("runs", ended, source=False) if hit["_id"] not in latest]
        rows = self._client.get_many([("runs", run) for run in old])
        self._client.write([Change("runs", row.id, None, over=row) for row in rows if row is not None])
        return len(old)

    def _change(self, alter: Callable[[Mapping[str, float]], dict[str, float]]) -> None:
        def change(source: Source | None) -> Source:
            marks = {} if source is None else _marks(source)
            return {"value": packed(orjson.dumps(alter(marks)))}

        change_row(self._client, "meta", SCHEDULERS, change)


def _marks(source: Source) -> dict[str, float]:
    marks: dict[str, float] = orjson.loads(unpacked(source["value"]) or b"{}")
    return marks


def _is_dead(name: str, at: float, now: float, neighbours: Neighbours) -> bool:
    if neighbours.is_here(name):
        return not neighbours.is_alive(name)
    return now - at > SILENT_S
