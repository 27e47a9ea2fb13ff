"""The `<meta>` elements of a page, and the names under which publishers give each thing, best witness first."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from lxml.html import HtmlElement

MAX_METAS = 1000

_KINDS = ("property", "name", "itemprop", "http-equiv")

Metas = Mapping[str, Sequence[str]]

TITLE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "article.published", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dcterms.date",
    "dc.date.created", "publishdate", "publish-date", "publication_date", "publish_date", "pubdate", "pub_date",
    "cxenseparse:recs:publishtime", "date", "published_at", "article_date_original", "originalpublicationdate",
    "citation_publication_date", "displaydate",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified",
    "last-modified", "lastmod", "article.updated", "revision_date",
)  # fmt: skip
AUTHOR = (
    "author", "article:author", "parsely-author", "dc.creator", "byl", "sailthru.author", "og:author",
    "article:author_name", "citation_author",
)  # fmt: skip
SECTION = ("article:section", "og:section", "parsely-section", "section", "sailthru.verticals")
TOPICS = ("article:tag",)
KEYWORDS = ("news_keywords", "keywords", "sailthru.tags", "parsely-tags")
SITE = (
    "og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher",
    "al:android:app_name", "twitter:site",
)  # fmt: skip
FREE = ("isaccessibleforfree", "article:content_tier")
LANGUAGE = ("og:locale", "content-language", "language")
COVER = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
ROBOTS = ("robots", "newsbeam")
TDM = ("tdm-reservation", "tdm-policy")


def read_metas(root: HtmlElement) -> Metas:
    """Return lower-case name, property or itemprop -> contents, in the page's order."""
    found: dict[str, list[str]] = {}
    for meta in islice(root.iter("meta"), MAX_METAS):
        said = meta.attrib
        content = said.get("content", "").strip()
        for kind in _KINDS if content else ():
            if name := said.get(kind):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def values_of(metas: Metas, names: Sequence[str]) -> Iterator[str]:
    """Yield what the page gives under these names, in their order."""
    for name in names:
        yield from metas.get(name, ())


def first_of(metas: Metas, names: Sequence[str]) -> str | None:
    """Return the best witness's value."""
    return next(values_of(metas, names), None)
