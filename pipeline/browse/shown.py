"""Documents as what templates show: text without control characters, links only where they are safe to follow."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any
from urllib.parse import urlsplit

import orjson

from pipeline.browse.asked import Asked
from pipeline.browse.marked_text import marked, number_text
from pipeline.hits import local_time, publisher_of
from pipeline.output import line
from transforms.index.base import Document, Hit
from transforms.index.snippets import END, START

_MARKS = re.compile(f"[{START}{END}]")
_LABELS = {
    "PERSON": ("People", "person"), "ORG": ("Organizations", "org"), "GPE": ("Places", "place"),
    "LOC": ("Places", "place"), "FAC": ("Places", "place"),
}  # fmt: skip
_PROVENANCE = (
    "id", "url.original", "url.requested", "url.claimed", "published", "published_local", "published_source",
    "published_precision", "updated", "fetched_at", "event.created", "event.ingested", "status", "gone_at", "feeds",
    "tags", "language_confidence", "word_count", "content.source", "content.revision", "rights.robots_rule",
    "rights.noindex", "rights.noarchive", "paywalled", "opinion", "live_blog", "agency", "archive_uri",
    "pipeline.run_id", "pipeline.version", "pipeline.extractor", "pipeline.enrichers", "pipeline.warnings",
)  # fmt: skip


def safe_link(url: object) -> str | None:
    """Return a URL that may stand in a link: http or https, with a host; None for any other.

    >>> safe_link("javascript:alert(1)"), safe_link("https://gazette.example/a")
    (None, 'https://gazette.example/a')
    """
    if not isinstance(url, str) or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def snippet_parts(snippet: str) -> list[tuple[str, bool]]:
    """Return a snippet's text in parts, each with whether it is what matched."""
    return [(part, at % 2 == 1) for at, part in enumerate(_MARKS.split(snippet)) if part]


def hit_context(hit: Hit, zone: tzinfo) -> Mapping[str, Any]:
    """Return what a list of articles shows of one."""
    return {
        "href": f"/article/{hit.id}",
        "title": line(hit.source.get("title")) or "(no title)",
        "publisher": line(publisher_of(hit.source)),
        "time": local_time(hit.source.get("@timestamp"), zone),
        "language": line(hit.source.get("language")),
        "snippets": [snippet_parts(snippet) for snippet in hit.snippets],
    }


def article_context(document: Document, zone: tzinfo) -> dict[str, Any]:
    """Return what the article page shows."""
    url = document.get("url") if isinstance(document.get("url"), dict) else {}
    assert isinstance(url, dict)
    return {
        "title": line(document.get("title")) or "(no title)",
        "title_text": marked(document, "title"),
        "subtitle": marked(document, "subtitle"),
        "summary": marked(document, "summary"),
        "body": marked(document, "body"),
        "publisher": line(publisher_of(document)),
        "time": local_time(document.get("@timestamp"), zone),
        "language": line(document.get("language")),
        "section": line(document.get("section")),
        "authors": ", ".join(map(line, _list(document, "authors"))),
        "url": line(url.get("full")),
        "link": safe_link(url.get("full")),
        "names": _names(document),
        "figures": [_figure(each) for each in _objects(document, "figures")],
        "quotes": [_quote(each) for each in _objects(document, "quotes")],
        "removed": [
            (line(each.get("rule")), line(each.get("text")))
            for each in _list(document, "content.removed")
            if isinstance(each, dict)
        ],
        "provenance": [(name, text) for name in _PROVENANCE if (text := _text(_at(document, name)))],
    }


def letter_context(source: str, zone: tzinfo) -> Mapping[str, Any]:
    """Return what the list of dead letters shows of one."""
    letter = orjson.loads(source)
    message = line(letter.get("message")).removeprefix(f"{line(letter.get('url'))}: ")
    return {
        "time": local_time(letter.get("last_seen"), zone),
        "stage": line(letter.get("stage")),
        "reason": line(letter.get("reason")),
        "attempts": letter.get("attempts"),
        "url": line(letter.get("url") or letter.get("feed")),
        "link": safe_link(letter.get("url")),
        "message": message,
        "retryable": bool(letter.get("retryable")),
    }


def _names(document: Document) -> dict[str, list[Mapping[str, Any]]]:
    """Return the entities by heading, in the document's order: the most salient first."""
    headings: dict[str, list[Mapping[str, Any]]] = {}
    for entity in _objects(document, "entities"):
        heading, field = _LABELS.get(str(entity.get("label")), ("Other names", ""))
        name = line(entity.get("name"))
        there = Asked().narrowed(field, name) if field else None
        details = ", ".join(text for key in ("role", "country") if (text := line(entity.get(key))))
        headings.setdefault(heading, []).append(
            {"name": name, "details": details, "count": entity.get("count"), "href": there and there.href("/")}
        )
    return headings


def _figure(figure: Mapping[str, Any]) -> Mapping[str, str]:
    value, value_max = figure.get("value"), figure.get("value_max")
    shown = {key: line(figure.get(key)) for key in ("text", "kind", "event", "subject", "place", "attribution", "unit")}
    shown["value"] = number_text(value) + (f" to {number_text(value_max)}" if value_max is not None else "")
    shown["how"] = line(figure.get("modifier") or figure.get("comparator"))
    return shown


def _quote(quote: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        "text": line(quote.get("text")),
        "speaker": line(quote.get("speaker") or quote.get("speaker_text") or "unknown"),
        "role": line(quote.get("speaker_role")),
        "verb": line(quote.get("verb")),
    }


def _at(document: Document, name: str) -> Any:
    value: Any = document
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _list(document: Document, name: str) -> list[Any]:
    value = _at(document, name)
    return value if isinstance(value, list) else []


def _objects(document: Document, name: str) -> list[Mapping[str, Any]]:
    return [each for each in _list(document, name) if isinstance(each, dict)]


def _text(value: object) -> str:
    return ", ".join(map(line, value)) if isinstance(value, list) else line(value)
