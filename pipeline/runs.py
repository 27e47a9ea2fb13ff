"""What every run has in common: open the backends, run jobs under watch, close the books."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline import stores
from pipeline.engines import LOCAL, records
from pipeline.engines.choose import records_folder
from pipeline.job import Job
from pipeline.plans import new_run_id, pipeline_version, site_rules
from pipeline.report import RunReport, compare_with_store, run_report
from pipeline.settings import Settings
from pipeline.supervise import JobEnd, StopRequest, Watch, supervise
from transforms.clock import utc_now
from transforms.elements import FeedSource
from transforms.errors import StoreError
from transforms.index.base import DocumentStore
from transforms.index.documents import run_write
from transforms.learning import learn_sites
from transforms.state import open_state
from transforms.state.base import Progress, RunPlan, StateStore
from transforms.web import urls

logger = logging.getLogger(__name__)

LEARN_WITHIN_S = 30.0  # a site of 200 articles takes 20 ms; the next run goes on

ShowProgress = Callable[[Progress], None]


@dataclass
class OpenRun:
    """A run under way."""

    id: str
    command: str
    settings: Settings
    state: StateStore
    store: DocumentStore
    started_at: datetime
    clock_at: float
    feeds: int = 0
    noun: str = "new URL"  # what comes in, in the report

    def begin(self, *, feeds: tuple[str, ...] | None = (), max_pages: int | None = None) -> None:
        """Enter the run in the ledger: what it may poll, how many pages it may fetch."""
        self.feeds = len(feeds or ())
        self.state.begin_run(
            RunPlan(run_id=self.id, command=self.command, started_at=self.started_at, feeds=feeds, max_pages=max_pages)
        )

    def work(self, jobs: Sequence[Job], *, progress: ShowProgress, stop: StopRequest) -> JobEnd:
        """Run jobs one after the other until one does not end well."""
        run = self.settings.run
        watch = Watch(grace_s=run.grace_s, watchdog_s=run.watchdog_s)
        end, deaths = JobEnd(end="ok"), 0
        for job in jobs:
            end = supervise(job, self.state, watch=watch, stop=stop, progress=progress)
            deaths += end.deaths
            if end.end != "ok":
                break
        return JobEnd(end=end.end, message=end.message, log=end.log, deaths=deaths)

    def close(self, end: JobEnd, notes: tuple[str, ...] = ()) -> RunReport:
        """Balance the books, compare them with the store, write the run's document."""
        books = self.state.books(self.id)
        deaths = end.deaths + (self.settings.run.runner != LOCAL)  # an engine does not tell of the deaths it survives
        disagreements = compare_with_store(self.state, self.store, self.id, deaths=deaths) if end.end == "ok" else ()
        report = run_report(
            books,
            end,
            disagreements=disagreements,
            max_failed_ratio=self.settings.ingest.max_failed_ratio,
            feeds=self.feeds,
            elapsed_s=time.monotonic() - self.clock_at,
            failing=self._failing(),
            notes=notes,
            noun=self.noun,
        )
        self.state.end_run(self.id, report.document)
        if end.end not in ("error", "schema"):
            write = run_write(
                self.id,
                command=self.command,
                started_at=self.started_at,
                ended_at=utc_now(),
                counts={name: report.document[name] for name in ("came", "carried_over", "ended", "deferred")},
                outcomes=books.outcomes,
                unbalanced=report.problems,
                pipeline_version=pipeline_version(),
            )
            self.store.bulk([write])
            self.prune_receipts()
            self.learn(within_s=LEARN_WITHIN_S)
        return report

    def learn(self, *, within_s: float) -> None:
        """Make what articles showed of their sites the next version of the sites' profiles, for later runs.

        What fails here is only told: the books are closed, and nothing that was observed is lost.
        """
        if not self.settings.extract.learn_boilerplate:
            return
        try:
            learn_sites(self.state, self.store, within_s=within_s)
        except StoreError as err:
            logger.warning("not all was learned of the sites, the next run goes on: %s", err)
        except Exception as err:  # a fault of ours: it costs a profile, and no run
            logger.exception("not all was learned of the sites, the next run goes on: %s", err)

    def prune_receipts(self) -> None:
        """Delete receipts that are older than they are kept (`retention.requests`)."""
        self.store.prune("requests", before=utc_now() - timedelta(seconds=self.settings.retention.requests_s))

    def _failing(self) -> tuple[tuple[str, str], ...]:
        """Return (feed, reason) of the polls that failed since the run began."""
        rows = self.state.feeds()
        return tuple(
            (row["id"], row["error"])
            for row in rows
            if row["error"] and row["polled_at"] is not None and row["polled_at"] >= self.started_at
        )


@contextmanager
def open_run(settings: Settings, command: str, sources: Sequence[FeedSource]) -> Iterator[OpenRun]:
    """Open store and ledger, make what is missing, and make the configured feeds known.

    Raises `StoreError` and `SchemaVersionError` before anything is fetched.
    """
    started_at, clock_at = utc_now(), time.monotonic()
    with stores.documents(settings) as store, closing(open_state(settings.state)) as state:
        if settings.run.runner != LOCAL:
            for line in records.clear(records_folder(settings)):
                logger.warning("%s", line)
        store.create()
        state.create()
        configure(state, settings, sources)
        yield OpenRun(
            id=new_run_id(started_at),
            command=command,
            settings=settings,
            state=state,
            store=store,
            started_at=started_at,
            clock_at=clock_at,
        )


def configure(state: StateStore, settings: Settings, sources: Sequence[FeedSource]) -> None:
    """Make the feeds and the site rules of the configuration known to the ledger."""
    normal = [replace(source, url=urls.normalize_url(source.url)) for source in sources]
    listed = [(source, urls.site_key(source.url)) for source in normal]
    state.configure(listed, site_rules(settings), default_delay_s=settings.fetch.delay_s)
