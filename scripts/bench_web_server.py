"""The web of `scripts/bench --only web`: one process, many loopback addresses, each of them a site of its own.

`/robots.txt` is a 404, `/feed-N` a feed with validators, anything else an article that comes after a while. `/bench`
tells what was asked for since the last time it was asked for itself.
"""

import asyncio
import json
import socket
import sys
import time
from dataclasses import dataclass, field
from email.utils import formatdate

OLD, NEW = 1_000_000_000.0, 1_790_000_000.0  # entries that nobody wants any more, entries that are wanted
SENTENCE = "The harbour master of {place} said on Tuesday that {number} ships had waited for the tide since Sunday. "


@dataclass
class Log:
    """What was asked for: counts by kind and status, and when articles were (monotonic seconds)."""

    counts: dict[str, int] = field(default_factory=dict)
    articles: list[float] = field(default_factory=list)

    def note(self, kind: str, status: int) -> None:
        name = f"{kind} {status}"
        self.counts[name] = self.counts.get(name, 0) + 1
        if kind == "article":
            self.articles.append(time.monotonic())


@dataclass(frozen=True)
class Web:
    """`entries` of each feed; `wanted`: their articles are to be fetched, and come after `latency_s`."""

    entries: int
    wanted: bool
    latency_s: float


def feed(web: Web, host: str, name: str) -> bytes:
    """Return a feed's only edition."""
    at = formatdate(NEW if web.wanted else OLD, usegmt=True)
    items = "".join(
        f"<item><title>Story {n} of {name} in {host}</title><link>http://{host}/{name}/harbour-report-{n}</link>"
        f"<guid>{host}/{name}/{n}</guid><pubDate>{at}</pubDate><description>{SENTENCE.format(place=name, number=n)}"
        f"</description></item>"
        for n in range(web.entries)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()


def article(path: str) -> bytes:
    """Return a page whose text nobody else has."""
    text = "".join(f"<p>{SENTENCE.format(place=path, number=n)}</p>" for n in range(3))
    head = f"<html lang='en'><head><title>Report {path}</title></head>"
    return f"{head}<body><article><h1>Report {path}</h1>{text}</article></body></html>".encode()


async def serve(web: Web, addresses: list[str]) -> None:
    """Listen on all addresses with one port, say which, and answer until standard input closes."""
    log = Log()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split(" ")[1]
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
                writer.write(await answer(web, log, fields["host"], path, fields.get("if-none-match")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    with socket.socket() as probe:
        probe.bind((addresses[0], 0))
        port = probe.getsockname()[1]
    server = await asyncio.start_server(talk, addresses, port, backlog=256, reuse_address=True)
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


async def answer(web: Web, log: Log, host: str, path: str, if_none_match: str | None) -> bytes:
    """Return an answer's bytes, and note it."""
    if path == "/bench":
        body = json.dumps({"counts": log.counts, "articles": log.articles}).encode()
        log.counts, log.articles = {}, []
        return _response(200, body, "application/json")
    if path == "/robots.txt":
        log.note("robots", 404)
        return _response(404, b"")
    if path.startswith("/feed-") and path.count("/") == 1:
        if if_none_match is not None:
            log.note("feed", 304)
            return _response(304, b"")
        log.note("feed", 200)
        return _response(200, feed(web, host, path[1:]), "application/rss+xml")
    log.note("article", 200)
    await asyncio.sleep(web.latency_s)
    return _response(200, article(path), "text/html; charset=utf-8")


def _response(status: int, body: bytes, content_type: str = "text/plain") -> bytes:
    head = f'HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nETag: "1"\r\nContent-Length: {len(body)}\r\n\r\n'
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(serve(Web(int(sys.argv[1]), sys.argv[2] == "wanted", float(sys.argv[3])), sys.argv[4:]))
