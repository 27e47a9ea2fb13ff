"""Runs a job on an engine: submit, follow its state, stop it gently. In the job's own process, under its parent's eye.

Not `wait_until_finish`: on every portable runner it breaks after 300 s. Not Beam's metrics: the ledger has what counts.
"""

import logging
import time
from contextlib import closing, suppress
from pathlib import Path

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.runner import PipelineState

from pipeline import graph
from pipeline.engines import records
from pipeline.engines.base import OnEngine, Submitted
from pipeline.engines.environment import write_launcher
from pipeline.engines.flink_rest import ENDED, FlinkError, FlinkRest
from pipeline.engines.ticks import ticking_seats
from pipeline.job import Job, build
from transforms.errors import NewsbeamError, StoreError
from transforms.state import open_state
from transforms.state.base import StateStore

logger = logging.getLogger(__name__)

POLL_S = 0.5
MESSAGES_S = 5.0  # an engine tells what it has at once, and keeps the stream open
MAX_REASON_CHARS = 300


class EngineError(NewsbeamError):
    """The engine failed the job, or died."""


def run(job: Job, engine: OnEngine) -> str:
    """Run a job to its end or its stop; return what there is to tell (a savepoint's place). Raises `EngineError`.

    The record of a job that did not end well stays: the parent ends what is left of it (`records.end`).
    """
    folder = Path(engine.records)
    write_launcher(folder)
    records.write(folder, job.run_id, engine.engine, engine.job_name, engine.flink_rest)
    with closing(open_state(job.state)) as state:
        note = _follow(_submit(job, engine), job, engine, state)
    records.remove(folder, job.run_id)
    return note


def _submit(job: Job, engine: OnEngine) -> Submitted:
    try:
        pipeline = beam.Pipeline(options=PipelineOptions(list(engine.options)))
        if engine.streaming:
            graph.build(ticking_seats(pipeline, engine), job.graph)
        else:
            build(pipeline, job, seats=engine.seats)
        result: Submitted = pipeline.run()
    except (OSError, RuntimeError, ValueError, ImportError, grpc.RpcError, grpc.FutureTimeoutError) as err:
        raise EngineError(f"{engine.engine} did not take the job: {_reason(err)}") from err
    return result


def _follow(result: Submitted, job: Job, engine: OnEngine, state: StateStore) -> str:
    """Wait for the job's end; once the run is stopped, until it holds no site any more, and then end it."""
    stop_by: float | None = None
    while not PipelineState.is_terminal(now := _state(result, engine)):
        try:
            if stop_by is None and state.stopped(job.run_id):
                stop_by = time.monotonic() + job.grace_s
            # A bounded job ends by itself when its seats find the run stopped.
            drained = stop_by is not None and engine.streaming and not state.progress(job.run_id).leased
        except StoreError as err:  # away for a while: what that means for the job is for its workers to find out
            logger.warning("the ledger cannot be asked: %s", err)
            drained = False
        if stop_by is not None and (drained or time.monotonic() > stop_by):
            return _stop(result, engine)
        time.sleep(POLL_S)
    stopped = stop_by is not None
    with suppress(StoreError):
        stopped = stopped or state.stopped(job.run_id)
    if stopped or now == PipelineState.DONE:  # who stopped it cancelled it at the engine, too
        return ""
    if now == PipelineState.FAILED:
        raise EngineError(f"{engine.engine} failed the job: {_failure(result)}")
    raise EngineError(f"the job was ended at {engine.engine} by somebody else (its state is {now})")


def _state(result: Submitted, engine: OnEngine) -> str:
    try:
        return result.state
    except grpc.RpcError as err:
        raise EngineError(f"{engine.engine} has died, or cannot be reached any more ({_reason(err)})") from err


def _stop(result: Submitted, engine: OnEngine) -> str:
    """End the job at its engine, and see it end; return where a savepoint is. Raises `EngineError`."""
    note, end = "", time.monotonic() + engine.stop_s
    if engine.ending == "flink" and engine.flink_rest is not None:
        note = _stop_on_flink(engine, engine.flink_rest)
    else:
        with suppress(grpc.RpcError):  # the engine may be gone before it has answered
            result.cancel()
    while time.monotonic() < end:
        try:
            if PipelineState.is_terminal(result.state):
                return note
        except grpc.RpcError:
            return note
        time.sleep(POLL_S)
    raise EngineError(
        f"the job {engine.job_name} did not end at {engine.engine} within {engine.stop_s:.0f} s; nothing is lost, but"
        " end it there (for Flink, engines.flink_rest lets newsbeam do it)"
    )


def _stop_on_flink(engine: OnEngine, address: str) -> str:
    rest = FlinkRest(address)
    try:
        job = rest.job_named(engine.job_name)
        if job is None or job[1] in ENDED:
            return ""
        note = ""
        if engine.streaming and engine.savepoints is not None:
            try:
                place = rest.stop_with_savepoint(job[0], engine.savepoints, limit_s=engine.stop_s / 2)
                return f"its savepoint is {place} (-- --savepoint_path={place} goes on from it)"
            except FlinkError as err:  # what there is to do stands in the ledger: it goes on without, too
                note = f"it was cancelled without a savepoint, and nothing is lost: {err}"
        rest.cancel(job[0])
        return note
    except FlinkError as err:
        raise EngineError(f"the job {engine.job_name} could not be ended: {err}") from err
    finally:
        rest.close()


def _failure(result: Submitted) -> str:
    """Return why a job failed, in one line: the last error that its engine tells of."""
    service, job_id = getattr(result, "_job_service", None), getattr(result, "_job_id", None)
    last = ""
    if service is not None:
        # A stream of its own: the one that Beam opened at submission breaks after 300 s.
        with suppress(grpc.RpcError):
            request = beam_job_api_pb2.JobMessagesRequest(job_id=job_id)
            for message in service.GetMessageStream(request, timeout=MESSAGES_S):
                text = message.message_response.message_text
                if text:
                    logger.warning("%s", text)
                if message.message_response.importance == beam_job_api_pb2.JobMessage.JOB_MESSAGE_ERROR:
                    last = text
    return _one_line(last) or "it gave no reason"


def _reason(err: BaseException) -> str:
    if isinstance(err, grpc.RpcError) and hasattr(err, "details"):
        return _one_line(err.details() or str(err.code()))
    return _one_line(str(err)) or type(err).__name__


def _one_line(text: str) -> str:
    """Return what a traceback or a long message comes down to: the last line that names an error, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line for line in lines if line.partition(":")[0].endswith(("Error", "Exception"))]
    return (named or lines[:1] or [""])[-1][:MAX_REASON_CHARS]
