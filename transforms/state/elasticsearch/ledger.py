"""The ledger in Elasticsearch, for work that spans machines: `newsbeam-state-*`, one document per row.

The rules are those of the SQLite ledger (ARCHITECTURE.md, "The ledger"), without transactions: a document is the unit
of change, each change compares and sets, and searches only suggest what realtime reads then decide. What one look and
one page cost in requests stands at each method.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson

from transforms.clock import epoch_s
from transforms.crash_points import crash_point
from transforms.elements import FeedSource, Learned, SiteProfile
from transforms.state.base import (
    Books,
    Claim,
    ClaimAnswer,
    DueUrl,
    FeedPoll,
    NewUrl,
    Observation,
    Progress,
    RunPlan,
    Settlement,
    Sharing,
    SiteLease,
    SitePause,
    SiteRule,
    Turn,
)
from transforms.state.elasticsearch import exchange, forgetting, health, intake, learned, reports
from transforms.state.elasticsearch.changes import Change, Row, Source, packed, unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.dead import Undertaker, be_careful, note
from transforms.state.elasticsearch.look import MAX_ROUNDS, Chosen, Look, Permission, Rules
from transforms.state.elasticsearch.owners import Neighbours
from transforms.state.elasticsearch.rows import due_feed, due_url, key
from transforms.state.elasticsearch.site_rows import rules_text, run_may_fetch
from transforms.state.elasticsearch.sites import Holder, Sites
from transforms.state.elasticsearch.upkeep import Upkeep
from transforms.state.rows import Cells, RowKind, RowsTaken

LEASE_S = 65.0  # as in SQLite: request limit 20 s + heartbeat LEASE_S / 4 + margin
URLS_PER_LEASE = 50
ANYTIME = Permission(run=None, stop=False, every_feed=True, pages=True)  # a run that would begin now


class ElasticsearchState:
    """The ledger of a project on a server. Thread-safe; each process opens its own."""

    sharing: Sharing = "network"

    def __init__(
        self,
        url: str | None,
        *,
        project: str = "default",
        environ: Mapping[str, str] = os.environ,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = epoch_s,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect lazily to `url`, or to the address in `environ`, where credentials are taken from in any case."""
        self.lease_s, self._clock = lease_s, clock
        self._client = LedgerClient(url, project=project, environ=environ)
        self._sites = Sites(self._client, lease_s=lease_s, clock=clock, monotonic=monotonic)
        self._look = Look(self._client, lambda row: self._sites.is_free(row, self._neighbours))
        self._upkeep = Upkeep(self._client, clock=clock, monotonic=monotonic)
        self._careful: set[tuple[str, int]] = set()  # (site, epoch) of visits behind a lease that ended in silence

    # --- who and where

    def create(self) -> None:
        self._client.create()

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self._client.ledger_id)

    @property
    def _me(self) -> Holder:
        return Holder(self._neighbours.name, self._neighbours.host)

    @property
    def _undertaker(self) -> Undertaker:
        return Undertaker(self._client, self._neighbours)

    def _meta(self, id: str) -> Source | None:
        return _value(self._client.get("meta", id))

    def close(self) -> None:
        self._client.close()

    # --- set-up and runs: what is written here is seen by searches at once, workers wait for it

    def configure(
        self, sources: Sequence[tuple[FeedSource, str]], rules: Mapping[str, SiteRule], *, default_delay_s: float
    ) -> None:
        value = packed(orjson.dumps(rules_text(rules, default_delay_s)))
        self._client.write([Change("meta", "rules", {"value": value}, how="put")])
        intake.list_feeds(self._client, sources)

    def due_feeds(self) -> tuple[str, ...]:
        return tuple(health.due_feeds(self._client, self._clock()))

    def force_due(self, feeds: Sequence[str]) -> None:
        self._client.write([Change("feeds", key(feed), {"due_at": 0.0}, how="merge") for feed in feeds])
        self._client.refresh("robots")
        failed = [{"range": {"status": {"gte": 500}}}, {"term": {"status": 429}}]
        failed.append({"bool": {"must_not": {"exists": {"field": "status"}}}})
        hits = list(self._client.scan("robots", {"bool": {"should": failed}}, source=False))
        rows = self._client.get_many([("robots", hit["_id"]) for hit in hits])
        self._client.write([Change("robots", row.id, None, over=row) for row in rows if row is not None])
        self._client.catch_up("feeds")

    def begin_run(self, plan: RunPlan) -> None:
        run: Source = {"run": plan.run_id, "command": plan.command, "started_at": plan.started_at.timestamp()}
        run |= {"ended_at": None, "stop": False, "every_feed": plan.feeds is None}
        run |= {"max_pages": plan.max_pages, "pages": 0, "summary": None}
        self._client.write([Change("runs", plan.run_id, run)])
        marks = [Change("feeds", key(feed), {"poll_run": plan.run_id}, how="merge") for feed in plan.feeds or ()]
        self._client.write(marks)
        self._client.catch_up("feeds")

    def add_urls(self, run_id: str, urls: Iterable[NewUrl], *, again: bool = False) -> tuple[int, int]:
        counts = intake.enter_urls(self._client, run_id, urls, self._clock(), again=again)
        self._client.catch_up("urls")
        return counts

    def stop_run(self, run_id: str) -> None:
        self._client.write([Change("runs", run_id, {"stop": True}, how="merge")])

    def stopped(self, run_id: str) -> bool:
        row = self._client.get("runs", run_id)
        return bool(row and row.source["stop"])

    def end_run(self, run_id: str, summary: dict[str, Any]) -> None:
        cells = {"ended_at": self._clock(), "summary": packed(orjson.dumps(summary))}
        self._client.write([Change("runs", run_id, cells, how="merge")])

    def _allowed(self, run_id: str) -> tuple[Permission, Rules]:
        """Return what a run may do now, and the rules: one request."""
        run, rules = self._client.get_many([("runs", run_id), ("meta", "rules")])
        return _permission(run_id, run), _rules(_value(rules))

    def _rules(self) -> Rules:
        return _rules(self._meta("rules"))

    # --- the visit

    def lease(self, run_id: str, *, limit: int, slice_s: float) -> tuple[SiteLease, ...]:
        """Two requests when nothing is due, and six for up to `limit` sites."""
        now = self._clock()
        may, rules = self._allowed(run_id)
        if may.stop:
            return ()
        self._undertaker.bury_neighbours(rules, now)
        leases: list[SiteLease] = []
        passed: set[str] = set()

        def pages(pause_s: float) -> int:
            return max(1, min(URLS_PER_LEASE, int(slice_s / max(pause_s, 0.05))))

        for _ in range(MAX_ROUNDS):
            chosen, more = self._look.choose(may, rules, now, limit=limit - len(leases), passed=passed, count=pages)
            leases += self._take(run_id, chosen, now + slice_s)
            if len(leases) >= limit or not more:
                break
        if leases:
            crash_point("leased")
        return tuple(leases)

    def _take(self, run_id: str, chosen: Sequence[Chosen], stop_at: float) -> Iterator[SiteLease]:
        if not chosen:
            return
        taken = self._sites.take(self._me, run_id, [(each.row, each.site, each.pause_s) for each in chosen])
        for each, site in zip(chosen, taken, strict=True):
            if site is None:
                continue  # another worker was quicker
            if each.row is not None and each.row.source["owner"] is not None:
                self._undertaker.blame_silent(each.row.source["owner"], self._clock())
            lease = SiteLease(
                site=each.site,
                epoch=site["epoch"],
                run_id=run_id,
                delay_s=each.pause_s,
                stop_at=stop_at,
                feeds=tuple(due_feed(row) for row in each.feeds),
                urls=tuple(due_url(row) for row in each.urls),
            )
            if site["cut_off"]:
                self._careful.add((lease.site, lease.epoch))
            self._handed_out(lease, lease.urls)
            yield lease

    def _handed_out(self, lease: SiteLease, urls: Sequence[DueUrl]) -> None:
        if (lease.site, lease.epoch) in self._careful:
            be_careful(self._me.name, [due.url for due in urls])

    def take(self, run_id: str, urls: Sequence[NewUrl], *, again: bool = False) -> tuple[DueUrl | None, ...]:
        may, rules = self._allowed(run_id)
        self._undertaker.bury_neighbours(rules, self._clock())
        return tuple(self._take_one(run_id, url, may, again=again) for url in urls)

    def _take_one(self, run_id: str, url: NewUrl, may: Permission, *, again: bool) -> DueUrl | None:
        """Enter one page and return it when it is pending, and the run's page limit is not reached."""
        if not (may.pages and run_may_fetch(_source(self._client.get("runs", run_id)))):
            return None
        intake.enter_urls(self._client, run_id, [url], self._clock(), again=again, held=True)
        row = self._client.get("urls", key(url.url))
        if row is None or row.source["state"] != "pending" or not self._sites.count_pages(run_id, 1):
            return None
        return due_url(row.source)

    def begin(self, lease: SiteLease, url: str | None = None, *, delay_s: float | None = None) -> Turn:
        """Two requests: a realtime read of site, run and page, and one compared write of the site."""
        return self._sites.begin(self._me, lease, url, delay_s)

    def more(self, lease: SiteLease, *, limit: int) -> tuple[DueUrl, ...]:
        rows = self._look.pages(lease.site, self._clock(), limit=limit)
        urls = tuple(due_url(row) for row in rows)
        self._handed_out(lease, urls)
        return urls

    def renew(self, leases: Sequence[SiteLease]) -> None:
        self._sites.renew(self._me, leases)

    def back_off(self, site: str, until: datetime, *, count: int = 0, why: str = "") -> None:
        self._sites.back_off(site, until, count=count, why=why)

    def pause_of(self, site: str) -> SitePause | None:
        return self._sites.pause_of(site)

    def polled(self, run_id: str, poll: FeedPoll, urls: Sequence[NewUrl]) -> int:
        new = intake.record_poll(self._client, run_id, poll, urls)
        crash_point("polled")
        return new

    def save_robots(self, origin: str, body: bytes | None, status: int | None, fetched_at: datetime) -> None:
        cells = {"origin": origin, "body": packed(body), "status": status, "fetched_at": fetched_at.timestamp()}
        self._client.write([Change("robots", key(origin), cells, how="put")])

    def robots(self, origin: str) -> tuple[bytes | None, int | None, datetime] | None:
        row = self._client.get("robots", key(origin))
        if row is None:
            return None
        fetched_at = datetime.fromtimestamp(row.source["fetched_at"], UTC)
        return unpacked(row.source["body"]), row.source["status"], fetched_at

    def in_hand(self, url: str | None) -> None:
        """No request, but for pages of a careful visit (`dead`): two."""
        self._neighbours.in_hand(url)
        note(self._client, self._me.name, url)

    def work_at(self, run_id: str) -> float | None:
        may, rules = self._allowed(run_id)
        return self._look.work_at(may, rules, self._clock())

    def next_work_at(self) -> float | None:
        self._upkeep.beat()
        return self._look.work_at(ANYTIME, self._rules(), self._clock())

    def change_mark(self) -> tuple[int, ...] | None:
        return None  # nothing on a server counts what others write

    def bury_dead(self) -> None:
        self._undertaker.bury_neighbours(self._rules(), self._clock())

    def dead_holders(self, run_id: str) -> bool:
        return self._undertaker.holds_dead(run_id)

    # --- the index stage

    def claim(self, claims: Sequence[Claim]) -> tuple[ClaimAnswer, ...]:
        """One request for documents that are new."""
        answers = intake.claim(self._client, claims)
        crash_point("claimed")
        return tuple(answers)

    def settle(self, run_id: str, settlements: Sequence[Settlement]) -> None:
        """Four requests for up to 500 pages, two where no article was stored."""
        now = self._clock()
        learned.note(self._client, settlements, now)
        learned.take_back(self._client, intake.settle(self._client, run_id, settlements, now))
        crash_point("settled")

    def release(self, site: str, epoch: int, next_at: datetime) -> None:
        self._sites.release(self._me, site, epoch, next_at)
        crash_point("released")

    # --- reports

    def progress(self, run_id: str) -> Progress:
        self._upkeep.beat()
        return reports.progress(self._client, run_id)

    def books(self, run_id: str) -> Books:
        return reports.books(self._client, run_id, self._rules())

    def stored_by(self, run_id: str) -> Iterator[tuple[str, str, int]]:
        return reports.stored_by(self._client, run_id)

    def lookup(self, url: str) -> dict[str, Any] | None:
        return reports.lookup(self._client, url)

    def source(self, feed: str) -> FeedSource | None:
        row = self._client.get("feeds", key(feed))
        return None if row is None else due_feed(row.source).source

    def sites(self) -> list[dict[str, Any]]:
        return health.sites(self._client, self._rules())

    def feeds(self) -> list[dict[str, Any]]:
        return health.feeds(self._client)

    def status(self) -> dict[str, Any]:
        found = health.status(self._client, self._clock())
        alive = [name for name in found.pop("owners") if not self._neighbours.is_dead(name)]
        scheduler = self._upkeep.scheduling(self._neighbours)
        return {"scheduler": scheduler.running, "scheduler_died": scheduler.died, "workers": len(alive), **found}

    def mark_scheduler(self) -> None:
        self._upkeep.mark_scheduler(self._me.name, self._neighbours)

    def unmark_scheduler(self) -> None:
        self._upkeep.unmark_scheduler(self._me.name)

    def prune_runs(self, before: datetime) -> int:
        return self._upkeep.prune_runs(before)

    # --- what was learned of sites

    def profile(self, site: str, *, before: datetime) -> SiteProfile | None:
        return learned.profile(self._client, site, before)

    def sites_to_learn(self, *, limit: int) -> tuple[str, ...]:
        return learned.sites_to_learn(self._client, limit)

    def observations(self, site: str) -> tuple[Observation, ...]:
        return learned.observations(self._client, site)

    def newest_profile(self, site: str) -> SiteProfile | None:
        return learned.newest(self._client, site)

    def learned(self, site: str) -> Learned | None:
        return learned.learned(self._client, site)

    def learn(self, found: Learned, counted: Sequence[Observation]) -> bool:
        return learned.learn(self._client, found, counted, self._clock())

    # --- forgetting

    def urls_of(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        return forgetting.urls_of(self._client, document_ids)

    def suppress(self, run_id: str, urls: Sequence[tuple[str, str]], document_ids: Sequence[str]) -> int:
        return forgetting.suppress(self._client, run_id, urls, document_ids, self._clock())

    def erase(self) -> tuple[str, ...]:
        return ()  # Elasticsearch drops what is deleted when it merges segments; nobody reads it until then

    # --- to and from another ledger

    def at_work(self) -> tuple[str, ...]:
        names = {*health.owners(self._client), *self._upkeep.schedulers(self._neighbours), *self._neighbours.living()}
        others = sorted(name for name in names - {self._me.name} if not self._neighbours.is_dead(name))
        return tuple(dict.fromkeys(map(self._neighbours.describe, others)))

    def rows(self, kind: RowKind) -> Iterator[Cells]:
        return exchange.rows_of(self._client, kind)

    def take_rows(self, kind: RowKind, rows: Sequence[Cells]) -> RowsTaken:
        return exchange.take_rows(self._client, kind, rows)


def _source(row: Row | None) -> Source | None:
    return None if row is None else row.source


def _value(row: Row | None) -> Source | None:
    if row is None:
        return None
    value: Source = orjson.loads(unpacked(row.source["value"]) or b"{}")
    return value


def _permission(run_id: str, row: Row | None) -> Permission:
    run = _source(row)
    if run is None:
        return Permission(run_id, stop=True, every_feed=False, pages=False)
    return Permission(run_id, stop=run["stop"], every_feed=run["every_feed"], pages=run_may_fetch(run))


def _rules(described: Source | None) -> Rules:
    if described is None:
        return Rules(1.0, {})
    return Rules(described["default_delay_s"], {site: SiteRule(**rule) for site, rule in described["rules"].items()})
