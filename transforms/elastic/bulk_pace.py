"""How much is sent at once, shared by all writers of a process to one server: less after a rejection, more after work.

Additive increase, multiplicative decrease, as TCP does: what a server takes is found without being told, and many
workers that are rejected at once come back smaller, not with the same load times their number.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LEAST_SHARE = 1 / 64
_REGAINED = 1 / 32  # of the full share, per request that was taken whole: from the least to all in 32


class Pace:
    """The share (1/64 to 1) of its limits that a writer may use, and how many requests at once. Thread-safe."""

    def __init__(self, *, in_flight: int) -> None:
        self._in_flight = in_flight
        self._share = 1.0
        self._most_bytes: int | None = None  # learned from 413
        self._under_way = 0
        self._changed = threading.Condition()

    @property
    def share(self) -> float:
        """The share of the limits in use, for messages and tests."""
        return self._share

    @property
    def in_flight(self) -> int:
        """How many requests may be under way now."""
        return max(1, int(self._in_flight * self._share))

    def allow(self, in_flight: int) -> None:
        """Let a writer have as many requests under way as it asks for, when no other asked for more."""
        with self._changed:
            self._in_flight = max(self._in_flight, in_flight)

    def limits(self, actions: int, size: int) -> tuple[int, int]:
        """Return how many of at most `actions` actions and `size` bytes to send in the next request."""
        size = min(size, self._most_bytes or size)
        return max(1, int(actions * self._share)), max(1, int(size * self._share))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until another request may be under way, and count it while the block runs."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self.in_flight)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def rejected(self) -> None:
        """Halve: the server had no room for a request or for a part of it, or was too slow for it."""
        with self._changed:
            self._share = max(_LEAST_SHARE, self._share / 2)

    def taken(self) -> None:
        """Regain a little: a request was taken whole."""
        with self._changed:
            self._share = min(1.0, self._share + _REGAINED)
            self._changed.notify_all()

    def too_large(self, size: int) -> None:
        """Stay below half of a request that was larger than the server takes at all; that limit does not pass."""
        with self._changed:
            self._most_bytes = max(1, min(size // 2, self._most_bytes or size))


_paces: dict[str, Pace] = {}
_making = threading.Lock()


def shared_pace(where: str, *, in_flight: int) -> Pace:
    """Return the pace of all writers of this process to one server."""
    with _making:
        pace = _paces.setdefault(where, Pace(in_flight=in_flight))
    pace.allow(in_flight)
    return pace
