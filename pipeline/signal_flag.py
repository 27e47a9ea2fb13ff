"""A flag that a signal handler may set."""

import queue
import time
from contextlib import suppress

STEP_S = 1.0  # a signal right before the system call that blocks is heard only when that call ends


class SignalFlag:
    """What of `threading.Event` is needed here, but safe to set in a signal handler.

    A handler runs in the main thread between two instructions. `Event.set` takes the lock that `Event.wait` takes, so a
    signal at the wrong moment of a wait stops the process for ever (measured: within 2,000 waits with a signal each).
    `SimpleQueue.put` is documented as reentrant.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    def set(self) -> None:
        """Set the flag, for good, and wake who waits."""
        self._is_set = True
        self._bell.put(None)

    def is_set(self) -> bool:
        """Return whether the flag was set."""
        return self._is_set

    def wait(self, timeout_s: float) -> bool:
        """Wait until the flag is set, at most that long; return whether it is."""
        end = time.monotonic() + timeout_s
        while not self._is_set and (left_s := end - time.monotonic()) > 0:
            with suppress(queue.Empty):
                self._bell.get(timeout=min(left_s, STEP_S))
                self._bell.put(None)  # for the next who waits
        return self._is_set
