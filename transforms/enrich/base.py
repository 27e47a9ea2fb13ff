"""What an enricher is: a plug-in that adds document fields to a clean article."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from transforms.elements import Article, SpanField

Found = Mapping[str, object]  # document field -> value: tuples of dataclasses with spans, or of str
Enrich = Callable[[Article, Found], Found]


@dataclass(frozen=True, kw_only=True)
class Enricher:
    """One enrichment. `load()` runs once per worker process and returns the function that does the work.

    That function gets the article and what the enrichers before it found, and returns the fields named here, always
    all of them. It is deterministic and raises only on a fault of its own, which then costs this enrichment alone.
    `version` is raised whenever the same article could get another result. `languages` are primary subtags ("en");
    an article in another language is not handed over, and its warnings say so; () is any language.
    """

    name: str
    version: str
    fields: tuple[str, ...]
    load: Callable[[], Enrich]
    languages: tuple[str, ...] = ()
    choose: Callable[[str], "Enricher"] | None = None  # by what stands behind `name:` where it is enabled


def texts(
    article: Article, fields: Iterable[SpanField] = ("title", "subtitle", "body")
) -> Iterator[tuple[SpanField, str]]:
    """Yield (field name, text) of the article's non-empty text fields, in reading order."""
    for name in fields:
        text: str | None = getattr(article, name)
        if text:
            yield name, text
