"""What a scheduler costs while it has nothing to do, and how long an article takes from its feed to a search.

Used by `scripts/bench`. The poll interval is taken out of the delay: it runs from the instant at which the feed is due
(by the injected clock of `transforms/clock.py`, so that nobody waits for hours) to the first search that finds the
article. Start of the job, poll, pause of the site, fetch, text, enrichment and bulk are in it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from pipeline.config import load_config
from pipeline.ingest import configured_feeds
from pipeline.runs import configure
from tests.support.changing_feeds import ChangingWorld, MovedClock, Site, changing_web
from transforms import clock
from transforms.clock import epoch_s, utc_now
from transforms.index import open_store
from transforms.index.base import DocumentStore, SearchRequest
from transforms.index.query_parser import parse_query
from transforms.state import open_state
from transforms.state.base import FeedPoll, RunPlan, StateStore

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
IDLE_S = 60.0
WAKE_S = 8.0  # before a feed is due: longer than a scheduler sleeps without a look
LIMIT_S = 180.0
RUN = "20200101T000000.000Z-0000"


def idle(feeds: int) -> str:
    """Return a line: CPU and memory of a scheduler of so many feeds, none of them due."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name:
        folder = Path(name)
        _write(folder, {}, [f"http://site-{n}.example/feed" for n in range(feeds)])
        _poll_all(folder)
        with _scheduler(folder, {}) as process:
            assert process.stderr is not None
            process.stderr.readline()  # "... feeds, next due ..."
            time.sleep(5)
            before_s = _cpu_s(process.pid)
            time.sleep(IDLE_S)
            cpu_s, resident_mb = _cpu_s(process.pid) - before_s, _resident_mb(process.pid)
    return (
        f"idle scheduler, {feeds:,} feeds: {100 * cpu_s / IDLE_S:.2f} % of a core over {IDLE_S:.0f} s, "
        f"{resident_mb:.0f} MB"
    )


def delay(runner: Sequence[str], *, store: str, samples: int) -> str:
    """Return a line: from due to searchable, p50 and p95, with `newsbeam schedule` and these further arguments."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name:
        folder = Path(name)
        moved = MovedClock(folder / "clock")
        clock._FILE = str(moved.file)
        web, world = changing_web(10)
        try:
            with web:
                _write(folder, web.resolve, world.feed_urls, store=store, every="30m")
                with _scheduler(folder, {"NEWSBEAM_CLOCK": str(moved.file)}, *runner) as process:
                    delays, cpu = _delays(folder, moved, world, samples, process.pid)
        finally:
            clock._FILE = None
    delays.sort()
    kinds = ", ".join(f"{kind} {seconds / len(delays):.2f} s" for kind, seconds in cpu.items())
    return (
        f"from due to searchable, {' '.join(runner) or 'schedule'}, {'SQLite' if store == 'news.db' else store}: "
        f"p50 {statistics.median(delays):.1f} s, p95 {delays[int(0.95 * (len(delays) - 1))]:.1f} s "
        f"({len(delays)} polls; CPU per poll: {kinds})"
    )


def _delays(
    folder: Path, moved: MovedClock, world: ChangingWorld, samples: int, pid: int
) -> tuple[list[float], dict[str, float]]:
    settings = load_config(folder / "newsbeam.yaml", environ=os.environ).settings
    delays: list[float] = []
    with (
        closing(open_state(settings.state)) as state,
        closing(open_store(settings.store, project=settings.project)) as documents,
    ):
        _until(lambda: all(site.polls for site in world.sites.values()) and _is_idle(state))
        cpu = _Cpu(pid)
        while len(delays) < samples:
            feed = min(state.feeds(), key=lambda row: row["next_poll_at"])
            due_at = feed["next_poll_at"].timestamp()
            site = next(site for site in world.sites.values() if site.feed_url == feed["url"])
            seen = site.listed()
            moved.move(due_at - epoch_s() - WAKE_S)
            _until(lambda site=site, due_at=due_at: site.polls[-1].at >= due_at)
            for article in sorted(site.listed() - seen)[:1]:
                found_at = _searchable_at(documents, site, article)
                delays.append(found_at - due_at)
            _until(lambda: _is_idle(state))
        return delays, cpu.spent()


def _searchable_at(documents: DocumentStore, site: Site, article: int) -> float:
    """Return when a search first finds an article."""
    request = SearchRequest(query=parse_query(f"site:{site.host}"), limit=1_000)
    found: list[float] = []

    def is_found() -> bool:
        hits = documents.search(request).hits
        if any(hit.source["url"]["full"] == site.url(article) for hit in hits):
            found.append(epoch_s())
        return bool(found)

    _until(is_found)
    return found[0]


def _is_idle(state: StateStore) -> bool:
    work_at = state.next_work_at()
    return state.status()["workers"] == 0 and work_at is not None and work_at > epoch_s()


def _until(what: object) -> None:
    end = time.monotonic() + LIMIT_S
    while not what():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit("the bench waited in vain; is the runner well?")
        time.sleep(0.02)


class _Cpu:
    """CPU seconds by kind of process below the scheduler, those of jobs that have ended too."""

    def __init__(self, pid: int) -> None:
        self._pid, self._before = pid, self._now(pid)

    def spent(self) -> dict[str, float]:
        """Return the seconds since the start, by kind."""
        now = self._now(self._pid)
        return {kind: seconds - self._before.get(kind, 0.0) for kind, seconds in now.items()}

    def _now(self, pid: int) -> dict[str, float]:
        own, reaped = _times(pid)
        found = {"scheduler": own, "jobs": reaped}
        for child in family(pid)[1:]:
            with suppress(OSError, IndexError):
                name = Path(f"/proc/{child}/comm").read_text().strip()
                kind = "jobs" if name.startswith("python") else name
                found[kind] = found.get(kind, 0.0) + sum(_times(child))
        return found


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for parent in found:
        try:
            children = [task.read_text() for task in Path(f"/proc/{parent}/task").glob("*/children")]
        except OSError:
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def _times(pid: int) -> tuple[float, float]:
    """Return CPU seconds of a process, and of its children that it has reaped."""
    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / TICK, (int(cells[13]) + int(cells[14])) / TICK


def _cpu_s(pid: int) -> float:
    return sum(_times(pid))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def _write(
    folder: Path, resolve: dict[str, str], feeds: Sequence[str], *, store: str = "news.db", every: str | None = None
) -> None:
    hosts = "".join(f'    {host}: "{address}"\n' for host, address in resolve.items())
    (folder / "newsbeam.yaml").write_text(
        f"contact: desk@example.org\nproject: bench\nstore: {store}\ningest: {{max_age: 20y}}\n"
        + (f"fetch:\n  resolve:\n{hosts}" if hosts else "")
    )
    pace = f"    every: {every}\n" if every else ""
    (folder / "feeds.yaml").write_text("feeds:\n" + "".join(f"  - url: {url}\n{pace}" for url in feeds))


def _poll_all(folder: Path) -> None:
    """Enter the feeds as polled just now, to be polled again in a day."""
    settings = load_config(folder / "newsbeam.yaml").settings
    with closing(open_state(settings.state)) as state:
        state.create()
        feeds = configured_feeds(settings)
        configure(state, settings, feeds)
        state.begin_run(RunPlan(run_id=RUN, command="bench", started_at=utc_now()))
        for feed in feeds:
            at = utc_now()
            poll = FeedPoll(feed=feed.id, polled_at=at, next_poll_at=at + timedelta(days=1), status_code=200)
            state.polled(RUN, poll, ())


@contextmanager
def _scheduler(folder: Path, environment: dict[str, str], *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "schedule", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE if not environment else None,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(90)
        if process.stderr is not None:
            process.stderr.close()
