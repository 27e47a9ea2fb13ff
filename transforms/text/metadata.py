"""What a page says about itself: JSON-LD first, then meta elements, then what the reader sees.

Better than the extraction libraries on news and several times cheaper (title exact 0.795 against 0.686 on 258 pages).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from transforms.text.clean import clean_line, clean_markup, fold
from transforms.text.dates import Evidence
from transforms.text.json_ld import NO_ARTICLE, LinkedArticle, read_json_ld
from transforms.text.titles import clean_title, shortened_to

MAX_VALUES = 50
_MAX_METAS = 1000

_TITLE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "article.published", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dcterms.date",
    "dc.date.created", "publishdate", "publish-date", "publication_date", "publish_date", "pubdate", "pub_date",
    "cxenseparse:recs:publishtime", "date", "published_at", "article_date_original", "originalpublicationdate",
    "citation_publication_date", "displaydate",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "last-modified",
    "lastmod", "article.updated", "revision_date",
)  # fmt: skip
_AUTHOR = (
    "author",
    "article:author",
    "parsely-author",
    "dc.creator",
    "byl",
    "sailthru.author",
    "og:author",
    "article:author_name",
    "citation_author",
)
_SECTION = ("article:section", "og:section", "parsely-section", "section", "sailthru.verticals")
_KEYWORDS = ("news_keywords", "keywords", "sailthru.tags", "parsely-tags")
_SITE = (
    "og:site_name",
    "application-name",
    "twitter:site",
    "dc.publisher",
    "publisher",
    "al:android:app_name",
    "apple-mobile-web-app-title",
)
_SUBTITLE = (
    "//*[self::h2 or self::h3 or self::p or self::div]"
    "[@itemprop='alternativeHeadline' or contains(@class, 'standfirst')"
    " or contains(@class, 'subtitle') or contains(@class, 'subheadline') or contains(@class, 'article-dek')]"
)
_BYLINE = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'byline__name') or contains(@class, 'author-name')]"
)


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
    og_type: str | None = None
    linked: LinkedArticle = NO_ARTICLE


def read_metadata(root: HtmlElement, url: str) -> PageMetadata:
    """Return what the page at `url` says about itself; absent values are None or empty."""
    metas = _metas(root)
    linked = read_json_ld(root)
    site_name = clean_markup(linked.publisher, 100) or clean_markup(next(_values(metas, _SITE), "").lstrip("@"), 100)
    site_names = [name for name in (site_name, *_values(metas, _SITE), *_host_names(url)) if name]
    headings = [text for h1 in root.xpath("//h1")[:4] if (text := clean_line(h1.text_content(), 500))]
    window = clean_line(next((t.text_content() for t in root.xpath("//title")[:1]), None), 500)
    title = _title(linked, metas, headings, window, site_names)
    raw_titles = (linked.headline, *_values(metas, _TITLE), *headings, window, title)
    headlines = dict.fromkeys(
        text for raw in raw_titles for text in (clean_title(raw, site_names), clean_markup(raw, 500)) if text
    )
    return PageMetadata(
        title=title,
        headlines=tuple(headlines),
        subtitle=_subtitle(root, linked, title),
        description=clean_markup(linked.description) or clean_markup(next(_values(metas, _DESCRIPTION), None)),
        bylines=tuple(_bylines(root, linked, metas)),
        section=clean_markup(next(iter(linked.section), None), 100)
        or clean_markup(next(_values(metas, _SECTION), None), 100),
        topics=_several([*linked.section[1:], *linked.about, *metas.get("article:tag", ())]),
        keywords=_several(
            [part for text in (*linked.keywords, *_values(metas, _KEYWORDS)) for part in text.split(",")]
        ),
        site_name=site_name,
        language=root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or linked.language
        or next(_values(metas, ("og:locale", "language", "content-language")), None),
        canonical=_canonical(root, metas),
        dates=tuple(_dates(root, linked, metas)),
        modified=(
            Evidence("json-ld", linked.modified),
            *(Evidence("meta", value) for value in _values(metas, _MODIFIED)),
        ),
        covers=tuple(
            _values(metas, ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"))
        )[:3],
        robots=tuple(_values(metas, ("robots", "newsbeam"))),
        og_type=next(_values(metas, ("og:type",)), None),
        linked=linked,
    )


def _metas(root: HtmlElement) -> dict[str, list[str]]:
    """Return lower-case name, property or itemprop -> contents, in the page's order."""
    found: dict[str, list[str]] = {}
    for meta in root.xpath("//meta[@content]")[:_MAX_METAS]:
        content = meta.get("content").strip()
        for key in ("property", "name", "itemprop", "http-equiv"):
            if content and meta.get(key):
                found.setdefault(meta.get(key).strip().lower(), []).append(content)
    return found


def _values(metas: dict[str, list[str]], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from metas.get(name, ())


def _title(
    linked: LinkedArticle,
    metas: dict[str, list[str]],
    headings: Sequence[str],
    window: str | None,
    site_names: Sequence[str],
) -> str | None:
    is_article = any(kind != "WebPage" for kind in linked.types)
    for candidate in (
        linked.headline if is_article else None,
        *_values(metas, _TITLE),
        *(headings if len(headings) == 1 else ()),
    ):
        # Some templates put the site's name into every og:title.
        title = clean_title(candidate, site_names)
        if title and _without_site(title, site_names):
            return title
    if window and (title := clean_title(window, site_names)):
        for heading in headings:
            if (short := shortened_to(title, heading)) != title:
                return short
        return title
    return headings[0] if headings else None


def _without_site(title: str, site_names: Sequence[str]) -> bool:
    return fold(title) not in {fold(name) for name in site_names}


def _host_names(url: str) -> list[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return [host, *(labels[-2:-1]), ".".join(labels[-2:])]


def _subtitle(root: HtmlElement, linked: LinkedArticle, title: str | None) -> str | None:
    seen = [clean_markup(linked.alternative_headline, 500)]
    seen += [clean_line(element.text_content(), 500) for element in root.xpath(_SUBTITLE)[:3]]
    for text in seen:
        if text and len(text) < 400 and fold(text) != fold(title or ""):
            return text
    return None


def _bylines(root: HtmlElement, linked: LinkedArticle, metas: dict[str, list[str]]) -> list[str]:
    """Return the first witness that names somebody."""
    from_meta = [text for text in _values(metas, _AUTHOR) if "://" not in text]
    visible = [
        text
        for element in root.xpath(_BYLINE)[:10]
        if (text := clean_line(element.text_content() or element.get("content"), 200))
    ]
    return list(linked.authors) or from_meta[:MAX_VALUES] or visible


def _canonical(root: HtmlElement, metas: dict[str, list[str]]) -> str | None:
    links = root.xpath(
        "//link[@href and contains(concat(' ', translate(@rel, 'CANOIL', 'canoil'), ' '), ' canonical ')]/@href"
    )
    return next((link.strip() for link in (*links, *metas.get("og:url", ())) if link.strip()), None)


def _dates(root: HtmlElement, linked: LinkedArticle, metas: dict[str, list[str]]) -> Iterator[Evidence]:
    yield Evidence("json-ld", linked.published)
    for value in _values(metas, _PUBLISHED):
        yield Evidence("meta", value)
    for element in root.xpath(
        "//*[@itemprop='datePublished' or (self::time and (@pubdate or contains(@class, 'published')))]"
    )[:5]:
        yield Evidence(
            "meta", element.get("datetime") or element.get("content") or clean_line(element.text_content(), 60)
        )


def visible_times(root: HtmlElement) -> Iterator[Evidence]:
    """Yield the page's `<time datetime>` outside of lists of other stories: a weaker witness than the URL."""
    for element in root.xpath(
        "//time[@datetime and not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::li)]"
    )[:3]:
        yield Evidence("time", element.get("datetime"))


def _several(values: Sequence[str]) -> tuple[str, ...]:
    cleaned = (clean_markup(value, 100) for value in values[: 4 * MAX_VALUES])
    return tuple(dict.fromkeys(text for text in cleaned if text))[:MAX_VALUES]
