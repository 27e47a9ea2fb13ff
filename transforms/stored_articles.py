"""Stored articles through today's enrichers, Beam-free: what comes out of the store, and what need not go back."""

from dataclasses import replace
from datetime import datetime

from transforms.clock import utc_now
from transforms.elements import Article, ArticleElement, EnrichedArticle, Outcome, Tick
from transforms.errors import StageError
from transforms.index.base import Document, DocumentStore
from transforms.index.documents import article_writes
from transforms.index.stored_articles import (
    OWN_WARNINGS,
    kept_as_it_is,
    requested_url,
    says_the_same,
    site_of,
    stored_article,
)
from transforms.settings import GENERATION_BITS, ReprocessSettings
from transforms.state.base import MAX_BLAMED, NewUrl, StateStore
from transforms.try_each import FaultLimit, dead_letter

FAR_FUTURE_S = 3e9  # epoch seconds (2065): what is due then was held back by a job like this one, and is no visit's


def version_after(stored: int) -> int:
    """Return the version of the same fetch enriched again: a millisecond later, of the same generation.

    Newer fetches stay newer, and the generation still says by which code the text was extracted.
    """
    return stored + (1 << GENERATION_BITS)


def article_to_enrich(
    id: str, store: DocumentStore, state: StateStore, settings: ReprocessSettings, *, limit: FaultLimit
) -> ArticleElement:
    """Return a stored article to be enriched, the outcome that ends its work, or a tick when it is not ours.

    Not ours is what is no longer stored, was forgotten, or waits for a visit, which enriches it anyway; and what is
    beyond the run's limit.
    """
    limit.saw_one()
    stored = store.get("articles", id)
    if stored is None:
        return Tick()
    url = requested_url(stored.source)
    row = state.lookup(url)
    if row is not None and row["state"] == "pending" and row["due_at"].timestamp() < FAR_FUTURE_S:
        return Tick()
    site = site_of(url)
    [due] = state.take(settings.run_id, [NewUrl(url=url, site=site)], again=True)
    if due is None:
        return Tick()
    known = due.history
    version = version_after(max(stored.version, known.version))
    if known.version != stored.version:
        known = replace(known, document_id=None)  # another one than the ledger knows: it is to be written anew
    if known.document_id is not None and not settings.again and is_up_to_date(stored.source, settings):
        return Outcome(
            url=url, outcome="unchanged", reason="same_pipeline", version=version, validators=known.validators
        )
    try:
        if due.blamed >= MAX_BLAMED:
            raise StageError("crashed", f"{url}: was in hand each time when a worker died; it stays as it is stored")
        return stored_article(stored, known, version=version)
    except Exception as err:  # the stage border: see try_each
        return dead_letter(
            err,
            stage="reprocess",
            url=url,
            site=site,
            version=version,
            history=known,
            now=utc_now(),
            limit=limit,
        )


def is_up_to_date(document: Document, settings: ReprocessSettings) -> bool:
    """Tell whether today's code and configuration wrote a document, and no enricher failed on it."""
    pipeline = document["pipeline"]
    ran, warnings = pipeline.get("enrichers", ()), pipeline.get("warnings", ())
    not_asked = [each for each in warnings if each.startswith(f"{OWN_WARNINGS}language:")]
    return (
        (pipeline.get("version"), pipeline.get("config_sha256")) == (settings.pipeline_version, settings.config_sha256)
        and set(ran) <= set(settings.enrichers)
        and len(ran) + len(not_asked) == len(settings.enrichers)
    )


def if_changed(
    enriched: EnrichedArticle, store: DocumentStore, settings: ReprocessSettings, *, now: datetime
) -> EnrichedArticle | Outcome:
    """Return the article to be written, or the outcome that says that it stands in the store as it would be.

    What the document says of itself (gone, first indexed) stays. One that somebody has written meanwhile is theirs.
    """
    article = enriched.article
    stored = store.get("articles", article.id)
    if stored is None or stored.version != article.history.version:
        return _unchanged(article, "newer_version")
    enriched = replace(enriched, annotations={**enriched.annotations, **kept_as_it_is(stored.source)})
    if article.history.document_id is not None and says_the_same(stored.source, document_of(enriched, settings, now)):
        return _unchanged(article, "same_document")
    return enriched


def document_of(enriched: EnrichedArticle, settings: ReprocessSettings, now: datetime) -> Document:
    """Return the document that the index stage would write."""
    write, *_ = article_writes(
        enriched,
        run_id=settings.run_id,
        pipeline_version=settings.pipeline_version,
        config_sha256=settings.config_sha256,
        now=now,
    )
    return dict(write.source or {})


def _unchanged(article: Article, reason: str) -> Outcome:
    return Outcome(
        url=article.requested_url,
        outcome="unchanged",
        reason=reason,
        version=article.version,
        validators=article.validators,
    )
