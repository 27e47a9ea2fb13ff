"""From found lines and witnesses to a finished `Article`: what pages, feed contents and plain text have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from transforms.elements import Article, ContentSource, FeedSource, Image, Publisher, RawPage, Removed
from transforms.errors import StageError
from transforms.text.authors import Byline, read_byline
from transforms.text.boilerplate import PageClues, filter_lines
from transforms.text.clean import clean_line, clean_markup, join_lines, text_sha256
from transforms.text.dates import Evidence, Published, choose_published, read_moment, zone_of
from transforms.text.flags import agency_of, is_live_blog, is_opinion
from transforms.text.language import Language, identify_language
from transforms.text.metadata import PageMetadata
from transforms.text.phrases import load_phrases
from transforms.text.robots_meta import NO_SIGNALS, RobotsSignals
from transforms.text.settings import ExtractSettings
from transforms.web.urls import believable_canonical, document_id, normalize_url


class CleanText(NamedTuple):
    """A body with paragraphs separated by a blank line, what was taken out of it, and its language."""

    body: str
    removed: tuple[Removed, ...]
    language: Language


@dataclass(frozen=True, kw_only=True)
class Found:
    """A clean text, where it came from and what found it."""

    text: CleanText
    source: ContentSource
    extractor: str
    warnings: tuple[str, ...] = ()


class Identity(NamedTuple):
    """The article's URL, and a page's claim to another one that is not believed."""

    url: str
    claimed: str | None


def clean_text(
    lines: Sequence[str], *, clues: PageClues, hints: Sequence[str | None], settings: ExtractSettings
) -> CleanText:
    """Return the text of `lines` without boilerplate; `hints` are language tags of page and feed."""
    language = identify_language("\n".join(lines), hints=hints, expected=settings.languages)
    phrases = settings.phrases or load_phrases()
    kept, removed = filter_lines(lines, clues=clues, phrases=phrases, language=language.code)
    return CleanText(join_lines(kept), removed, language)


def identity(page: RawPage, claimed: str | None) -> Identity:
    """Return which URL the article has: what was requested, or the page's canonical URL where that can be believed.

    A saved file has no URL of its own: there the page's word is all there is.
    """
    resolved = _normal(claimed, page.final_url if "://" in page.final_url else page.url) if claimed else None
    if resolved is None:
        return Identity(page.url, None)
    if page.url.startswith("file:"):
        return Identity(resolved, None)
    believed = believable_canonical(resolved, page.url)
    return Identity(believed or page.url, None if believed or resolved == page.url else resolved)


def finish_article(
    page: RawPage,
    found: Found,
    *,
    about: PageMetadata,
    source: FeedSource | None,
    settings: ExtractSettings,
    published: Published | None,
    images: tuple[Image, ...] = (),
    robots: RobotsSignals = NO_SIGNALS,
) -> Article:
    """Return the article. Raises StageError `no_text` or `too_short` (less than `settings.min_body_chars`)."""
    body, warnings = _bounded(page, found, settings)
    entry = page.entry
    url, claimed = identity(page, about.canonical)
    title = about.title or clean_markup(entry.title if entry else None, 500)
    if title is None:
        title = body.split("\n", 1)[0][:120].strip()
        warnings += ("no title: the first line stands in",)
    if published is not None and published.guessed:
        warnings += (f"published on 1 January by {published.source} alone: perhaps only the year is known",)
    publisher = source.publisher if source else Publisher()
    name = publisher.name or about.site_name
    houses = (name, about.site_name, about.linked.publisher, page.site.partition(".")[0])
    signed = [removed.text for removed in found.text.removed if removed.rule == "byline"]
    byline = _first_byline((about.bylines, entry.authors if entry else (), signed), houses=houses)
    credited = (*about.linked.organizations, about.linked.publisher)
    summary = clean_markup(entry.summary if entry else None) or about.description
    digest = text_sha256(title, body)
    phrases = settings.phrases or load_phrases()
    is_own = about.subtitle is None or phrases.rule_of(about.subtitle, found.text.language.code) is None
    kinds = about.linked.types
    section = about.section
    return Article(
        id=page.history.document_id or document_id(url),
        requested_url=page.url,
        site=page.site,
        url=url,
        original_url=entry.link if entry else page.url,
        claimed_url=claimed,
        title=title,
        subtitle=about.subtitle if is_own else None,
        summary=summary,
        body=body,
        authors=byline.people,
        section=section,
        topics=tuple(dict.fromkeys((*about.topics, *filter(None, map(clean_line, entry.categories if entry else ()))))),
        keywords=about.keywords,
        tags=source.tags if source else (),
        language=found.text.language.code,
        language_confidence=found.text.language.confidence,
        publisher=Publisher(name=name, id=publisher.id, country=publisher.country),
        feeds=page.history.feeds,
        images=images,
        published=published.at if published else None,
        published_local=published.local if published else None,
        published_source=published.source if published else None,
        published_precision=published.precision if published else None,
        updated=_updated(page, about, published, source, settings),
        fetched_at=page.fetched_at,
        version=page.version,
        raw_sha256=digest,
        sha256=digest,
        removed=found.text.removed,
        content_source=found.source,
        extractor=found.extractor,
        warnings=warnings,
        paywalled=None if about.free is None else not about.free,
        opinion=is_opinion(url, section, kinds) or None,
        live_blog=is_live_blog(url, kinds) or None,
        agency=byline.agency or agency_of(body, found.text.removed, credited, site_name=about.site_name),
        noindex=robots.noindex,
        noarchive=robots.noarchive,
        robots_rule=page.robots_rule,
        rights=page.rights,
        history=page.history,
    )


def publication(
    page: RawPage, evidence: Iterable[Evidence], *, source: FeedSource | None, settings: ExtractSettings
) -> Published | None:
    """Return when the article was published by the first evidence that holds; without a zone it is the feed's."""
    zone = zone_of(source.timezone if source else None, settings.timezone)
    return choose_published(evidence, zone=zone, fetched_at=page.fetched_at)


def _first_byline(witnesses: Iterable[Sequence[str]], *, houses: Sequence[str | None]) -> Byline:
    """Return the people of the first witness who names any, and the first agency named."""
    bylines = [read_byline(names, houses=houses) for names in witnesses]
    people = next((byline.people for byline in bylines if byline.people), ())
    return Byline(people, next((byline.agency for byline in bylines if byline.agency), None))


def _updated(
    page: RawPage,
    about: PageMetadata,
    published: Published | None,
    source: FeedSource | None,
    settings: ExtractSettings,
) -> datetime | None:
    zone = zone_of(source.timezone if source else None, settings.timezone)
    for evidence in (*about.modified, Evidence("feed", page.entry.updated if page.entry else None)):
        moment = read_moment(evidence.value, zone)
        if moment is not None and moment.at <= page.fetched_at and (published is None or moment.at > published.at):
            return moment.at.astimezone(UTC)
    return None


def _bounded(page: RawPage, found: Found, settings: ExtractSettings) -> tuple[str, tuple[str, ...]]:
    body, limit = found.text.body, settings.max_body_chars
    if not body:
        raise StageError(
            "no_text", f"{page.url}: no text is left; look at the page, it may be a video, a gallery or a script"
        )
    if len(body) < settings.min_body_chars:
        raise StageError(
            "too_short",
            f"{page.url}: {len(body)} characters of text; min_body_chars asks for {settings.min_body_chars}",
        )
    if len(body) > limit:
        return body[:limit].rstrip(), (*found.warnings, f"body cut at {limit} of {len(body)} characters")
    return body, found.warnings


def _normal(url: str, base: str) -> str | None:
    try:
        return normalize_url(url, base)
    except StageError:
        return None
