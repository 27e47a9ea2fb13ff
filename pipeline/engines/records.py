"""What a job on an engine leaves behind when its driver is killed: recorded at submission, found at the next start.

A record names the driver's process, so that a living one is left alone. What an engine started on this machine (Prism,
a job server, workers) carries the run's id in its environment: no process id to compare that another process could
have by now.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from pipeline.engines.flink_rest import ENDED, FlinkRest
from transforms.errors import StoreError

RUN_VARIABLE = "NEWSBEAM_ENGINE_RUN"  # set by the driver's parent, inherited by all that the engine starts here
SHORT_S = 3.0  # nobody waits long for a cluster that may be gone
_PROC = Path("/proc")  # elsewhere than on Linux nothing is found, and only jobs on clusters are reported


@dataclass(frozen=True, kw_only=True)
class Record:
    """A job that was submitted; `driver` and `driver_started` (in clock ticks) tell its process from a later one."""

    run_id: str
    engine: str
    job_name: str
    driver: int
    driver_started: int
    flink_rest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """What an earlier start left: `processes` on this machine, or a job on a Flink cluster (its id)."""

    record: Record
    processes: tuple[int, ...] = ()
    flink_job: str | None = None

    def text(self) -> str:
        """Return what is still alive, and what ends it."""
        run = f"run {self.record.run_id} on {self.record.engine}"
        if self.flink_job is not None:
            return (
                f"{run}: its job {self.record.job_name} still works on the cluster, beside others and without harm; end"
                f" it with: curl -X PATCH {self.record.flink_rest}/jobs/{self.flink_job}?mode=cancel"
            )
        return f"{run}: {len(self.processes)} processes without a driver ({', '.join(map(str, self.processes))})"


def write(folder: Path, run_id: str, engine: str, job_name: str, flink_rest: str | None) -> None:
    """Record the job that this process is about to submit."""
    me = os.getpid()
    record = Record(
        run_id=run_id,
        engine=engine,
        job_name=job_name,
        driver=me,
        driver_started=_started(me),
        flink_rest=flink_rest,
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{run_id}"
    fresh.write_bytes(orjson.dumps(asdict(record)))
    fresh.replace(folder / f"{run_id}.json")


def remove(folder: Path, run_id: str) -> None:
    """Forget a job that has ended."""
    (folder / f"{run_id}.json").unlink(missing_ok=True)


def end(folder: Path, run_id: str) -> None:
    """Forget a job whose driver was ended by force; on a cluster, try to end it too: its driver cannot any more."""
    try:
        record = Record(**orjson.loads((folder / f"{run_id}.json").read_bytes()))
    except (OSError, ValueError, TypeError):  # the usual case: the driver has removed it
        return
    _kill(_processes_of(run_id))
    try:
        job = _flink_job(record)
        if job is not None and record.flink_rest is not None:
            FlinkRest(record.flink_rest, timeout_s=SHORT_S).cancel(job)
    except StoreError:
        return  # the record stays, and the next start tells of it
    remove(folder, run_id)


def orphans(folder: Path) -> tuple[Orphan, ...]:
    """Return what drivers that are dead have left alive; a record of which nothing is left is removed.

    A cluster that cannot be reached keeps its record: it is asked again.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = Record(**orjson.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):  # being removed at this moment, or not ours
            continue
        if _started(record.driver) == record.driver_started:
            continue
        processes = _processes_of(record.run_id)
        try:
            job = _flink_job(record)
        except StoreError:
            continue
        if processes:
            found.append(Orphan(record=record, processes=processes))
        if job is not None:
            found.append(Orphan(record=record, flink_job=job))
        if not processes and job is None:
            path.unlink(missing_ok=True)
    return tuple(found)


def clear(folder: Path) -> Iterator[str]:
    """End what killed drivers left on this machine, and tell of it and of what still works on a cluster.

    Nothing is lost by a kill: what counts is in ledger and store.
    """
    for orphan in orphans(folder):
        _kill(orphan.processes)
        if orphan.processes and orphan.record.flink_rest is None:
            remove(folder, orphan.record.run_id)
        yield f"ended {orphan.text()}" if orphan.processes else orphan.text()


def _kill(processes: tuple[int, ...]) -> None:
    for process in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _flink_job(record: Record) -> str | None:
    if record.flink_rest is None:
        return None
    rest = FlinkRest(record.flink_rest, timeout_s=SHORT_S)
    try:
        job = rest.job_named(record.job_name)
    finally:
        rest.close()
    return job[0] if job is not None and job[1] not in ENDED else None


def _processes_of(run_id: str) -> tuple[int, ...]:
    mark = f"\0{RUN_VARIABLE}={run_id}\0".encode()
    found = []
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if mark in b"\0" + (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return tuple(sorted(found))


def _started(process: int) -> int:
    """Return when a process started, in the kernel's ticks; 0 when it does not live."""
    try:
        text = (_PROC / str(process) / "stat").read_text()
    except OSError:
        return 0
    # proc(5): the name in parentheses may hold anything; the state follows it, and `starttime` is field 22.
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] == "Z" else int(fields[19])
