"""The command as a user types it, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 240.0


def newsbeam(folder: Path, *arguments: str, code: int | None = 0) -> "subprocess.CompletedProcess[str]":
    """Run `newsbeam` in a folder; no traceback, and the exit code as expected (None: any)."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def wait_until(what: Callable[[], bool], *, limit_s: float = 60.0) -> None:
    """Wait until something holds; fail when it does not come about."""
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
