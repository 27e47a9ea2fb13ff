"""What the server sends back: a response as data, and makers of the common ones."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Pause = Callable[[float], bool]
"""Waits so many seconds; False when the client went away or the server stops, and the stream should end."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response; `stream` replaces `body` and is sent chunked unless `content_length` is declared.

    A `content_length` that is not the body's is sent as it stands, and the connection is closed after it. `raw`
    replaces everything, status line and headers too, and is sent as it comes.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    stream: Callable[[Pause], Iterator[bytes]] | None = None
    content_length: int | None = None
    raw: Callable[[Pause], Iterator[bytes]] | None = None


def html(text: str, *, encoding: str = "utf-8", charset: str | None = "utf-8", status: int = 200) -> Response:
    """Return a page; `charset` is what the header claims (None: nothing), `encoding` what is true."""
    content_type = "text/html" + (f"; charset={charset}" if charset else "")
    body = text.encode(encoding, errors="xmlcharrefreplace")
    return Response(status=status, headers=(("Content-Type", content_type),), body=body)


def plain(text: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    headers = (("Content-Type", "text/plain; charset=utf-8"), *headers)
    return Response(status=status, headers=headers, body=text.encode())


def redirect(location: str, status: int = 302) -> Response:
    return plain(f"See {location}\n", status=status, headers=(("Location", location),))


def png(seed: str, *, width: int = 160, height: int = 90) -> bytes:
    """Return a small valid PNG of one colour that depends on `seed`."""
    colour = struct.pack(">I", zlib.crc32(seed.encode()))[:3]
    rows = (b"\0" + colour * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
