"""The ledger: what is to be done, who is doing it, and what became of it. It is the memory of newsbeam, outside Beam.

Protocol, with what goes wrong without each rule: ARCHITECTURE.md, "The ledger". A lease of a site is the politeness:
one holder, one request at a time, the pause written before the request leaves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from transforms.elements import (
    FeedEntry,
    FeedSource,
    History,
    Learned,
    Observed,
    OutcomeName,
    SiteProfile,
    forgotten_key,
)
from transforms.errors import StoreError
from transforms.state.rows import Cells, RowKind, RowsTaken

ENDED_WITH_DOCUMENT = ("created", "updated", "unchanged")  # outcomes whose document is in the store
MAX_REVISITS = 5  # of a settled URL, because its entry changed: some feeds rewrite every entry at every poll
REVISIT_S = 3_600.0  # between the end of a visit and such a revisit
# Reasons to put a page off that say nothing of the page: they do not count as an attempt.
NO_ATTEMPT = ("robots_unreachable",)
KEPT_RUNS = 100  # ended runs that stay in the ledger, however old they are: `status` tells of the last one
SUPPRESSED = "suppressed"  # reason of what was forgotten, and `SUPPRESSED:HASH` is what its row names for a URL
MAX_BLAMED = 3  # deaths with the same URL in hand before that URL is given up as `crashed`
REPROCESSED = "reprocessed"  # reason of a stored article that was written again: an update, whatever its text
Sharing = Literal["process", "host", "network"]


class NoLedgerError(StoreError):
    """There is a server, and no ledger of this project on it."""


@dataclass(frozen=True, kw_only=True)
class DueFeed:
    """A feed that may be polled now, with the validators of its stored edition (opaque strings)."""

    source: FeedSource
    poll_url: str  # the configured URL, or where its last redirect to another site led
    hops: int = 0
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None  # the final URL that the validators belong to
    body_sha256: str | None = None
    failures: int = 0
    polls: int = 0
    memory: str | None = None  # what the polling policy remembers; the ledger keeps the text and reads nothing from it


@dataclass(frozen=True, kw_only=True)
class DueUrl:
    """A pending URL, with what the past knows of it and the feed entry that asked for it."""

    url: str
    hops: int = 0
    attempts: int = 0
    blamed: int = 0  # workers that died with it in hand
    entry: FeedEntry | None = None
    history: History = History()


@dataclass(frozen=True, kw_only=True)
class SiteLease:
    """A site taken by this process: nobody else may send it a request while the lease holds.

    `epoch` fences: a holder whose epoch is no longer the site's has lost it. `stop_at` (epoch seconds) ends the visit.
    """

    site: str
    epoch: int
    run_id: str
    delay_s: float
    stop_at: float
    feeds: tuple[DueFeed, ...] = ()
    urls: tuple[DueUrl, ...] = ()


class Turn(NamedTuple):
    """The answer before a request. `at`: when the request may be sent (`wait`) or was allowed (`go`), epoch seconds."""

    answer: Literal["go", "wait", "lost", "late", "skip", "crashed", "limit"]
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SiteRule:
    """What the user configured for a site: a pause between requests (None: the default one), or no requests at all."""

    delay_s: float | None = None
    paused: bool = False


class SitePause(NamedTuple):
    """A pause that a site asked for or that its failures made: how many in a row, until when, and why (`http_429`)."""

    times: int
    until: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class NewUrl:
    """Work to insert: a URL some feed or list wants. `url` is the ledger's key, `site` its politeness unit.

    `filtered` names why it is not wanted after all: it enters the books and ends at once. `fingerprint` identifies what
    the entry says: a URL of which its feed says something else than before falls due again (`MAX_REVISITS`,
    `REVISIT_S`).
    """

    url: str
    site: str
    feed: str | None = None
    entry: FeedEntry | None = None
    hops: int = 0
    filtered: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedPoll:
    """What a poll learned. A failed one has `error` and leaves validators alone; `entries` counts those of the edition.

    `move_to` is where a redirect to another site leads: the feed falls due there at once, under that site's lease.
    `memory` goes with every poll, failed and moved ones too; None leaves it as it is. `blameless`: a failure that says
    nothing of the feed (our own network was down): it is told, and not counted. `configured` is the URL that the feed
    had when the poll began: one of another URL than it has now says nothing of it, only its entries count.
    """

    feed: str
    polled_at: datetime
    next_poll_at: datetime
    status_code: int | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    error: str | None = None
    message: str | None = None
    entries: int = 0
    move_to: tuple[str, str] | None = None  # (url, site)
    put_off: bool = False  # the site was busy: the same run may poll again when it is due
    memory: str | None = None
    blameless: bool = False
    configured: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A document id that a fetched URL wants to write under, with the hash of its content."""

    document_id: str
    url: str
    raw_sha256: str


ClaimAnswer = Literal["mine", "duplicate", "conflict", "suppressed"]


def suppressed_name(url: str) -> str:
    """Return what stands for a forgotten URL in its row.

    >>> suppressed_name("https://gazette.example/a")
    'suppressed:a15835c58d4cee84bed880cc9f5d57b70ad38af5'
    """
    return f"{SUPPRESSED}:{forgotten_key(url)}"


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """How the work on a URL ended. `outcome` `stored`: the ledger's history says created or updated.

    `due_at` set means deferred: the URL stays pending until then. `validators` replaces what was kept when the page was
    stored or unchanged; after any other end the stored edition's stay.
    """

    url: str
    outcome: OutcomeName | Literal["stored"]
    reason: str
    version: int = 0
    document_id: str | None = None
    raw_sha256: str | None = None
    revision: int = 0
    figures: int = 0
    quotes: int = 0
    due_at: datetime | None = None
    validators: str | None = None  # of the page; the ledger keeps the text and reads nothing from it
    site: str | None = None
    observed: Observed | None = None  # of a stored article: what it shows of its site's boilerplate


class Observation(NamedTuple):
    """What a stored article shows of its site, when (epoch seconds) that was noted, and the note's name."""

    name: str
    document_id: str
    at: float
    observed: Observed


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """What a run may do. `feeds`: ids it may poll, once each (None: all that fall due, again and again).

    `max_pages` stops taking pages after that many requests for pages. Run ids sort by start time.
    """

    run_id: str
    command: str
    started_at: datetime
    feeds: tuple[str, ...] | None = ()
    max_pages: int | None = None


@dataclass(frozen=True, kw_only=True)
class Books:
    """A run's balance, by sets of URLs in the ledger (graph: `came + carried = ended + deferred`).

    `outcomes` counts (outcome, reason), `polls` what polls gave. `unbalanced` lists what does not add up.
    """

    run_id: str
    came: int
    carried: int
    ended: int
    deferred: int
    handed_over: int = 0  # came in by this run, ended by another one beside it
    outcomes: tuple[tuple[str, str, int], ...] = ()
    deferred_by: tuple[tuple[str, int], ...] = ()
    deferred_until: datetime | None = None
    polls: tuple[tuple[str, int], ...] = ()
    unbalanced: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands: `outcomes` so far by name, `requests` sent, URLs pending, sites that it holds."""

    outcomes: tuple[tuple[str, int], ...] = ()
    pending: int = 0
    polls: int = 0
    requests: int = 0
    leased: int = 0


class StateStore(Protocol):
    """The ledger's interface. One object per process and thread-safe; open it where it is used (not picklable)."""

    sharing: Sharing
    lease_s: float  # how long a lease holds without a sign of life; the heartbeat renews every quarter of it

    # --- set-up and runs (driver)
    def create(self) -> None:
        """Make missing tables. Raises `SchemaVersionError` for a ledger of another version."""
        ...

    def configure(
        self, sources: Sequence[tuple[FeedSource, str]], rules: Mapping[str, SiteRule], *, default_delay_s: float
    ) -> None:
        """Make the listed (feed, site) pairs known, unlist all others (their history stays), set site rules.

        A feed whose URL was edited starts anew: due at once, its memory forgotten.
        """
        ...

    def due_feeds(self) -> tuple[str, ...]:
        """Return the ids of the listed feeds that may be polled now."""
        ...

    def force_due(self, feeds: Sequence[str]) -> None:
        """Make feeds due now, whatever their next poll was; a robots.txt that failed is asked for again."""
        ...

    def begin_run(self, plan: RunPlan) -> None: ...
    def add_urls(self, run_id: str, urls: Iterable[NewUrl], *, again: bool = False) -> tuple[int, int]:
        """Insert pending URLs; return (new, already known). Known ones gain an origin; with `again` they fall due.

        A known one of which the same feed says something else than before takes the new entry; stored or failed (but
        for `crashed`) it falls due again, `REVISIT_S` after it was settled, `MAX_REVISITS` times.
        """
        ...

    def stop_run(self, run_id: str) -> None:
        """Set the stop flag: no further request starts, what is on the wire is finished and settled."""
        ...

    def stopped(self, run_id: str) -> bool: ...
    def end_run(self, run_id: str, summary: dict[str, Any]) -> None: ...

    # --- the visit
    def lease(self, run_id: str, *, limit: int, slice_s: float) -> tuple[SiteLease, ...]:
        """Take up to `limit` due sites, longest waiting first. A look that finds nothing writes nothing."""
        ...

    def begin(self, lease: SiteLease, url: str | None = None, *, delay_s: float | None = None) -> Turn:
        """Ask, right before a request, whether it may be sent now, and note its time. `url`: the page, None for others.

        `delay_s`: the site's pause as now known (robots.txt may ask for more than the lease said).
        """
        ...

    def more(self, lease: SiteLease, *, limit: int) -> tuple[DueUrl, ...]:
        """Return further pending URLs of a leased site."""
        ...

    def renew(self, leases: Sequence[SiteLease]) -> None: ...
    def back_off(self, site: str, until: datetime, *, count: int = 0, why: str = "") -> None:
        """Write a Retry-After at once: a process killed before the release would forget it.

        `count`, when it is not 0, and `why` are kept for `pause_of`, so that all workers and restarts count together.
        """
        ...

    def pause_of(self, site: str) -> SitePause | None:
        """Return the last pause of a site that was counted, over or not."""
        ...

    def polled(self, run_id: str, poll: FeedPoll, urls: Sequence[NewUrl]) -> int:
        """Write entries as pending rows and then the validators, in one transaction; return how many were new."""
        ...

    def save_robots(self, origin: str, body: bytes | None, status: int | None, fetched_at: datetime) -> None: ...
    def robots(self, origin: str) -> tuple[bytes | None, int | None, datetime] | None:
        """Return what was kept of an origin's robots.txt: body, status (None: unreachable), when."""
        ...

    def in_hand(self, url: str | None) -> None:
        """Note (without a transaction) the URL that this process is about to extract; None when done."""
        ...

    def work_at(self, run_id: str) -> float | None:
        """Return when the next work of this run can start (epoch seconds; now if a site is leased), None if never."""
        ...

    def next_work_at(self) -> float | None:
        """Return when a new run could start work (epoch seconds), None if never; paused and leased sites are none."""
        ...

    def change_mark(self) -> tuple[int, ...] | None:
        """Return what differs after anybody has written; None where that cannot be told cheaply."""
        ...

    def take(self, run_id: str, urls: Sequence[NewUrl], *, again: bool = False) -> tuple[DueUrl | None, ...]:
        """Enter pages at hand (archives); return those that are pending, None for settled ones and past the page limit.

        They are held back from visits: what is interrupted here is taken again by the same backfill, or falls due when
        another run wants the URL.
        """
        ...

    def bury_dead(self) -> None:
        """Free what dead processes held and blame the pages they had in hand; a lease does so by itself."""
        ...

    def dead_holders(self, run_id: str) -> bool:
        """Say whether a process that holds sites for this run has died: an engine may hang for it (watchdog)."""
        ...

    # --- the index stage
    def claim(self, claims: Sequence[Claim]) -> tuple[ClaimAnswer, ...]:
        """Give each document id to the first URL that asks. `duplicate`: another URL has it with the same content.

        `suppressed`: what had that id was forgotten.
        """
        ...

    def settle(self, run_id: str, settlements: Sequence[Settlement]) -> None:
        """End or defer work. Not fenced: the newest version wins, as in the store."""
        ...

    def release(self, site: str, epoch: int, next_at: datetime) -> None: ...

    # --- reports
    def progress(self, run_id: str) -> Progress: ...
    def books(self, run_id: str) -> Books: ...
    def stored_by(self, run_id: str) -> Iterator[tuple[str, str, int]]:
        """Yield (url, document id, version) of the URLs this run settled as created, updated or unchanged."""
        ...

    def lookup(self, url: str) -> dict[str, Any] | None:
        """Return the ledger's row of a URL (state, outcome, version, last visit), for `show` and the books."""
        ...

    def source(self, feed: str) -> FeedSource | None:
        """Return a feed as it was last configured, None when it never was."""
        ...

    def feeds(self) -> list[dict[str, Any]]: ...
    def sites(self) -> list[dict[str, Any]]:
        """Return every site that has something to wait for, or work, with its pause: for `status --sites`.

        Keys: site, paused, next_at, pause_s, pending, feeds, leased; back_off_count, back_off_until, back_off_why.
        """
        ...

    def status(self) -> dict[str, Any]: ...
    def mark_scheduler(self) -> None:
        """Note that this process schedules, for `status`, until `unmark_scheduler`; ended without it, it died."""
        ...

    def unmark_scheduler(self) -> None: ...
    def prune_runs(self, before: datetime) -> int:
        """Forget runs that ended before an instant, but for the latest; return how many. URLs keep their runs' ids."""
        ...

    # --- what was learned of sites
    def profile(self, site: str, *, before: datetime) -> SiteProfile | None:
        """Return the newest profile of a site that was made before an instant: the same one whenever it is asked."""
        ...

    def sites_to_learn(self, *, limit: int) -> tuple[str, ...]:
        """Return sites of which articles were settled that no profile counted yet, the longest waiting first."""
        ...

    def observations(self, site: str) -> tuple[Observation, ...]:
        """Return what the latest articles of a site show, from the oldest to the newest (`KEPT_ARTICLES`)."""
        ...

    def newest_profile(self, site: str) -> SiteProfile | None: ...
    def learned(self, site: str) -> Learned | None:
        """Return what is known of a site, for people; None where nothing was counted, or a part of it was forgotten."""
        ...

    def learn(self, found: Learned, counted: Sequence[Observation]) -> bool:
        """Note what was counted; a `version` above the newest makes a profile. False: somebody else has made it."""
        ...

    # --- forgetting
    def urls_of(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the URLs that are known to lead to documents, sorted."""
        ...

    def suppress(self, run_id: str, urls: Sequence[tuple[str, str]], document_ids: Sequence[str]) -> int:
        """Forget the given (URL, site) pairs and document ids for good; return how many were not forgotten before.

        Their rows keep a hash, end as `filtered(suppressed)`, and nothing wakes or changes them again.
        """
        ...

    def erase(self) -> tuple[str, ...]:
        """Take what was deleted out of the files, too; return what could not be done, in words for people."""
        ...

    # --- to and from another ledger (`exchange`)
    def at_work(self) -> tuple[str, ...]:
        """Return who works on it now, in words for people: living processes that lease or schedule, but this one."""
        ...

    def rows(self, kind: RowKind) -> Iterator[Cells]:
        """Yield every row of a kind as it stands."""
        ...

    def take_rows(self, kind: RowKind, rows: Sequence[Cells]) -> RowsTaken:
        """Write another ledger's rows, but what is newer here, or forgotten; what they say was forgotten goes here."""
        ...

    def close(self) -> None: ...
