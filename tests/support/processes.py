"""Processes that a test starts: with a log, waited for, and ended with all that they have started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

LIMIT_S = 240.0  # for whatever is waited for, on a machine that has more to do


@contextmanager
def started(
    command: list[str], log: Path, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a process whose output goes to a file; at the end it and all that it started are gone."""
    process = spawn(command, log, env=env, cwd=cwd)
    try:
        yield process
    finally:
        end(process)


def spawn(
    command: list[str], log: Path, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: "subprocess.Popen[bytes]", *, grace_s: float = 20.0) -> None:
    """End a process and whatever is left of its group: a killed TaskManager leaves its Python workers."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace_s)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(
    what: str, condition: Callable[[], bool], *, limit_s: float = LIMIT_S, words: Callable[[], str] = str
) -> None:
    """Wait until something holds. After `limit_s` fail with `what` and the words of whoever should have done it."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit_s:.0f} s\n{words()}")
        time.sleep(0.1)
