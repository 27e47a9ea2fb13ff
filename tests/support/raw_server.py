"""A server on loopback that plays back raw bytes: for answers that no well-behaved HTTP server would give."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[["Exchange"], None]


class Stopped(Exception):
    """The test is over: leave the script."""


@dataclass
class Exchange:
    """One accepted connection: `request` is what came in up to the blank line."""

    socket: socket.socket
    request: bytes
    _stop: threading.Event
    last_request: bytes = b""

    def read_request(self) -> None:
        """Wait for another request on the connection; end the script when none comes."""
        self.last_request = _read_head(self.socket)
        if not self.last_request:
            raise Stopped

    @property
    def path(self) -> str:
        return self.request.split(b" ", 2)[1].decode("latin-1")

    def send(self, data: bytes) -> None:
        """Send, or end the script when the client has gone."""
        try:
            self.socket.sendall(data)
        except OSError as err:
            raise Stopped from err

    def trickle(self, data: bytes, *, every_s: float) -> None:
        """Send byte by byte, until the client goes or the server stops."""
        for byte in data:
            self.send(bytes([byte]))
            self.hang(every_s)

    def hang(self, at_most_s: float = 30.0) -> None:
        """Do nothing with the connection open."""
        if self._stop.wait(at_most_s):
            raise Stopped


@dataclass
class RawServer:
    """`port` on 127.0.0.1; `requests` in order of arrival."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serve(script: Script | bytes, *, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serve every connection by `script` (or by sending these bytes) and close it; stops with the block."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    server = RawServer(port=listener.getsockname()[1])
    workers: list[threading.Thread] = []

    def handle(connection: socket.socket) -> None:
        with connection:
            if tls is not None:
                try:
                    connection = tls.wrap_socket(connection, server_side=True)
                except OSError:
                    return
            request = _read_head(connection)
            server.requests.append(request)
            exchange = Exchange(connection, request, stop)
            try:
                exchange.send(script) if isinstance(script, bytes) else script(exchange)
                _close(connection)
            except Stopped:
                pass

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(5)
            worker = threading.Thread(target=handle, args=(connection,))
            workers.append(worker)
            worker.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        stop.set()
        acceptor.join()
        for worker in workers:
            worker.join()
        listener.close()


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an answer with a Content-Length, its own or a wrong one."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _read_head(connection: socket.socket) -> bytes:
    head = b""
    try:
        while b"\r\n\r\n" not in head and len(head) < 100_000:
            part = connection.recv(4096)
            if not part:
                break
            head += part
            if head[0] == 0x16:  # a TLS handshake: no blank line will come
                break
    except OSError:
        pass
    return head


def _close(connection: socket.socket) -> None:
    """End our side and let the client read to the end: closing with unread input would reset the connection."""
    try:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    except OSError:
        pass
