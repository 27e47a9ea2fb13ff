"""The scheduler's own process over hundreds of jobs: memory, open files and children stay as they were."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from pipeline import supervise
from pipeline.config import load_config
from pipeline.job import Job
from pipeline.schedule import run_schedule
from pipeline.signal_flag import SignalFlag
from pipeline.supervise import StopRequest

pytestmark = [pytest.mark.slow, pytest.mark.full]

JOBS, SETTLED_AFTER = 250, 50
MORE_MB = 5.0
JOB = """print('{"end": "ok"}')"""  # a job that finds nothing to do


class NoWait(SignalFlag):
    """Waits for nothing."""

    def wait(self, timeout_s: float) -> bool:
        return self.is_set()


def start(_job: Job, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", JOB],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def test_hundreds_of_jobs_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "_start", start)
    monkeypatch.setattr(supervise, "LOOK_S", 0.005)
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n" + "".join(f"  - url: http://site-{n}.example/rss\n" for n in range(300))
    )
    seen: list[tuple[float, int, int]] = []

    def look(_: object) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        seen.append((pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir("/proc/self/fd")), len(children)))

    stop = StopRequest()
    stop.asked = NoWait()
    code = run_schedule(lambda: load_config(environ={}, cwd=tmp_path), max_cycles=JOBS, progress=look, stop=stop)
    by_job = seen[:: max(1, len(seen) // JOBS)]
    before, after = by_job[SETTLED_AFTER], by_job[-1]
    print(f"{before} -> {after}")
    assert code == 0
    assert after[0] - before[0] < MORE_MB
    assert after[1] <= before[1] + 2  # a leak of one a job would be 200
    assert after[2] <= 1  # the job that runs, if it still does
