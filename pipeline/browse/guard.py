"""What is refused before any page is asked: everything that is no reading of a page of ours by the person here.

The store may hold what only its owner should read, and its texts come from strangers. So: no method but GET and HEAD;
no `Host` that a foreign page could point at this machine (DNS rebinding: its own name, our address); only paths that
are meant to be seen; and a policy under which a browser runs no script and loads nothing from elsewhere, should a text
ever get past the escaping.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from pipeline.browse.names import DATABASE, PAGES

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_NOWHERE = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
OUR_POLICY = _NOWHERE + "style-src 'self'"
# Datasette's own table pages have inline scripts and styles.
TABLES_POLICY = _NOWHERE + "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; connect-src 'self'"
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_STATIC = ("/-/static/", "/style/")


class Guard:
    """An ASGI application in front of another one."""

    def __init__(self, app: App, *, host: str) -> None:
        """Keep the application, and the address or name at which it is served."""
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with what is wrong."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets here: the server closes it
        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, _with_headers(send, _policy(scope["path"])))
            return
        status, text, headers = refused
        await _with_headers(send, OUR_POLICY)(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"text/plain; charset=utf-8"), *headers],
            }
        )
        await send({"type": "http.response.body", "body": f"{text}\n".encode()})

    def _refusal(self, scope: Scope) -> tuple[int, str, tuple[tuple[bytes, bytes], ...]] | None:
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "Read only: GET and HEAD are all there is.", ((b"allow", b"GET, HEAD"),)
        if not is_own_host(_host_of(scope["headers"]), self._host):
            return 421, "This address is served to this machine, under its own name only.", ()
        if not is_public(scope["path"]):
            return 404, "There is no such page.", ()
        return None


def is_own_host(host: str, served: str) -> bool:
    """Say whether a Host header can only be that of somebody who typed our address.

    A name can be anybody's who points it here; an IP address cannot, nor `localhost`.

    >>> is_own_host("127.0.0.1:8001", "127.0.0.1"), is_own_host("[::1]:80", "::1"), is_own_host("evil.example", "::1")
    (True, True, False)
    """
    name = host.lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name in ("localhost", served.lower()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_public(path: str) -> bool:
    """Say whether a path is a page of ours, a table, or what they look like."""
    first = f"/{path.split('/')[1]}" if path.startswith("/") else ""
    return path in PAGES or first in ("/article", f"/{DATABASE}") or path == "/favicon.ico" or path.startswith(_STATIC)


def _policy(path: str) -> str:
    return TABLES_POLICY if path.split("/")[1:2] == [DATABASE] else OUR_POLICY


def _host_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"host"), "")


def _with_headers(send: Send, policy: str) -> Send:
    async def send_with(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            policy_header = (b"content-security-policy", policy.encode())
            message = {**message, "headers": [*message.get("headers", ()), policy_header, *_HEADERS]}
        await send(message)

    return send_with
