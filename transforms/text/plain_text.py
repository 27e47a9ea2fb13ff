"""An article saved as plain text: the first line is the title when a blank line follows."""

from dataclasses import replace

from transforms.elements import Article, FeedSource, RawPage
from transforms.text.assemble import Found, clean_text, finish_article, publication
from transforms.text.boilerplate import PageClues
from transforms.text.clean import clean_line, clean_lines
from transforms.text.dates import Evidence, url_day
from transforms.text.metadata import PageMetadata
from transforms.text.rights import Filtered, kept_out, read_rights
from transforms.text.robots_meta import read_robots
from transforms.text.settings import ExtractSettings

EXTRACTOR = "plain-text"


def extract_plain_text(
    page: RawPage, text: str, *, source: FeedSource | None, settings: ExtractSettings
) -> Article | Filtered:
    """Return the article of a plain text, through the same line filter as a page's, or why its headers keep it out.

    Its date is the feed's or the URL's. Raises StageError `no_text` or `too_short`.
    """
    robots = read_robots((), page.headers)
    rights = read_rights({}, (), page.headers, site=page.rights, url=page.final_url)
    if (filtered := kept_out(robots, rights, settings)) is not None:
        return filtered
    title, rest = split_title(text[: settings.max_page_chars])
    hints = (page.entry.language if page.entry else None, source.language if source else None)
    headlines = (title,) if title else ()
    found = Found(
        text=clean_text(
            clean_lines(rest), clues=PageClues(headlines=headlines, site=page.site), hints=hints, settings=settings
        ),
        source="file",
        extractor=EXTRACTOR,
    )
    evidence = (Evidence("feed", page.entry.published if page.entry else None), Evidence("url", url_day(page.url)))
    published = publication(page, evidence, source=source, settings=settings)
    about = PageMetadata(title=title, headlines=headlines)
    page = replace(page, rights=rights)
    return finish_article(
        page, found, about=about, source=source, settings=settings, published=published, robots=robots
    )


def split_title(text: str) -> tuple[str | None, str]:
    r"""Return the title and what follows; no title when the first line runs on into the next.

    >>> split_title("Road closed\n\nThe quay road is closed.")
    ('Road closed', 'The quay road is closed.')
    """
    first, _, rest = text.lstrip("\ufeff \t\r\n").replace("\r\n", "\n").partition("\n")
    if rest.partition("\n")[0].strip() or not rest.strip():
        return None, text
    return clean_line(first, 500), rest.lstrip("\n")
