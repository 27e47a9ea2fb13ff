"""One HTTP request, bounded in every direction: what may be reached, how long, how much, and nothing behind our back.

No redirects (the visit takes a turn for each hop), no cookies, no retries, no proxies or credentials from the
environment, no connection kept: requests to a site are a second or more apart, and a kept connection that its server
has just closed looks like a failure of the page.
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
from transforms.web.connections import Budget, Dialer, PlainConnection, Resolve, TLSConnection, tls_context
from transforms.web.urls import normalize_url

MEGABYTE = 1024 * 1024
_READ_BYTES = 64 * 1024
# Only what the standard library decodes with a bound on its output; the answer is checked against it.
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity", ""})


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
    """An answer as it came. `body` is decoded (gzip, deflate) and empty unless the status is 2xx.

    `truncated` says that `body` is only the beginning, which happens when the caller asked for that.
    """

    url: str
    status_code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    elapsed_ms: float = 0.0
    truncated: bool = False

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
    """Fetches. One per process, shared by its threads; not picklable: make it where it is used."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._tls = tls_context()
        self._dialer = Dialer(
            resolve=tuple(Resolve(*entry) for entry in settings.resolve),
            allow_private=settings.allow_private,
            connect_timeout_s=settings.connect_timeout_s,
        )

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int, truncate: bool = False
    ) -> HttpResponse:
        """Return the answer to one GET; redirects and errors of the server are answers too.

        `max_bytes` bounds the body both compressed and decoded; with `truncate` the beginning is returned instead of
        an error. Raises `StageError`: bad_url, dns_failed, private_address, connection_failed, tls_failed, timeout,
        too_large, undecodable.
        """
        started = time.monotonic()
        budget = Budget(url, self._settings.timeout_s)
        connection = self._connection(url, budget)
        try:
            with _failures(budget):
                connection.connect()
                target = urllib3.util.parse_url(url).request_uri
                connection.request("GET", target, headers=self._headers(headers or {}), preload_content=False)
                response = connection.getresponse()
                try:
                    body, truncated = _read_body(response, budget, max_bytes, truncate=truncate)
                finally:
                    response.close()
        finally:
            connection.abandon()
        return HttpResponse(
            url=url,
            status_code=response.status,
            headers=tuple(response.headers.iteritems()),
            body=body,
            elapsed_ms=(time.monotonic() - started) * 1000,
            truncated=truncated,
        )

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _connection(self, url: str, budget: Budget) -> PlainConnection | TLSConnection:
        parts = urlsplit(normalize_url(url))
        host, timeout_s = parts.hostname or "", self._settings.timeout_s
        if parts.scheme == "https":
            return TLSConnection(
                host,
                parts.port or 443,
                dialer=self._dialer,
                budget=budget,
                timeout=timeout_s,
                ssl_context=self._tls,
            )
        return PlainConnection(host, parts.port or 80, dialer=self._dialer, budget=budget, timeout=timeout_s)

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        sent = {
            "User-Agent": self._settings.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
        }
        if self._settings.from_email:
            sent["From"] = self._settings.from_email
        return sent | dict(extra)


def _read_body(response: BaseHTTPResponse, budget: Budget, max_bytes: int, *, truncate: bool) -> tuple[bytes, bool]:
    """Return the decoded body and whether it was cut at `max_bytes`."""
    if not 200 <= response.status < 300:
        return b"", False
    encodings = {name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")}
    if not encodings <= _ENCODINGS:
        raise StageError("undecodable", f"{budget.url}: answered in {sorted(encodings)}, which was not asked for")
    announced = response.headers.get("content-length", "")
    if not truncate and announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise _too_large(budget.url, max_bytes)
    budget.allow("a body", 2 * max_bytes + _READ_BYTES)  # chunks of a few bytes may double it on the wire
    body = bytearray()
    while len(body) <= max_bytes:
        part = response.read(_READ_BYTES, decode_content=True)
        if not part:
            return bytes(body), False
        body += part
    if not truncate:
        raise _too_large(budget.url, max_bytes)
    return bytes(body[:max_bytes]), True


def _too_large(url: str, max_bytes: int) -> StageError:
    return StageError("too_large", f"{url}: more than {max_bytes} bytes; raise the limit or leave it out")


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
        raise StageError("connection_failed", f"{budget.url}: broken answer ({problem})", retryable=True) from err
