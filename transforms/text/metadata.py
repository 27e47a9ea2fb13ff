"""What a page says about itself: JSON-LD first, then meta elements, then what the reader sees.

Better than the extraction libraries on news and several times cheaper (title exact 0.795 against 0.686 on 258 pages).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from transforms.text import meta_tags
from transforms.text.clean import clean_line, clean_markup, fold
from transforms.text.dates import Evidence
from transforms.text.flags import read_free
from transforms.text.json_ld import NO_ARTICLE, LinkedArticle, read_json_ld
from transforms.text.meta_tags import Metas, first_of, read_metas, values_of
from transforms.text.titles import clean_title, shortened_to
from transforms.text.tree import drop_unseen

MAX_VALUES = 50
_MAX_SUBTITLE_CHARS = 400

_ELSEWHERE = "[not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::form or ancestor::li)]"
_SUBTITLE_TAGS = ("h2", "h3", "p", "div")
_SUBTITLE_CLASSES = ("standfirst", "subtitle", "subheadline", "article-dek")
_NOT_OF_THE_ARTICLE = ("aside", "footer", "nav", "form", "li")
# All that may name the author, in one walk; which of them sign, and which are bylines, is asked of these alone.
_CREDITED = etree.XPath(
    "//*[contains(@class, 'author') or contains(@class, 'byline') or @rel='author' or @itemprop='author']" + _ELSEWHERE
)
_SIGNED_CLASS = re.compile("author-name|author__name|author_name|authorName|byline-name|byline__name")
_PUBLISHED = etree.XPath(
    "//*[@itemprop='datePublished' or (self::time and (@pubdate or contains(@class, 'published')))]"
)
_TIMES = etree.XPath("//time[@datetime]" + _ELSEWHERE)
_BY = ("by ", "von ", "par ", "por ", "di ", "door ")


@dataclass(frozen=True, kw_only=True)
class PageMetadata:
    """Clean values; `headlines` are all forms of the title that the text may repeat, `dates` the evidence in order."""

    title: str | None = None
    headlines: tuple[str, ...] = ()
    subtitle: str | None = None
    description: str | None = None
    bylines: tuple[str, ...] = ()
    section: str | None = None
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    site_name: str | None = None
    language: str | None = None
    canonical: str | None = None
    dates: tuple[Evidence, ...] = ()
    modified: tuple[Evidence, ...] = ()
    covers: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()
    tdm: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    licenses: tuple[str, ...] = ()
    og_type: str | None = None
    free: bool | None = None
    linked: LinkedArticle = NO_ARTICLE


def read_metadata(root: HtmlElement, url: str) -> PageMetadata:
    """Return what the page at `url` says about itself; absent values are None or empty."""
    linked = read_json_ld(root)
    drop_unseen(root)
    metas = read_metas(root)
    # og:site_name before the JSON-LD publisher: that one is the agency's name on agency copy, or a slogan.
    site_name = clean_markup((first_of(metas, meta_tags.SITE[:1]) or linked.publisher or "").lstrip("@"), 100)
    site_name = site_name or clean_markup((first_of(metas, meta_tags.SITE) or "").lstrip("@"), 100)
    site_names = [name for name in (site_name, linked.publisher, *values_of(metas, meta_tags.SITE)) if name]
    site_names += _host_names(url)
    headings = [text for h1 in islice(root.iter("h1"), 4) if (text := clean_line(h1.text_content(), 500))]
    window = clean_line(next((title.text_content() for title in root.iter("title")), None), 500)
    links = _head_links(root)
    title = _title(linked, metas, headings, window, site_names)
    sections = [text for raw in linked.section if (text := clean_markup(raw, 100)) and _is_not(text, site_names)]
    section = sections[0] if sections else clean_markup(first_of(metas, meta_tags.SECTION), 100)
    language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or linked.language
    return PageMetadata(
        title=title,
        headlines=_headlines((linked.headline, *values_of(metas, meta_tags.TITLE), *headings, window), site_names),
        subtitle=_subtitle(root, linked, title),
        description=clean_markup(linked.description) or clean_markup(first_of(metas, meta_tags.DESCRIPTION)),
        bylines=tuple(_bylines(root, linked, metas)[:MAX_VALUES]),
        section=section,
        topics=_several((*sections[1:], *values_of(metas, meta_tags.TOPICS)), whole=linked.about),
        keywords=_several((*linked.keywords, *values_of(metas, meta_tags.KEYWORDS))),
        site_name=site_name,
        language=language or first_of(metas, meta_tags.LANGUAGE),
        canonical=next(
            (link.strip() for link in (*links["canonical"], *metas.get("og:url", ())) if link.strip()), None
        ),
        dates=(
            Evidence("json-ld", linked.published),
            *(Evidence("meta", v) for v in values_of(metas, meta_tags.PUBLISHED)),
        ),
        modified=(
            Evidence("json-ld", linked.modified),
            *(Evidence("meta", value) for value in values_of(metas, meta_tags.MODIFIED)),
        ),
        covers=tuple(values_of(metas, meta_tags.COVER))[:3],
        robots=tuple(values_of(metas, meta_tags.ROBOTS)),
        tdm={name: tuple(metas[name]) for name in meta_tags.TDM if name in metas},
        licenses=tuple(links["license"][:MAX_VALUES]),
        og_type=first_of(metas, ("og:type",)),
        free=read_free((linked.free, *values_of(metas, meta_tags.FREE))),
        linked=linked,
    )


def marked_dates(root: HtmlElement) -> Iterator[Evidence]:
    """Yield what the page marks as its date of publication (microdata, hAtom), for when its head is silent."""
    for element in _PUBLISHED(root)[:5]:
        text = element.get("datetime") or element.get("content") or clean_line(element.text_content(), 60)
        yield Evidence("meta", text)


def visible_times(root: HtmlElement) -> Iterator[Evidence]:
    """Yield the page's `<time datetime>` outside of lists of other stories: a weaker witness than the URL."""
    for element in _TIMES(root)[:3]:
        yield Evidence("time", element.get("datetime"))


def _head_links(root: HtmlElement) -> dict[str, list[str]]:
    """Return the targets of `<link rel=canonical>` (in any case) and `<link rel=license>`."""
    found: dict[str, list[str]] = {"canonical": [], "license": []}
    for link in root.iter("link"):
        href, rel = link.get("href"), link.get("rel")
        if href is not None and rel:
            found["canonical"] += [href] if "canonical" in rel.lower().split() else []
            found["license"] += [href] if "license" in rel.split() else []
    return found


def _title(
    linked: LinkedArticle, metas: Metas, headings: Sequence[str], window: str | None, site_names: Sequence[str]
) -> str | None:
    headline = linked.headline if any(kind != "WebPage" for kind in linked.types) else None
    for candidate in (headline, *values_of(metas, meta_tags.TITLE), *(headings if len(headings) == 1 else ())):
        title = clean_title(candidate, site_names)
        if title and _is_not(title, site_names):  # some templates put the site's name into every og:title
            return title
    title = clean_title(window, site_names)
    if title:
        return next((short for heading in headings if (short := shortened_to(title, heading)) != title), title)
    return headings[0] if headings else None


def _headlines(titles: Iterable[str | None], site_names: Sequence[str]) -> tuple[str, ...]:
    texts = (text for title in titles for text in (clean_title(title, site_names), clean_markup(title, 500)))
    return tuple(dict.fromkeys(text for text in texts if text))


def _is_not(text: str, site_names: Sequence[str]) -> bool:
    return fold(text) not in {fold(name) for name in site_names}


def _host_names(url: str) -> list[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return [host, *(labels[-2:-1]), ".".join(labels[-2:])]


def _subtitle(root: HtmlElement, linked: LinkedArticle, title: str | None) -> str | None:
    for text in chain((clean_markup(linked.alternative_headline, 500),), _visible_subtitles(root)):
        if text and len(text) <= _MAX_SUBTITLE_CHARS and fold(text) != fold(title or ""):
            return text
    return None


def _visible_subtitles(root: HtmlElement) -> Iterator[str | None]:
    # Not one XPath over all elements: five times slower than a look at each one's class.
    for element in root.iter(*_SUBTITLE_TAGS):
        names = element.get("class", "")
        is_one = any(part in names for part in _SUBTITLE_CLASSES) or element.get("itemprop") == "alternativeHeadline"
        if is_one and next(element.iterancestors(*_NOT_OF_THE_ARTICLE), None) is None:
            yield clean_line(element.text_content(), 500)


def _bylines(root: HtmlElement, linked: LinkedArticle, metas: Metas) -> list[str]:
    """Return what the first witness says who says anything: JSON-LD, meta elements, the visible byline."""
    if linked.authors:
        return list(linked.authors)
    if named := [text for text in values_of(metas, meta_tags.AUTHOR) if "://" not in text]:
        return named
    credited = _CREDITED(root)
    for element in islice(filter(_is_signed, credited), 5):
        if element.get("content"):
            return [element.get("content")]
        # Name, role and time stand in elements of their own; a name has two words or more.
        if pieces := [piece for piece in element.itertext() if 2 <= len(piece.split()) <= 8]:
            return pieces[:1]
    for element in islice((each for each in credited if _names_a_byline(each)), 5):
        text = clean_line(element.text_content(), 200) or ""
        if text.lower().startswith(_BY):
            pieces = [piece.strip() for piece in element.itertext() if piece.strip()]
            return [" ".join(pieces[:2])] if len(pieces[0].split()) == 1 else pieces[:1]
    return []


def _is_signed(element: HtmlElement) -> bool:
    names = element.get("class", "")
    return "author" in (element.get("rel"), element.get("itemprop"), names) or bool(_SIGNED_CLASS.search(names))


def _names_a_byline(element: HtmlElement) -> bool:
    names = element.get("class", "")
    return "byline" in names or "author" in names


def _several(values: Iterable[str], *, whole: Iterable[str] = ()) -> tuple[str, ...]:
    """Return single values of `whole` and of lists that may be written as one, "a, b, c"."""
    split = (part for value in values for part in value[:2000].split(",")[:MAX_VALUES])
    parts = (clean_markup(part, 100) for part in (*whole, *split))
    return tuple(dict.fromkeys(part for part in parts if part))[:MAX_VALUES]
