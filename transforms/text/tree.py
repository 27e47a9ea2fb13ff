"""HTML to a tree: one lxml parse per page, shared by extraction and metadata."""

import re
from typing import NamedTuple

from lxml import etree, html

from transforms.errors import StageError

# libxml2 gives up beyond 255 levels: unclosed inline tags and nested layout tables get there. Without those tags such
# pages parse; the text and its paragraphs survive.
_INLINE_TAGS = re.compile(r"</?(?:a|abbr|b|big|center|em|font|i|small|span|strike|strong|tt|u)\b[^<>]*>", re.I)
_LAYOUT_TAGS = re.compile(r"</?(?:table|tbody|thead|tfoot|tr|td|th|div|section|dl|dd|dt|ul|ol|li|form)\b[^<>]*>", re.I)
# No XML text may hold these; bytes, because a pattern over the page's text takes longer than parsing it.
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_ANY_TAG = re.compile(r"<(?:[a-zA-Z][\w:-]*|!doctype|!--)", re.I)
_DECLARED = re.compile(r"\s*<\?xml[^>]{0,200}\?>")

# What is left when all else is taken out: these cannot nest, so that any page becomes flat enough.
_OTHER_TAGS = re.compile(r"</?(?!(?:html|head|body|title|meta|link|script|style|p|h[1-6]|br|hr)\b)[a-z][^<>]*>", re.I)
_READERS = (("", None), ("without-marks", _INLINE_TAGS), ("without-layout", _LAYOUT_TAGS), ("flat", _OTHER_TAGS))

_MAX_PREAMBLE = 100_000  # characters within which a page shows its first tag


class ParsedPage(NamedTuple):
    """The root of a page, and which tags had to go before it could be parsed ("" for a page as it is)."""

    root: html.HtmlElement
    reader: str


def read_page(text: str, url: str) -> ParsedPage:
    """Return the page as a tree.

    Raises StageError: `not_html` without a tag in it, or with one text that no parser of ours holds.
    """
    if not _ANY_TAG.search(text[:_MAX_PREAMBLE]):
        raise StageError("not_html", f"{url}: no HTML tag in it; give plain text as a .txt file")
    declared = _DECLARED.match(text)
    text = text[declared.end() :] if declared else text
    for reader, pattern in _READERS:
        text = pattern.sub(" ", text) if pattern else text
        root = _parse(text)
        if root is not None:
            return ParsedPage(root, reader)
    raise StageError("not_html", f"{url}: its markup cannot be parsed (one text of over 10 MB, or no body)")


def parse_page(text: str, url: str) -> html.HtmlElement:
    """Return the root alone; see `read_page`."""
    return read_page(text, url).root


def parse_fragment(markup: str, url: str) -> html.HtmlElement:
    """Return `markup` (a feed's content, a JSON-LD body) as a page of its own, without chrome."""
    root = parse_page(f"<html><body><article>{markup}</article></body></html>", url)
    drop_unseen(root)
    drop_chrome(root)
    return root


def _parse(text: str) -> html.HtmlElement | None:
    # No ids, comments or processing instructions: trafilatura's own settings.
    parser = html.HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    # One class for all elements: lxml.html's own lookup calls Python for every element touched, a tenth of all time.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    for sequence in _NO_CHARACTERS if _NO_CHARACTERS[0][:1] in data else ():
        data = data.replace(sequence, b"")
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if parser.error_log.filter_from_errors().filter_types(etree.ErrorTypes.ERR_RESOURCE_LIMIT):
        return None  # libxml2 stopped half-way and kept silent: what it has is a piece of the page
    return root if len(root) and root.find("body") is not None else None


# What no reader sees, and no later step looks at.
_UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "math")
# What a reader sees, but not as text of the article. trafilatura drops the same ones, after several copies and walks
# over them: without them it finds the same lines on 261 pages, in two thirds of the time.
_CHROME = (
    "nav", "footer", "aside", "menu", "head", "figure", "picture", "video", "audio", "map", "area", "button", "dialog",
    "datalist", "select", "option", "optgroup", "input", "textarea", "output", "progress", "source", "track", "param",
    "applet", "frame", "frameset", "marquee", "time", "rt", "rp", "rtc", "use", "link",
)  # fmt: skip


def drop_unseen(root: html.HtmlElement) -> None:
    """Take scripts, styles, drawings and embedded pages out of the tree."""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)


def drop_chrome(root: html.HtmlElement) -> None:
    """Take navigation, pictures, controls and the head out of the tree: what is left is where the text is found."""
    etree.strip_elements(root, *_CHROME, with_tail=False)


# Marks within a sentence: their text stays, the tags say nothing that the text needs.
_MARKS = (
    "b", "i", "em", "strong", "u", "font", "small", "big", "abbr", "acronym", "address", "cite", "ins", "mark", "tt",
    "kbd", "samp", "var", "sub", "sup", "wbr", "bdi", "bdo", "data", "dfn", "nobr", "meta", "img",
)  # fmt: skip


def unwrap_marks(root: html.HtmlElement) -> None:
    """Replace marks within sentences by their text: a tenth of the elements that are left, which every walk meets."""
    etree.strip_tags(root.find("body"), *_MARKS)


def text_chars(root: html.HtmlElement) -> int:
    """Return how many characters of text the body holds outside headers and forms."""
    body = root.find("body")
    if body is None:
        return 0
    outside = body.xpath(".//*[self::header or self::form][not(ancestor::header or ancestor::form)]")
    return int(_length(body) - sum(map(_length, outside)))


_length = etree.XPath("string-length(normalize-space(.))")
