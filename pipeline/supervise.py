"""Runs a job in a process of its own and watches it: progress, Ctrl-C, death of a worker, a hang.

On the local runner a page that kills its worker costs one restart each time, and is given up after three (the ledger
blames it); everything else is settled or pending in the ledger, so a restart goes on where the last attempt was cut. On
an engine deaths are its business: what it survives is not seen here, and what it does not survive ends the run.
"""

import atexit
import contextlib
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Literal

from pipeline.engines import records
from pipeline.job import DEATH_GRACE_S, Job
from pipeline.notices import Notices
from pipeline.signal_flag import SignalFlag
from transforms.clock import epoch_s
from transforms.errors import StoreError
from transforms.state.base import Progress, StateStore

logger = logging.getLogger(__name__)

MAX_RESTARTS = 60  # twenty pages that kill their worker, three times each
LOOK_S = 0.25
PROGRESS_S = 1.0
END_GRACE_S = 10.0
_STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class JobEnd:
    """How a job ended: `message` says why it failed, `log` is the file with its log, `deaths` counts restarts."""

    end: Literal["ok", "error", "schema", "interrupted", "hung"]
    message: str = ""
    log: Path | None = None
    deaths: int = 0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """How a job is watched: `grace_s` for the end after a stop, `watchdog_s` without any progress."""

    grace_s: float = 30.0
    watchdog_s: float = 300.0


class StopRequest:
    """What signals ask for: first a stop at the next pause, then at once."""

    def __init__(self) -> None:
        self.asked, self.at_once = SignalFlag(), SignalFlag()
        self._by_signal = False

    def ask(self, number: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for a stop; a second time: at once. Sets flags only, since it may interrupt anything."""
        self._by_signal = self._by_signal or number != 0
        (self.at_once if self.asked.is_set() else self.asked).set()

    @contextlib.contextmanager
    def on_signals(self) -> Iterator["StopRequest"]:
        """Listen to SIGINT and SIGTERM for the length of a `with` block (main thread only).

        After a signal to the end of the process: another one, while it is ending, does not change its exit code.
        """
        before = {number: signal.signal(number, self.ask) for number in _STOPPING}
        try:
            yield self
        finally:
            if self._by_signal:
                atexit.register(_ignore_signals)  # the interpreter drops handlers before it is gone
            else:
                for number, handler in before.items():
                    signal.signal(number, handler)


def _ignore_signals() -> None:
    """Hold signals back. Not SIG_IGN: of one that came a moment ago Python would print that it was ignored."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def supervise(
    job: Job, state: StateStore, *, watch: Watch, stop: StopRequest, progress: Callable[[Progress], None]
) -> JobEnd:
    """Run a job until it ends, restarting it after deaths; the stop request ends it gently."""
    deaths = 0
    log = Path(tempfile.gettempdir()) / f"newsbeam-{job.run_id}.log"
    while True:
        state.bury_dead()  # so that a dead holder seen from here on is one of this attempt
        with open(log, "ab", opener=_private) as log_file:
            child = _start(job, log_file)
            try:
                end = _watch(child, job, state, watch=watch, stop=stop, progress=progress, log=log)
            finally:
                _end_group(child)
                if job.engine is not None:
                    records.end(Path(job.engine.records), job.run_id)
        if end.end == "ok":
            log.unlink(missing_ok=True)
            ended: Literal["ok", "interrupted"] = "interrupted" if stop.asked.is_set() else "ok"
            return JobEnd(end=ended, message=end.message, deaths=deaths)
        if end.end == "died" and job.engine is not None:
            return JobEnd(end="error", message=end.message, log=log)
        if end.end != "died":
            return JobEnd(end=end.end, message=end.message, log=log, deaths=deaths)
        deaths += 1
        if stop.asked.is_set():
            return JobEnd(end="interrupted", message=end.message, log=log, deaths=deaths)
        if deaths > MAX_RESTARTS:
            return JobEnd(
                end="error", message=f"workers died {deaths} times; last: {end.message}", log=log, deaths=deaths
            )
        logger.warning("%s; going on where it was cut (restart %d)", end.message, deaths)


@dataclass(frozen=True)
class _Attempt:
    end: Literal["ok", "error", "schema", "interrupted", "hung", "died"]
    message: str = ""


def _private(path: str, flags: int) -> int:
    """Open a log for this user alone, and no link that somebody laid in the shared folder."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _start(job: Job, log_file: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the job in a session of its own: the terminal's Ctrl-C is for us, and the whole group can be ended."""
    child = subprocess.Popen(
        [sys.executable, "-m", "pipeline.job"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log_file,
        env={**os.environ, records.RUN_VARIABLE: job.run_id},
        start_new_session=True,
    )
    data = pickle.dumps(job)
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died at once: its exit code tells
        child.stdin.write(b"%d\n%b" % (len(data), data))
        child.stdin.flush()
    return child


def _watch(
    child: "subprocess.Popen[bytes]",
    job: Job,
    state: StateStore,
    *,
    watch: Watch,
    stop: StopRequest,
    progress: Callable[[Progress], None],
    log: Path,
) -> _Attempt:
    with contextlib.closing(Notices(log)) as notices:
        end = _watch_until(child, job, state, watch=watch, stop=stop, progress=progress, notices=notices)
        notices.pass_on()
        return end


def _watch_until(
    child: "subprocess.Popen[bytes]",
    job: Job,
    state: StateStore,
    *,
    watch: Watch,
    stop: StopRequest,
    progress: Callable[[Progress], None],
    notices: Notices,
) -> _Attempt:
    last: Progress | None = None
    moved_at, shown_at, stop_at = time.monotonic(), 0.0, None
    grace_s = watch.grace_s + (job.engine.stop_s if job.engine is not None else 0.0)
    while child.poll() is None:
        now = time.monotonic()
        if stop.at_once.is_set():
            return _Attempt("interrupted", "stopped at once; nothing is lost, the next run goes on")
        if stop.asked.is_set() and stop_at is None:
            state.stop_run(job.run_id)
            stop_at = now + grace_s
        if stop_at is not None and now > stop_at:
            return _Attempt("interrupted", f"what was on the wire did not end within {grace_s:.0f} s and was cut")
        if now - shown_at >= PROGRESS_S:
            current = _progress(job, state, last)
            notices.pass_on()
            if current != last or notices.paused or _idle(job, state):
                last, moved_at = current, now
            progress(current)
            shown_at = now
            if _worker_died(job, state):
                # Its workers end first when a job fails, and its answer comes behind: that is no death.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(DEATH_GRACE_S)
                    break
                return _Attempt("died", "a worker process died")
        if now - moved_at > watch.watchdog_s:
            return _Attempt("hung", f"nothing moved for {watch.watchdog_s:.0f} s (run.watchdog); the run was ended")
        time.sleep(LOOK_S)
    progress(state.progress(job.run_id))
    return _ended(child)


def _progress(job: Job, state: StateStore, last: Progress | None) -> Progress:
    """Return where the run stands; while the ledger is away, what was known: a job on an engine outlives that."""
    try:
        return state.progress(job.run_id)
    except StoreError as err:
        if job.engine is None or last is None:
            raise
        logger.warning("the ledger cannot be asked: %s", err)
        return last


def _worker_died(job: Job, state: StateStore) -> bool:
    """Say whether an engine's worker died that nobody replaces: Prism hangs for it now and then.

    Of the local runner's workers the job's process tells itself (`engines/local.py`).
    """
    if job.engine is None or job.engine.replaces_workers:
        return False
    try:
        return state.dead_holders(job.run_id)
    except StoreError:
        return False


def _idle(job: Job, state: StateStore) -> bool:
    """Say whether an endless job has nothing to do, or no ledger that says what: that nothing moves then is no hang."""
    if job.engine is None or not job.engine.streaming:
        return False
    try:
        work_at = state.work_at(job.run_id)
    except StoreError:
        return True
    return work_at is None or work_at > epoch_s()


def _ended(child: "subprocess.Popen[bytes]") -> _Attempt:
    assert child.stdout is not None
    _kill_group(child)  # a worker that outlives the job would keep the pipe open
    lines = child.stdout.read().decode("utf-8", "replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1])
        return _Attempt(answer["end"], answer.get("message", ""))
    except (IndexError, ValueError, KeyError, TypeError):
        code = child.returncode
        if code < 0:
            return _Attempt("died", f"the job's process died ({signal.Signals(-code).name})")
        return _Attempt("error", f"the job's process ended with exit code {code}")


def _end_group(child: "subprocess.Popen[bytes]") -> None:
    """End what is left of the job's session (its workers too), by its own group id."""
    _kill_group(child)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(END_GRACE_S)


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
