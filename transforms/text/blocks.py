"""Blocks of a page that are not its article, taken out of the tree before the text is looked for.

A line filter cannot know that "Harbour plan approved" is another story's headline; the tree can. Rules are structural,
or whole words of class names; each is bounded in size, and what holds a main heading, the body itself or a good part of
the page's paragraphs is never touched. Earns 0.5 and 0.2 points of F1 on two sets.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from transforms.elements import Removed
from transforms.text.clean import clean_line

MAX_BLOCK_CHARS = 1200  # a promotion is shorter than an article
MAX_BLOCK_SHARE = 0.3  # of the page's paragraphs: themes write "read-more" on the article's own container, too
MAX_CARD_CHARS = 400  # headline, teaser, date and section of another story
MIN_CARDS = 3  # fewer links in a row may be the author's own
MIN_HEADLINE_WORDS = 3
MAX_CLASS_CHARS = 1000
MAX_HREF_CHARS = 2000
MAX_REPORTED = 20
_MAX_REPORTED_CHARS = 200
_MAX_LINKS = 3000
_CLIMB = 4  # levels between a link and its card

# What readers of the markup name such blocks, as whole words of a class or an id ("promo-small", "readMore"). Words
# that bodies carry too ("social", "widget", "premium", "paywall", "ad") are not among them.
_WORDS = {
    "promo": "promotion", "promos": "promotion", "promotion": "promotion", "newsletter": "newsletter",
    "newsletters": "newsletter", "signup": "newsletter", "recirc": "read-also", "recirculation": "read-also",
    "readmore": "read-also", "readnext": "read-also", "mostread": "read-also", "mostpopular": "read-also",
    "trending": "read-also", "figcaption": "caption", "photocredit": "credit", "imagecredit": "credit",
    "copyright": "copyright",
}  # fmt: skip
_PAIRS = {
    "read more": "read-also", "read next": "read-also", "read also": "read-also", "most read": "read-also",
    "most popular": "read-also", "top stories": "read-also", "up next": "read-also", "reading list": "read-also",
    "sign up": "newsletter", "photo credit": "credit", "image credit": "credit", "author bio": "author-bio",
    "print header": "share", "print tools": "share", "article tools": "share", "share tools": "share",
    "share bar": "share",
}  # fmt: skip
# Readers' comments and endless scrolling, as trafilatura names them; with comments goes what readers wrote.
_COMMENTS = "comments"
_COMMENT_ID = re.compile(r"[Cc]omment(?!ary)|comol|disqus_thread|dsq-comments|respond$")
_COMMENT_CLASS = re.compile(
    r"^[Cc]omment(?!ary)|(?:article|post)-comments|mvp-post-add-(?:box|wrap)|infinite-?scroll|comment-respond"
)
_COMMENT_PARTS = ("omment", "mvp-post", "infinite")
_COMMENT_TAGS = {"div", "section", "details", "ol", "ul"}
_NO_NAMES = (None, None)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Links that need no URL parser: nearly all of them.
_PLAIN_LINK = re.compile(r"(?:https?://(?P<host>[a-z0-9.-]+))?(?P<path>/(?!/)[\w./%~+-]*)(?=$|[?#])", re.A)
_KEPT_TAGS = {"html", "body", "main", "article"}
_CARD_TAGS = {"li", "div", "article", "section", "p"}
_OWN_PARTS = etree.XPath("boolean(.//h1 | .//*[@itemprop='articleBody'])")
_HEADLINE_LINKS = etree.XPath(
    "boolean(.//*[self::h2 or self::h3 or self::h4 or self::h5]//a | .//a//*[self::h2 or self::h3 or self::h4])"
)


class _Block(NamedTuple):
    element: HtmlElement
    rule: str


def drop_blocks(root: HtmlElement, url: str) -> tuple[Removed, ...]:
    """Take comments, other stories' cards and promotions out of the tree; return the first texts, but no comments."""
    body = root.find("body")
    if body is None:
        return ()
    removed: dict[tuple[str, str], None] = {}
    for block in (*_named(body), *_cards(list(body.iter("a"))[:_MAX_LINKS], body, _host(url))):
        if not any(ancestor is body for ancestor in block.element.iterancestors()):
            continue  # it lay in a block that is gone
        if len(removed) < MAX_REPORTED and block.rule != _COMMENTS:
            text = clean_line(" ".join(block.element.itertext()), _MAX_REPORTED_CHARS)
            removed |= {(block.rule, text): None} if text else {}
        block.element.drop_tree()
    return tuple(Removed(text=text, rule=rule) for rule, text in removed)


def _named(body: HtmlElement) -> Iterator[_Block]:
    """Yield comments, and short blocks whose class or id calls them something else than text."""
    named = []
    for element in body.iter(etree.Element):
        names = _short(element, "class"), _short(element, "id")
        if names != _NO_NAMES and element.tag not in _KEPT_TAGS and (rule := _rule_of(*names)) is not None:
            if rule != _COMMENTS:
                named.append(_Block(element, rule))
            elif element.tag in _COMMENT_TAGS and not _OWN_PARTS(element):
                yield _Block(element, rule)
    if not named:
        return
    limit = min(MAX_BLOCK_CHARS, MAX_BLOCK_SHARE * sum(len(p.text_content()) for p in body.iter("p")))
    for block in named:
        if len(block.element.text_content().strip()) <= max(limit, 60) and not _OWN_PARTS(block.element):
            yield block


def _short(element: HtmlElement, attribute: str) -> str | None:
    names: str | None = element.get(attribute)
    if names is not None and len(names) > MAX_CLASS_CHARS:  # every pattern of every walk would go through it
        names = names[:MAX_CLASS_CHARS]
        element.set(attribute, names)
    return names


@lru_cache(maxsize=8192)
def _rule_of(classes: str | None, identity: str | None) -> str | None:
    if (classes and _says_comments(classes)) or (identity and _COMMENT_ID.match(identity)):
        return _COMMENTS
    names = f"{classes or ''} {identity or ''}".split()[:20]
    return next((rule for name in names if (rule := _rule_of_name(name[:100])) is not None), None)


def _says_comments(classes: str) -> bool:
    # Most names hold none of these, and the pattern takes ten times as long to say so.
    return any(part in classes for part in _COMMENT_PARTS) and _COMMENT_CLASS.search(classes) is not None


@lru_cache(maxsize=8192)  # sites share the names of their frameworks: most are known from other pages
def _rule_of_name(name: str) -> str | None:
    words = [word.lower() for word in _WORD.findall(name)]
    for word in words:
        if word in _WORDS:
            return _WORDS[word]
    return next((rule for pair in pairwise(words) if (rule := _PAIRS.get(" ".join(pair))) is not None), None)


def _cards(links: Sequence[HtmlElement], body: HtmlElement, own: str) -> Iterator[_Block]:
    """Yield the members of rows of cards: alike siblings that hold little but a link to another page of the site."""
    rows: dict[HtmlElement, dict[tuple[str, str], list[HtmlElement]]] = {}
    for link in links:
        if len(link.text_content().split()) < MIN_HEADLINE_WORDS or _target(link.get("href"), own) is None:
            continue
        element = link
        for _ in range(_CLIMB):
            parent = element.getparent()
            if parent is None or parent is body:
                break
            if element.tag in _CARD_TAGS:
                if parent not in rows:
                    rows[parent] = _rows_of(parent)
                group = rows[parent].pop(_shape(element), [])  # each row is judged once
                cards = [card for card in group if _is_card(card, own)] if len(group) >= MIN_CARDS else []
                if len(cards) >= MIN_CARDS and len(cards) > 0.75 * len(group):
                    yield from (_Block(card, "story-link") for card in cards)
                    break
            element = parent


def _rows_of(parent: HtmlElement) -> dict[tuple[str, str], list[HtmlElement]]:
    rows: dict[tuple[str, str], list[HtmlElement]] = {}
    for child in parent.iterchildren(*_CARD_TAGS):
        rows.setdefault(_shape(child), []).append(child)
    return rows


def _shape(element: HtmlElement) -> tuple[str, str]:
    return element.tag, (element.get("class") or "").partition(" ")[0]


def _is_card(element: HtmlElement, own: str) -> bool:
    text = " ".join(element.text_content().split())
    if len(text) > MAX_CARD_CHARS:
        return False
    headline = ""
    for link in element.iter("a"):
        href = link.get("href")
        if _target(href, own) is not None:
            headline = max(headline, " ".join(link.text_content().split()), key=len)
        elif href and href.startswith(("http:", "https:", "//")):
            return False  # a list of sources, or of shops
    # Prose with a link in it is the author's; a card is mostly its headline, or has it as a heading.
    share = 0.8 if element.tag == "p" else 0.5
    return len(headline.split()) >= MIN_HEADLINE_WORDS and (
        len(headline) >= share * len(text) or bool(_HEADLINE_LINKS(element))
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@lru_cache(maxsize=1024)  # of a page's links; a card asks for each again
def _target(href: str | None, own: str) -> str | None:
    """Return the path of a link to another page of this site, None for any other link."""
    if not href or len(href) > MAX_HREF_CHARS or href.startswith(("#", "mailto:", "javascript:", "tel:", "data:")):
        return None
    if link := _PLAIN_LINK.match(href):
        host, path = link["host"] or "", link["path"]
    else:
        try:
            parts = urlsplit(href.strip())
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return None
    host = host.removeprefix("www.")
    if host and host != own and not host.endswith("." + own) and not own.endswith("." + host):
        return None
    return path if len(path) > 1 else None
