"""One Beam job. `python -m pipeline.job` runs the one that its parent writes, pickled, to its standard input.

A process of its own, so that a page that kills it, a hang and Ctrl-C are the parent's to handle (`supervise.py`). It
ends when its parent does: its standard input closes then, and it sets the run's stop flag.
"""

import json
import logging
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pipeline.engines.base import OnEngine
from pipeline.quiet import log_to_stderr
from transforms.archives.stored_page import PageFile
from transforms.errors import NewsbeamError, SchemaVersionError
from transforms.settings import ArchiveSettings, GraphSettings, ReprocessSettings

if TYPE_CHECKING:
    import apache_beam as beam

MAX_MESSAGE_CHARS = 2_000
DEATH_GRACE_S = 5.0  # a job whose workers ended because it failed says so within 1 s; one whose worker died hangs


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one job does: visit what the run may visit, read pages of an archive, or enrich stored articles again."""

    run_id: str
    state: str
    graph: GraphSettings
    workers: int = 1
    grace_s: float = 30.0  # to end by itself when its parent is gone
    pages: tuple[PageFile, ...] | None = None
    archive: ArchiveSettings | None = None
    stored: tuple[str, ...] | None = None  # their ids
    reprocess: ReprocessSettings | None = None
    engine: OnEngine | None = None  # None: the local runner


def run(job: Job, *, worker_died: Callable[[], object] = lambda: None) -> str:
    """Run a job to its end, in this process; return what there is to tell of it.

    Raises what stopped it, without Beam's wrapping where that is ours. Never returns when a worker process of the local
    runner has died: `worker_died` is called then.
    """
    if job.engine is not None:
        from pipeline.engines import driver

        return driver.run(job, job.engine)
    import apache_beam as beam

    from pipeline.engines.local import local_runner, on_worker_death

    runner, options = local_runner(workers=job.workers)
    pipeline = beam.Pipeline(runner=runner, options=options)
    build(pipeline, job, seats=2 * job.workers)
    try:
        with on_worker_death(worker_died):
            pipeline.run().wait_until_finish()
    except Exception as err:
        raise _cause(err) from err
    return ""


def build(pipeline: "beam.Pipeline", job: Job, *, seats: int) -> None:
    """Put a bounded job's graph into a pipeline."""
    from pipeline import graph
    from transforms.read_archives import ReadArchives

    if job.pages is not None:
        assert job.archive is not None
        pages = graph.batches(pipeline, job.pages) | "ReadArchives" >> ReadArchives(job.archive)
        graph.finish(pages, job.graph)
    elif job.stored is not None:
        assert job.reprocess is not None
        graph.reprocess(graph.batches(pipeline, job.stored), job.graph, job.reprocess)
    else:
        graph.build(graph.seats(pipeline, seats), job.graph)


def _cause(err: BaseException) -> BaseException:
    """Return our own error behind Beam's wrapping, else the error itself."""
    link: BaseException | None = err
    while link is not None:
        if isinstance(link, NewsbeamError):
            return link
        link = link.__cause__ or link.__context__
    return err


def _ending(err: BaseException) -> tuple[str, str]:
    """Return what to tell the parent: `schema` or `error`, and the message.

    A worker process hands its exception over as the text of a traceback, whose last line says what it was.
    """
    if isinstance(err, NewsbeamError):
        return "schema" if isinstance(err, SchemaVersionError) else "error", str(err)
    text = str(err).strip()[-MAX_MESSAGE_CHARS:]
    name, _, message = text.rpartition("\n")[2].partition(": ")
    if name.startswith(f"{NewsbeamError.__module__}."):
        return "schema" if name.endswith(f".{SchemaVersionError.__name__}") else "error", message
    return "error", f"{type(err).__name__}: {text}"


def _stop_with_parent(job: Job, stdin: int) -> None:
    from transforms.state import open_state

    # Returns when the parent closes it, or dies. Not through a buffered reader, whose lock ends Python with an abort
    # when this thread still holds it at the end.
    while os.read(stdin, 4096):
        pass
    try:
        with closing(open_state(job.state)) as state:
            state.stop_run(job.run_id)
        time.sleep(job.grace_s + (job.engine.stop_s if job.engine is not None else 0.0))
    except NewsbeamError as err:  # a ledger that cannot be written, or is gone: then at once
        logging.getLogger(__name__).error("the run could not be stopped gently: %s", err)
    # Still here: the runner hangs when a worker has died, and there is no parent any more to see it.
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


class _Answer:
    """The one line on standard output that says how the job ended; whoever comes first gives it."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._once = file, threading.Lock()

    def give(self, end: str, message: str) -> None:
        if self._once.acquire(blocking=False):
            print(json.dumps({"end": end, "message": message}), file=self._file, flush=True)

    def worker_died(self) -> None:
        """Say so soon, unless the job fails by itself: its workers end first then."""
        timer = threading.Timer(DEATH_GRACE_S, self._give_up)
        timer.daemon = True
        timer.start()

    def _give_up(self) -> None:
        self.give("died", "a worker process died")
        os._exit(1)  # not by an exception: the main thread waits for an answer that will not come


def main() -> int:
    """Run the job on standard input; the last line of standard output is JSON: how it ended."""
    log_to_stderr()
    # What a library prints goes to the log: the parent reads this pipe only at the end, and 64 KB would fill it.
    answer = _Answer(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    stdin = sys.stdin.buffer
    size = int(stdin.readline())
    job: Job = pickle.loads(stdin.read(size))  # noqa: S301  (written by our own parent over a private pipe)
    threading.Thread(target=_stop_with_parent, args=(job, stdin.fileno()), daemon=True).start()
    try:
        note = run(job, worker_died=answer.worker_died)
    except Exception as err:
        logging.getLogger(__name__).error("the job failed", exc_info=err)
        kind, message = _ending(err)
        answer.give(kind, message)
        return 1
    answer.give("ok", note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
