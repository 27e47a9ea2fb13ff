"""A proxy that loses answers: the request reaches the server, the client never hears of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class DroppingProxy:
    """`url` is where clients connect; `dropped` counts the answers that were lost."""

    url: str
    path: bytes
    answers: int
    dropped: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, request: bytes) -> bool:
        """Tell whether this request's answer is to be lost."""
        with self.lock:
            if self.dropped >= self.answers or self.path not in request.partition(b"\r\n")[0]:
                return False
            self.dropped += 1
            return True


@contextmanager
def dropping_proxy(target: str, *, path: bytes, answers: int) -> Iterator[DroppingProxy]:
    """Forward to `target`, and lose the first `answers` answers to requests whose first line holds `path`."""
    to = (urlsplit(target).hostname or "", urlsplit(target).port or 0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = DroppingProxy(f"http://127.0.0.1:{listening.getsockname()[1]}", path, answers)

        def accept() -> None:
            with suppress(OSError):  # the listening socket is closed at the end
                while True:
                    threading.Thread(target=_serve, args=(listening.accept()[0], to, proxy), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield proxy
        listening.shutdown(socket.SHUT_RDWR)


def _serve(client: socket.socket, to: tuple[str, int], proxy: DroppingProxy) -> None:
    """Forward one connection, request by request."""
    with client, socket.create_connection(to) as server, suppress(OSError):
        while request := _message(client):
            server.sendall(request)
            answer = _message(server)
            if proxy.takes(request):
                return
            client.sendall(answer)


def _message(connection: socket.socket) -> bytes:
    """Return a whole HTTP message that has a Content-Length or no body; empty when the connection ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head = data.partition(b"\r\n\r\n")[0]
    lengths = [
        int(line.partition(b":")[2]) for line in head.splitlines() if line.lower().startswith(b"content-length:")
    ]
    size = len(head) + 4 + (lengths[0] if lengths else 0)
    while len(data) < size:
        data += connection.recv(65_536)
    return data
