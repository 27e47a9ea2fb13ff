"""The HTTP server of the local news web: all publishers on one loopback address, told apart by Host."""

import contextlib
import io
import select
import socket
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

from .article_files import WebArticle, moved_to, read_articles
from .feeds import Entry
from .generated import BULK_BYTES, generated_articles, generated_publishers
from .publishers import PUBLISHERS, SLOW, Publisher
from .request_log import Request, RequestLog, read_log
from .responses import Pause, Response, plain
from .world import World

CONTROL_HOST = "control.example"
IDLE_S = 30  # an idle connection kept alive is closed after this


class NewsWeb:
    """A news web of many publishers on one loopback port; a context manager.

    `delay_s` is how long each answer takes, `slow_s` the same on slow.example. `newest_at` moves all articles by
    whole weeks so that the newest is less than a week older. With `second_edition_after_polls=N` a host shows its
    second edition from poll N + 1 on; `next_edition` does it on command, and so does
    `POST /next-edition?host=HOST` to control.example when the web runs as a process of its own.
    """

    def __init__(
        self,
        *,
        articles: Iterable[WebArticle] | None = None,
        publishers: Iterable[Publisher] = PUBLISHERS,
        delay_s: float = 0.0,
        slow_s: float = 3.0,
        log_path: Path | None = None,
        newest_at: datetime | None = None,
        second_edition_after_polls: int | None = None,
        bulk_bytes: int = 0,
        port: int = 0,
    ) -> None:
        articles = read_articles() if articles is None else tuple(articles)
        self.world = World(
            publishers,
            articles if newest_at is None else moved_to(articles, newest_at),
            second_edition_after_polls=second_edition_after_polls,
            bulk_bytes=bulk_bytes,
        )
        self.delay_s, self.slow_s = delay_s, slow_s
        self.log_path = log_path
        self.stopping = threading.Event()
        self.open_now: Counter[str] = Counter()
        self.lock = threading.Lock()
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def big(
        cls, *, pages: int = 2000, sites: int = 20, delay_s: float = 0.0, log_path: Path | None = None
    ) -> "NewsWeb":
        """Return a web of generated pages of 30-100 KB, the same in every process: `site-00.example` and on."""
        return cls(
            articles=generated_articles(pages, sites),
            publishers=generated_publishers(sites),
            delay_s=delay_s,
            log_path=log_path,
            bulk_bytes=BULK_BYTES,
        )

    def start(self) -> "NewsWeb":
        self.log = RequestLog(self.log_path)
        self._server = Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsweb", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection and the log; harmless when already stopped."""
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self.log.close()
        self._server = None

    def __enter__(self) -> "NewsWeb":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`; RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the news web is not running: call start() first")
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def resolve(self) -> dict[str, str]:
        """Every host and the address that answers for it, as `fetch.resolve` takes it."""
        return {host: self.address for name in self.world.hosts for host in (name, f"www.{name}")}

    @property
    def feed_urls(self) -> tuple[str, ...]:
        return self.world.feed_urls

    def article_urls(self) -> tuple[str, ...]:
        """The canonical URLs of all articles that are out by now."""
        return self.world.article_urls()

    def expected(self, url: str) -> WebArticle:
        """Return the article behind a URL as it stands now; KeyError when there is none."""
        return self.world.article(url)

    def next_edition(self, host: str) -> int:
        return self.world.next_edition(host)

    def publish(self, host: str, url: str, *, title: str, published: datetime, summary: str = "") -> None:
        """Add an entry to the host's feed, for any URL."""
        self.world.publish(host, Entry(url=url, title=title, summary=summary or title, published=published))

    def requests(self) -> list[Request]:
        """The requests answered so far, in order of their start."""
        if self.log_path is not None:
            return read_log(self.log_path)
        return sorted(self.log.requests, key=lambda request: request.start)


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def __init__(self, address: tuple[str, int], web: NewsWeb) -> None:
        self.web = web
        self._connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:
        with self.web.lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        with self.web.lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Wake the threads that wait on idle connections, so that they end."""
        with self.web.lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that vanish; anything else is a fault of this web and is shown."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


class HeldBack(io.BufferedIOBase):
    """Keeps the last byte written until `flush`, which the server calls after a request is in the log.

    So a client cannot have an answer whole, and ask again, before its end is noted: otherwise one that never has
    two requests open would now and then look as if it had.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._last = file, b""

    def write(self, data: bytes) -> int:
        if data:
            last, self._last = self._last, b""
            self._file.write(last + data[:-1])
            self._last = data[-1:]
        return len(data)

    def flush(self) -> None:
        last, self._last = self._last, b""
        if last:
            self._file.write(last)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = IDLE_S
    disable_nagle_algorithm = True  # head and body are two writes: with Nagle each page waits 40 ms for an ACK

    def setup(self) -> None:
        super().setup()
        self.wfile = HeldBack(self.wfile)

    def log_message(self, *_: object) -> None:
        """The request log is ours."""

    def do_POST(self) -> None:
        host, parts = self._host(), urlsplit(self.path)
        target = parse_qs(parts.query).get("host", [""])[0]
        known = host == CONTROL_HOST and parts.path == "/next-edition" and target in self.server.web.world.hosts
        text = f"{self.server.web.next_edition(target)}\n" if known else "no such control\n"
        self._send(plain(text, status=200 if known else 404, headers=(("Connection", "close"),)))

    def do_GET(self) -> None:
        web, host, start = self.server.web, self._host(), time.time()
        with web.lock:
            web.open_now[host] += 1
            now_open = web.open_now[host]
        gone, response = True, None
        try:
            response = web.world.answer(
                host,
                self.path,
                if_none_match=self.headers.get("If-None-Match"),
                if_modified_since=self.headers.get("If-Modified-Since"),
            )
            wait_s = web.slow_s if host == SLOW.host else web.delay_s
            gone = not (self._pause(wait_s) and self._send(response))
        finally:
            with web.lock:
                web.open_now[host] -= 1
            self.close_connection |= gone
            web.log.write(
                Request(
                    start=start,
                    end=time.time(),
                    host=host,
                    path=self.path,
                    status=response.status if response else 500,
                    open=now_open,
                    retry_after=dict(response.headers).get("Retry-After") if response else None,
                    if_none_match=self.headers.get("If-None-Match"),
                    if_modified_since=self.headers.get("If-Modified-Since"),
                    user_agent=self.headers.get("User-Agent"),
                    gone=gone,
                )
            )

    def _host(self) -> str:
        return (self.headers.get("Host") or "").partition(":")[0].lower()

    def _pause(self, seconds: float) -> bool:
        """Wait as a slow server does; False as soon as the client is gone or the web stops."""
        until = time.monotonic() + seconds
        while not self.server.web.stopping.is_set():
            left = until - time.monotonic()
            readable, _, _ = select.select([self.connection], [], [], max(0.0, min(left, 0.2)))
            if readable:
                try:
                    if not self.connection.recv(1, socket.MSG_PEEK):
                        return False
                except OSError:
                    return False
                self.server.web.stopping.wait(max(0.0, left))  # a pipelined request: the client is there
                return not self.server.web.stopping.is_set()
            if left <= 0.2:
                return True
        return False

    def _send(self, response: Response) -> bool:
        """Send the response; False when the client left before its end."""
        if response.raw is not None:
            return self._send_raw(response.raw)
        chunked = response.stream is not None and response.content_length is None
        bodiless = response.status in (204, 304)
        try:
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif not bodiless:
                declared = len(response.body) if response.content_length is None else response.content_length
                self.send_header("Content-Length", str(declared))
            if response.content_length is not None:
                # The length may be a lie: what follows on this connection would be misread.
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            if response.stream is None:
                self.wfile.write(response.body)
                return True
            return self._send_stream(response.stream, chunked=chunked)
        except OSError:
            return False

    def _send_raw(self, stream: Callable[[Pause], Iterator[bytes]]) -> bool:
        """Send pieces as they are, each at once, and close."""
        self.close_connection = True
        try:
            for piece in stream(self._pause):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            return False
        return not self.server.web.stopping.is_set()

    def _send_stream(self, stream: Callable[[Pause], Iterator[bytes]], *, chunked: bool) -> bool:
        """Send the pieces of a stream; False when a pause found the client gone or the web stopping."""
        ended = False

        def pause(seconds: float) -> bool:
            nonlocal ended
            ended = ended or not self._pause(seconds)
            return not ended

        for piece in stream(pause):
            if ended or self.server.web.stopping.is_set():
                return False
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked and not ended:
            self.wfile.write(b"0\r\n\r\n")
        return not ended
