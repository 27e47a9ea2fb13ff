"""The articles of the local news web: one readable file each, metadata in TOML above the paragraphs.

A file is `+++`, TOML, `+++`, then the body with a blank line between paragraphs. Its name is the slug. The text is
fiction, written for these tests: places exist, people, bodies and events do not.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "articles"
FENCE = "+++\n"
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture under `/media/` of the article's host."""

    file: str
    caption: str
    credit: str = ""
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class Update:
    """What the publisher's second edition changes: a new headline, one more paragraph, `minutes` after the first."""

    title: str
    paragraph: str
    minutes: int = 90


@dataclass(frozen=True, kw_only=True)
class WebArticle:
    """An article as its author knows it: what a perfect extractor would give back.

    `expect` holds `people`, `organizations`, `places` (names as fully as the text gives them), `figures` and
    `quotes` (tables; `text` is verbatim in the body).
    """

    host: str
    slug: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published: datetime
    authors: tuple[str, ...] = ()
    updated: datetime | None = None
    language: str = "en"
    section: str = "World"
    subtitle: str | None = None
    edition: int = 1
    opinion: bool = False
    images: tuple[Picture, ...] = ()
    update: Update | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def body(self) -> str:
        """The paragraphs with a blank line between them, as the document stores them."""
        return "\n\n".join(self.paragraphs)

    def revised(self) -> "WebArticle":
        """Return the article of the second edition; itself when its file has no `[update]`."""
        if self.update is None:
            return self
        return replace(
            self,
            title=self.update.title,
            paragraphs=(*self.paragraphs, self.update.paragraph),
            updated=self.published + timedelta(minutes=self.update.minutes),
            update=None,
        )


def read_article(path: Path) -> WebArticle:
    """Return the article of one file; ValueError names the file and what is wrong with it."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith(FENCE) or text.count(FENCE) != 2:
        raise ValueError(f"{path.name}: expected TOML between two +++ lines, then the body")
    _, head, body = text.split(FENCE)
    values = tomllib.loads(head)
    paragraphs = tuple(" ".join(block.split()) for block in body.split("\n\n") if block.strip())
    try:
        return WebArticle(
            slug=path.stem,
            paragraphs=paragraphs,
            authors=tuple(values.pop("authors", ())),
            images=tuple(Picture(**image) for image in values.pop("images", ())),
            update=Update(**values.pop("update")) if "update" in values else None,
            **values,
        )
    except TypeError as err:
        raise ValueError(f"{path.name}: {err}") from err


def read_articles(folder: Path = FOLDER) -> tuple[WebArticle, ...]:
    """Return every article of a folder, newest first."""
    return tuple(sorted(map(read_article, folder.glob("*.txt")), key=lambda article: article.published, reverse=True))


def moved_to(articles: Iterable[WebArticle], newest_at: datetime) -> tuple[WebArticle, ...]:
    """Return the articles moved by whole weeks, so that the newest lies within the week before `newest_at`.

    Whole weeks, because the texts name weekdays. A demo needs news that `ingest.max_age` does not call old.
    """
    articles = tuple(articles)
    newest = max(article.published for article in articles)
    by = WEEK * ((newest_at - newest) // WEEK)
    return tuple(replace(article, published=article.published + by) for article in articles)
