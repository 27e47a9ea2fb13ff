"""What a page's JSON-LD says of its article (schema.org, Google's "Article structured data").

Written by strangers: scripts are bounded in size, number and depth; broken JSON is repaired once and else ignored.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

MAX_SCRIPTS = 40
MAX_SCRIPT_CHARS = 2_000_000  # an articleBody lies inside
MAX_NODES = 5_000

# By schema.org; a live blog and a report are articles, a forum's posting is not ours to read as one.
_ARTICLE_TYPES = re.compile(
    r"(?:.*Article|BlogPosting|LiveBlogPosting|Report|ReportageNewsArticle|AnalysisNewsArticle|Review|Critic.*Review)"
)
_GENERIC_TYPES = {"WebPage", "ItemPage", "VideoObject", "PodcastEpisode", "Recipe"}

_COMMENT_MARKS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_CONTROL = re.compile(r"[\x00-\x1f]+")

Node = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LinkedArticle:
    """The article's node as it stands: strings are not yet clean, dates not yet read."""

    types: tuple[str, ...] = ()
    headline: str | None = None
    alternative_headline: str | None = None
    description: str | None = None
    body: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    section: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    url: str | None = None
    language: str | None = None
    images: tuple[Node, ...] = ()
    organizations: tuple[str, ...] = ()
    free: str | None = None


NO_ARTICLE = LinkedArticle()


def read_json_ld(root: HtmlElement) -> LinkedArticle:
    """Return what the page's article node says, an empty one when there is none."""
    nodes = list(_nodes(root))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if any(map(_ARTICLE_TYPES.fullmatch, _strings(node.get("@type"))))]
    # A page lists its related stories as articles too: the fullest node is its own, the first of equals.
    best = max(articles, key=_fullness, default=None)
    if best is None:
        best = max((n for n in nodes if _GENERIC_TYPES & set(_strings(n.get("@type")))), key=_fullness, default=None)
        # A bare WebPage tells the dates and the description of the page; its name is often the site's.
        return _read(best, by_id) if best is not None else NO_ARTICLE
    return _read(best, by_id)


def _fullness(node: Node) -> int:
    return sum(
        bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody", "publisher", "image")
    )


def _read(node: Node, by_id: Mapping[str, Node]) -> LinkedArticle:
    free = node.get("isAccessibleForFree")
    return LinkedArticle(
        types=tuple(_strings(node.get("@type"))),
        headline=_first(node.get("headline")) or _first(node.get("name")),
        alternative_headline=_first(node.get("alternativeHeadline")),
        description=_first(node.get("description")),
        body=_first(node.get("articleBody")),
        published=_first(node.get("datePublished")) or _first(node.get("dateCreated")),
        modified=_first(node.get("dateModified")),
        authors=tuple(_names(node.get("author") or node.get("creator"), by_id, people=True)),
        publisher=next(_names(node.get("publisher"), by_id), None),
        section=tuple(_strings(node.get("articleSection"))),
        keywords=tuple(_strings(node.get("keywords"))),
        about=tuple(_names(node.get("about"), by_id)),
        url=_first(node.get("url")) or _reference(node.get("mainEntityOfPage")),
        language=_first(node.get("inLanguage")),
        images=tuple(_images(node.get("image"), by_id)),
        organizations=tuple(_organizations(node, by_id)),
        free=None if free is None else str(free),
    )


def _nodes(root: HtmlElement) -> Iterator[Node]:
    """Yield every object of every script, outer before inner; bounded in number."""
    budget = MAX_NODES
    scripts = (script for script in root.iter("script") if "ld+json" in script.get("type", "").lower())
    for script in islice(scripts, MAX_SCRIPTS):
        stack = [_load(script.text or "")]
        while stack and budget:
            value = stack.pop()
            budget -= 1
            if isinstance(value, dict):
                yield value
                stack.extend(reversed([item for item in value.values() if isinstance(item, (dict, list))]))
            elif isinstance(value, list):
                stack.extend(reversed(value[:MAX_NODES]))


def _load(text: str) -> Any:
    """Return the value of a script, None when even the repaired text is no JSON."""
    if len(text) > MAX_SCRIPT_CHARS:
        return None
    text = _COMMENT_MARKS.sub("", text.strip()).strip().rstrip(";")
    # Raw line breaks inside strings and trailing commas are what templates get wrong.
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text)), html.unescape(text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings of a value that may be one or a list of them."""
    for item in value[:200] if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = item.get("@value") or item.get("name")
        if isinstance(item, str) and item.strip():
            yield item


def _first(value: Any) -> str | None:
    return next(_strings(value), None)


def _names(value: Any, by_id: Mapping[str, Node], *, people: bool = False) -> Iterator[str]:
    """Yield names of persons and bodies, following `@id`; with `people`, bodies only when nobody else is named."""
    bodies = []
    found = False
    for item in _several(value):
        if isinstance(item, dict):
            node = item if item.get("name") else by_id.get(str(item.get("@id")), item)
            for name in _strings(node.get("name")):
                if people and any("Organization" in kind for kind in _strings(node.get("@type"))):
                    bodies.append(name)
                else:
                    found = True
                    yield name
        elif isinstance(item, str) and not item.startswith(("http://", "https://")):
            found = True
            yield item
    if not found:
        yield from bodies


def _organizations(node: Node, by_id: Mapping[str, Node]) -> Iterator[str]:
    """Yield the bodies beside the publisher that the article is credited to."""
    for item in _several(node.get("author")):
        if isinstance(item, dict):
            known = item if item.get("name") else by_id.get(str(item.get("@id")), item)
            if any("Organization" in kind for kind in _strings(known.get("@type"))):
                yield from _strings(known.get("name"))
    yield from _names(node.get("sourceOrganization"), by_id)


def _several(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]


def _reference(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value if isinstance(value, str) else None


def _images(value: Any, by_id: Mapping[str, Node]) -> Iterator[Node]:
    for item in _several(value):
        if isinstance(item, str):
            yield {"url": item}
        elif isinstance(item, dict):
            node = item if item.get("url") or item.get("contentUrl") else by_id.get(str(item.get("@id")), item)
            if url := _first(node.get("url")) or _first(node.get("contentUrl")):
                yield {**node, "url": url}
