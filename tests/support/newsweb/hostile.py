"""What servers do that mean harm, or that nobody looks after: `HOSTILE_PATHS`, on `odd.example` like the odd ones.

As in `behaviours.py` streams are made piece by piece and end with their client.
"""

import gzip
from collections.abc import Iterator
from functools import cache

from .behaviours import BLOCK, DRIP_PIECES, DRIP_S, HTML, RSS, Behaviour, feed_bytes, page, to
from .publishers import ODD
from .responses import Pause, Response, html, plain

DEEP = 60_000  # elements inside each other
SECRET = "user:hunter2"  # stands in redirects, and must be found nowhere else

CHALLENGE_TEXT = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
    "<p>This process is automatic. Your browser will redirect to your requested content shortly.</p></body></html>"
)


def slow_headers() -> Response:
    """A header every 0.2 s for two minutes, and never an end to them."""

    def stream(pause: Pause) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        for number in range(DRIP_PIECES):
            if not pause(DRIP_S):
                return
            yield b"X-%d: slow\r\n" % number

    return Response(raw=stream)


def header_flood() -> Response:
    """Headers without end, as fast as they are read."""

    def stream(pause: Pause) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while pause(0):
            yield b"".join(b"X-%d: %s\r\n" % (number, b"y" * 500) for number in range(100))

    return Response(raw=stream)


def many_headers() -> Response:
    made = html(page("/many-headers"))
    return Response(headers=(*made.headers, *((f"X-{n}", "fine") for n in range(300))), body=made.body)


@cache
def nested_bomb() -> bytes:
    """64 MB of paragraphs, packed twice: a kilobyte."""
    return gzip.compress(gzip.compress(BLOCK * 1024, mtime=0), mtime=0)


def nested_gzip_bomb() -> Response:
    return Response(headers=(*HTML, ("Content-Encoding", "gzip, gzip")), body=nested_bomb())


def deep_page() -> Response:
    """An article in 60,000 layers of boxes."""
    text = page("/deep")
    return html(text.replace("<body>", "<body>" + "<div>" * DEEP, 1).replace("</body>", "</div>" * DEEP + "</body>", 1))


def deep_feed() -> Response:
    body = feed_bytes().replace(b"<item>", b"<x>" * DEEP + b"</x>" * DEEP + b"<item>", 1)
    return Response(headers=RSS, body=body)


def entity_bomb(body: bytes, root: bytes) -> bytes:
    """Put a billion laughs in front of a document, and one reference to them into it."""
    lines = [b"<!ENTITY a0 'ha'>"]
    lines += [b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    head, mark, rest = body.partition(b"<title>")
    start = head.partition(b"?>\n")[2] or head
    return b"<?xml version='1.0'?>\n<!DOCTYPE %s [%s]>\n" % (root, b"".join(lines)) + start + mark + b"&a9;" + rest


def external_entity_feed() -> Response:
    """Asks the reader to put a file of its own machine, and a page of its own network, into the title."""
    body = feed_bytes()
    head, mark, rest = body.partition(b"<title>")
    names = (
        b"<!ENTITY file SYSTEM 'file:///etc/hostname'><!ENTITY % net SYSTEM 'http://169.254.169.254/x.dtd'> %net;"
        b"<!ENTITY page SYSTEM 'http://127.0.0.1:1/secret'>"
    )
    start = head.partition(b"?>\n")[2]
    text = b"<?xml version='1.0'?>\n<!DOCTYPE rss [%s]>\n" % names + start + mark + b"&file;&page;" + rest
    return Response(headers=RSS, body=text)


def challenge() -> Response:
    """Asks for a browser, and says so in a header."""
    return Response(status=403, headers=(*HTML, ("cf-mitigated", "challenge")), body=CHALLENGE_TEXT.encode())


def challenge_as_page() -> Response:
    """The same as if it were the article."""
    return html(CHALLENGE_TEXT)


def unasked_feed() -> Response:
    return Response(headers=RSS, body=feed_bytes())


HOSTILE_PATHS: dict[str, Behaviour] = {
    "/slow-headers": slow_headers,
    "/header-flood": header_flood,
    "/many-headers": many_headers,
    "/gzip-bomb-nested": nested_gzip_bomb,
    "/deep": deep_page,
    "/challenge": challenge,
    "/challenge-as-page": challenge_as_page,
    "/feed-as-article": unasked_feed,
    "/entity-bomb": lambda: html(entity_bomb(page("/entity-bomb").encode(), b"html").decode()),
    # where redirects may not lead
    "/redirect/self": to("/redirect/self"),
    "/redirect/credentials": to(f"http://{SECRET}@{ODD.host}/page"),
    "/redirect/mapped": to("http://[::ffff:127.0.0.1]/page"),
    "/redirect/nat64": to("http://[64:ff9b::a9fe:a9fe]/latest/"),
    "/redirect/cgnat": to("http://100.64.0.1/"),
    "/redirect/multicast": to("http://224.0.0.1/"),
    "/redirect/loopback": to("http://localhost/"),
    "/redirect/nowhere": lambda: plain("lost\n", status=302),
    # feeds
    "/feed-deep": deep_feed,
    "/feed-entity-bomb": lambda: Response(headers=RSS, body=entity_bomb(feed_bytes(), b"rss")),
    "/feed-external-entity": external_entity_feed,
    "/feed-challenge": challenge,
    "/feed-gzip-bomb": nested_gzip_bomb,
    "/feed-slow-headers": slow_headers,
}
