"""One article through the enrichers, Beam-free: what `EnrichArticles` and `extract` share."""

import logging
from collections.abc import Callable, Sequence

from transforms.elements import Article, EnrichedArticle
from transforms.enrich.base import Enrich, Enricher
from transforms.enrich.cut_off import CutOffError, within
from transforms.enrich.reading.language import language_of
from transforms.errors import ConfigurationError
from transforms.try_each import FaultLimit

logger = logging.getLogger(__name__)

MAX_S = 60.0  # of one enricher on one article; the slowest of ours takes 6 s of CPU on a megabyte of text
Count = Callable[[str], None]


def enrich_article(
    article: Article,
    enrichers: Sequence[tuple[Enricher, Enrich]],
    limit: FaultLimit | None = None,
    *,
    max_s: float = MAX_S,
    count: Count | None = None,
) -> EnrichedArticle:
    """Return the article with what every enricher found; without a `limit` the first fault is raised.

    A failing enricher, one that takes longer than `max_s` and one that does not know the article's language cost
    their own fields (empty then) and leave a warning: `enricher_failed:NAME:FINGERPRINT`, `enricher_slow:NAME`,
    `enricher_language:NAME:LANGUAGE`. `count` is told `failed.NAME` and `slow.NAME`. Raises `ConfigurationError` for
    an enricher that returns a field it does not declare.
    """
    found: dict[str, object] = {}
    ran, warnings = [], []
    tell = count or logger.debug
    language = language_of(article)
    for enricher, enrich in enrichers:
        if enricher.languages and language not in enricher.languages:
            warnings.append(f"enricher_language:{enricher.name}:{language}")
        else:
            try:
                added = within(max_s, lambda enrich=enrich: enrich(article, found))  # type: ignore[misc]
            except CutOffError:
                logger.warning("enricher %s took longer than %s s on %s", enricher.name, max_s, article.url)
                tell(f"slow.{enricher.name}")
                warnings.append(f"enricher_slow:{enricher.name}")
            except Exception as err:  # the border of a plug-in: its fault must not lose the article
                if limit is None:
                    raise
                tell(f"failed.{enricher.name}")
                warnings.append(f"enricher_failed:{enricher.name}:{limit.fault(err)}")
            else:
                if unknown := sorted(added.keys() - set(enricher.fields)):
                    raise ConfigurationError(
                        f"enricher {enricher.name!r} returned the field {unknown[0]!r}, which its `fields` do not name"
                    )
                found.update(added)
                ran.append(f"{enricher.name}@{enricher.version}")
        for name in enricher.fields:
            found.setdefault(name, ())
    return EnrichedArticle(article=article, annotations=found, enrichers=tuple(ran), warnings=tuple(warnings))
