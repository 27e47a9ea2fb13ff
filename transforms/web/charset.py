"""From the bytes of a page to its text: what kind of thing it is, and which encoding it is really in."""

import codecs
import re
from typing import Literal, NamedTuple

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from transforms.errors import StageError

CharsetSource = Literal["bom", "http", "meta", "utf-8", "detected", "fallback"]
Kind = Literal["html", "xml_feed", "json", "pdf", "image", "text", "binary"]

_FALLBACK = "cp1252"  # what browsers assume of an unlabelled western page
_SAMPLE_BYTES = 16_000  # the detector decodes its sample once per candidate: 5 MB would take half a minute
_MAX_DAMAGE = (
    0.02  # share of replaced characters among the non-ASCII ones: below, the label is right and the page damaged
)
# Python has codecs that are no page's encoding: some are transformations, punycode takes quadratic time, utf-7 hides
# markup from every check (browsers dropped it for that).
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "hz"})
# The legacy encodings of the web (WHATWG), by Python's names. Asked without bounds, the detector read one Russian
# sentence in an English page as cp1006 (Urdu); of 24 pages in 6 languages 17 are right with this, 12 without.
_LEGACY = [
    *("cp866", "cp874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u", "gb18030", "big5", "euc_jp", "cp932", "euc_kr"),
]
_APACHE_DEFAULTS = frozenset({"cp1252", "iso8859-1", "ascii"})

_IMAGES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x01\x00",
)
_FEED_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|atom:feed)[\s>]", re.I)
_HTML_SIGN = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|table|script|article|h1)[\s>/]", re.I)


class DecodedPage(NamedTuple):
    """A page's text without a byte order mark; `charset` is Python's name, `source` the evidence that won."""

    text: str
    charset: str
    source: CharsetSource


def sniff_kind(body: bytes, content_type: str | None) -> Kind:
    """Return what a body is. Its bytes decide; the header only where they leave it open (RFC 9110 8.3: it may lie)."""
    head = _plain_head(body)
    stripped = head.lstrip()
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if body.startswith(_IMAGES) or (body[:4] == b"RIFF" and body[8:12] == b"WEBP") or body[4:12] == b"ftypavif":
        return "image"
    if b"\x00" in head:
        return "binary"
    media_type = (content_type or "").partition(";")[0].strip().lower()
    feed, page = _FEED_ROOT.search(head), _HTML_SIGN.search(head)
    if feed and (page is None or feed.start() < page.start()):
        return "xml_feed"
    if page:
        return "html"
    if stripped.startswith(b"<svg"):
        return "image"
    if stripped[:1] in (b"{", b"[") and (
        media_type.endswith("json") or stripped[1:].lstrip()[:1] in (b'"', b"{", b"}")
    ):
        return "json"
    if media_type in ("text/html", "application/xhtml+xml"):
        return "html"
    return "binary" if _looks_binary(head) else "text"


def decode_page(body: bytes, content_type: str | None) -> DecodedPage:
    """Return the text of an HTML or plain-text page, in the encoding it is really in.

    In this order: byte order mark; UTF-8 if all of it is UTF-8 (no page in another encoding is, by chance); the label
    of the HTTP header or of the page where it decodes without error; the label where only little is damaged; the
    detector; windows-1252. Where both label it, the header wins, unless it only says what Apache says of everything.
    Raises `StageError("undecodable")` for binary content and nothing else.
    """
    encoding, mark = read_bom(body)
    if encoding and mark:
        return _page(body[len(mark) :], encoding, "bom")
    if sniff_kind(body, None) in ("binary", "pdf", "image"):
        raise StageError("undecodable", f"{len(body)} bytes labelled {content_type!r} are not text")
    labels = _labels(body, content_type)
    if not any(name.startswith("iso2022") for name, _ in labels):  # these are ASCII to look at
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            source: CharsetSource = next((source for name, source in labels if name == "utf-8"), "utf-8")
            return DecodedPage(_clean(text), "utf-8", source)
    for name, source in labels:
        try:
            return DecodedPage(_clean(body.decode(name)), name, source)
        except UnicodeError:
            continue
    for name, source in labels:
        if _damage(body, name) <= _MAX_DAMAGE:
            return _page(body, name, source)
    detected = _detect(body)
    return _page(body, detected, "detected") if detected else _page(body, _FALLBACK, "fallback")


def _labels(body: bytes, content_type: str | None) -> list[tuple[str, CharsetSource]]:
    """Return the encodings that header and page name, the more believable first."""
    header = _known(http_content_type_encoding(content_type[:1000]) if content_type else None)
    declared = _known(html_body_declared_encoding(body[:4096]))
    labels: list[tuple[str, CharsetSource]] = []
    if header:
        labels.append((header, "http"))
    if declared and declared != header:
        labels.insert(0 if header in _APACHE_DEFAULTS else len(labels), (declared, "meta"))
    return labels


def _known(name: str | None) -> str | None:
    """Return Python's name of an encoding, None if there is none or no page should be read by it."""
    if not name:
        return None
    try:
        codec = codecs.lookup(name)
        b"".decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    if codec.name in _NO_CHARSETS or codec.name.startswith(("utf-16", "utf-32")):
        return None  # UTF-16 without a mark whose label could be read as ASCII is not UTF-16 (WHATWG)
    return codec.name


def _detect(body: bytes) -> str | None:
    import charset_normalizer  # imported late: one page in a hundred needs it

    first = next((at for at, byte in enumerate(body) if byte > 0x7F), 0)
    # Cut at markup, so that no multi-byte character is cut.
    start = body.rfind(b"<", 0, first) + 1
    end = body.find(b"<", first + _SAMPLE_BYTES)
    sample = body[start : end if 0 <= end < first + 2 * _SAMPLE_BYTES else first + _SAMPLE_BYTES]
    best = charset_normalizer.from_bytes(sample, cp_isolation=_LEGACY).best()
    return _known(best.encoding) if best else None


def _damage(body: bytes, name: str) -> float:
    """Return the share of characters that do not decode among those that are not ASCII."""
    text = body.decode(name, errors="replace")
    foreign = sum(1 for char in text if char > "\x7f")
    return text.count("\ufffd") / foreign if foreign else 0.0


def _page(body: bytes, name: str, source: CharsetSource) -> DecodedPage:
    return DecodedPage(_clean(body.decode(name, errors="replace")), name, source)


def _clean(text: str) -> str:
    return text.replace("\x00", "") if "\x00" in text else text


def _plain_head(body: bytes) -> bytes:
    """Return the beginning of a body as ASCII-like bytes, whatever its width."""
    head = body[:2048]
    encoding, mark = read_bom(head)
    return head[len(mark) :].decode(encoding, errors="replace").encode("utf-8") if encoding and mark else head


def _looks_binary(head: bytes) -> bool:
    """Tell binary formats without zero bytes at the start (compressed, audio) by their control characters."""
    controls = sum(1 for byte in head if byte < 0x20 and byte not in b"\t\n\r\f\x1b")
    return controls * 50 > len(head)
