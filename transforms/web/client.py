"""One HTTP request, bounded in every direction: what may be reached, how long, how much, and nothing behind our back.

No redirects (the visit takes a turn for each hop), no cookies, no retries (but for a kept connection that its server
had closed before it said a word), no credentials of the environment for anything but its proxy.
"""

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

import urllib3.exceptions
import urllib3.util
from urllib3.response import BaseHTTPResponse

from transforms.errors import ConfigurationError, StageError
from transforms.web.bodies import ACCEPTED, Body, read_body
from transforms.web.connections import Budget, Dialer, PlainConnection, Resolve, TLSConnection, tls_context
from transforms.web.idle import Connection, IdleConnections
from transforms.web.proxies import Proxy, environment_proxies, proxy_for
from transforms.web.urls import normalize_url

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """How pages are fetched: plain values, made once by the driver and pickled to every worker.

    `user_agent` is sent as it is and names a contact; `timeout_s` is the end of the whole exchange. `resolve` as in
    curl; an address named there may be private.
    """

    user_agent: str = "newsbeam"
    from_email: str | None = None
    timeout_s: float = 20.0
    connect_timeout_s: float = 10.0
    max_page_bytes: int = 5 * MEGABYTE  # of 258 real news pages the largest had 2.2 MB
    max_feed_bytes: int = 15 * MEGABYTE
    max_robots_bytes: int = MEGABYTE // 2  # RFC 9309 2.5: at least 500 KiB must be read
    allow_private: bool = False
    resolve: tuple[tuple[str, int | None, str, int | None], ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("user agent", self.user_agent), ("contact", self.from_email or "")):
            if not (value.isascii() and value.isprintable()):
                raise ConfigurationError(f"{name} {value!r} cannot be sent as a header; use plain ASCII")


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """An answer as it came. `body` is decoded (gzip, deflate, br, zstd) and empty unless the status is 2xx.

    `truncated` says that `body` is only the beginning, which happens when the caller asked for that. `wire_bytes` is
    what came in for it, headers included.
    """

    url: str
    status_code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    elapsed_ms: float = 0.0
    truncated: bool = False
    wire_bytes: int = 0

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The headers by lower-case name; of a repeated one the first (ETag, Location and Retry-After are single)."""
        found: dict[str, str] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), value)
        return found

    def header(self, name: str) -> str | None:
        """Return a header's value by name in any case, None when absent."""
        return self.fields.get(name.lower())


class HttpClient:
    """Fetches. One per process, shared by its threads; not picklable: make it where it is used, and close it."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._tls = tls_context()
        self._dialer = Dialer(
            resolve=tuple(Resolve(*entry) for entry in settings.resolve),
            allow_private=settings.allow_private,
            connect_timeout_s=settings.connect_timeout_s,
        )
        self._proxies = environment_proxies()
        # The user's own choice, like an address in `resolve`: it may be anywhere.
        self._to_proxy = Dialer(allow_private=True, connect_timeout_s=settings.connect_timeout_s)
        self._idle = IdleConnections()

    def __enter__(self) -> "HttpClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int, truncate: bool = False
    ) -> HttpResponse:
        """Return the answer to one GET; redirects and errors of the server are answers too.

        `max_bytes` bounds the body both compressed and decoded; with `truncate` the beginning is returned instead of
        an error. Raises `StageError`: bad_url, dns_failed, private_address, connection_failed, tls_failed, timeout,
        broken_answer, too_large, undecodable.
        """
        started = time.monotonic()
        budget = Budget(url, self._settings.timeout_s)
        route = self._route(url)
        sent = self._headers(headers or {}, route)
        connection, response = self._answer(route, sent, budget)
        body = Body()
        try:
            with _failures(budget):
                try:
                    body = read_body(response, budget, max_bytes, truncate=truncate)
                finally:
                    response.close()
        finally:
            if body.finished and connection.sock is not None:  # http.client drops it where the server will close
                self._idle.put(route.key, connection)
            else:
                connection.abandon()
        return HttpResponse(
            url=url,
            status_code=response.status,
            headers=tuple(response.headers.iteritems()),
            body=body.data,
            elapsed_ms=(time.monotonic() - started) * 1000,
            truncated=body.truncated,
            wire_bytes=budget.total,
        )

    def close(self) -> None:
        """Close the connections that are kept."""
        self._idle.close()

    def _answer(self, route: "_Route", sent: Mapping[str, str], budget: Budget) -> tuple[Connection, BaseHTTPResponse]:
        """Send the request, on the kept connection where there is one, and return the answer's head."""
        kept = self._idle.take(route.key, budget)
        if kept is not None:
            try:
                return kept, _exchange(kept, route, sent)
            except (OSError, http.client.HTTPException) as err:
                kept.abandon()
                # Closed while our request was under way: it was not served, and may be sent again (RFC 9112 9.3.1).
                if budget.received or isinstance(err, TimeoutError):
                    with _failures(budget):
                        raise
            except BaseException:
                kept.abandon()
                raise
        connection = self._connection(route, budget)
        try:
            with _failures(budget):
                connection.connect()
                return connection, _exchange(connection, route, sent)
        except BaseException:
            connection.abandon()
            raise

    def _route(self, url: str) -> "_Route":
        parts = urlsplit(normalize_url(url))
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        known = self._dialer.knows(host, port)
        proxy = None if known else proxy_for(parts.scheme, host, port, self._proxies)
        target = urllib3.util.parse_url(url).request_uri
        if proxy is not None and parts.scheme == "http":
            target = f"http://{parts.netloc}{target}"  # RFC 9112 3.2.2
        return _Route(key=(parts.scheme, host, port), target=target, proxy=proxy)

    def _connection(self, route: "_Route", budget: Budget) -> Connection:
        scheme, host, port = route.key
        to_host, to_port, dialer = host, port, self._dialer
        if route.proxy is not None:
            to_host, to_port, dialer = route.proxy.host, route.proxy.port, self._to_proxy
        timeout_s = self._settings.timeout_s
        if scheme == "http":
            return PlainConnection(to_host, to_port, dialer=dialer, budget=budget, timeout=timeout_s)
        connection = TLSConnection(
            to_host, to_port, dialer=dialer, budget=budget, timeout=timeout_s, ssl_context=self._tls
        )
        if route.proxy is not None:
            connection.set_tunnel(host, port, headers=_proxy_headers(route.proxy))
        return connection

    def _headers(self, extra: Mapping[str, str], route: "_Route") -> dict[str, str]:
        sent = {"User-Agent": self._settings.user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        if self._settings.from_email:
            sent["From"] = self._settings.from_email
        if route.proxy is not None and route.key[0] == "http":
            sent |= _proxy_headers(route.proxy)
        return sent | dict(extra)


@dataclass(frozen=True, kw_only=True)
class _Route:
    """How a URL is reached: what its connection is kept under, what stands in the request line, and through whom."""

    key: tuple[str, str, int]
    target: str
    proxy: Proxy | None


def _exchange(connection: Connection, route: _Route, sent: Mapping[str, str]) -> BaseHTTPResponse:
    connection.request("GET", route.target, headers=sent, preload_content=False)
    return connection.getresponse()


def _proxy_headers(proxy: Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}


@contextmanager
def _failures(budget: Budget) -> Iterator[None]:
    """Turn whatever the network and the libraries raise about a stranger's bytes into `StageError`."""
    try:
        yield
    except StageError:
        raise
    except (TimeoutError, urllib3.exceptions.TimeoutError) as err:
        raise budget.late() from err
    except (ssl.SSLError, urllib3.exceptions.SSLError) as err:
        # Certificates get renewed: the same URL may succeed later.
        raise StageError("tls_failed", f"{budget.url}: no trusted TLS connection ({err})", retryable=True) from err
    except urllib3.exceptions.DecodeError as err:
        raise StageError("undecodable", f"{budget.url}: the body is not what Content-Encoding says") from err
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as err:
        # ValueError: http.client on malformed lengths and status lines.
        problem = f"{type(err).__name__}: {err}"[:300]
        if not budget.total:
            message = f"{budget.url}: the connection broke before an answer ({problem})"
            raise StageError("connection_failed", message, retryable=True) from err
        # Not "the site is down": one page of it may be broken while all others are well.
        raise StageError("broken_answer", f"{budget.url}: broken answer ({problem})", retryable=True) from err
