"""Elements for tests: complete, valid, and different only where the test says so."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from transforms.elements import Article, EnrichedArticle, Entity, Figure, Mention, Quote, SpanField
from transforms.web.urls import document_id, site_key

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def make_article(title: str = "Talks resume", body: str = "The talks resumed on Monday.", **changes: Any) -> Article:
    """Return an article of gazette.example; its URL comes from the title, its version from `fetched_at`."""
    slug = "-".join("".join(char if char.isalnum() else " " for char in title.lower()).split())
    url = changes.pop("url", f"https://gazette.example/2026/01/{slug}")
    fetched_at = changes.pop("fetched_at", NOON)
    digest = hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
    article = Article(
        id=document_id(url),
        requested_url=url,
        site=site_key(url) if url.startswith("http") else "file",
        url=url,
        original_url=url,
        title=title,
        body=body,
        published=fetched_at,
        published_source="feed",
        published_precision="second",
        fetched_at=fetched_at,
        version=version_at(fetched_at),
        raw_sha256=digest,
        sha256=digest,
        extractor="trafilatura@2",
    )
    return replace(article, **changes)


def make_enriched(article: Article | None = None, **annotations: Any) -> EnrichedArticle:
    """Return an article with annotations, plus the flat fields that go with `entities`, `figures` and `quotes`."""
    flat: dict[str, object] = dict(annotations)
    entities, figures, quotes = (annotations.get(name, ()) for name in ("entities", "figures", "quotes"))
    for name, labels in _FLAT_LABELS.items():
        flat.setdefault(name, tuple(entity.name for entity in entities if entity.label in labels))
    flat.setdefault("countries", tuple(dict.fromkeys(entity.country for entity in entities if entity.country)))
    flat.setdefault("figure_kinds", tuple(dict.fromkeys(figure.kind for figure in figures)))
    flat.setdefault("figure_events", tuple(dict.fromkeys(figure.event for figure in figures if figure.event)))
    flat.setdefault("quote_speakers", tuple(dict.fromkeys(quote.speaker for quote in quotes if quote.speaker)))
    filled: Mapping[str, object] = {name: value for name, value in flat.items() if value}
    return EnrichedArticle(article=article or make_article(), annotations=filled, enrichers=("figures@1", "names@1"))


def make_entity(article: Article, text: str, label: str = "PERSON", **changes: Any) -> Entity:
    """Return an entity that the article names as `text`, with its first mention."""
    field, start = _find(article, text)
    mention = Mention(field=field, text=text, start_char=start, end_char=start + len(text))
    values: dict[str, Any] = {"id": f"{label.lower()}:{text.lower()}", "name": text, "label": label, "count": 1}
    return Entity(**(values | {"mentions": (mention,), "in_title": field == "title"} | changes))


def make_figure(article: Article, text: str, value: float, **changes: Any) -> Figure:
    """Return a figure that the article writes as `text`; a count unless `kind` says otherwise."""
    field, start = _find(article, text)
    span: dict[str, Any] = {"field": field, "text": text, "start_char": start, "end_char": start + len(text)}
    return Figure(**(span | {"kind": "count", "value": value, "sentence": getattr(article, field)} | changes))


def make_quote(article: Article, text: str, speaker: str | None = None, **changes: Any) -> Quote:
    """Return a quote of the article, said by `speaker`."""
    field, start = _find(article, text)
    span: dict[str, Any] = {"field": field, "text": text, "start_char": start, "end_char": start + len(text)}
    return Quote(**(span | {"speaker": speaker, "speaker_text": speaker} | changes))


def version_at(fetched_at: datetime) -> int:
    """Return the version of what was fetched then, by the first generation of the pipeline."""
    return (int(fetched_at.timestamp() * 1000) << 10) | 1


_FLAT_LABELS: dict[str, tuple[str, ...]] = {
    "people": ("PERSON",),
    "organizations": ("ORG",),
    "places": ("GPE", "LOC", "FAC"),
    "groups": ("NORP",),
}


def _find(article: Article, text: str) -> tuple[SpanField, int]:
    fields: tuple[SpanField, ...] = ("title", "subtitle", "summary", "body")
    for field in fields:
        start = (getattr(article, field) or "").find(text)
        if start >= 0:
            return field, start
    raise AssertionError(f"{text!r} is not in the article {article.title!r}")
