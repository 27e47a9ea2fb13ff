"""Bodies that adverts cut into several containers: without help an extractor stops at the end of the first."""

import re
from collections.abc import Sequence
from functools import lru_cache

from lxml.html import HtmlElement

MIN_PIECE_CHARS = 200
_MAX_PIECES = 200
_TAGS = ("div", "section")
# Class words of containers of text, as sites and themes write them.
_BODY_CLASS = re.compile(
    r"(?:article|story|post|entry|page|news)[-_]{0,2}(?:body|content|text|section|chunk)|body[-_]{1,2}(?:text|content|container|section)",
    re.I,
)


def join_split_body(root: HtmlElement) -> None:
    """Mark the element that holds all pieces of a split body as the article's body.

    Pieces are alike (tag and classes), not nested, each with paragraphs, in one <article> and under one main heading:
    the bodies of several articles on a page stay apart.
    """
    groups: dict[tuple[str, str], list[HtmlElement]] = {}
    for element in root.iter(*_TAGS):
        names = element.get("class")
        if names and _is_body(names):
            groups.setdefault((element.tag, names), []).append(element)
    for pieces in groups.values():
        if 2 <= len(pieces) <= _MAX_PIECES:
            whole = _holder(pieces)
            if whole is not None:
                whole.set("itemprop", "articleBody")
                return


@lru_cache(maxsize=4096)
def _is_body(names: str) -> bool:
    return _BODY_CLASS.search(names) is not None


def _holder(pieces: Sequence[HtmlElement]) -> HtmlElement | None:
    pieces = [piece for piece in pieces if _paragraph_chars(piece) >= MIN_PIECE_CHARS]
    if len(pieces) < 2 or len({_article_of(piece) for piece in pieces}) != 1:
        return None
    lines = [list(piece.iterancestors()) for piece in pieces]
    if any(piece in line for piece in pieces for line in lines):
        return None  # nested: trafilatura takes the outer one
    shared = next((element for element in lines[0] if all(element in line for line in lines[1:])), None)
    if shared is None or shared.tag in ("body", "html") or len(list(shared.iter("h1"))) > 1:
        return None
    return shared if shared.tag in ("div", "section", "article", "main") else None


def _article_of(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("article"), None)


def _paragraph_chars(element: HtmlElement) -> int:
    return sum(len(paragraph.text_content()) for paragraph in element.iter("p"))
