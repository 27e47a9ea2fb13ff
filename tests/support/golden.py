"""The golden pages: HTML that we wrote in the markup of real themes, and the articles they must become."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transforms.elements import Article, RawPage
from transforms.text.article import ExtractSettings, extract_article

FOLDER = Path(__file__).resolve().parents[1] / "golden"
PAGES = FOLDER / "pages"
EXPECTED = FOLDER / "expected"
FETCHED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIELDS = (
    "url", "title", "subtitle", "summary", "authors", "agency", "section", "keywords", "language", "published_source",
    "published_precision", "published_local", "paywalled", "opinion", "live_blog", "noarchive", "content_source",
)  # fmt: skip


def names() -> list[str]:
    """Return the names of the golden pages, sorted."""
    return sorted(path.stem for path in PAGES.glob("*.html"))


def article_of(name: str) -> Article:
    """Return the article that today's code makes of a golden page."""
    url = f"https://gazette.example/news/{name}"
    page = RawPage(url=url, final_url=url, site="gazette.example", body=b"", fetched_at=FETCHED_AT, version=1)
    text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    article = extract_article(page, text, source=None, settings=ExtractSettings())
    if not isinstance(article, Article):
        raise AssertionError(f"{name}: filtered as {article.reason}, not an article")
    return article


def summary_of(article: Article) -> dict[str, Any]:
    """Return what a golden file records of an article; the body as lines, for readable diffs."""
    values: dict[str, Any] = {name: getattr(article, name) for name in FIELDS}
    values["extractor"] = article.extractor.replace(article.extractor.partition("@")[2].partition("+")[0], "", 1)
    values["published"] = article.published.isoformat() if article.published else None
    values["updated"] = article.updated.isoformat() if article.updated else None
    values["publisher"] = article.publisher.name
    values["images"] = [{"url": i.url, "caption": i.caption, "credit": i.credit} for i in article.images]
    values["removed"] = [[removed.rule, removed.text] for removed in article.removed]
    values["body"] = article.body.split("\n")
    return json.loads(json.dumps(values))


def as_file(summary: dict[str, Any]) -> str:
    """Return the text of an expected file."""
    return json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
