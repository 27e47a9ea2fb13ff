"""The benchmarks behind `scripts/bench`: CPU and memory of the local job over saved pages, start-up excluded.

Start-up is excluded by taking the slope between a small and a large run. CPU seconds, not wall time: the machine may be
busy. Every number is printed beside the one it is compared with, from the same run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import bench_delay  # noqa: E402  # beside this file
import bench_schedule  # noqa: E402
import bench_search  # noqa: E402
import bench_sink  # noqa: E402
import bench_web  # noqa: E402

from pipeline.config import load_config  # noqa: E402
from pipeline.plans import archive_job, new_run_id  # noqa: E402
from pipeline.settings import Settings  # noqa: E402
from tests.support.newsweb.saving import save_pages  # noqa: E402
from transforms.archives.saved_pages import list_pages  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.1
MEGABYTE = 1_000_000
AIMS = {"beam": 1.10, "workers": 0.55}
MEMORY_SLACK_RATIO, MEMORY_SLACK_MB = 0.10, 25.0


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the whole job and of its busiest process; peak resident memory of the largest process in MB."""

    cpu_s: float
    busiest_s: float
    peak_mb: float


def main() -> int:
    """Run the benchmarks; exit 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2_000, help="pages of the large run (default 2000)")
    choices = ["beam", "workers", "memory", "web", "idle", "delay", "elastic", "search"]
    parser.add_argument("--only", choices=choices, help="one benchmark (default: all)")
    parser.add_argument("--feeds", type=int, default=bench_web.FEEDS, help="feeds of the poll round (default 10000)")
    parser.add_argument("--large", action="store_true", help="search: among 100,000 articles (default 10,000)")
    parser.add_argument("--samples", type=int, default=20, help="delays that are measured, at least (default 20)")
    parser.add_argument(
        "--runner",
        action="append",
        default=[],
        metavar="WORDS",
        help="measure the delay with this one only, not with local, prism and flink: --runner 'prism -- --direct_...'",
    )
    parser.add_argument("--job", nargs=3, metavar=("FOLDER", "PAGES", "WORKERS"), help=argparse.SUPPRESS)
    parser.add_argument("--loop", nargs=2, metavar=("FOLDER", "PAGES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        _run_job(Path(options.job[0]), int(options.job[1]), int(options.job[2]))
        return 0
    if options.loop:
        _run_loop(Path(options.loop[0]), int(options.loop[1]))
        return 0
    missed = []
    large = options.pages
    small = large // 4
    if options.only in (None, "beam", "workers", "memory"):
        with _folder_of_pages(5_000 if options.only in (None, "memory") else large) as folder:
            if options.only in (None, "beam"):
                missed += _beam(folder, small, large)
            if options.only in (None, "workers"):
                missed += _workers(folder, small, large)
            if options.only in (None, "memory"):
                missed += _memory(folder)
    if options.only in (None, "web"):
        for line, problem in bench_web.lines(feeds=options.feeds):
            print(line, flush=True)
            missed += [problem] if problem else []
    if options.only in (None, "idle"):
        for feeds in (1_000, 10_000):
            print(bench_schedule.idle(feeds), flush=True)
    if options.only in (None, "delay"):
        for line in bench_delay.table(options.runner, samples=options.samples):
            print(line, flush=True)
    if options.only in (None, "elastic"):
        missed += _sink()
    if options.only in (None, "search"):
        for line in bench_search.lines(articles=bench_search.MANY if options.large else bench_search.FEW):
            print(line, flush=True)
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def _beam(folder: Path, small: int, large: int) -> list[str]:
    job = _slope(lambda pages: _measure("--job", folder, pages, 1).cpu_s, small, large)
    loop = _slope(lambda pages: _measure("--loop", folder, pages).cpu_s, small, large)
    ratio = job / loop
    print(f"CPU per page, {small} to {large} pages: job {1000 * job:.1f} ms, plain loop {1000 * loop:.1f} ms, ", end="")
    print(f"ratio {ratio:.3f} (aim <= {AIMS['beam']})", flush=True)
    return [f"Beam costs {ratio:.3f} of a plain loop"] if ratio > AIMS["beam"] else []


def _workers(folder: Path, small: int, large: int) -> list[str]:
    one = _slope(lambda pages: _measure("--job", folder, pages, 1).cpu_s, small, large)
    two = _slope(lambda pages: _measure("--job", folder, pages, 2).busiest_s, small, large)
    ratio = two / one
    print(f"CPU per page of the busiest process, {small} to {large} pages: 2 workers {1000 * two:.1f} ms, ", end="")
    print(f"1 process {1000 * one:.1f} ms, ratio {ratio:.3f} (aim <= {AIMS['workers']})", flush=True)
    return [f"the busier of two workers does {ratio:.3f} of the work"] if ratio > AIMS["workers"] else []


def _memory(folder: Path) -> list[str]:
    few, many = (_measure("--job", folder, pages, 1).peak_mb for pages in (500, 5_000))
    slack = max(MEMORY_SLACK_RATIO * few, MEMORY_SLACK_MB)
    print(
        f"peak memory: 500 articles {few:.0f} MB, 5000 articles {many:.0f} MB (aim: at most {slack:.0f} MB more)",
        flush=True,
    )
    return [f"memory grows by {many - few:.0f} MB"] if many - few > slack else []


def _sink() -> list[str]:
    if not os.environ.get("ES_URL"):
        print("the Elasticsearch sink is not measured: ES_URL is not set", flush=True)
        return []
    lines, ratio = bench_sink.compare()
    print(*lines, sep="\n", flush=True)
    return [f"our sink writes {ratio:.2f} of what streaming_bulk does"] if ratio < bench_sink.AIM else []


def _slope(cost: Callable[[int], float], small: int, large: int) -> float:
    return (cost(large) - cost(small)) / (large - small)


@contextmanager
def _folder_of_pages(count: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="newsbeam-bench-"))
    try:
        save_pages(folder / "pages", count)
        yield folder
    finally:
        shutil.rmtree(folder)


def _measure(kind: str, folder: Path, pages: int, *more: int) -> Cost:
    """Run one job in a process of its own and read its and its children's CPU and memory from /proc as it goes."""
    for leftover in folder.glob("bench.db*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    words = [sys.executable, __file__, kind, str(folder), str(pages), *map(str, more)]
    child = subprocess.Popen(words, cwd=ROOT)
    cpu: dict[int, float] = {}
    peak: dict[int, float] = {}
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_S):
            for pid in _family(child.pid):
                try:
                    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                    cpu[pid] = (int(cells[11]) + int(cells[12])) / TICK
                    status = Path(f"/proc/{pid}/status").read_text()
                    peak[pid] = int(status.split("VmHWM:")[1].split()[0]) * 1024 / MEGABYTE
                except (OSError, IndexError):
                    continue

    watcher = threading.Thread(target=sample)
    watcher.start()
    code = child.wait()
    ended.set()
    watcher.join()
    if code != 0:
        raise SystemExit(f"the measured job failed with exit code {code}")
    return Cost(sum(cpu.values()), max(cpu.values()), max(peak.values()))


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            children = [task.read_text() for task in Path(f"/proc/{parent}/task").glob("*/children")]
        except OSError:
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def _settings(folder: Path) -> Settings:
    path = folder / "newsbeam.yaml"
    path.write_text(f"contact: desk@example.org\nstore: {folder / 'bench.db'}\n")
    return load_config(path).settings


def _run_job(folder: Path, pages: int, workers: int) -> None:
    from pipeline.quiet import log_to_stderr

    log_to_stderr()
    from pipeline.job import run

    settings = _settings(folder)
    job = archive_job(settings.model_copy(update={"run": settings.run.model_copy(update={"workers": workers})}),
                      _begin(settings), list_pages(folder / "pages")[:pages])  # fmt: skip
    run(job, worker_died=lambda: os._exit(1))
    time.sleep(2 * SAMPLE_S)  # so that the last sample sees everything


def _begin(settings: Settings) -> str:
    from datetime import UTC, datetime

    from transforms.index import open_store
    from transforms.state import open_state
    from transforms.state.base import RunPlan

    run_id = new_run_id()
    open_store(settings.store).create()
    state = open_state(settings.state)
    state.create()
    state.configure([], {}, default_delay_s=1.0)
    state.begin_run(RunPlan(run_id=run_id, command="bench", started_at=datetime.now(UTC)))
    state.close()
    return run_id


def _run_loop(folder: Path, pages: int) -> None:
    """The same functions over the same pages, into the same store and ledger, without Beam."""
    from transforms.archive_pages import raw_page
    from transforms.articles import article_of
    from transforms.elements import Article, EnrichedArticle, RawPage
    from transforms.enrich import load_enrichers
    from transforms.enrich_article import enrich_article
    from transforms.index import open_store
    from transforms.indexer import Indexer
    from transforms.state import open_state

    settings = _settings(folder)
    files = list_pages(folder / "pages")[:pages]
    job = archive_job(settings, _begin(settings), files)
    assert job.archive is not None
    state, store = open_state(job.state), open_store(settings.store)
    indexer = Indexer(store, state, job.graph.index)
    enrichers = load_enrichers(job.graph.enrich)
    buffer: list[EnrichedArticle] = []
    for file in files:
        page = raw_page(file, state, job.archive)
        if isinstance(page, RawPage):
            article = article_of(page, job.graph.extract)
            if isinstance(article, Article):
                buffer.append(enrich_article(article, enrichers))
        if len(buffer) >= job.graph.index.bulk:
            indexer.flush(list(buffer))
            buffer.clear()
    indexer.flush(list(buffer))
    indexer.close()
    time.sleep(2 * SAMPLE_S)


if __name__ == "__main__":
    sys.exit(main())
