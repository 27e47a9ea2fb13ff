"""A time limit for work in this thread: a call that takes too long is cut off by an exception in the middle of it.

Signals reach the main thread only, and an engine works in others; so one thread per process looks at the clock and
raises in the late thread (CPython's `PyThreadState_SetAsyncExc`). It takes effect between two steps of Python code: a
single call into C that never returns is not cut off, and ends by the run's watchdog (`run.watchdog`).
"""

import ctypes
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_LOOK_EVERY_S = 0.1
_ARRIVES_WITHIN = 100  # milliseconds in which an exception that was set is seen; it takes a few steps of Python code
Result = TypeVar("Result")


class CutOffError(BaseException):
    """The call took too long. Not an `Exception`, so that a plug-in's own `except Exception` does not swallow it."""


class _Clock:
    """The calls that run now, by thread, and the thread that watches them."""

    def __init__(self) -> None:
        self._late_at: dict[int, float] = {}
        self._lock = threading.Lock()
        self._busy = threading.Event()
        self._watcher: threading.Thread | None = None

    def begin(self, thread: int, limit_s: float) -> None:
        with self._lock:
            self._late_at[thread] = time.monotonic() + limit_s
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="cut-off", daemon=True)
                self._watcher.start()
        self._busy.set()

    def end(self, thread: int) -> bool:
        """Forget the thread's call; tell whether it ended in time, so that nothing is raised in it any more."""
        with self._lock:
            return self._late_at.pop(thread, None) is not None

    def _watch(self) -> None:
        while True:
            self._busy.wait()
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                now = time.monotonic()
                for thread in [thread for thread, late_at in self._late_at.items() if late_at < now]:
                    del self._late_at[thread]
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(CutOffError))
                if not self._late_at:
                    self._busy.clear()


_clock = _Clock()


def within(limit_s: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns. Raises `CutOffError` when it takes longer than `limit_s`, at the earliest then."""
    thread = threading.get_ident()
    _clock.begin(thread, limit_s)
    try:
        result = call()
    except CutOffError:
        _clock.end(thread)
        raise
    except BaseException:
        if not _clock.end(thread):
            _await_cut()
        raise
    if not _clock.end(thread):
        _await_cut()  # late after all, or it swallowed the exception
        raise CutOffError
    return result


def _await_cut() -> None:
    """Let an exception that is already on its way arrive here and nowhere else."""
    try:
        for _ in range(_ARRIVES_WITHIN):
            time.sleep(0.001)
    except CutOffError:
        pass
