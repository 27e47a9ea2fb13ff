"""A fetched page to a clean article."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from transforms.elements import Article, ContentSource, FeedSource, Image, RawPage
from transforms.errors import StageError
from transforms.text.assemble import Found, clean_text, finish_article, publication
from transforms.text.authors import read_byline
from transforms.text.blocks import drop_blocks
from transforms.text.boilerplate import PageClues
from transforms.text.clean import clean_lines, clean_markup
from transforms.text.date_search import find_day
from transforms.text.dates import Evidence, read_moment, url_day, zone_of
from transforms.text.images import find_images
from transforms.text.main_text import find_main_text
from transforms.text.metadata import PageMetadata, marked_dates, read_metadata, visible_times
from transforms.text.plain_text import extract_plain_text
from transforms.text.rights import Filtered, kept_out, read_rights
from transforms.text.robots_meta import read_robots
from transforms.text.settings import ExtractSettings
from transforms.text.split_body import join_split_body
from transforms.text.story_links import story_links
from transforms.text.tree import drop_chrome, parse_fragment, read_page
from transforms.text.written_dates import read_written_day

__all__ = ["ExtractSettings", "Filtered", "extract_article", "extract_plain_text"]

MIN_PAGE_SHARE = 0.5  # of a JSON-LD body; 35 of 261 pages have one, none is half as short as it
_MADE_FOR_US = timedelta(hours=1)  # caches keep pages for minutes
_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/octet-stream")


def extract_article(
    page: RawPage, text: str, *, source: FeedSource | None, settings: ExtractSettings
) -> Article | Filtered:
    """Return the article of a page whose bytes decode to `text`, or why it is filtered (`noindex`, `tdm_reserved`...).

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
    root, reader = read_page(text[: settings.max_page_chars], page.url)
    about = read_metadata(root, page.url)
    robots = read_robots(about.robots, page.headers)
    rights = read_rights(about.tdm, about.licenses, page.headers, site=page.rights, url=page.final_url)
    if (filtered := kept_out(robots, rights, settings)) is not None:
        return filtered
    _check_is_article(page, about)
    published = publication(page, _cheap_evidence(page, root, about), source=source, settings=settings)
    if published is None:
        # Dear (2 to 3 ms) and the weakest witness: asked only when nobody else knows.
        day = find_day(root, url=page.url, latest=page.fetched_at)
        published = publication(page, [Evidence("text", day)], source=source, settings=settings)
    images = find_images(root, linked=about.linked.images, covers=about.covers, base=page.final_url)
    found = _best_text(page, root, about, source, settings, images)
    found = replace(found, warnings=warnings, extractor=f"{found.extractor}{f'+{reader}' if reader else ''}")
    if published is None:  # the weakest witness: a line of the text that is a date and nothing else
        written = (Evidence("text", read_written_day(each.text)) for each in found.text.removed if each.rule == "date")
        published = publication(page, written, source=source, settings=settings)
    if published is None:
        published = publication(page, _served_evidence(page), source=source, settings=settings)
    page = replace(page, rights=rights)
    return finish_article(
        page, found, about=about, source=source, settings=settings, published=published, images=images, robots=robots
    )


def _best_text(
    page: RawPage,
    root: HtmlElement,
    about: PageMetadata,
    source: FeedSource | None,
    settings: ExtractSettings,
    images: Sequence[Image],
) -> Found:
    """Return the first text that is long enough, else the longest. Takes out of `root` what is no text."""
    best: Found | None = None
    feed_title = page.entry.title if page.entry else None
    links = story_links(root, page.final_url)
    drop_chrome(root)
    blocks = drop_blocks(root, page.final_url)
    join_split_body(root)
    clues = PageClues(
        headlines=(*about.headlines, *([feed_title] if feed_title else ())),
        subtitle=about.subtitle,
        authors=read_byline(about.bylines).people,
        # A description that serves as the picture's, too, may be the text's first sentence.
        captions=tuple(image.caption for image in images if image.caption and image.caption != about.description),
        links=links,
        host=(urlsplit(page.final_url).hostname or "").removeprefix("www."),
        site=page.site,
    )
    hints = (about.language, page.entry.language if page.entry else None, source.language if source else None)
    for lines, origin, extractor in _texts(page, root, about, source):
        text = clean_text(lines, clues=clues, hints=hints, settings=settings)
        if origin == page.source:
            text = text._replace(removed=(*text.removed, *blocks))
        if best is None or len(text.body) > len(best.text.body):
            best = Found(text=text, source=origin, extractor=extractor)
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
    linked = _fragment_lines(about.linked.body, page.url) if about.linked.body else ()
    clues = [clue for clue in (about.description, summary, *linked[:: max(1, len(linked) // 3)]) if clue]
    found = find_main_text(root, clues=clues)
    # Not the better text (0.86 against 0.98), unless the page shows the beginning only.
    if linked and found.chars < MIN_PAGE_SHARE * sum(map(len, linked)):
        yield linked, "json-ld", "json-ld"
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
    yield from marked_dates(root)
    if page.entry is not None:
        yield Evidence("feed", page.entry.published)
    yield Evidence("url", url_day(page.url))
    yield from visible_times(root)


def _served_evidence(page: RawPage) -> Iterator[Evidence]:
    """Yield the last change by the feed (`lastmod` of a sitemap), then by the server unless it made the page for us."""
    yield Evidence("feed-updated", page.entry.updated if page.entry else None)
    said = next((value for name, value in page.headers if name.lower() == "last-modified"), None)
    moment = read_moment(said, zone_of())
    if moment is not None and moment.at < page.fetched_at - _MADE_FOR_US:
        yield Evidence("http", said)


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
