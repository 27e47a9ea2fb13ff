"""Pages that we wrote, in the markup of real themes, and the articles they must become.

`NEWSBEAM_UPDATE_GOLDEN=1 pytest tests/golden` writes the expected files anew; read the diff.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from transforms.elements import Article, RawPage
from transforms.text.article import ExtractSettings, extract_article

PAGES = Path(__file__).parent / "pages"
EXPECTED = Path(__file__).parent / "expected"
FETCHED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIELDS = (
    "url", "title", "subtitle", "summary", "authors", "agency", "section", "keywords", "language", "published_source",
    "published_precision", "published_local", "paywalled", "noarchive", "content_source",
)  # fmt: skip

BOILERPLATE = (
    "leave a reply", "your email address", "required fields", "save my name", "share this:", "click to share",
    "read also", "related", "more from author", "newsletter", "photo:", "copyright", "please enter your comment",
    "cancel reply", "kommentar", "e-mail-adresse", "lesen sie auch", "facebook", "thoughts on",
)  # fmt: skip


def article_of(name: str) -> Article:
    url = f"https://gazette.example/news/{name}"
    page = RawPage(url=url, final_url=url, site="gazette.example", body=b"", fetched_at=FETCHED_AT, version=1)
    text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    article = extract_article(page, text, source=None, settings=ExtractSettings())
    assert isinstance(article, Article)
    return article


def summary_of(article: Article) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(article, name) for name in FIELDS}
    values["published"] = article.published.isoformat() if article.published else None
    values["updated"] = article.updated.isoformat() if article.updated else None
    values["publisher"] = article.publisher.name
    values["images"] = [{"url": i.url, "caption": i.caption, "credit": i.credit} for i in article.images]
    values["removed"] = [[removed.rule, removed.text] for removed in article.removed]
    values["body"] = article.body.split("\n")
    return json.loads(json.dumps(values))


names = pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.html")))


@names
def test_page_becomes_the_expected_article(name: str) -> None:
    found = summary_of(article_of(name))
    expected = EXPECTED / f"{name}.json"
    if os.environ.get("NEWSBEAM_UPDATE_GOLDEN") == "1":
        EXPECTED.mkdir(exist_ok=True)
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@names
def test_no_boilerplate_is_left_in_the_body(name: str) -> None:
    body = article_of(name).body.lower()
    assert [phrase for phrase in BOILERPLATE if phrase in body] == []
