"""A flag set in a signal handler while the main thread waits for it: never a deadlock."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.signal_flag import SignalFlag

ROOT = Path(__file__).parents[2]
# A timer's signal hits the wait at every possible instruction. Short waits: a signal right before the system call that
# blocks is heard when that ends, with any lock of Python.
HAMMER = """
import signal, sys, threading
from pipeline.signal_flag import SignalFlag
make = {"flag": SignalFlag, "event": threading.Event}[sys.argv[1]]
flag = make()
signal.signal(signal.SIGALRM, lambda *_: flag.set())
for round in range(int(sys.argv[2])):
    flag = make()
    signal.setitimer(signal.ITIMER_REAL, 0.000005 + (round % 200) * 0.0000005)
    while not flag.wait(0.002):
        pass
print("done")
"""


def hammer(kind: str, rounds: int, *, limit_s: float) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HAMMER, kind, str(rounds)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return done.stdout + done.stderr


def test_signals_in_the_middle_of_a_wait_wake_it() -> None:
    assert hammer("flag", 5_000, limit_s=120) == "done\n"


@pytest.mark.full
def test_an_event_stops_for_ever_there() -> None:
    """Why it is not a `threading.Event`; should Python mend that, this class can go."""
    with pytest.raises(subprocess.TimeoutExpired):
        hammer("event", 1_000_000, limit_s=15)


def test_it_wakes_every_thread_that_waits_and_stays_set() -> None:
    flag, woken = SignalFlag(), []
    threads = [threading.Thread(target=lambda: woken.append(flag.wait(60))) for _ in range(3)]
    for thread in threads:
        thread.start()
    flag.set()
    for thread in threads:
        thread.join(60)
    assert woken == [True, True, True]
    assert flag.is_set()
    assert flag.wait(0)


def test_a_wait_ends_without_the_flag() -> None:
    assert not SignalFlag().wait(0.01)
    assert not SignalFlag().wait(-1.0)
