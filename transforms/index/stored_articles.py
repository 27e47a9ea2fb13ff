"""From a stored document back to the article that it was made of: the inverse of `documents.py`, annotations apart."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from transforms.elements import Article, History, Image, Publisher, Removed, Rights
from transforms.index.base import Document, Stored
from transforms.index.documents import MAX_FACTS
from transforms.web.urls import site_key

OWN_WARNINGS = "enricher_"  # of the enrichers: a new enrichment has its own
Part = TypeVar("Part", Image, Removed, Publisher)


def requested_url(document: Document) -> str:
    """Return the ledger's key of a document."""
    return str(document["url"]["requested"])


def site_of(url: str) -> str:
    """Return a URL's politeness unit; pages of archives without a URL have one together."""
    return "file" if url.startswith("file:") else site_key(url)


def stored_article(stored: Stored, known: History, *, version: int) -> Article:
    """Return the article of a stored document, to be enriched again and written at `version`.

    Its text, fetch and revision are those that are stored; validators, id and hash in its history are those that the
    ledger has (`known`). Raises `KeyError`, `TypeError` or `ValueError` for a document that newsbeam did not write.
    """
    found = stored.source
    url, content, pipeline = found["url"], found["content"], found["pipeline"]
    rights: Mapping[str, Any] = found.get("rights", {})
    requested = requested_url(found)
    return Article(
        id=stored.id,
        requested_url=requested,
        site=site_of(requested),
        url=url["full"],
        original_url=url.get("original", url["full"]),
        claimed_url=url.get("claimed"),
        title=found.get("title", ""),
        subtitle=found.get("subtitle"),
        summary=found.get("summary"),
        body=found.get("body", ""),
        authors=tuple(found.get("authors", ())),
        section=found.get("section"),
        topics=tuple(found.get("topics", ())),
        keywords=tuple(found.get("keywords", ())),
        tags=tuple(found.get("tags", ())),
        language=found.get("language"),
        language_confidence=found.get("language_confidence"),
        publisher=_part(Publisher, found.get("publisher", {})),
        feeds=tuple(found.get("feeds", ())),
        images=tuple(_part(Image, each) for each in found.get("images", ())),
        published=_instant(found.get("published")),
        published_local=found.get("published_local"),
        published_source=found.get("published_source"),
        published_precision=found.get("published_precision"),
        updated=_instant(found.get("updated")),
        fetched_at=datetime.fromisoformat(found["fetched_at"]),
        version=version,
        raw_sha256=content["raw_sha256"],
        sha256=content["sha256"],
        removed=tuple(_part(Removed, each) for each in content.get("removed", ())),
        content_source=content.get("source", "page"),
        extractor=pipeline["extractor"],
        warnings=tuple(each for each in pipeline.get("warnings", ()) if not each.startswith(OWN_WARNINGS)),
        site_profile=pipeline.get("site_profile"),
        paywalled=found.get("paywalled"),
        opinion=found.get("opinion"),
        live_blog=found.get("live_blog"),
        agency=found.get("agency"),
        noindex=rights.get("noindex"),
        noarchive=rights.get("noarchive"),
        robots_rule=rights.get("robots_rule"),
        rights=Rights(
            tdm_reserved=rights.get("tdm_reserved"),
            tdm_policy=rights.get("tdm_policy"),
            licenses=tuple(rights.get("licenses", ())),
            signals=tuple(rights.get("signals", ())),
        ),
        validators=known.validators,
        history=History(
            document_id=known.document_id,
            first_seen=_instant(found["event"]["created"]),
            revision=content["revision"] - 1,  # the text is the same: so is its revision, which will be one more
            raw_sha256=known.raw_sha256,
            version=stored.version,
            figures=min(len(found.get("figures", ())), MAX_FACTS),
            quotes=min(len(found.get("quotes", ())), MAX_FACTS),
            feeds=tuple(found.get("feeds", ())),
            validators=known.validators,
        ),
    )


def kept_as_it_is(document: Document) -> dict[str, object]:
    """Return what a document says of itself and not of its text, by field: gone since when, indexed when."""
    kept: dict[str, object] = {"event.ingested": document["event"]["ingested"]}
    if document.get("status", "live") != "live":
        kept |= {"status": document["status"], "gone_at": document.get("gone_at")}
    return kept


def says_the_same(stored: Document, written: Mapping[str, Any]) -> bool:
    """Tell whether two documents of one article differ in nothing but when and by which run they were made."""
    return _without_run(stored) == _without_run(written)


def _without_run(document: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = {
        name: value
        for name, value in document.get("pipeline", {}).items()
        if name not in ("run_id", "version", "config_sha256")
    }
    return {**document, "pipeline": pipeline}


def _part(kind: type[Part], found: Mapping[str, Any]) -> Part:
    known = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in found.items() if name in known})


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
