"""HTML to a tree: one lxml parse per page, shared by extraction and metadata."""

import re

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

_MAX_PREAMBLE = 100_000  # characters within which a page shows its first tag


def parse_page(text: str, url: str) -> html.HtmlElement:
    """Return the root of a page.

    Raises StageError: `not_html` without a tag in it, or with nesting that no parser of ours holds.
    """
    if not _ANY_TAG.search(text[:_MAX_PREAMBLE]):
        raise StageError("not_html", f"{url}: no HTML tag in it; give plain text as a .txt file")
    declared = _DECLARED.match(text)
    text = text[declared.end() :] if declared else text
    for pattern in (None, _INLINE_TAGS, _LAYOUT_TAGS):
        text = pattern.sub(" ", text) if pattern else text
        root = _parse(text)
        if root is not None:
            return root
    raise StageError("not_html", f"{url}: its markup cannot be parsed (nested too deeply, or one text of over 10 MB)")


def parse_fragment(markup: str, url: str) -> html.HtmlElement:
    """Return `markup` (a feed's content, a JSON-LD body) as a page of its own."""
    return parse_page(f"<html><body><article>{markup}</article></body></html>", url)


def _parse(text: str) -> html.HtmlElement | None:
    # No ids, comments or processing instructions: trafilatura's own settings.
    parser = html.HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    for sequence in _NO_CHARACTERS:
        data = data.replace(sequence, b"")
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if parser.error_log.filter_from_errors().filter_types(etree.ErrorTypes.ERR_RESOURCE_LIMIT):
        return None  # libxml2 stopped half-way and kept silent: what it has is a piece of the page
    return root if len(root) and root.find("body") is not None else None


# What a reader does not read as text of the page.
_SILENT = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "nav",
    "footer",
    "header",
    "aside",
    "form",
    "select",
    "button",
}


def text_chars(root: html.HtmlElement) -> int:
    """Return how many characters of text the body holds outside navigation, forms and scripts."""
    body = root.find("body")
    count = 0
    stack = [] if body is None else [body]
    while stack:
        element = stack.pop()
        if element.tail:
            count += len(element.tail.strip())
        if isinstance(element.tag, str) and element.tag not in _SILENT:
            if element.text:
                count += len(element.text.strip())
            stack.extend(element)
    return count
