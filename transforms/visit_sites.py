"""VisitSites: the graph's source. Seats cross the one shuffle; behind it, workers take site leases and visit."""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from transforms.clock import StepWatch, epoch_s
from transforms.elements import PageElement, Tick
from transforms.errors import StoreError
from transforms.settings import SeatSettings
from transforms.sources import LedgerSources
from transforms.state import open_state
from transforms.state.base import SiteLease, StateStore
from transforms.try_each import FaultLimit
from transforms.turns import GivenUpError, Turns
from transforms.visit import visit_site
from transforms.web.client import HttpClient

logger = logging.getLogger(__name__)

QUEUE_SIZE = 64  # pages fetched ahead of extraction, per worker: bounds memory to some 64 pages
LOOK_INTERVAL_S = 1.0  # a look costs 10 ms with 10,000 sites (graph 5): not in a tight loop
STALE_SEAT_S = 60.0  # ticks come every few seconds: there is always a newer one
STUCK_VISIT_S = 120.0  # the heartbeat stops this long after a visit's end, so that a hung worker does not hold for ever


_seat_taken = threading.Lock()  # one seat works per process; another bundle's seat returns at once


class VisitSites(beam.PTransform):
    """Visit what is due. In: seats, "this worker may look for work"; out: pages and signals.

    A seat is a number: in an endless job the instant it was meant for (epoch seconds), else any.

    Elements of one site come in order, its `SiteDone` last. On a retry of the bundle nothing is fetched twice that was
    settled, and nothing is lost: work is what the ledger says is pending (rules 1 to 4, 10 and 11 of the ledger).
    """

    def __init__(self, settings: SeatSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, seats: PCollection[float]) -> PCollection[PageElement]:
        pages: PCollection[PageElement] = (
            seats | "SpreadSeats" >> beam.Reshuffle() | "Visit" >> beam.ParDo(_Visit(self.settings))
        )
        return pages


@dataclass
class _Held:
    """The leases this process renews, each until its visit's end and a bit."""

    leases: dict[tuple[str, int], SiteLease] = field(default_factory=dict)

    def current(self, now: float) -> list[SiteLease]:
        for key, lease in list(self.leases.items()):
            if now >= lease.stop_at + STUCK_VISIT_S:
                del self.leases[key]
        return list(self.leases.values())


class _Visit(beam.DoFn):
    def __init__(self, settings: SeatSettings) -> None:
        self._settings = settings
        self._fetched = Metrics.counter("visit", "out")

    def setup(self) -> None:
        self._state: StateStore = open_state(self._settings.state)
        visit = self._settings.visit
        self._visit_settings = (
            visit if visit.sources is not None else replace(visit, sources=LedgerSources(self._state))
        )
        self._client = HttpClient(visit.fetch)
        self._pool = ThreadPoolExecutor(self._settings.threads, thread_name_prefix="visit")
        self._closed = threading.Event()
        self._held = _Held()
        self._limit = FaultLimit(self._settings.visit.max_faults)

    def teardown(self) -> None:
        self._closed.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()
        self._state.close()

    def start_bundle(self) -> None:
        self._sat = False
        self._out: queue.Queue[PageElement] = queue.Queue(QUEUE_SIZE)
        self._jobs: list[Future[None]] = []

    def process(self, seat: float) -> Iterator[PageElement]:
        if not self._may_sit(seat) or not _seat_taken.acquire(blocking=False):
            return
        self._sat = True
        heart = threading.Event()
        threading.Thread(target=self._beat, args=(heart,), daemon=True, name="heartbeat").start()
        try:
            yield from self._sit()
        except BaseException:
            self._closed.set()  # visitors blocked on the queue give up; their sites are taken over
            raise
        finally:
            heart.set()
            _seat_taken.release()

    def _may_sit(self, seat: float) -> bool:
        """Say whether a seat is to be used: of an endless job one per bundle, and none that was meant for long ago.

        Else the ticks that piled up behind a long bundle, or since a savepoint, would make the next one endless.
        """
        if self._settings.seat_s is None:
            return True
        return not self._sat and epoch_s() - seat < STALE_SEAT_S

    def finish_bundle(self) -> Iterator[WindowedValue]:
        while not self._out.empty():
            yield WindowedValue(self._out.get_nowait(), MIN_TIMESTAMP, [GlobalWindow()])

    def _sit(self) -> Iterator[PageElement]:
        """Take and visit sites until the run has nothing to do soon; elements come out as they are ready."""
        settings = self._settings
        end = time.monotonic() + settings.seat_s if settings.seat_s is not None else None
        look_at, step = 0.0, StepWatch()
        while True:
            self._jobs = [job for job in self._jobs if not job.done() or job.result()]
            open_seat = end is None or time.monotonic() < end
            free = min(settings.sites_per_look, settings.threads - len(self._jobs))
            if step.stepped():
                # By a clock set forward our own leases look expired, and the next look would visit those sites twice.
                self._state.renew(list(self._held.leases.values()))
            leases: tuple[SiteLease, ...] = ()
            if open_seat and free > 0 and self._out.qsize() < QUEUE_SIZE // 2 and time.monotonic() >= look_at:
                leases = self._state.lease(settings.run_id, limit=free, slice_s=self._slice_s(end))
                self._jobs += [self._pool.submit(self._visit, lease) for lease in leases]
                # Where there was work there is more. What comes out wakes this loop, but slow servers let nothing out:
                # of 40 sites that answer after 1 s the last began after 0.8 s, with a whole tick between two looks
                # after 1.7 s. With answers after 0.1 s nothing changes: 0.91 to 0.94 of the rate that politeness
                # allows, and 0.89 to 0.93 (four runs each). Not at once: others look, too.
                look_at = 0.0 if leases else time.monotonic() + LOOK_INTERVAL_S
            yield from self._ready(settings.tick_s / 4 if leases else settings.tick_s)
            if not self._jobs and self._out.empty() and not leases and (not open_seat or self._nothing_soon()):
                return

    def _slice_s(self, end: float | None) -> float:
        return self._settings.slice_s if end is None else min(self._settings.slice_s, max(1.0, end - time.monotonic()))

    def _nothing_soon(self) -> bool:
        work_at = self._state.work_at(self._settings.run_id)
        return work_at is None or work_at > epoch_s() + self._settings.patience_s

    def _ready(self, wait_s: float) -> Iterator[PageElement]:
        """Yield what has been fetched, and a tick, so that the index stage can flush by age while the web is slow."""
        try:
            element = self._out.get(timeout=wait_s)
            while True:
                self._fetched.inc()
                yield element
                element = self._out.get_nowait()
        except queue.Empty:
            yield Tick()

    def _visit(self, lease: SiteLease) -> None:
        # Held beyond the visit, since its pages may wait long for a slow store: the index stage releases the site
        # behind them, and renewing what is released changes nothing.
        self._held.leases[lease.site, lease.epoch] = lease
        turns = Turns(
            lease,
            state=self._state,
            client=self._client,
            settings=self._visit_settings,
            emit=self._emit,
            sleep_until=self._sleep_until,
            limit=self._limit,
        )
        visit_site(turns)

    def _emit(self, element: PageElement) -> None:
        while not self._closed.is_set():
            try:
                self._out.put(element, timeout=1.0)
            except queue.Full:
                continue
            return
        raise GivenUpError("the bundle was given up while a visit went on")

    def _sleep_until(self, at: float) -> None:
        """Sleep in steps, so that a stop does not wait for a long pause."""
        end = time.monotonic() + at - epoch_s()  # so that a clock set back does not make a pause an hour longer
        while (left := end - time.monotonic()) > 0:
            if self._closed.wait(min(left, 1.0)):
                raise GivenUpError("the bundle was given up while a visit waited")
            if left > 1.0 and self._state.stopped(self._settings.run_id):
                return

    def _beat(self, ended: threading.Event) -> None:
        """Renew what this process holds (10)."""
        while not ended.wait(self._state.lease_s / 4):
            held = self._held.current(epoch_s())
            if held:
                try:
                    self._state.renew(held)
                except StoreError as err:  # a ledger locked for long: the next beat may still be in time
                    logger.warning("leases were not renewed: %s", err)
