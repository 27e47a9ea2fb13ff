"""A fetched page to a clean article."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from transforms.elements import Article, ContentSource, FeedSource, RawPage
from transforms.errors import FilterReason, StageError
from transforms.text.assemble import Found, clean_text, finish_article, publication
from transforms.text.authors import read_byline
from transforms.text.boilerplate import PageClues
from transforms.text.clean import clean_lines, clean_markup, fold
from transforms.text.date_search import find_day
from transforms.text.dates import Evidence, url_day
from transforms.text.images import find_images
from transforms.text.main_text import find_main_text
from transforms.text.metadata import PageMetadata, read_metadata, visible_times
from transforms.text.plain_text import extract_plain_text
from transforms.text.robots_meta import read_robots
from transforms.text.settings import ExtractSettings
from transforms.text.story_links import story_links
from transforms.text.tree import parse_fragment, parse_page

__all__ = ["ExtractSettings", "Filtered", "extract_article", "extract_plain_text"]

_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/octet-stream")


@dataclass(frozen=True)
class Filtered:
    """A page that is not to become a document, and why: an outcome, not a failure."""

    reason: FilterReason


def extract_article(
    page: RawPage, text: str, *, source: FeedSource | None, settings: ExtractSettings
) -> Article | Filtered:
    """Return the article of a page whose bytes decode to `text`, or why it is filtered (`noindex`).

    The body comes from the page; from the feed's entry where the feed is trusted (`source.text == "feed"`); and from
    JSON-LD or the entry where the page itself has less than `settings.min_body_chars`. The same page gives the same
    article. Raises StageError: `not_html`, `not_an_article` (a front page), `no_text`, `too_short`.
    """
    _check_is_html(page, text)
    warnings = (
        (f"page cut at {settings.max_page_chars} of {len(text)} characters",)
        if len(text) > settings.max_page_chars
        else ()
    )
    root = parse_page(text[: settings.max_page_chars], page.url)
    about = read_metadata(root, page.url)
    robots = read_robots(about.robots, page.headers)
    if robots.noindex and settings.noindex == "skip":
        return Filtered("noindex")
    _check_is_article(page, about)
    found = _best_text(page, root, about, source, settings, warnings)
    published = publication(page, _cheap_evidence(page, root, about), source=source, settings=settings)
    if published is None:
        # Dear (2 to 3 ms) and the weakest witness: asked only when nobody else knows.
        day = find_day(root, url=page.url, latest=page.fetched_at)
        published = publication(page, [Evidence("text", day)], source=source, settings=settings)
    images = find_images(root, linked=about.linked.images, covers=about.covers, base=page.final_url)
    return finish_article(
        page, found, about=about, source=source, settings=settings, published=published, images=images, robots=robots
    )


def _best_text(
    page: RawPage,
    root: HtmlElement,
    about: PageMetadata,
    source: FeedSource | None,
    settings: ExtractSettings,
    warnings: tuple[str, ...],
) -> Found:
    """Return the first text that is long enough, else the longest."""
    best: Found | None = None
    feed_title = page.entry.title if page.entry else None
    clues = PageClues(
        headlines=(*about.headlines, *([feed_title] if feed_title else ())),
        authors=read_byline(about.bylines).people,
        links=story_links(root, page.final_url),
    )
    hints = (about.language, page.entry.language if page.entry else None, source.language if source else None)
    for lines, origin, extractor in _texts(page, root, about, source):
        text = clean_text(lines, clues=clues, hints=hints, settings=settings)
        if best is None or len(text.body) > len(best.text.body):
            best = Found(text=text, source=origin, extractor=extractor, warnings=warnings)
        if len(best.text.body) >= settings.min_body_chars:
            break
    assert best is not None  # the page itself is always among the texts
    return best


def _texts(
    page: RawPage, root: HtmlElement, about: PageMetadata, source: FeedSource | None
) -> Iterator[tuple[Sequence[str], ContentSource, str]]:
    """Yield lines, their origin and what found them, the most trusted first."""
    content = page.entry.content if page.entry else None
    if content and source is not None and source.text == "feed":
        yield _fragment_lines(content, page.url), "feed", "feed"
    summary = clean_markup(page.entry.summary) if page.entry else None
    found = find_main_text(root, clues=[clue for clue in (about.description, summary) if clue])
    linked = _fragment_lines(about.linked.body, page.url) if about.linked.body else ()
    # In an empty page trafilatura, too, reads JSON-LD, but loses its paragraphs.
    if not (len(found.lines) == 1 and linked and fold(found.lines[0]) == fold(" ".join(linked))):
        yield found.lines, page.source, found.extractor
    if linked:
        yield linked, "json-ld", "json-ld"
    if content:
        yield _fragment_lines(content, page.url), "feed", "feed"


def _fragment_lines(markup: str, url: str) -> Sequence[str]:
    """Return the lines of a feed's content or a JSON-LD body: HTML or plain text."""
    if "<" not in markup:
        return clean_lines(markup)
    root = parse_fragment(markup, url)
    return find_main_text(root).lines or clean_lines(root.text_content())


def _cheap_evidence(page: RawPage, root: HtmlElement, about: PageMetadata) -> Iterator[Evidence]:
    yield from about.dates
    if page.entry is not None:
        yield Evidence("feed", page.entry.published)
    yield Evidence("url", url_day(page.url))
    yield from visible_times(root)


def _check_is_html(page: RawPage, text: str) -> None:
    kind = (page.content_type or "text/html").partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES or text.startswith(("%PDF-", "PK\x03\x04", "\x89PNG", "GIF8", "\xff\xd8")):
        raise StageError("not_html", f"{page.url}: {kind!r} is not a page; newsbeam reads HTML and .txt files")


def _check_is_article(page: RawPage, about: PageMetadata) -> None:
    """Refuse a site's front page: a feed that links it, or a redirect of a deleted article to it."""
    parts = urlsplit(page.final_url)
    is_front = parts.scheme in ("http", "https") and parts.path in ("", "/", "/index.html") and not parts.query
    if is_front and about.og_type != "article" and not any(kind.endswith("Article") for kind in about.linked.types):
        raise StageError(
            "not_an_article", f"{page.url}: leads to the front page {page.final_url}; the article may be gone"
        )
