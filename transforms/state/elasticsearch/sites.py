"""The sites of the ledger in Elasticsearch: one document each, and every change of it compares and sets.

A lease is an owner and an epoch in that document. No two machines' clocks are compared: a lease has expired when this
machine has seen its document unchanged for `lease_s` of its own monotonic clock, and a site that comes from another
machine's hands waits its pause once more. Inserters never write these documents, which would break a holder's turn.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from transforms.errors import StoreError
from transforms.state.base import MAX_BLAMED, SiteLease, SitePause, Turn
from transforms.state.elasticsearch.changes import Change, Kind, Row, Source
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.owners import Neighbours, Sighting
from transforms.state.elasticsearch.rows import key
from transforms.state.elasticsearch.site_rows import NEW_SITE, run_may_fetch

MAX_AHEAD_S = 86_400.0 * 31  # a site is never asked to wait longer: Retry-After is capped at 30 days
MAX_TRIES = 100  # each lost comparison is somebody else's progress; so many in a row are a fault

Alter = Callable[[Source | None], Source | None]


class Holder(NamedTuple):
    """A process as it stands in the documents of the sites it holds."""

    name: str
    host: str


def change_row(client: LedgerClient, kind: Kind, id: str, alter: Alter) -> Row | None:
    """Set a document to what `alter` makes of it (None: leave it), whoever writes beside us; return it as written."""
    for _ in range(MAX_TRIES):
        row = client.get(kind, id)
        source = alter(None if row is None else row.source)
        if source is None or (row is not None and source == row.source):
            return row
        [written] = client.write([Change(kind, id, source, over=row)])
        if written is not None:
            return written
    raise StoreError(f"the ledger in Elasticsearch at {client.where}: {kind}/{id} changed {MAX_TRIES} times under us")


class Sites:
    """Leases, turns and pauses."""

    def __init__(
        self, client: LedgerClient, *, lease_s: float, clock: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._client, self._lease_s, self._clock, self._monotonic = client, lease_s, clock, monotonic
        self._seen: dict[str, Sighting] = {}

    def is_free(self, row: Row, neighbours: Neighbours) -> bool:
        """Say whether a site has no holder, or one that gave no sign of life while this machine looked on."""
        if row.source["owner"] is None:
            self._seen.pop(row.id, None)
            return True
        now, seen = self._monotonic(), self._seen.get(row.id)
        if seen is None or seen[:2] != (row.seq_no, row.term):
            mine = Sighting(row.seq_no, row.term, now)
            # A neighbour's process may look on for longer: runs that last seconds would never see a lease end.
            seen = mine if neighbours.is_here(row.source["owner"]) else neighbours.seen_before(row.id, mine)
            self._seen[row.id] = seen
        return now - seen.at >= self._lease_s

    def take(self, me: Holder, run_id: str, sites: Sequence[tuple[Row | None, str, float]]) -> list[Source | None]:
        """Lease sites given as (row or None, name, pause); return their new documents, None for those lost."""
        now = self._clock()
        changes = []
        for row, name, pause in sites:
            site = {**NEW_SITE, "site": name} if row is None else row.source
            taken_over = site["owner"] is not None
            cells = {
                "epoch": site["epoch"] + 1,
                "owner": me.name,
                "host": me.host,
                "run": run_id,
                **_counted(site, run_id),
            }
            if taken_over or site["host"] not in (None, me.host):
                # The last request may have ended just now, or by another machine's clock: the pause starts again (4).
                cells["next_at"] = max(site["next_at"], now + pause)
            changes.append(_change(row, {**site, **cells, "cut_off": site["cut_off"] + taken_over}))
        written = self._client.write(changes)
        for row in written:
            if row is not None:
                self._seen[row.id] = Sighting(row.seq_no, row.term, self._monotonic())
        return [None if row is None else row.source for row in written]

    def begin(self, me: Holder, lease: SiteLease, url: str | None, delay_s: float | None) -> Turn:
        """Answer before a request (3): one realtime read, and one write that only the holder's can be."""
        wanted: list[tuple[Kind, str]] = [("sites", lease.site), ("runs", lease.run_id)]
        if url is not None:
            wanted.append(("urls", key(url)))
        for _ in range(MAX_TRIES):
            site, run, *page = self._client.get_many(wanted)
            now = self._clock()
            if site is None or site.source["epoch"] != lease.epoch or site.source["owner"] != me.name:
                return Turn("lost")
            turn = _turn(site.source, run and run.source, now) or (_page_turn(page[0], run) if page else None)
            if turn is not None:
                return turn
            cells = {"next_at": now + (lease.delay_s if delay_s is None else delay_s)}
            cells["requests"] = site.source["requests"] + 1
            if delay_s is not None:
                cells["crawl_delay_s"] = delay_s
            if self._client.write([_change(site, {**site.source, **cells})])[0] is not None:
                limited = url is not None and run is not None and run.source["max_pages"] is not None
                return Turn("go", now) if not limited or self.count_pages(lease.run_id, 1) else Turn("limit")
        raise StoreError(
            f"the ledger in Elasticsearch at {self._client.where}: no turn for {lease.site} could be written"
        )

    def count_pages(self, run_id: str, pages: int) -> bool:
        """Count pages against a run's limit; False when they are too many. A run without one is not written to."""
        fits = True

        def count(run: Source | None) -> Source | None:
            nonlocal fits
            if run is None or run["max_pages"] is None:
                return None
            fits = run["pages"] + pages <= run["max_pages"]
            return {**run, "pages": run["pages"] + pages} if fits else None

        change_row(self._client, "runs", run_id, count)
        return fits

    def renew(self, me: Holder, leases: Sequence[SiteLease]) -> None:
        """Give a sign of life: any write to the document is one, so a lost comparison needs no repetition."""
        rows = self._client.get_many([("sites", lease.site) for lease in leases])
        held = [
            _change(row, row.source)
            for lease, row in zip(leases, rows, strict=True)
            if row is not None and row.source["epoch"] == lease.epoch and row.source["owner"] == me.name
        ]
        if held:
            self._client.write(held)

    def release(self, me: Holder, site: str, epoch: int, next_at: datetime) -> None:
        """End a lease if it still is ours."""

        def end(found: Source | None) -> Source | None:
            if found is None or found["epoch"] != epoch or found["owner"] != me.name:
                return None
            return {**freed(found, next_at.timestamp()), "cut_off": 0}

        change_row(self._client, "sites", site, end)

    def back_off(self, site: str, until: datetime, *, count: int, why: str) -> None:
        """Let nobody ask a site before an instant; a `count` other than 0 is kept."""
        at = until.timestamp()

        def later(found: Source | None) -> Source:
            found = found or {**NEW_SITE, "site": site}
            counted = {"pauses": count, "pause_until": at, "pause_why": why} if count else {}
            return {**found, "next_at": max(found["next_at"], at), **counted}

        change_row(self._client, "sites", site, later)

    def pause_of(self, site: str) -> SitePause | None:
        """Return the last pause of a site that was counted, over or not."""
        row = self._client.get("sites", site)
        if row is None or not row.source["pauses"]:
            return None
        until = datetime.fromtimestamp(row.source["pause_until"], UTC)
        return SitePause(row.source["pauses"], until, row.source["pause_why"])


def freed(site: Source, next_at: float) -> Source:
    """Return a site without its holder."""
    return {**site, "owner": None, "run": None, "next_at": max(site["next_at"], next_at)}


def _turn(site: Source, run: Source | None, now: float) -> Turn | None:
    """Return why there is no turn for any request, None when there is."""
    if run is None or run["stop"]:
        return Turn("late")
    if now < site["next_at"] <= now + MAX_AHEAD_S:
        return Turn("wait", site["next_at"])
    return None


def _page_turn(page: Row | None, run: Row | None) -> Turn | None:
    if page is None or page.source["state"] != "pending":
        return Turn("skip")
    if page.source["blamed"] >= MAX_BLAMED:
        return Turn("crashed")
    return None if run_may_fetch(run and run.source) else Turn("limit")


def _counted(site: Source, run_id: str) -> Source:
    return {"counted_run": run_id, "requests": site["requests"] if site["counted_run"] == run_id else 0}


def _change(row: Row | None, site: Source) -> Change:
    """Return the write of a site's document. The mark makes it one of a kind: two of ours are never taken for one."""
    return Change("sites", site["site"], {**site, "mark": uuid.uuid4().hex[:12]}, over=row)
