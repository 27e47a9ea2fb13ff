"""Make a stranger's XML safe to hand to a parser: known encoding, no entities that grow, no deep nesting."""

import codecs
import re
from typing import Any
from xml.parsers import expat

from transforms.errors import StageError

MAX_DEPTH = 100  # real feeds nest below 20 (XHTML content included)
# feedparser's time per document: 22 us an element where it is well-formed and 55 us more where it is not, and the
# square of an element's attributes (50,000: 31 s) and of an entry's categories (20,000: 8 s). 9,000 real-sized
# entries (14 MB) have 36,000 elements.
MAX_ELEMENTS = 100_000
MAX_ATTRIBUTES = 100
MAX_CHILDREN = 2_000  # of one element, entries apart
MAX_ENTITY_CHARS = 256  # real declarations stand for a character or a company's name
MAX_EXPANSION_BYTES = 4 * 1024 * 1024  # all references together
NOT_WELL_FORMED = "not well-formed XML"

_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENTRY_NAMES = frozenset({"item", "entry", "li"})
_SITEMAP_NAMES = frozenset({"url", "sitemap"})  # directly below the root
# feedparser splits keywords at commas into categories, with the square of their number in time.
MAX_KEYWORDS_CHARS = 10_000
_KEYWORDS = re.compile(rb"(?i)(</?(?:[\w.-]{1,30}:)?)keywords\b")
_OPENED = re.compile(r"<(?:[\w.-]{1,30}:)?(item|entry|category|subject|author|creator|contributor|link)\b")
# Codecs of Python that are no document's encoding; punycode also takes quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "hz"})
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"))  # XML 1.0, appendix F


def safe_xml(
    body: bytes, content_type: str | None, url: str, *, max_elements: int = MAX_ELEMENTS
) -> tuple[bytes, tuple[str, ...]]:
    """Return the document as UTF-8 without an XML declaration, and warnings about what had to be mended.

    Raises `StageError("unreadable_feed")` for entity declarations that nest, grow or point elsewhere, and for elements
    nested deeper than `MAX_DEPTH`.
    """
    text, encoding, damaged = _decode(body, content_type)
    warnings = [f"damaged {encoding}"] if damaged else []
    text = _DECLARATION.sub("", text, count=1).lstrip()
    if _NOT_XML.search(text):
        text = _NOT_XML.sub("", text)
        warnings.append("control characters")
    data = text.encode("utf-8", errors="replace")
    if not _Gate(url, max_elements).passes(data):
        warnings.append(NOT_WELL_FORMED)
        # Past the error nothing was checked, and what the feed parser repairs may differ from what was read here.
        if b"<!ENTITY" in data:
            raise _unreadable(url, "declares entities and is not well-formed")
        _check_broken(text, url)
        data = _KEYWORDS.sub(rb"\1ignored", data)
    return data, tuple(warnings)


class _Gate:
    """A pass of expat over the document that keeps nothing and stops at what is dangerous."""

    def __init__(self, url: str, max_elements: int) -> None:
        self._url, self._max_elements, self._count, self._references = url, max_elements, 0, 0
        self._children = [0]  # of each open element

    def passes(self, data: bytes) -> bool:
        """Tell whether the document is well-formed. Raises `StageError`."""
        self._references = data.count(b"&")
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            return False
        return True

    def _entity(self, name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        # Raised before the first reference is expanded: declarations stand before the root element.
        if is_parameter or value is None:
            raise _unreadable(self._url, f"declares the external or parameter entity {name[:40]!r}")
        if "&" in value or "%" in value or len(value) > MAX_ENTITY_CHARS:
            raise _unreadable(self._url, f"declares the entity {name[:40]!r}, which grows when it is read")
        if len(value.encode()) * self._references > MAX_EXPANSION_BYTES:
            raise _unreadable(self._url, f"uses entities such as {name[:40]!r} too often")

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        local = name.rpartition(":")[2]
        if local not in _ENTRY_NAMES and not (len(self._children) == 2 and local in _SITEMAP_NAMES):
            self._children[-1] += 1
        self._children.append(0)
        if name.endswith("keywords"):
            self._keywords_chars = 0
            self._parser.CharacterDataHandler = self._keywords
        if len(self._children) > MAX_DEPTH:
            raise _unreadable(self._url, f"nests elements deeper than {MAX_DEPTH}")
        if self._count > self._max_elements:
            raise _unreadable(self._url, f"has more than {self._max_elements} elements")
        if len(attributes) > 2 * MAX_ATTRIBUTES or self._children[-2] > MAX_CHILDREN:
            raise _unreadable(self._url, f"has more attributes or children in {name[:40]!r} than any feed")

    def _end(self, name: str) -> None:
        self._children.pop()
        if name.endswith("keywords"):
            self._parser.CharacterDataHandler = None

    def _keywords(self, text: str) -> None:
        self._keywords_chars += len(text)
        if self._keywords_chars > MAX_KEYWORDS_CHARS:
            raise _unreadable(self._url, f"has keywords of more than {MAX_KEYWORDS_CHARS} characters")


def _check_broken(text: str, url: str) -> None:
    """Bound what the lenient parser will do with a document that is not well-formed, by counts that need no parser."""
    brackets, attributes = text.count("<"), text.count("=")
    repeated = 0
    for tag in _OPENED.finditer(text):
        repeated = 0 if tag[1] in _ENTRY_NAMES else repeated + 1
        if repeated > MAX_CHILDREN:
            break
    if brackets > 2 * MAX_ELEMENTS or attributes > 2 * MAX_ELEMENTS or repeated > MAX_CHILDREN:
        raise _unreadable(url, "is not well-formed and too large to be mended")


def _decode(body: bytes, content_type: str | None) -> tuple[str, str, bool]:
    """Return the text, its encoding, and whether characters were replaced.

    A byte order mark wins, then UTF-8 if all of it is UTF-8 (servers label feeds with their default), then the header
    (RFC 7303 3), the declaration, windows-1252.
    """
    for mark, encoding in (*_BOMS, *_WIDE):
        if body.startswith(mark):
            start = 0 if (mark, encoding) in _WIDE else len(mark)
            text = body[start:].decode(encoding, errors="replace")
            return text, encoding, "\ufffd" in text
    header = _CHARSET.search((content_type or "")[:1000])
    declared = _DECLARED.match(body[:400])
    labels = [
        name
        for name in (_known(header[1]) if header else None, _known(declared[1].decode("ascii")) if declared else None)
        if name
    ]
    # ISO-2022 is ASCII to look at: there the label comes first.
    stateful = [name for name in labels if name.startswith("iso2022")]
    for encoding in (*stateful, "utf-8", *labels):
        try:
            return body.decode(encoding), encoding, False
        except UnicodeError:
            continue
    encoding = next((name for name in labels if name != "utf-8"), "utf-8" if "utf-8" in labels else "cp1252")
    return body.decode(encoding, errors="replace"), encoding, True


def _known(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        b"".decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    # Windows-1252 is what pages labelled Latin-1 or ASCII are in (WHATWG Encoding).
    canonical = "cp1252" if codec.name in ("iso8859-1", "ascii") else codec.name
    return None if canonical in _NO_CHARSETS or canonical.startswith(("utf-16", "utf-32")) else canonical


def _unreadable(url: str, problem: str) -> StageError:
    return StageError("unreadable_feed", f"{url}: the feed {problem}; it was not read")
