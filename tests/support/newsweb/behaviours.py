"""Every odd thing a server can do, one path each on `odd.example`: `ODD_PATHS` is the list.

Streams are made piece by piece and end with their client, so that none can eat the server's memory.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator

from .article_files import WebArticle
from .feeds import Entry, render_feed
from .publishers import GAZETTE, ODD, Publisher
from .responses import Pause, Response, html, plain, redirect
from .templates import render_page

CRASH_URL = f"http://{ODD.host}/crash"
"""A normal article page: the worker-kill tests make a worker die while it holds this URL."""

BLOCK = b"<p>" + b"All work and no news. " * 2978 + b"</p>\n"  # 64 KiB of harmless paragraph
HUGE_BYTES = 200 * 1024 * 1024
DRIP_S, DRIP_PIECES = 0.2, 600
NEVER_ENDS_BYTES = 1024 * 1024 * 1024  # a client without a cap is stopped here, not the server


Behaviour = Callable[[WebArticle], Response]


def page(article: WebArticle, path: str, *, publisher: Publisher = ODD) -> str:
    """Return the article's page with `path` as its canonical URL, so that each odd page is an article of its own."""
    return render_page(article, publisher).replace(publisher.url(article), f"http://{ODD.host}{path}")


def drip(article: WebArticle) -> Response:
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


def never_ends(article: WebArticle) -> Response:
    return Response(headers=HTML, stream=blocks(NEVER_ENDS_BYTES, pause_s=0.005))


def huge(article: WebArticle) -> Response:
    return Response(headers=HTML, stream=blocks(HUGE_BYTES), content_length=HUGE_BYTES)


def huge_chunked(article: WebArticle) -> Response:
    return Response(headers=HTML, stream=blocks(HUGE_BYTES))


def gzip_bomb(article: WebArticle) -> Response:
    """200 MB of paragraphs in about 200 kB of gzip."""

    def stream(pause: Pause) -> Iterator[bytes]:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
        for block in blocks(HUGE_BYTES)(pause):
            if piece := squeeze.compress(block):
                yield piece
        yield squeeze.flush()

    return Response(headers=(*HTML, ("Content-Encoding", "gzip")), stream=stream)


def zipped(article: WebArticle) -> Response:
    body = gzip.compress(page(article, "/gzip").encode(), mtime=0)
    return Response(headers=(*HTML, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")), body=body)


def broken_gzip(article: WebArticle) -> Response:
    body = gzip.compress(page(article, "/gzip-broken").encode(), mtime=0)
    return Response(headers=(*HTML, ("Content-Encoding", "gzip")), body=body[: len(body) // 2])


def too_long(article: WebArticle) -> Response:
    """Declares 1,000 bytes more than it sends."""
    body = page(article, "/length-too-long").encode()
    return Response(headers=HTML, body=body, content_length=len(body) + 1000)


def too_short(article: WebArticle) -> Response:
    """Declares half of what it sends."""
    body = page(article, "/length-too-short").encode()
    return Response(headers=HTML, body=body, content_length=len(body) // 2)


def wrong_charset(article: WebArticle) -> Response:
    """The header and the page say UTF-8; the bytes are ISO-8859-1."""
    return html(page(article, "/charset-wrong"), encoding="iso-8859-1")


def no_charset(article: WebArticle) -> Response:
    """Nobody says anything; the bytes are windows-1251."""
    text = page(article, "/charset-missing").replace('<meta charset="utf-8">', "")
    russian = "<p>Власти города сообщили, что мост откроют для движения в пятницу утром.</p>"
    return html(text.replace("</p>", "</p>" + russian, 1), encoding="windows-1251", charset=None)


def pdf(article: WebArticle) -> Response:
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
    return Response(headers=(("Content-Type", "application/pdf"),), body=body)


def pdf_as_html(article: WebArticle) -> Response:
    return Response(headers=HTML, body=pdf(article).body)


def noindex(article: WebArticle) -> Response:
    return html(page(article, "/noindex").replace("</head>", '<meta name="robots" content="noindex"></head>'))


def noindex_header(article: WebArticle) -> Response:
    made = html(page(article, "/noindex-header"))
    return Response(headers=(*made.headers, ("X-Robots-Tag", "noindex, noarchive")), body=made.body)


def paywalled(article: WebArticle) -> Response:
    """The first paragraph, a wall, and JSON-LD that says so."""
    text = page(article, "/paywalled").replace('"@type": "NewsArticle", ', '"@type": "NewsArticle", ' + NOT_FREE)
    for paragraph in article.paragraphs[1:]:
        text = text.replace(f"<p>{paragraph}</p>", "")
    wall = '<div class="paywall"><p>Subscribe to read the full story.</p></div>'
    return html(text.replace('<div class="sharedaddy', wall + '<div class="sharedaddy'))


NOT_FREE = (
    '"isAccessibleForFree": false, '
    '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".paywall"}, '
)


def claims_other_site(article: WebArticle) -> Response:
    """Says that its canonical URL is one of the gazette's: a claim across sites, not to be believed."""
    return html(render_page(article, ODD).replace(ODD.url(article), "http://gazette.example/2026/01/claimed/"))


def canonical_of(path: str) -> Behaviour:
    """Return a page whose canonical URL is `path` on this host: the same article under another address."""
    return lambda article: html(page(article, path))


def feed_bytes(article: WebArticle) -> bytes:
    entry = Entry(
        url=ODD.url(article), title=article.title, summary=article.summary, published=article.published
    )  # fmt: skip
    return render_feed(ODD, [entry]).body


def empty_feed(article: WebArticle) -> Response:
    return Response(headers=RSS, body=render_feed(ODD, []).body)


def truncated_feed(article: WebArticle) -> Response:
    body = feed_bytes(article)
    return Response(headers=RSS, body=body[: body.index(b"</title><link>", 300)])


def status(code: int, *headers: tuple[str, str]) -> Behaviour:
    return lambda article: plain(f"{code}\n", status=code, headers=headers)


def to(location: str, code: int = 302) -> Behaviour:
    return lambda article: redirect(location, code)


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
    "/status/304": lambda article: Response(status=304),
    "/status/403": status(403),
    "/status/404": status(404),
    "/status/410": status(410),
    "/status/429": status(429, ("Retry-After", "2")),
    "/status/500": status(500),
    "/status/503": status(503, ("Retry-After", "2")),
    # redirects
    "/redirect/same-site": to("/page", 301),
    "/redirect/other-site": to(f"http://{GAZETTE.host}/", 302),
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
    "/empty": lambda article: Response(headers=HTML),
    "/pdf": pdf,
    "/pdf-as-html": pdf_as_html,
    # feeds
    "/feed-html": canonical_of("/page"),
    "/feed-empty": empty_feed,
    "/feed-nothing": lambda article: Response(headers=RSS),
    "/feed-truncated": truncated_feed,
}
