"""Articles and entities for tests of enrichers."""

import re
from datetime import UTC, datetime

from tests.support.elements import make_article
from transforms.elements import Article, Entity, Label, Mention

MONDAY = datetime(2024, 5, 13, 12, tzinfo=UTC)


def article_of(
    body: str, *, title: str = "", published: datetime | None = MONDAY, language: str | None = None
) -> Article:
    """Return an article with this text, published on Monday, 13 May 2024."""
    return make_article(title, body, published=published, language=language, fetched_at=MONDAY)


def entity_of(body: str, name: str, label: Label, *forms: str) -> Entity:
    """Return the entity `name` with a mention wherever one of `forms` (or the name) stands in `body`."""
    mentions = tuple(
        Mention(field="body", text=found.group(), start_char=found.start(), end_char=found.end())
        for form in (forms or (name,))
        for found in re.finditer(re.escape(form), body)
    )
    return Entity(id=name, name=name, label=label, count=len(mentions), mentions=mentions)
