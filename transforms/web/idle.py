"""Connections kept open between two requests to a host: one each, not for long, and never with anything left over."""

import threading
import time
from collections import OrderedDict

from transforms.web.connections import Budget, PlainConnection, TLSConnection

Connection = PlainConnection | TLSConnection
Key = tuple[str, str, int]  # scheme, host, port

MAX_IDLE = 64  # per process; a visit needs one, and there are 16 visits at once
MAX_IDLE_S = 30.0  # Apache closes after 5 s, nginx after 75; between two requests to a site there is a pause of 1 s


class IdleConnections:
    """Thread-safe. A connection belongs to the one who took it until it is put back or abandoned."""

    def __init__(self, *, max_idle: int = MAX_IDLE, max_idle_s: float = MAX_IDLE_S) -> None:
        self._max_idle, self._max_idle_s = max_idle, max_idle_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[float, Connection]] = OrderedDict()

    def take(self, key: Key, budget: Budget) -> Connection | None:
        """Return the connection kept for a host, None when there is none that still lives.

        One with anything to read is dead, or its server talks without being asked: it is closed.
        """
        with self._lock:
            since, connection = self._kept.pop(key, (0.0, None))
        if connection is None:
            return None
        if time.monotonic() - since > self._max_idle_s or not connection.is_connected:
            connection.abandon()
            return None
        connection.begin(budget)
        return connection

    def put(self, key: Key, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end; the one unused for longest goes when there are many."""
        with self._lock:
            replaced = [self._kept.pop(key)[1]] if key in self._kept else []
            self._kept[key] = (time.monotonic(), connection)
            while len(self._kept) > self._max_idle:
                replaced.append(self._kept.popitem(last=False)[1][1])
        for each in replaced:
            each.abandon()

    def close(self) -> None:
        """Close all."""
        with self._lock:
            kept = [connection for _, connection in self._kept.values()]
            self._kept.clear()
        for connection in kept:
            connection.abandon()
