"""Small Beam jobs for any engine: `python -m tests.support.engine_jobs squares|ticks --out FILE [Beam options]`.

Lines go to a file to which all workers of this machine append. The driver ends when the job does; SIGTERM cancels.
"""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineState
from apache_beam.transforms.periodicsequence import PeriodicImpulse
from apache_beam.utils.timestamp import MAX_TIMESTAMP

COUNT = 20
INTERVAL_S = 0.5


class Append(beam.DoFn):
    """Appends each element to a file as a line, in one write."""

    def __init__(self, path: str) -> None:
        self._path = path

    def process(self, element: int) -> None:
        """Write; nothing is yielded."""
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, f"{element}\n".encode())
        finally:
            os.close(file)


def tick_number(tick) -> int:  # type: ignore[no-untyped-def]  # a Timestamp or a float, as the SDK has it
    """Return a tick's number: the next one has the next."""
    return round(float(tick) / INTERVAL_S)


def build(pipeline: beam.Pipeline, shape: str, out: str, ticks: int) -> None:
    """Add the steps of a job."""
    if shape == "squares":
        numbers = pipeline | "Create" >> beam.Create(range(COUNT), reshuffle=False)
        elements = numbers | "Square" >> beam.Map(lambda number: number * number)
    else:
        start = time.time() // INTERVAL_S * INTERVAL_S
        stop = start + ticks * INTERVAL_S if ticks else MAX_TIMESTAMP
        impulse = PeriodicImpulse(start_timestamp=start, stop_timestamp=stop, fire_interval=INTERVAL_S)
        elements = pipeline | "Impulse" >> impulse | "Number" >> beam.Map(tick_number).with_output_types(int)
    _ = elements | "Reshuffle" >> beam.Reshuffle() | "Append" >> beam.ParDo(Append(out))


def lines(path: Path) -> list[int]:
    """Return what a job has written so far; whole lines only."""
    text = path.read_text() if path.exists() else ""
    return [int(line) for line in text[: text.rfind("\n") + 1].split()]


def main() -> int:
    """Run a job; 0 when it ended well or was cancelled by a signal."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("shape", choices=("squares", "ticks"))
    parser.add_argument("--out", required=True)
    parser.add_argument("--ticks", type=int, default=0, help="how many; 0: without an end")
    arguments, options = parser.parse_known_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pipeline = beam.Pipeline(options=PipelineOptions(options))
    build(pipeline, arguments.shape, arguments.out, arguments.ticks)
    result = pipeline.run()
    # Not wait_until_finish: its call has a deadline of 300 s.
    while not PipelineState.is_terminal(result.state) and not stop.wait(0.2):
        pass
    if not PipelineState.is_terminal(result.state):
        result.cancel()
    print(result.state, flush=True)
    return 0 if result.state in (PipelineState.DONE, PipelineState.CANCELLED) else 1


if __name__ == "__main__":
    from tests.support import engine_jobs  # DoFns are pickled by the name of their module

    sys.exit(engine_jobs.main())
