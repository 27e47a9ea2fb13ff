"""A scripted host for feeds on loopback, and a poller over the real ledger and client with a clock of its own."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.support.ledgers import SetClock, plan
from transforms.elements import FeedSource, PageElement
from transforms.feeds.memory import FeedMemory, load_memory
from transforms.feeds.network import Network
from transforms.poll_feeds import poll_feed
from transforms.settings import VisitSettings
from transforms.state.sqlite.ledger import SqliteState
from transforms.turns import Turns, VisitOverError, instant
from transforms.web.client import FetchSettings, HttpClient
from transforms.web.urls import site_key


@dataclass(frozen=True)
class Asked:
    """A request as the host saw it; header names in lower case."""

    host: str
    target: str
    headers: dict[str, str]
    at: float

    @property
    def is_conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass(frozen=True)
class Reply:
    """What the host answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked], Reply]


class FeedHost:
    """A server for all names; `script` answers everything but robots.txt. A context manager."""

    def __init__(self, script: Script, clock: SetClock, *, address: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self._script, self._clock = script, clock
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
            daemon_threads = True

        self._server = Server((address, 0), Handler)
        self.address, self.port = address, int(self._server.server_address[1])

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(headers.get("host", ""), handler.path, headers, self._clock())
        if asked.target == "/robots.txt":
            reply = Reply(status=404)
        else:
            self.asked.append(asked)
            reply = self._script(asked)
        handler.send_response_only(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        body = b"" if reply.status == 304 else reply.body
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def __enter__(self) -> "FeedHost":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class Poller:
    """Polls feeds as a visit does: leases, turns, the client, the ledger. Each `poll` is a run of its own."""

    def __init__(self, folder: Path, clock: SetClock, host: FeedHost, *feeds: FeedSource) -> None:
        self.clock, self.feeds, self.out = clock, feeds, list[PageElement]()
        self.network, self.slice_s = Network(), 600.0
        self._folder, self._runs = folder, 0
        names = {name for feed in feeds for name in (feed.url.split("/")[2], "moved.example", "other.example")}
        self.settings = VisitSettings(
            fetch=FetchSettings(resolve=tuple((name, None, host.address, host.port) for name in sorted(names))),
            generation=1,
        )
        self.client = HttpClient(self.settings.fetch)
        self.state = self._open()

    def _open(self) -> SqliteState:
        state = SqliteState(self._folder / "ledger.db", lease_s=60, clock=self.clock)
        state.create()
        state.configure([(feed, site_key(feed.url)) for feed in self.feeds], {}, default_delay_s=1.0)
        return state

    def restart(self) -> None:
        """Close the ledger and open it anew, as another process would."""
        self.state.close()
        self.state = self._open()

    def poll(self) -> None:
        """Poll what is due now, and what falls due by redirects while doing so."""
        self._runs += 1
        run_id = f"20270115T080000.{self._runs:06}Z-feed"
        self.state.begin_run(plan(run_id, feeds=None))
        while leases := self.state.lease(run_id, limit=5, slice_s=self.slice_s):
            for lease in leases:
                turns = Turns(
                    lease,
                    state=self.state,
                    client=self.client,
                    settings=self.settings,
                    emit=self.out.append,
                    sleep_until=self._sleep_until,
                    clock=self.clock,
                )
                try:
                    for feed in lease.feeds:
                        poll_feed(turns, feed, network=self.network)
                except VisitOverError:
                    pass
                # The pages are no business of these tests.
                self.state._db.execute("UPDATE ledger_urls SET due_at = 9e9")
                self.state.release(lease.site, lease.epoch, instant(self.clock()))

    def poll_when_due(self, times: int = 1) -> None:
        """Let time pass until the next poll is planned, and poll; again and again."""
        for _ in range(times):
            due_at = self.state.feeds()[0]["next_poll_at"]
            if due_at is not None:
                self.clock.now = max(self.clock.now, due_at.timestamp())
            self.poll()

    def _sleep_until(self, at: float) -> None:
        self.clock.now = max(self.clock.now, at)

    @property
    def memory(self) -> FeedMemory:
        """What is remembered of the first feed."""
        return load_memory(self.state.feeds()[0]["memory"])

    def close(self) -> None:
        self.client.close()
        self.state.close()
