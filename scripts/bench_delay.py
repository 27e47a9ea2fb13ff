"""How long an article takes from its feed to a search, on each runner and in each store, and what that costs.

The poll interval is taken out: all feeds fall due at one instant, with new articles in them (the web's history is moved
by hours and the ledger's due times are set, since an engine's ticks go by its own clock), and the delay of a feed runs
from then to the first search that finds one of its new articles. Wake-up, poll, pause of the site, fetch, text,
enrichment and bulk are in it.

CPU is that of the whole process tree below `newsbeam schedule`; the web and a store on a server are outside. The stages
measure their own (`bench_site`); a process's start is all before its first seat (imports, models: with the local runner
each job is such a process); the scheduler is the process that the user started; everything else is Beam and the engine.
"""

import os
import shlex
import sqlite3
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench_schedule import ROOT, cpu_times, family, scheduler, write_configuration

from pipeline.config import load_config
from pipeline.stores import file_of
from tests.support import elasticsearch_node
from tests.support.changing_feeds import ChangingWorld, Site, changing_web
from transforms.clock import epoch_s
from transforms.index import open_store
from transforms.index.base import DocumentStore, SearchRequest
from transforms.index.query_parser import parse_query
from transforms.state import open_state
from transforms.state.base import StateStore

SITES = 15
KINDS = ("validators", "max-age", "ttl", "nothing")  # of feeds: those that never fail
ROUND_S = 9_000.0  # one to seven new articles in each feed
WAKE_S = 8.0  # before the feeds are due: longer than a scheduler sleeps without a look
IDLE_S = 15.0
SETTLE_S = 5.0  # the first job is ending
LIMIT_S = 300.0  # a Flink on a busy machine takes one to be up
ENGINES = {"prism": "NEWSBEAM_PRISM", "flink": "NEWSBEAM_FLINK_JAR"}
HEAD = (
    "from publication in the feed to searchable                      CPU      of that, %\n"
    "runner  store           p50 s  p95 s   feeds articles   s/article   stages  start  scheduler  Beam, engine"
    "   idle, % of a core"
)


@dataclass(frozen=True)
class Cpu:
    """CPU seconds, summed over processes."""

    stages: float
    start: float
    scheduler: float
    total: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(
            self.stages - other.stages,
            self.start - other.start,
            self.scheduler - other.scheduler,
            self.total - other.total,
        )


def table(runners: Sequence[str], *, samples: int) -> Iterator[str]:
    """Give the table line by line: each runner (its words on the command line) with each store that is there."""
    environment = _engines()
    yield HEAD
    stores = ["SQLite", *(["Elasticsearch"] if os.environ.get("ES_URL") else [])]
    for words in runners or ("local", *ENGINES):
        needed = ENGINES.get(words)
        if needed is not None and needed not in environment:
            yield f"{words}: not installed, see scripts/engines"
            continue
        for store in stores:
            yield _measured(["--runner", *shlex.split(words)], store, samples, environment)
    if len(stores) == 1:
        yield "Elasticsearch: ES_URL is not set"
    yield f"load average {', '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} cores"


def _engines() -> dict[str, str]:
    said = subprocess.run([ROOT / "scripts" / "engines", "env"], capture_output=True, text=True).stdout
    installed = dict(shlex.split(line)[1].split("=", 1) for line in said.splitlines())
    return {**installed, **{name: os.environ[name] for name in ENGINES.values() if name in os.environ}}


def _measured(arguments: Sequence[str], store: str, samples: int, environment: dict[str, str]) -> str:
    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name, _project(store) as project:
        folder = Path(name)
        (folder / "cpu").mkdir()
        web, world = changing_web(SITES)
        sites = [site for site in world.sites.values() if site.kind in KINDS]
        spec = "news.db" if store == "SQLite" else "elasticsearch"
        environment = {
            **environment,
            "BENCH_CPU_FOLDER": str(folder / "cpu"),
            "PYTHONPATH": f"{ROOT / 'scripts' / 'bench_site'}{os.pathsep}{ROOT}",
        }
        with web:
            feeds = [site.feed_url for site in sites]
            write_configuration(folder, web.resolve, feeds, store=spec, project=project)
            with scheduler(folder, environment, *arguments, log=folder / "log") as process:
                bench = _Bench(folder, world, sites, process)
                try:
                    return f"{arguments[1]:<7} {store:<14}" + bench.line(samples)
                except _InVainError:
                    tail = (folder / "log").read_text()[-1500:]
                    return f"{arguments[1]:<7} {store:<14} waited in vain: {tail}"


@contextmanager
def _project(store: str) -> Iterator[str]:
    if store == "SQLite":
        yield "bench"
    else:
        with elasticsearch_node.project() as name:
            yield name


class _InVainError(Exception):
    """What was waited for did not come, or the scheduler ended."""


class _Bench:
    def __init__(
        self, folder: Path, world: ChangingWorld, sites: Sequence[Site], process: "subprocess.Popen[str]"
    ) -> None:
        self._folder, self._world, self._sites, self._process = folder, world, sites, process
        self._settings = load_config(folder / "newsbeam.yaml", environ=os.environ).settings

    def line(self, samples: int) -> str:
        """Return the numbers of the table, after rounds that give that many delays at least."""
        with (
            closing(open_state(self._settings.state)) as state,
            closing(open_store(self._settings.store, project=self._settings.project)) as documents,
        ):
            self._until(lambda: all(site.polls for site in self._sites) and self._is_idle(state))
            time.sleep(SETTLE_S)
            before = self._cpu()
            time.sleep(IDLE_S)
            idle = 100 * (self._cpu() - before).total / IDLE_S
            delays: list[float] = []
            articles, before = 0, self._cpu()
            while len(delays) < samples:
                found, new = self._round(state, documents)
                delays += found
                articles += new
            spent = self._cpu() - before
        delays.sort()
        rest = spent.total - spent.stages - spent.start - spent.scheduler
        shares = [100 * part / spent.total for part in (spent.stages, spent.start, spent.scheduler, rest)]
        return (
            f"{statistics.median(delays):>7.1f} {delays[int(0.95 * (len(delays) - 1))]:>6.1f} {len(delays):>7} "
            f"{articles:>8} {spent.total / articles:>11.2f} {shares[0]:>8.0f} {shares[1]:>6.0f} {shares[2]:>10.0f} "
            f"{shares[3]:>13.0f} {idle:>19.1f}"
        )

    def _round(self, state: StateStore, documents: DocumentStore) -> tuple[list[float], int]:
        """Let all feeds fall due at once; return the delay of each that has something new, and how many articles."""
        seen = {site.host: site.listed() for site in self._sites}
        due_at = epoch_s() + WAKE_S
        self._world.started_at -= ROUND_S  # nobody asks for a feed before it is due
        with self._ledger() as ledger:
            ledger.execute("UPDATE ledger_feeds SET due_at = ?", (due_at,))
        self._until(lambda: all(site.polls[-1].at >= due_at for site in self._sites))
        new = {site.host: site.listed() - seen[site.host] for site in self._sites}
        waiting = [site for site in self._sites if new[site.host]]
        delays: list[float] = []

        def all_found() -> bool:
            for site in list(waiting):
                if _is_found(documents, {site.url(article) for article in new[site.host]}, site):
                    delays.append(epoch_s() - due_at)
                    waiting.remove(site)
            return not waiting

        self._until(all_found)
        self._until(lambda: self._is_idle(state))
        return delays, sum(map(len, new.values()))

    def _is_idle(self, state: StateStore) -> bool:
        work_at = state.next_work_at()
        if work_at is None or work_at <= epoch_s():
            return False
        with self._ledger() as ledger:  # an engine's workers live on: what counts is that none holds a site
            [held] = ledger.execute("SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL").fetchone()
        return bool(held == 0)

    @contextmanager
    def _ledger(self) -> Iterator[sqlite3.Connection]:
        path = file_of(self._settings.state)
        assert path is not None
        with closing(sqlite3.connect(path, timeout=30)) as ledger, ledger:
            yield ledger

    def _until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + LIMIT_S
        while not is_so():
            if time.monotonic() > end or self._process.poll() is not None:
                raise _InVainError
            time.sleep(0.05)

    def _cpu(self) -> Cpu:
        noted = [struct.unpack("dd", path.read_bytes()) for path in (self._folder / "cpu").iterdir()]
        own, reaped = cpu_times(self._process.pid)
        total = own + reaped
        for child in family(self._process.pid)[1:]:
            with suppress(OSError, IndexError):
                total += sum(cpu_times(child))
        return Cpu(sum(each[0] for each in noted), sum(each[1] for each in noted), own, total)


def _is_found(documents: DocumentStore, urls: set[str], site: Site) -> bool:
    request = SearchRequest(query=parse_query(f"site:{site.host}"), limit=1_000)
    return any(hit.source["url"]["full"] in urls for hit in documents.search(request).hits)
