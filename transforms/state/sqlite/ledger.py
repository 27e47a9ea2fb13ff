"""The ledger in SQLite: one short transaction per step, no network and no heavy work inside one.

Rules marked (1) to (12) are those of ARCHITECTURE.md, "The ledger", each with what went wrong without it.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from transforms.clock import epoch_s
from transforms.crash_points import crash_point
from transforms.elements import FeedSource, Learned, SiteProfile
from transforms.errors import StoreError
from transforms.state import owners
from transforms.state.base import (
    MAX_BLAMED,
    NO_ATTEMPT,
    SUPPRESSED,
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
from transforms.state.rows import Cells, RowKind, RowsTaken, instant
from transforms.state.sqlite import erasing, exchange, forgetting, intake, learned, reports, schema, statements, upkeep

LEASE_S = 65.0  # request limit 20 s + heartbeat LEASE_S / 4 + margin, rounded up (graph 1, "Length and clock")
MAX_AHEAD_S = 86_400.0 * 31  # a site is never asked to wait longer: Retry-After is capped at 30 days
URLS_PER_LEASE = 50
DUE_FEED_IDS = "SELECT feed FROM ledger_feeds WHERE listed AND due_at <= :now ORDER BY due_at"


class SqliteState:
    """The ledger in a file. Thread-safe: each thread has its own connection; one object per process is enough."""

    sharing: Sharing = "host"

    def __init__(self, path: Path, *, lease_s: float = LEASE_S, clock: Callable[[], float] = epoch_s) -> None:
        self.path, self.lease_s, self._clock = path, lease_s, clock
        self._local, self._guard = threading.local(), threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        # Beside the file itself: through a link to it the living would not be found, and taken for dead.
        self._owners_folder = path.resolve().with_name(path.resolve().name + ".owners")

    # --- connections and transactions

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = schema.connect(self.path)
            with self._guard:
                self._connections.append(db)
        return db

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Take the write lock first: a read that turns into a write later could fail instead of waiting."""
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has rolled it back already; a failed COMMIT has not
                    db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as err:
            raise StoreError(f"the ledger {self.path} cannot be written: {err}") from err

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to a visit's reads, whose failure is the ledger's and never a page's."""
        try:
            yield self._db
        except sqlite3.OperationalError as err:
            raise StoreError(f"the ledger {self.path} cannot be read: {err}") from err

    @property
    def _me(self) -> owners.Owner:
        return owners.this_process(self._owners_folder)

    def create(self) -> None:
        schema.create(self._db, self.path)

    def close(self) -> None:
        with self._guard:
            for db in self._connections:
                db.close()
            self._connections.clear()
        self._local = threading.local()

    # --- set-up and runs

    def configure(
        self, sources: Sequence[tuple[FeedSource, str]], rules: Mapping[str, SiteRule], *, default_delay_s: float
    ) -> None:
        mark = upkeep.configuration_mark(sources, rules, default_delay_s)
        with self._reading() as db:
            if upkeep.is_configured(db, mark):
                return
        with self._transaction() as db:
            intake.configure(db, sources, rules, default_delay_s=default_delay_s)
            upkeep.note_configured(db, mark)

    def due_feeds(self) -> tuple[str, ...]:
        with self._reading() as db:
            return tuple(feed for (feed,) in db.execute(DUE_FEED_IDS, {"now": self._clock()}))

    def force_due(self, feeds: Sequence[str]) -> None:
        with self._transaction() as db:
            db.executemany("UPDATE ledger_feeds SET due_at = 0 WHERE feed = ?", [(feed,) for feed in feeds])
            db.execute("DELETE FROM ledger_robots WHERE status IS NULL OR status >= 500 OR status = 429")

    def begin_run(self, plan: RunPlan) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT INTO ledger_runs(run, command, started_at, every_feed, max_pages) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT(run) DO NOTHING",
                (plan.run_id, plan.command, plan.started_at.timestamp(), plan.feeds is None, plan.max_pages),
            )
            marks = [(plan.run_id, feed) for feed in plan.feeds or ()]
            db.executemany("UPDATE ledger_feeds SET poll_run = ? WHERE feed = ?", marks)

    def add_urls(self, run_id: str, urls: Iterable[NewUrl], *, again: bool = False) -> tuple[int, int]:
        with self._transaction() as db:
            return intake.insert_urls(db, run_id, urls, self._clock(), again=again)

    def stop_run(self, run_id: str) -> None:
        with self._transaction() as db:
            db.execute("UPDATE ledger_runs SET stop = 1 WHERE run = ?", (run_id,))

    def stopped(self, run_id: str) -> bool:
        with self._reading() as db:
            row = db.execute("SELECT stop FROM ledger_runs WHERE run = ?", (run_id,)).fetchone()
        return bool(row and row[0])

    def end_run(self, run_id: str, summary: dict[str, Any]) -> None:
        with self._transaction() as db:
            db.execute(
                "UPDATE ledger_runs SET ended_at = ?, summary = ? WHERE run = ?",
                (self._clock(), orjson.dumps(summary), run_id),
            )

    # --- the visit

    def lease(self, run_id: str, *, limit: int, slice_s: float) -> tuple[SiteLease, ...]:
        now, db = self._clock(), self._db
        run = _run_row(db, run_id)
        dead = self._dead_owners(db)
        due = {**run, "now": now, "lease_s": self.lease_s}
        if run["stop"] or not (dead or db.execute(statements.DUE_SITES, {**due, "limit": 1}).fetchone()):
            return ()
        leases = []
        with self._transaction() as db:
            self._bury(db, dead, now)
            for site, delay_s, epoch, taken_over in db.execute(
                statements.DUE_SITES, {**due, "limit": limit}
            ).fetchall():
                # The last holder's request may have ended just now: the pause starts again (4).
                db.execute(
                    "UPDATE ledger_sites SET epoch = epoch + 1, owner = ?, run = ?, lease_until = ?,"
                    " next_at = max(next_at, ?) WHERE site = ?",
                    (self._me.name, run_id, now + self.lease_s, now + delay_s if taken_over else 0, site),
                )
                feeds = db.execute(statements.DUE_FEEDS, {**due, "site": site}).fetchall()
                count = max(1, min(URLS_PER_LEASE, int(slice_s / max(delay_s, 0.05)))) if run["pages"] else 0
                leases.append(
                    SiteLease(
                        site=site,
                        epoch=epoch + 1,
                        run_id=run_id,
                        delay_s=delay_s,
                        stop_at=now + slice_s,
                        feeds=tuple(statements.due_feed(row) for row in feeds),
                        urls=tuple(
                            statements.due_url(row) for row in db.execute(statements.DUE_URLS, (site, now, count))
                        ),
                    )
                )
        self._forget(dead)
        crash_point("leased")
        return tuple(leases)

    def take(self, run_id: str, urls: Sequence[NewUrl], *, again: bool = False) -> tuple[DueUrl | None, ...]:
        now, dead = self._clock(), self._dead_owners(self._db)
        with self._transaction() as db:
            self._bury(db, dead, now)
            rows = [self._take_one(db, run_id, url, now, again=again) for url in urls]
        self._forget(dead)
        return tuple(None if row is None else statements.due_url(row) for row in rows)

    def _take_one(
        self, db: sqlite3.Connection, run_id: str, url: NewUrl, now: float, *, again: bool
    ) -> tuple[Any, ...] | None:
        """Enter one page and return its row when it is pending, and the run's page limit is not reached."""
        if not _run_row(db, run_id)["pages"]:
            return None
        intake.insert_urls(db, run_id, [url], now, again=again, held=True)
        row: tuple[Any, ...] | None = db.execute(statements.PENDING_URL, (url.url,)).fetchone()
        if row is not None:
            db.execute("UPDATE ledger_runs SET pages = pages + 1 WHERE run = ?", (run_id,))
        return row

    def _dead_owners(self, db: sqlite3.Connection) -> tuple[str, ...]:
        """Return dead processes that left something behind: their file, or sites whose holder has no file any more."""
        holders = db.execute("SELECT DISTINCT owner FROM ledger_sites WHERE owner IS NOT NULL").fetchall()
        lost = {name for (name,) in holders if owners.is_dead(self._owners_folder, name)}
        return tuple(sorted(lost.union(owners.dead_names(self._owners_folder))))

    def _bury(self, db: sqlite3.Connection, dead: Iterable[str], now: float) -> None:
        """Free what dead owners held, and blame the pages they had in hand, once whoever finds them first (8)."""
        for name in dead:
            db.execute(
                "UPDATE ledger_sites SET owner = NULL, run = NULL, next_at = max(next_at, ? + pause_s) WHERE owner = ?",
                (now, name),
            )
            if db.execute("INSERT OR IGNORE INTO ledger_buried VALUES(?)", (name,)).rowcount:
                for url in owners.urls_in_hand(self._owners_folder, name):
                    db.execute(
                        "UPDATE ledger_urls SET blamed = blamed + 1, due_at = max(due_at, ?)"
                        " WHERE url = ? AND state = 'pending'",
                        (now + 1, url),
                    )

    def _forget(self, dead: Collection[str]) -> None:
        for name in dead:
            owners.forget(self._owners_folder, name)
        if dead:  # only now, without its file, nobody can bury it again
            with self._transaction() as db:
                db.executemany("DELETE FROM ledger_buried WHERE owner = ?", [(name,) for name in dead])

    def begin(self, lease: SiteLease, url: str | None = None, *, delay_s: float | None = None) -> Turn:
        with self._transaction() as db:
            now = self._clock()
            epoch, owner, next_at = db.execute(
                "SELECT epoch, owner, next_at FROM ledger_sites WHERE site = ?", (lease.site,)
            ).fetchone()
            run = _run_row(db, lease.run_id)
            if epoch != lease.epoch or owner != self._me.name:
                return Turn("lost")
            if run["stop"]:
                return Turn("late")
            if now < next_at <= now + MAX_AHEAD_S:
                return Turn("wait", next_at)
            if url is not None:
                row = db.execute(
                    "SELECT blamed FROM ledger_urls WHERE url = ? AND state = 'pending'", (url,)
                ).fetchone()
                if row is None:
                    return Turn("skip")
                if row[0] >= MAX_BLAMED:
                    return Turn("crashed")
                if not run["pages"]:
                    return Turn("limit")
            pause_s = lease.delay_s if delay_s is None else delay_s
            db.execute(
                "UPDATE ledger_sites SET next_at = ?, lease_until = ?, crawl_delay_s = coalesce(?, crawl_delay_s)"
                " WHERE site = ?",
                (now + pause_s, now + self.lease_s, delay_s, lease.site),
            )
            db.execute(
                "UPDATE ledger_runs SET requests = requests + 1, pages = pages + ? WHERE run = ?",
                (url is not None, lease.run_id),
            )
        return Turn("go", now)

    def more(self, lease: SiteLease, *, limit: int) -> tuple[DueUrl, ...]:
        with self._reading() as db:
            rows = db.execute(statements.DUE_URLS, (lease.site, self._clock(), limit)).fetchall()
        return tuple(statements.due_url(row) for row in rows)

    def renew(self, leases: Sequence[SiteLease]) -> None:
        until = self._clock() + self.lease_s
        with self._transaction() as db:
            db.executemany(
                "UPDATE ledger_sites SET lease_until = ? WHERE site = ? AND epoch = ? AND owner = ?",
                [(until, lease.site, lease.epoch, self._me.name) for lease in leases],
            )

    def back_off(self, site: str, until: datetime, *, count: int = 0, why: str = "") -> None:
        at = until.timestamp()
        with self._transaction() as db:
            db.execute("UPDATE ledger_sites SET next_at = max(next_at, ?) WHERE site = ?", (at, site))
            if count:
                db.execute("INSERT OR REPLACE INTO ledger_pauses VALUES(?, ?, ?, ?)", (site, count, at, why))

    def pause_of(self, site: str) -> SitePause | None:
        with self._reading() as db:
            return reports.pause_of(db, site)

    def polled(self, run_id: str, poll: FeedPoll, urls: Sequence[NewUrl]) -> int:
        at = poll.polled_at.timestamp()
        with self._transaction() as db:
            new, _ = intake.insert_urls(db, run_id, urls, at)
            crash_point("entries_written")
            intake.record_poll(db, run_id, poll, [url.url for url in urls], at)
        crash_point("polled")
        return new

    def save_robots(self, origin: str, body: bytes | None, status: int | None, fetched_at: datetime) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO ledger_robots VALUES(?, ?, ?, ?)",
                (origin, body, status, fetched_at.timestamp()),
            )

    def robots(self, origin: str) -> tuple[bytes | None, int | None, datetime] | None:
        with self._reading() as db:
            row = db.execute(
                "SELECT body, status, fetched_at FROM ledger_robots WHERE origin = ?", (origin,)
            ).fetchone()
        return None if row is None else (row[0], row[1], datetime.fromtimestamp(row[2], UTC))

    def in_hand(self, url: str | None) -> None:
        self._me.in_hand(url)

    def work_at(self, run_id: str) -> float | None:
        with self._reading() as db:
            return reports.work_at(db, _run_row(db, run_id), self._clock())

    def next_work_at(self) -> float | None:
        anything = {"run": None, "stop": 0, "every_feed": 1, "pages": 1}
        with self._reading() as db:
            return reports.work_at(db, anything, self._clock())

    def change_mark(self) -> tuple[int, ...] | None:
        with self._reading() as db:  # the writes of other connections, and of this one
            return (*db.execute("PRAGMA data_version").fetchone(), db.total_changes)

    def bury_dead(self) -> None:
        with self._reading() as db:
            dead = self._dead_owners(db)
        if dead:
            with self._transaction() as db:
                self._bury(db, dead, self._clock())
            self._forget(dead)

    def dead_holders(self, run_id: str) -> bool:
        with self._reading() as db:
            rows = db.execute(
                "SELECT DISTINCT owner FROM ledger_sites WHERE owner IS NOT NULL AND run = ?", (run_id,)
            ).fetchall()
        return any(owners.is_dead(self._owners_folder, name) for (name,) in rows)

    # --- the index stage

    def claim(self, claims: Sequence[Claim]) -> tuple[ClaimAnswer, ...]:
        answers: list[ClaimAnswer] = []
        with self._transaction() as db:
            for claim in claims:
                row = (claim.document_id, claim.url, claim.raw_sha256)
                db.execute("INSERT OR IGNORE INTO ledger_documents VALUES(?, ?, ?)", row)
                url, raw_sha256 = db.execute(
                    "SELECT url, raw_sha256 FROM ledger_documents WHERE id = ?", (claim.document_id,)
                ).fetchone()
                if url == claim.url:
                    db.execute(
                        "UPDATE ledger_documents SET raw_sha256 = ? WHERE id = ?", (claim.raw_sha256, claim.document_id)
                    )
                    answers.append("mine")
                elif url == SUPPRESSED:
                    answers.append("suppressed")
                else:
                    answers.append("duplicate" if raw_sha256 == claim.raw_sha256 else "conflict")
        crash_point("claimed")
        return tuple(answers)

    def settle(self, run_id: str, settlements: Sequence[Settlement]) -> None:
        now = self._clock()
        with self._transaction() as db:
            for number, done in enumerate(settlements):
                if number == len(settlements) // 2:
                    crash_point("half_settled")
                if done.due_at is None:
                    db.execute(statements.SETTLE, {**statements.settle_cells(done), "run": run_id, "now": now})
                    learned.note(db, done, now)
                else:
                    db.execute(
                        "UPDATE ledger_urls SET due_at = ?, reason = ?, blamed = 0, attempts = attempts + ?"
                        " WHERE url = ? AND state = 'pending'",
                        (done.due_at.timestamp(), done.reason, done.reason not in NO_ATTEMPT, done.url),
                    )
        crash_point("settled")

    def release(self, site: str, epoch: int, next_at: datetime) -> None:
        with self._transaction() as db:
            db.execute(
                "UPDATE ledger_sites SET owner = NULL, run = NULL, next_at = max(next_at, ?)"
                " WHERE site = ? AND epoch = ? AND owner = ?",
                (next_at.timestamp(), site, epoch, self._me.name),
            )
        crash_point("released")

    # --- reports

    def progress(self, run_id: str) -> Progress:
        with self._reading() as db:
            return reports.progress(db, run_id)

    def books(self, run_id: str) -> Books:
        with self._reading() as db:
            return reports.books(db, run_id)

    def stored_by(self, run_id: str) -> Iterator[tuple[str, str, int]]:
        return reports.stored_by(self._db, run_id)

    def lookup(self, url: str) -> dict[str, Any] | None:
        return reports.lookup(self._db, url)

    def source(self, feed: str) -> FeedSource | None:
        with self._reading() as db:
            return reports.source(db, feed)

    def feeds(self) -> list[dict[str, Any]]:
        with self._reading() as db:
            return reports.feeds(db)

    def sites(self) -> list[dict[str, Any]]:
        return reports.sites(self._db)

    def status(self) -> dict[str, Any]:
        with self._reading() as db:
            holders = db.execute("SELECT DISTINCT owner FROM ledger_sites WHERE owner IS NOT NULL").fetchall()
            alive = [name for (name,) in holders if not self._is_dead(name)]
            schedulers = upkeep.schedulers(db)
            found = reports.status(db, self._clock(), workers=len(alive))
        running = {name: since for name, since in schedulers.items() if not self._is_dead(name)}
        return {
            "scheduler": bool(running),
            "scheduler_since": instant(min(running.values(), default=None)),
            "scheduler_died": len(running) < len(schedulers),
            **found,
        }

    def _is_dead(self, name: str) -> bool:
        return owners.is_dead(self._owners_folder, name)

    def mark_scheduler(self) -> None:
        with self._transaction() as db:
            upkeep.note_scheduler(db, self._me.name, self._clock(), self._is_dead)

    def unmark_scheduler(self) -> None:
        with self._transaction() as db:
            upkeep.forget_scheduler(db, self._me.name)

    def prune_runs(self, before: datetime) -> int:
        with self._transaction() as db:
            return upkeep.prune_runs(db, before.timestamp())

    # --- what was learned of sites

    def profile(self, site: str, *, before: datetime) -> SiteProfile | None:
        with self._reading() as db:
            return learned.profile(db, site, before)

    def sites_to_learn(self, *, limit: int) -> tuple[str, ...]:
        with self._reading() as db:
            return learned.sites_to_learn(db, limit)

    def observations(self, site: str) -> tuple[Observation, ...]:
        with self._reading() as db:
            return learned.observations(db, site)

    def newest_profile(self, site: str) -> SiteProfile | None:
        with self._reading() as db:
            return learned.newest(db, site)

    def learned(self, site: str) -> Learned | None:
        with self._reading() as db:
            return learned.learned(db, site)

    def learn(self, found: Learned, counted: Sequence[Observation]) -> bool:
        with self._transaction() as db:
            return learned.learn(db, found, counted, self._clock())

    # --- forgetting

    def urls_of(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        with self._reading() as db:
            return forgetting.urls_of(db, document_ids)

    def suppress(self, run_id: str, urls: Sequence[tuple[str, str]], document_ids: Sequence[str]) -> int:
        with self._transaction() as db:
            return forgetting.suppress(db, run_id, urls, document_ids, self._clock())

    def erase(self) -> tuple[str, ...]:
        with self._reading() as db:
            return erasing.erase(db, self.path)

    # --- to and from another ledger

    def at_work(self) -> tuple[str, ...]:
        return tuple(f"process {owners.pid_of(name)}" for name in owners.living_names(self._owners_folder))

    def rows(self, kind: RowKind) -> Iterator[Cells]:
        return exchange.rows_of(self._db, kind)

    def take_rows(self, kind: RowKind, rows: Sequence[Cells]) -> RowsTaken:
        with self._transaction() as db:
            upkeep.forget_configured(db)  # the next run lists its feeds and sets its pauses again
            return exchange.take_rows(db, kind, rows, now=self._clock())


def _run_row(db: sqlite3.Connection, run_id: str) -> dict[str, Any]:
    """Return a run's permissions: `pages` is false when its page limit is reached."""
    row = db.execute(
        "SELECT stop, every_feed, max_pages IS NULL OR pages < max_pages FROM ledger_runs WHERE run = ?", (run_id,)
    ).fetchone()
    stop, every_feed, pages = row if row is not None else (1, 0, 0)
    return {"run": run_id, "stop": stop, "every_feed": every_feed, "pages": pages}
