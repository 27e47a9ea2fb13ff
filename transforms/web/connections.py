"""Connections that check the address they really connect to and end at a total deadline, whatever the server does.

urllib3's timeouts are per read: a server that sends a byte a minute is never late. Here the socket itself asks for the
time and the bytes that are left before each read, so TLS, headers, chunk framing and trailers are all bounded.
"""

import http.client
import os
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import urllib3.connection

from transforms.errors import StageError
from transforms.web.addresses import is_public

MAX_HEADER_BYTES = 64 * 1024  # status line and headers together, with interim (1xx) answers
_READ_AHEAD_BYTES = 8 * 1024  # http.client reads through a buffer of this size

# The standard library stops at 100 header lines; some publishers send more (Media Cloud raised this to 1000 too). The
# bytes are bounded above, so the count need not be. There is no other way to set it before Python 3.15.
http.client._MAXHEADERS = 1000  # type: ignore[attr-defined]


class Resolve(NamedTuple):
    """Where a name leads, as curl's `--resolve`. `port` None: every port; `address_port` None: the URL's own."""

    host: str
    port: int | None
    address: str
    address_port: int | None = None


class Budget:
    """What one exchange may still cost: seconds until a fixed end, and bytes on the wire.

    `received` counts the bytes that came in, framing included, since `allow` was last called; `total` all of them.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url, self.timeout_s = url, timeout_s
        self.ends_at = time.monotonic() + timeout_s
        self.total = self.received = 0
        self.allow("headers", MAX_HEADER_BYTES)

    def allow(self, what: str, max_bytes: int) -> None:
        """Start counting again, for the next part of the exchange."""
        self._what, self._max_bytes = what, max_bytes
        self._left = max_bytes + _READ_AHEAD_BYTES
        # What was read ahead of the body counts for it: a whole small answer comes with its headers.
        self.received = min(self.received, _READ_AHEAD_BYTES)

    def remaining_s(self) -> float:
        """Return the seconds left, always positive. Raises `StageError("timeout")` at the end."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise self.late()
        return left

    def spend(self, count: int) -> None:
        """Count bytes that came in. Raises `StageError("too_large")`."""
        self._left -= count
        self.received += count
        self.total += count
        if self._left < 0:
            message = f"{self.url}: {self._what} of more than {self._max_bytes} bytes; raise the limit or leave it out"
            raise StageError("too_large", message)

    def late(self) -> StageError:
        """Return the error of an exchange that took too long."""
        return StageError("timeout", f"{self.url}: not complete after {self.timeout_s:g} s", retryable=True)


class _Budgeted:
    """Mixed into both kinds of socket: every read asks the budget first."""

    budget: Budget | None = None

    def recv_into(self, buffer: Any, nbytes: Any = None, flags: int = 0) -> int:
        if self.budget is None:  # while TLS is being set up; the handshake has its own time limit
            return super().recv_into(buffer, nbytes or 0, flags)  # type: ignore[misc,no-any-return]
        self.settimeout(self.budget.remaining_s())  # type: ignore[attr-defined]
        count: int = super().recv_into(buffer, nbytes or 0, flags)  # type: ignore[misc]
        self.budget.spend(count)
        return count


class BudgetSocket(_Budgeted, socket.socket):
    """A TCP socket that reads within its budget."""


class BudgetTLSSocket(_Budgeted, ssl.SSLSocket):
    """A TLS socket that reads within its budget."""


class _Guarded:
    """Mixed into both kinds of connection: sockets come from the dialer, and read within the budget."""

    sock: Any
    port: int
    _dns_host: str

    def __init__(self, host: str, port: int, *, dialer: "Dialer", budget: Budget, **options: Any) -> None:
        super().__init__(host, port, **options)  # type: ignore[call-arg]
        self._dialer, self._budget = dialer, budget
        self._opened: socket.socket | None = None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._opened = self.sock
        self.sock.budget = self._budget

    def begin(self, budget: Budget) -> None:
        """Start another exchange on a kept connection, with a budget of its own."""
        self._budget = self.sock.budget = budget

    def abandon(self) -> None:
        """Close for good. `close` leaves the socket open while an answer refers to it, even one that was refused."""
        self.close()  # type: ignore[attr-defined]
        if self._opened is not None and self._opened.fileno() >= 0:
            os.close(self._opened.detach())

    def _new_conn(self) -> socket.socket:
        connection = self._dialer.open(self._dns_host, self.port, self._budget)
        connection.budget = self._budget  # also what a proxy says before the tunnel stands
        return connection


class PlainConnection(_Guarded, urllib3.connection.HTTPConnection):
    """An HTTP connection that cannot leave its bounds."""


class TLSConnection(_Guarded, urllib3.connection.HTTPSConnection):
    """An HTTPS connection that cannot leave its bounds."""


def tls_context() -> ssl.SSLContext:
    """Return a verifying context (system trust, TLS 1.2 or later) whose sockets read within their budget."""
    context = ssl.create_default_context()
    context.sslsocket_class = BudgetTLSSocket
    return context


@dataclass(frozen=True, kw_only=True)
class Dialer:
    """Opens sockets: names resolved (or taken from `resolve`), addresses checked, time limited."""

    resolve: tuple[Resolve, ...] = ()
    allow_private: bool = False
    connect_timeout_s: float = 10.0

    def open(self, host: str, port: int, budget: Budget) -> "BudgetSocket":
        """Return a connected socket to the first address of `host` that may be reached and answers.

        Raises `StageError`: dns_failed, private_address, connection_failed, timeout.
        """
        refused: str | None = None
        error: OSError | None = None
        addresses, trusted = self._addresses(host, port, budget)
        for family, address in addresses:
            if not (trusted or self.allow_private or is_public(address[0])):
                refused = str(address[0])
                continue
            connection = BudgetSocket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(min(self.connect_timeout_s, budget.remaining_s()))
                connection.connect(address)
                connection.settimeout(budget.remaining_s())  # for the TLS handshake, which counts it as a whole
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except BaseException as err:
                connection.close()
                if not isinstance(err, OSError):
                    raise
                error = err
                continue
            return connection
        if isinstance(error, TimeoutError):
            raise StageError("timeout", f"{budget.url}: no connection to {host}:{port} in time", retryable=True)
        if error is not None:
            message = f"{budget.url}: no connection to {host}:{port} ({error.strerror or error})"
            raise StageError("connection_failed", message, retryable=True)
        message = f"{budget.url}: {host} leads to {refused}, which is not public; --allow-private opens such addresses"
        raise StageError("private_address", message)

    def knows(self, host: str, port: int) -> bool:
        """Tell whether the user named the address of a host."""
        return any(name.lower() == host.lower() and at in (None, port) for name, at, _, _ in self.resolve)

    def _addresses(self, host: str, port: int, budget: Budget) -> tuple[list[tuple[Any, Any]], bool]:
        """Return (family, socket address) pairs, and whether the user named them (then they need no check)."""
        for name, at_port, address, address_port in self.resolve:
            if name.lower() == host.lower() and at_port in (None, port):
                return _literal(address, address_port or port), True
        return _lookup(host, port, budget), False


def _literal(address: str, port: int) -> list[tuple[Any, Any]]:
    found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [(family, target) for family, _, _, _, target in found]


def _lookup(host: str, port: int, budget: Budget) -> list[tuple[Any, Any]]:
    """Ask the resolver, in a thread of its own: the C library's call takes no time limit and can hold for a minute."""
    answers: queue.SimpleQueue[list[tuple[Any, Any]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, target) for family, _, _, _, target in found])
        except (OSError, UnicodeError) as err:
            answers.put(err)

    threading.Thread(target=ask, name="newsbeam-dns", daemon=True).start()
    try:
        answer = answers.get(timeout=budget.remaining_s())
    except queue.Empty:
        raise StageError("timeout", f"{budget.url}: no answer for the name {host} in time", retryable=True) from None
    if isinstance(answer, Exception):
        # EAI_NONAME is an answer ("no such name"); everything else is trouble on the way to one.
        final = isinstance(answer, UnicodeError) or getattr(answer, "errno", None) == socket.EAI_NONAME
        message = f"{budget.url}: the name {host} leads nowhere ({answer})"
        raise StageError("dns_failed", message, retryable=not final) from answer
    return answer
