"""A scheduler under measurement: its processes, what it costs while it has nothing to do (for `scripts/bench`)."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

from pipeline.config import load_config
from pipeline.ingest import configured_feeds
from pipeline.runs import configure
from transforms.clock import utc_now
from transforms.state import open_state
from transforms.state.base import FeedPoll, RunPlan

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
IDLE_S = 60.0
RUN = "20200101T000000.000Z-0000"


def idle(feeds: int) -> str:
    """Return a line: CPU and memory of a scheduler of so many feeds, none of them due."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name:
        folder = Path(name)
        write_configuration(folder, {}, [f"http://site-{n}.example/feed" for n in range(feeds)])
        _poll_all(folder)
        with scheduler(folder, {}) as process:
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


def cpu_times(pid: int) -> tuple[float, float]:
    """Return CPU seconds of a process, and of its children that it has reaped."""
    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / TICK, (int(cells[13]) + int(cells[14])) / TICK


def _cpu_s(pid: int) -> float:
    return sum(cpu_times(pid))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def write_configuration(
    folder: Path, resolve: dict[str, str], feeds: Sequence[str], *, store: str = "news.db", project: str = "bench"
) -> None:
    """Write `newsbeam.yaml` and `feeds.yaml`."""
    hosts = "".join(f'    {host}: "{address}"\n' for host, address in resolve.items())
    (folder / "newsbeam.yaml").write_text(
        f"contact: desk@example.org\nproject: {project}\nstore: {store}\ningest: {{max_age: 20y}}\n"
        + (f"fetch:\n  resolve:\n{hosts}" if hosts else "")
    )
    (folder / "feeds.yaml").write_text("feeds:\n" + "".join(f"  - url: {url}\n" for url in feeds))


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
def scheduler(
    folder: Path, environment: dict[str, str], *arguments: str, log: Path | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """Give a running `newsbeam schedule`, ended after a `with` block; what it says goes to a file or a pipe."""
    with open(log, "w") if log else nullcontext(subprocess.PIPE) as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "schedule", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stderr=errors,
            text=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(120)
            if process.stderr is not None:
                process.stderr.close()
