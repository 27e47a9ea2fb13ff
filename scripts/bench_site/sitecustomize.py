"""Lets measured processes note the CPU of newsbeam's own stages. Python loads it: `scripts/bench` puts it on the path.

Each process that works on a seat keeps a file of two numbers in the folder that BENCH_CPU_FOLDER names: CPU seconds
of its stages (`time.thread_time` around each step of them, so what Beam does between two steps is not in it), and of
all it did before its first seat (the interpreter, imports, models, the graph).
"""

import functools
import importlib.util
import mmap
import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

STEPS = {  # module -> (class, methods): all that stages do in a bundle, and the threads that fetch
    "transforms.visit_sites": ("_Visit", ("process", "finish_bundle", "_visit")),
    "transforms.extract_articles": ("_Extract", ("process",)),
    "transforms.enrich_articles": ("_Enrich", ("process",)),
    "transforms.index_documents": ("_Index", ("process", "finish_bundle")),
}
NUMBERS = struct.Struct("dd")


class _Note:
    """The file of this process, made at its first seat."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._map: mmap.mmap | None = None
        self._stages_s = self._start_s = 0.0

    def add(self, seconds: float) -> None:
        with self._lock:
            if self._map is None:
                self._start_s = time.process_time()
                path = Path(os.environ["BENCH_CPU_FOLDER"]) / str(os.getpid())
                path.write_bytes(bytes(NUMBERS.size))
                with path.open("r+b") as file:
                    self._map = mmap.mmap(file.fileno(), NUMBERS.size)
            self._stages_s += seconds
            NUMBERS.pack_into(self._map, 0, self._stages_s, self._start_s)


_note = _Note()


def _timed(step: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(step)
    def timed(*arguments: Any, **options: Any) -> Any:
        _note.add(0.0)  # the first one ends the start
        began = time.thread_time()
        try:
            result = step(*arguments, **options)
        finally:
            _note.add(time.thread_time() - began)
        return _each(result) if isinstance(result, Iterator) else result

    return timed


def _each(elements: Iterator[Any]) -> Iterator[Any]:
    """Yield the same; the time between two elements is whoever takes them."""
    try:
        while True:
            began = time.thread_time()
            try:
                element = next(elements)
            except StopIteration:
                return
            finally:
                _note.add(time.thread_time() - began)
            yield element
    finally:
        elements.close()  # type: ignore[attr-defined]  # stages give generators, which clean up behind themselves


class _Finder:
    """Wraps the steps of a stage when its module is imported, and leaves all other imports alone."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in STEPS:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_wrap(module: ModuleType) -> None:
            execute(module)
            holder = getattr(module, STEPS[name][0])
            for step in STEPS[name][1]:
                setattr(holder, step, _timed(getattr(holder, step)))

        spec.loader.exec_module = execute_and_wrap  # type: ignore[method-assign]
        return spec


if "BENCH_CPU_FOLDER" in os.environ:
    sys.meta_path.insert(0, _Finder())
