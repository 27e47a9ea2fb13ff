"""From a page to an article, or to the outcome that ends its work; Beam-free: for `ExtractArticles` and `extract`."""

from dataclasses import replace
from datetime import UTC, datetime

from transforms.elements import Article, Outcome, RawPage
from transforms.profiles import Profiles, whole_hour
from transforms.settings import GENERATION_BITS, ArticleSettings
from transforms.sources import first_source
from transforms.text.article import extract_article, extract_plain_text
from transforms.text.learned import observe, without_learned
from transforms.web.charset import DecodedPage, decode_page

FILE_SITE = "file"  # of pages without a URL of their own


def article_of(page: RawPage, settings: ArticleSettings, profiles: Profiles | None = None) -> Article | Outcome:
    """Return a page's article, or the outcome that ends its work here. Raises `StageError`.

    With `profiles`, what was learned of its site is dropped, and what it shows of the site goes with it.
    """
    source = first_source(page.history.feeds, settings.sources)
    extract = extract_plain_text if (page.content_type or "").startswith("text/plain") else extract_article
    decoded = decode_page(page.body, page.content_type)
    article = extract(page, decoded.text, source=source, settings=settings.text)
    if not isinstance(article, Article):
        return Outcome(url=page.url, outcome="filtered", reason=article.reason, version=page.version)
    same_generation = page.history.version % (1 << GENERATION_BITS) == settings.generation
    if page.history.version and same_generation and article.raw_sha256 == page.history.raw_sha256:
        return Outcome(
            url=page.url, outcome="unchanged", reason="same_text", version=page.version, validators=page.validators
        )
    if profiles is not None and settings.learn:
        article = _by_profile(article, profiles, settings)
    return replace(article, warnings=(*article.warnings, *_doubts(decoded)), validators=page.validators)


def _by_profile(article: Article, profiles: Profiles, settings: ArticleSettings) -> Article:
    """Return the article with what it shows of its site, and without what the site's profile has."""
    if article.site == FILE_SITE:
        return article  # saved pages without a URL are of any publisher
    article = replace(article, observed=observe(article.body))
    profile = profiles.get(article.site, before=settings.profiles_at or whole_hour(article.fetched_at))
    return article if profile is None else without_learned(article, profile)


def _doubts(decoded: DecodedPage) -> tuple[str, ...]:
    """Say where no label of a page held, so that its encoding is a guess; UTF-8 is none, whatever the label says."""
    guessed = decoded.source in ("detected", "fallback")
    return (f"read as {decoded.charset} ({decoded.source}): no label of its encoding holds",) if guessed else ()


def warm_up(settings: ArticleSettings) -> None:
    """Load what the first page would otherwise wait for (a second of imports and tables), before any is fetched."""
    body = b"<html><head><title>Warm up</title></head><body><article>" + b"<p>A first sentence to read.</p>" * 20
    url = "http://warm-up.example/page"
    article_of(
        RawPage(
            url=url,
            final_url=url,
            site="warm-up.example",
            body=body,
            content_type="text/html",
            fetched_at=datetime.now(UTC),
            version=1,
        ),
        settings,
    )
