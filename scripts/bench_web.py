"""How fast, how evenly and how frugally the web is asked: against what politeness allows, not against other programs.

Each run is `newsbeam ingest` as a user starts it, against a web in a process of its own on loopback addresses. Requests
are counted there. Ratios and counts hold on a busy machine; times are upper bounds.
"""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench_schedule import ROOT, TICK, family

HOSTS, PAGES = 40, 10
LATENCY_S, PAUSE_S = 0.1, 1.0
RATE_AIM = 0.9
FEEDS, FEW_FEEDS, ENTRIES, SITES = 10_000, 1_000, 20, 200
MEMORY_SLACK_RATIO, MEMORY_SLACK_MB = 0.10, 25.0
EVEN_AIM = 0.60  # of the parsing, by the busier of two workers
SAMPLE_S = 0.2


@dataclass
class Usage:
    """CPU seconds and peak memory in MB of each process of a command, by process id."""

    cpu_s: dict[int, float] = field(default_factory=dict)
    peak_mb: dict[int, float] = field(default_factory=dict)

    def look(self, pid: int) -> None:
        for each in family(pid):
            with contextlib.suppress(OSError, IndexError):
                cells = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
                self.cpu_s[each] = (int(cells[11]) + int(cells[12])) / TICK
                status = Path(f"/proc/{each}/status").read_text()
                self.peak_mb[each] = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def lines(*, feeds: int = FEEDS) -> Iterator[tuple[str, str | None]]:
    """Give the lines to print, each with what it misses of its aim."""
    yield from _pages()
    few, many = min(FEW_FEEDS, feeds), feeds
    small, large = _round(few), _round(many)
    slack = max(MEMORY_SLACK_RATIO * small.peak_mb, MEMORY_SLACK_MB)
    yield (
        f"poll round, 2 workers: {few:,} feeds {small.peak_mb:.0f} MB in the largest process, {many:,} feeds "
        f"{large.peak_mb:.0f} MB (aim: at most {slack:.0f} MB more)",
        f"memory grows by {large.peak_mb - small.peak_mb:.0f} MB" if large.peak_mb > small.peak_mb + slack else None,
    )
    yield (
        f"poll round, {many:,} feeds of {ENTRIES} entries: {large.polls_s:.0f} polls/s, the busier worker has "
        f"{100 * large.busier:.0f} % of the CPU of both (aim: at most {100 * EVEN_AIM:.0f} %)",
        f"one of two workers does {100 * large.busier:.0f} % of the work" if large.busier > EVEN_AIM else None,
    )
    yield _shares(few), None


def _pages() -> Iterator[tuple[str, str | None]]:
    """400 URLs on 40 hosts, then the same feeds unchanged."""
    addresses = [f"127.1.0.{host + 1}" for host in range(HOSTS)]
    with web(PAGES, addresses, latency_s=LATENCY_S, wanted=True) as port, folder() as place:
        urls = [f"http://{address}:{port}/feed-0" for address in addresses]
        # Without enrichers: what is measured is whether the web is asked as fast as it may be, not whether two busy
        # cores keep up with 36 articles a second.
        write(place, urls, delay=f"{PAUSE_S:g}s", threads=HOSTS, more="enrich: {enable: []}\n")
        ingest(place)
        first = asked(addresses[0], port)
        took_s = max(first["articles"]) - min(first["articles"])
        rate, allowed = (HOSTS * PAGES - 1) / took_s, HOSTS / (LATENCY_S + PAUSE_S)
        # Between the first article and the last each host has nine pauses for ten pages.
        allowed *= PAGES / (PAGES - 1)
        ratio = rate / allowed
        yield (
            f"{HOSTS * PAGES} URLs on {HOSTS} hosts, {1000 * LATENCY_S:.0f} ms, pauses of {PAUSE_S:g} s: {rate:.1f} "
            f"pages/s, {ratio:.2f} of what politeness allows (aim >= {RATE_AIM})",
            f"pages come at {ratio:.2f} of the rate that politeness allows" if ratio < RATE_AIM else None,
        )
        before = written(place)
        ingest(place, "--force")
        again = asked(addresses[0], port)
        changed = sum(before.get(each) != version for each, version in written(place).items())
        count = sum(again["counts"].values())
        quiet = again["counts"] == {"feed 304": HOSTS} and not changed
        yield (
            f"unchanged round over {HOSTS} feeds with {len(before)} articles: {count} requests, all 304: "
            f"{again['counts'].get('feed 304') == count}; {changed} writes of articles",
            None if quiet else f"an unchanged round made {again['counts']} and wrote {changed} articles",
        )


@dataclass(frozen=True)
class Round:
    """What a round of polls took: the largest process, the busier worker's share, polls a second."""

    peak_mb: float
    busier: float
    polls_s: float


def _round(feeds: int) -> Round:
    addresses = [f"127.1.1.{site + 1}" for site in range(SITES)]
    with web(ENTRIES, addresses) as port, folder() as place:
        write(place, feed_urls(addresses, port, feeds), delay="0s", threads=16)
        began = time.monotonic()
        usage = ingest(place, "--workers", "2")
        took_s = time.monotonic() - began
        polls = asked(addresses[0], port)["counts"].get("feed 200", 0)
        if polls != feeds:
            raise SystemExit(f"{polls} polls of {feeds} feeds")
        workers = sorted(usage.cpu_s.values())[-2:]
        return Round(max(usage.peak_mb.values()), workers[-1] / sum(workers), polls / took_s)


def _shares(feeds: int) -> str:
    """Where the CPU of polls goes: the same visits in a plain loop, in a process of its own."""
    addresses = [f"127.1.2.{site + 1}" for site in range(SITES)]
    with web(ENTRIES, addresses) as port, folder() as place:
        write(place, feed_urls(addresses, port, feeds), delay="0s", threads=1)
        command = [sys.executable, str(ROOT / "scripts" / "bench_web.py"), "--polls", str(place)]
        told = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    total, network, parsing = told["total_s"], told["network_s"], told["parsing_s"]
    return (
        f"CPU of a poll with {ENTRIES} entries: {1000 * total / feeds:.1f} ms, network {100 * network / total:.0f} %, "
        f"parsing {100 * parsing / total:.0f} %, all else {100 * (total - network - parsing) / total:.0f} %"
    )


def polls(place: Path) -> dict[str, float]:
    """Poll all feeds of a folder in this thread, write what a run writes, and return CPU seconds by purpose."""
    from pipeline.config import load_config
    from pipeline.ingest import configured_feeds
    from pipeline.plans import graph_settings, new_run_id
    from pipeline.runs import configure
    from transforms import poll_feeds
    from transforms.clock import utc_now
    from transforms.feeds import read_feed
    from transforms.index import open_store
    from transforms.indexer import Indexer
    from transforms.state import open_state
    from transforms.state.base import RunPlan
    from transforms.turns import Turns
    from transforms.visit import visit_site
    from transforms.web.client import HttpClient

    spent = {"network_s": 0.0, "parsing_s": 0.0}

    def timed(name: str, function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                spent[name] += time.thread_time() - began

        return call

    settings = load_config(place / "newsbeam.yaml").settings
    feeds = configured_feeds(settings)
    state, store = open_state(settings.state), open_store(settings.store)
    state.create()
    store.create()
    configure(state, settings, feeds)
    run_id = new_run_id()
    state.begin_run(RunPlan(run_id=run_id, command="bench", started_at=utc_now(), feeds=None))
    graph = graph_settings(settings, run_id, feeds)
    client, indexer = HttpClient(graph.seat.visit.fetch), Indexer(store, state, graph.index)
    client.get = timed("network_s", client.get)  # type: ignore[method-assign]
    poll_feeds.read_feed = timed("parsing_s", read_feed)  # type: ignore[attr-defined]
    began = time.process_time()
    out: list[Any] = []
    while leases := state.lease(run_id, limit=3, slice_s=60):
        for lease in leases:
            emit, sleep = out.append, lambda at: time.sleep(max(0.0, at - time.time()))
            visit_site(
                Turns(lease, state=state, client=client, settings=graph.seat.visit, emit=emit, sleep_until=sleep)
            )
        indexer.flush(out)
        out.clear()
    return {**spent, "total_s": time.process_time() - began}


@contextlib.contextmanager
def web(entries: int, addresses: Sequence[str], *, latency_s: float = 0.0, wanted: bool = False) -> Iterator[int]:
    """Give the port on which the web answers at all these addresses."""
    command = [sys.executable, str(ROOT / "scripts" / "bench_web_server.py"), str(entries)]
    command += ["wanted" if wanted else "old", str(latency_s), *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name:
        yield Path(name)


def feed_urls(addresses: Sequence[str], port: int, feeds: int) -> list[str]:
    """Return so many feeds, spread over the sites."""
    return [f"http://{addresses[n % len(addresses)]}:{port}/feed-{n}" for n in range(feeds)]


def write(place: Path, urls: Sequence[str], *, delay: str, threads: int, more: str = "") -> None:
    """Write the configuration and the list of feeds."""
    (place / "newsbeam.yaml").write_text(
        f"contact: desk@example.org\nstore: news.db\nfetch: {{delay: {delay}, allow_private: true}}\n"
        f"run: {{threads: {threads}}}\ningest: {{max_age: 3y, linger: 5s}}\n{more}"
    )
    (place / "feeds.yaml").write_text("feeds:\n" + "".join(f"  - url: {url}\n" for url in urls))


def ingest(place: Path, *words: str) -> Usage:
    """Run the command to its end and return what its processes used."""
    usage, ended = Usage(), threading.Event()
    command = [sys.executable, "-m", "pipeline", "ingest", "--config", str(place / "newsbeam.yaml"), *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:

        def sample() -> None:
            while not ended.wait(SAMPLE_S):
                usage.look(process.pid)

        watcher = threading.Thread(target=sample)
        watcher.start()
        _, told = process.communicate()
        ended.set()
        watcher.join()
    if process.returncode:
        raise SystemExit(f"newsbeam ingest failed with exit code {process.returncode}:\n{told[-2000:]}")
    return usage


def asked(address: str, port: int) -> dict[str, Any]:
    """Return what the web was asked for since the last time."""
    with urllib.request.urlopen(f"http://{address}:{port}/bench") as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def written(place: Path) -> dict[str, int]:
    """Return the version of each article in the store."""
    with contextlib.closing(sqlite3.connect(place / "news.db")) as db:
        return dict(db.execute("SELECT id, version FROM articles"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(polls(Path(sys.argv[2]))))
