"""What `newsbeam browse` refuses before any page is asked."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline.browse.guard import OUR_POLICY, Guard, is_own_host, is_public

OURS = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"127.0.0.1:8001")]}


def ask(**changes: Any) -> tuple[list[str], Mapping[str, Any]]:
    """Return which requests reached the pages, and the start of the answer."""
    reached: list[str] = []
    sent: list[Mapping[str, Any]] = []

    async def pages(scope: Mapping[str, Any], _receive: Any, send: Any) -> None:
        reached.append(scope["type"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Guard(pages, host="127.0.0.1")({**OURS, **changes}, receive, send))
    return reached, sent[0] if sent else {}


def test_reading_a_page_passes_and_gets_the_policy() -> None:
    reached, start = ask()
    assert reached == ["http"]
    headers = dict(start["headers"])
    assert headers[b"content-security-policy"] == OUR_POLICY.encode()
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"content-type"] == b"text/html"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"method": "POST"}, 405), ({"method": "DELETE"}, 405), ({"method": "CONNECT"}, 405),
        ({"headers": []}, 421), ({"headers": [(b"host", b"evil.example")]}, 421),
        ({"headers": [(b"Host", b"127.0.0.1.evil.example:8001")]}, 421),
        ({"path": "/-/metadata"}, 404), ({"path": "/newsbeam.db"}, 404), ({"path": ""}, 404), ({"path": "//"}, 404),
    ],
)  # fmt: skip
def test_everything_else_is_refused_under_the_same_policy(changes: dict[str, Any], status: int) -> None:
    reached, start = ask(**changes)
    assert reached == []
    assert start["status"] == status
    assert dict(start["headers"])[b"content-security-policy"] == OUR_POLICY.encode()


def test_there_are_no_websockets_and_the_servers_own_messages_pass() -> None:
    assert ask(type="websocket") == ([], {})
    assert ask(type="lifespan")[0] == ["lifespan"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8001", "[::1]", "[::1]:8001", "192.0.2.7:1", "desk"]
)
def test_addresses_and_our_own_name_are_ours(host: str) -> None:
    assert is_own_host(host, "desk")


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "[", "a:b:c", ":1"]
)
def test_a_name_that_anybody_can_point_here_is_not(host: str) -> None:
    assert not is_own_host(host, "127.0.0.1")


def test_only_pages_tables_and_style_are_public() -> None:
    public = (
        "/",
        "/map",
        "/article/a1",
        "/newsbeam",
        "/newsbeam/articles/1.json",
        "/style/newsbeam.css",
        "/favicon.ico",
    )
    private = ("/-/threads", "/newsbeamer", "/_internal", "/.json", "/maps", "/map/", "/article.db", "relative")
    assert [path for path in public if not is_public(path)] == []
    assert [path for path in private if is_public(path)] == []
