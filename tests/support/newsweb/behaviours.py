"""Every odd thing a server can do, one path each on `odd.example`: `ODD_PATHS` is the list.

Streams are made piece by piece and end with their client, so that none can eat the server's memory.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import escape

from .article_files import WebArticle
from .feeds import Entry, render_feed
from .generated import generated_article
from .publishers import GAZETTE, ODD, PATIENT
from .responses import Pause, Response, html, plain, redirect
from .templates import render_page

CRASH_URL = f"http://{ODD.host}/crash"
"""A normal article page: the worker-kill tests make a worker die while it holds this URL."""

BLOCK = b"<p>" + b"All work and no news. " * 2978 + b"</p>\n"  # 64 KiB of harmless paragraph
HUGE_BYTES = 200 * 1024 * 1024
DRIP_S, DRIP_PIECES = 0.2, 600
NEVER_ENDS_BYTES = 1024 * 1024 * 1024  # a client without a cap is stopped here, not the server


Behaviour = Callable[[], Response]


def odd_article(path: str) -> WebArticle:
    """Return the article of an odd page: each path has its own text, so that none is a copy of another."""
    article = generated_article(zlib.crc32(path.encode()) % 100_000, 1)
    return replace(article, host=ODD.host, slug=path.removeprefix("/"), paragraphs=article.paragraphs[:8])


def page(path: str) -> str:
    """Return the page of `odd_article(path)`, its canonical URL included."""
    return render_page(odd_article(path), ODD)


def drip() -> Response:
    """A few bytes every 0.2 s for two minutes, the length declared."""
    piece = b"<p>drip</p>\n"

    def stream(pause: Pause) -> Iterator[bytes]:
        for _ in range(DRIP_PIECES):
            yield piece
            if not pause(DRIP_S):
                return

    return Response(headers=HTML, stream=stream, content_length=len(piece) * DRIP_PIECES)


def blocks(total: int, pause_s: float = 0.0) -> Callable[[Pause], Iterator[bytes]]:
    """Return a stream of `total` bytes of HTML in 64 KiB blocks."""

    def stream(pause: Pause) -> Iterator[bytes]:
        for sent in range(0, total, len(BLOCK)):
            yield BLOCK[: total - sent]
            if pause_s and not pause(pause_s):
                return

    return stream


def never_ends() -> Response:
    return Response(headers=HTML, stream=blocks(NEVER_ENDS_BYTES, pause_s=0.005))


def huge() -> Response:
    return Response(headers=HTML, stream=blocks(HUGE_BYTES), content_length=HUGE_BYTES)


def huge_chunked() -> Response:
    return Response(headers=HTML, stream=blocks(HUGE_BYTES))


def gzip_bomb() -> Response:
    """200 MB of paragraphs in about 200 kB of gzip."""

    def stream(pause: Pause) -> Iterator[bytes]:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
        for block in blocks(HUGE_BYTES)(pause):
            if piece := squeeze.compress(block):
                yield piece
        yield squeeze.flush()

    return Response(headers=(*HTML, ("Content-Encoding", "gzip")), stream=stream)


def zipped() -> Response:
    body = gzip.compress(page("/gzip").encode(), mtime=0)
    return Response(headers=(*HTML, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")), body=body)


def broken_gzip() -> Response:
    body = gzip.compress(page("/gzip-broken").encode(), mtime=0)
    return Response(headers=(*HTML, ("Content-Encoding", "gzip")), body=body[: len(body) // 2])


def too_long() -> Response:
    """Declares 1,000 bytes more than it sends."""
    body = page("/length-too-long").encode()
    return Response(headers=HTML, body=body, content_length=len(body) + 1000)


def too_short() -> Response:
    """Declares half of what it sends."""
    body = page("/length-too-short").encode()
    return Response(headers=HTML, body=body, content_length=len(body) // 2)


def wrong_charset() -> Response:
    """The header and the page say UTF-8; the bytes are ISO-8859-1."""
    return html(page("/charset-wrong"), encoding="iso-8859-1")


def no_charset() -> Response:
    """Nobody says anything; the bytes are windows-1251."""
    text = page("/charset-missing").replace('<meta charset="utf-8">', "")
    russian = "<p>Власти города сообщили, что мост откроют для движения в пятницу утром.</p>"
    return html(text.replace("</p>", "</p>" + russian, 1), encoding="windows-1251", charset=None)


def pdf() -> Response:
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
    return Response(headers=(("Content-Type", "application/pdf"),), body=body)


def pdf_as_html() -> Response:
    return Response(headers=HTML, body=pdf().body)


def noindex() -> Response:
    return html(page("/noindex").replace("</head>", '<meta name="robots" content="noindex"></head>'))


def noindex_header() -> Response:
    made = html(page("/noindex-header"))
    return Response(headers=(*made.headers, ("X-Robots-Tag", "noindex, noarchive")), body=made.body)


def paywalled() -> Response:
    """The first paragraph, a wall, and JSON-LD that says so."""
    text = page("/paywalled").replace('"@type": "NewsArticle", ', '"@type": "NewsArticle", ' + NOT_FREE)
    for paragraph in odd_article("/paywalled").paragraphs[1:]:
        text = text.replace(f"<p>{escape(paragraph, quote=False)}</p>", "")
    wall = '<div class="paywall"><p>Subscribe to read the full story.</p></div>'
    return html(text.replace('<div class="sharedaddy', wall + '<div class="sharedaddy'))


NOT_FREE = (
    '"isAccessibleForFree": false, '
    '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".paywall"}, '
)


def claims_other_site() -> Response:
    """Says that its canonical URL is one of the gazette's: a claim across sites, not to be believed."""
    path = "/claims-other-site"
    return html(page(path).replace(f"http://{ODD.host}{path}", f"http://{GAZETTE.host}/2026/01/claimed/"))


def canonical_of(path: str) -> Behaviour:
    """Return a page whose canonical URL is `path` on this host: the same article under another address."""
    return lambda: html(page(path))


def feed_bytes() -> bytes:
    article = odd_article("/page")
    entry = Entry(url=ODD.url(article), title=article.title, summary=article.summary, published=article.published)
    return render_feed(ODD, [entry]).body


def empty_feed() -> Response:
    return Response(headers=RSS, body=render_feed(ODD, []).body)


def truncated_feed() -> Response:
    body = feed_bytes()
    return Response(headers=RSS, body=body[: body.index(b"</title><link>", 300)])


def status(code: int, *headers: tuple[str, str]) -> Behaviour:
    return lambda: plain(f"{code}\n", status=code, headers=headers)


def to(location: str, code: int = 302) -> Behaviour:
    return lambda: redirect(location, code)


HTML = (("Content-Type", "text/html; charset=utf-8"),)
RSS = (("Content-Type", "application/rss+xml"),)

ODD_PATHS: dict[str, Behaviour] = {
    "/crash": canonical_of("/crash"),
    "/page": canonical_of("/page"),
    "/page-again": canonical_of("/page"),
    "/claims-other-site": claims_other_site,
    "/noindex": noindex,
    "/noindex-header": noindex_header,
    "/paywalled": paywalled,
    # statuses
    "/status/304": lambda: Response(status=304),
    "/status/403": status(403),
    "/status/404": status(404),
    "/status/410": status(410),
    "/status/429": status(429, ("Retry-After", "2")),
    "/status/500": status(500),
    "/status/503": status(503, ("Retry-After", "2")),
    # redirects
    "/redirect/same-site": to("/page", 301),
    "/redirect/other-site": to(f"http://{PATIENT.host}/news/windhoek-solar-farm"),
    "/redirect/loop": to("/redirect/loop-back"),
    "/redirect/loop-back": to("/redirect/loop"),
    **{f"/redirect/chain/{left}": to(f"/redirect/chain/{left - 1}") for left in range(1, 31)},
    "/redirect/chain/0": to("/page"),
    "/redirect/private": to("http://169.254.169.254/latest/"),
    "/redirect/file": to("file:///etc/hostname"),
    # bodies
    "/drip": drip,
    "/never-ends": never_ends,
    "/huge": huge,
    "/huge-chunked": huge_chunked,
    "/gzip": zipped,
    "/gzip-broken": broken_gzip,
    "/gzip-bomb": gzip_bomb,
    "/length-too-long": too_long,
    "/length-too-short": too_short,
    "/charset-wrong": wrong_charset,
    "/charset-missing": no_charset,
    "/empty": lambda: Response(headers=HTML),
    "/pdf": pdf,
    "/pdf-as-html": pdf_as_html,
    # feeds
    "/feed-html": canonical_of("/page"),
    "/feed-empty": empty_feed,
    "/feed-nothing": lambda: Response(headers=RSS),
    "/feed-truncated": truncated_feed,
}
