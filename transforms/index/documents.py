"""From elements to the JSON documents of the index, one `Write` each. CONTRACT: "Document", "Fact rows".

Values that are absent, and sequences that are empty, are left out. Instants are ISO 8601 in UTC with milliseconds,
of one width, so that they also sort as text. Dotted field names are nested objects. Annotations are generic: what an
enricher returns under a field's name arrives under that name, so a new enricher changes nothing here.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from transforms.elements import (
    SPAN_FIELDS,
    Article,
    DeadLetter,
    EnrichedArticle,
    Entity,
    Figure,
    GeoPoint,
    Quote,
)
from transforms.index.base import SCHEMA_VERSION, Document, Kind, Write
from transforms.web.urls import url_parts

MAX_FACTS = 50  # rows of figures, and of quotes, per article; the article itself keeps all of them
MAX_MESSAGE_CHARS = 1_000
_FACT_CONTEXT = ("@timestamp", "title", "language", "tags", "countries", "people")
Each = TypeVar("Each")
_ABSENT: tuple[object, ...] = (None, (), [], {})


def article_writes(
    enriched: EnrichedArticle, *, run_id: str, pipeline_version: str, config_sha256: str, now: datetime
) -> tuple[Write, ...]:
    """Return the article, its fact rows, and deletes of the rows that only its stored revision had; all of one version.

    `history` counts the rows of the stored revision: `ID-f1` to `ID-fN`, most salient first.
    """
    article, history = enriched.article, enriched.article.history
    document = _article_document(enriched, run_id=run_id, now=now)
    _put(document, "pipeline.version", pipeline_version)
    _put(document, "pipeline.config_sha256", config_sha256)
    figures = sorted(_found(enriched, "figures", Figure), key=_figure_rank)[:MAX_FACTS]
    quotes = sorted(_found(enriched, "quotes", Quote), key=_quote_rank)[:MAX_FACTS]
    common = _fact_context(document, article.id)
    places = {entity.name: entity.location for entity in _found(enriched, "entities", Entity)}
    writes = [Write(kind="articles", id=article.id, version=article.version, source=document)]
    writes += _fact_writes(
        "figures", article, [_figure_row(figure, common, places) for figure in figures], history.figures
    )
    writes += _fact_writes("quotes", article, [common | plain(quote) for quote in quotes], history.quotes)
    return tuple(writes)


def dead_letter_write(letter: DeadLetter, *, run_id: str, first_seen: datetime | None = None) -> Write:
    """Return a dead letter as a document whose id is made of stage, URL (else feed, else fingerprint) and reason.

    So a repeated failure updates one document. `first_seen` is when it failed so for the first time, where the caller
    knows that; else this time counts.
    """
    about = letter.url or letter.feed or letter.fingerprint or letter.message
    document: Document = {
        "@timestamp": letter.occurred_at,
        "stage": letter.stage,
        "reason": letter.reason,
        "message": letter.message[:MAX_MESSAGE_CHARS],
        "url": letter.url,
        "site": letter.site,
        "feed": letter.feed,
        "attempts": letter.attempts,
        "first_seen": first_seen or letter.occurred_at,
        "last_seen": letter.occurred_at,
        "retryable": letter.retryable,
        "fingerprint": letter.fingerprint,
        "run_id": run_id,
        "schema_version": SCHEMA_VERSION,
    }
    key = "\n".join((letter.stage, about, letter.reason))
    return Write(
        kind="dead-letters",
        id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        version=letter.version or _version_at(letter.occurred_at),
        source=plain(document),
    )


def run_write(
    run_id: str,
    *,
    command: str,
    started_at: datetime,
    ended_at: datetime,
    counts: Mapping[str, int],
    outcomes: Iterable[tuple[str, str, int]],
    unbalanced: Sequence[str] = (),
    pipeline_version: str,
) -> Write:
    """Return a run's document. `counts` are the sums of its books by name, `outcomes` (outcome, reason, count)."""
    totals: dict[str, int] = {}
    reasons = []
    for outcome, reason, count in outcomes:
        totals[outcome] = totals.get(outcome, 0) + count
        reasons.append({"outcome": outcome, "reason": reason, "count": count})
    document: Document = {
        "@timestamp": started_at,
        "run_id": run_id,
        "command": command,
        "started_at": started_at,
        "ended_at": ended_at,
        "counts": dict(counts),
        "outcomes": totals,
        "reasons": reasons,
        "unbalanced": tuple(unbalanced),
        "pipeline": {"version": pipeline_version},
        "schema_version": SCHEMA_VERSION,
    }
    return Write(kind="runs", id=run_id, version=_version_at(ended_at), source=plain(document))


def instant(moment: datetime) -> str:
    """Return an aware instant as the index writes it.

    >>> instant(datetime(2026, 1, 1, 12, tzinfo=UTC))
    '2026-01-01T12:00:00.000Z'
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: dataclasses and mappings as objects without absent values, tuples as arrays."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {name: plain(item) for name, item in pairs if item not in _ABSENT}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items() if item not in _ABSENT}
    return value


def _article_document(enriched: EnrichedArticle, *, run_id: str, now: datetime) -> Document:
    article = enriched.article
    first_seen = article.history.first_seen or article.fetched_at
    published = _published(article)
    url = url_parts(article.url)
    document: Document = {}
    values = {
        "@timestamp": min(published or first_seen, article.fetched_at),
        "published": published,
        "published_local": article.published_local,
        "published_source": article.published_source,
        "published_precision": article.published_precision,
        "updated": article.updated,
        "id": article.id,
        "url.full": url.full,
        "url.original": article.original_url,
        "url.requested": article.requested_url,
        "url.claimed": article.claimed_url,
        "url.domain": url.domain or None,  # a saved page has none
        "url.registered_domain": url.registered_domain or None,
        "url.path": url.path,
        "title": article.title,
        "subtitle": article.subtitle,
        "summary": article.summary,
        "body": article.body,
        "authors": article.authors,
        "section": article.section,
        "topics": article.topics,
        "keywords": article.keywords,
        "tags": article.tags,
        "language": article.language,
        "language_confidence": article.language_confidence,
        "publisher": article.publisher,
        "feeds": article.feeds,
        "images": article.images,
        "lead_image": article.images[0].url if article.images else None,
        "paywalled": article.paywalled,
        "opinion": article.opinion,
        "live_blog": article.live_blog,
        "agency": article.agency,
        "rights.robots_rule": article.robots_rule,
        "rights.noindex": article.noindex,
        "rights.noarchive": article.noarchive,
        "rights.tdm_reserved": article.rights.tdm_reserved,
        "rights.tdm_policy": article.rights.tdm_policy,
        "rights.licenses": article.rights.licenses,
        "rights.signals": article.rights.signals,
        "status": "live",
        "fetched_at": article.fetched_at,
        "word_count": len(article.body.split()),
        "content.sha256": article.sha256,
        "content.raw_sha256": article.raw_sha256,
        "content.revision": article.history.revision + 1,
        "content.source": article.content_source,
        "content.removed": article.removed,
        "pipeline.run_id": run_id,
        "pipeline.extractor": article.extractor,
        "pipeline.site_profile": article.site_profile,
        "pipeline.enrichers": enriched.enrichers,
        "pipeline.warnings": (*article.warnings, *enriched.warnings),
        "event.created": first_seen,
        "event.ingested": now,
        "schema_version": SCHEMA_VERSION,
        **enriched.annotations,
    }
    for name, value in values.items():
        _put(document, name, value)
    return document


def _published(article: Article) -> datetime | None:
    """A day without a time stands for its noon in UTC, so that it is the same day in most of the world."""
    if article.published and article.published_precision == "day":
        return article.published.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=UTC)
    return article.published


def _put(document: Document, name: str, value: object) -> None:
    value = plain(value)
    if value in _ABSENT:
        return
    *path, last = name.split(".")
    for step in path:
        document = document.setdefault(step, {})
    document[last] = value


def _found(enriched: EnrichedArticle, name: str, kind: type[Each]) -> list[Each]:
    found = enriched.annotations.get(name, ())
    return [each for each in found if isinstance(each, kind)] if isinstance(found, tuple | list) else []


def _figure_rank(figure: Figure) -> tuple[object, ...]:
    """Most salient first: of the title, of an event, about something, sure; then in reading order."""
    return (
        figure.field != "title",
        figure.event is None,
        figure.subject is None,
        -figure.confidence,
        *_position(figure),
    )


def _quote_rank(quote: Quote) -> tuple[object, ...]:
    return (quote.speaker is None, quote.partial, -quote.confidence, *_position(quote))


def _position(fact: Figure | Quote) -> tuple[int, int, int]:
    return SPAN_FIELDS.index(fact.field), fact.start_char, fact.end_char


def _fact_context(document: Document, article_id: str) -> Document:
    """What a chart of facts needs of the article, in every row."""
    context = {name: document[name] for name in _FACT_CONTEXT if name in document}
    context["article"] = {"id": article_id}
    context["url"] = {"full": document["url"]["full"]}
    if name := document.get("publisher", {}).get("name"):
        context["publisher"] = {"name": name}
    return context


def _figure_row(figure: Figure, common: Document, places: Mapping[str, GeoPoint | None]) -> Document:
    location = places.get(figure.place) if figure.place else None
    row: Document = common | plain(figure)
    if location:
        row["location"] = plain(location)
    return row


def _fact_writes(kind: Kind, article: Article, rows: Sequence[Document], stored: int) -> list[Write]:
    return [
        Write(
            kind=kind,
            id=f"{article.id}-{kind[0]}{number}",
            version=article.version,
            source=rows[number - 1] if number <= len(rows) else None,
        )
        for number in range(1, max(len(rows), stored) + 1)
    ]


def _version_at(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) << 10  # as `RawPage.version`, generation 0
