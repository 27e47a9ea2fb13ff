"""DoFns that leave traces, importable by worker processes."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam


class Emit(beam.DoFn):
    """Emits numbers and notes when, so that a test sees whether the next step saw them before the source had ended."""

    def __init__(self, log: str) -> None:
        self._log = log

    def process(self, _: int) -> Iterator[int]:
        for number in range(3):
            _note(self._log, f"out {number}")
            yield number


class Note(beam.DoFn):
    def __init__(self, log: str) -> None:
        self._log = log

    def process(self, number: int) -> Iterator[int]:
        _note(self._log, f"in {number}")
        yield number


def _note(log: str, line: str) -> None:
    with open(log, "a", encoding="utf-8") as file:
        file.write(line + "\n")


class Pid(beam.DoFn):
    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, number: int) -> Iterator[int]:
        Path(self._folder, f"{os.getpid()}-{number}").touch()
        time.sleep(0.01)
        yield number
