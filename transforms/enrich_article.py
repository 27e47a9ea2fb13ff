"""One article through the enrichers, Beam-free: what `EnrichArticles` and `extract` share."""

from collections.abc import Sequence

from transforms.elements import Article, EnrichedArticle
from transforms.enrich.base import Enrich, Enricher
from transforms.try_each import FaultLimit


def enrich_article(
    article: Article, enrichers: Sequence[tuple[Enricher, Enrich]], limit: FaultLimit | None = None
) -> EnrichedArticle:
    """Return the article with what every enricher found; without a `limit` the first fault is raised."""
    found: dict[str, object] = {}
    ran, warnings = [], []
    for enricher, enrich in enrichers:
        try:
            found.update(enrich(article, found))
        except Exception as err:  # the border of a plug-in: its fault must not lose the article
            if limit is None:
                raise
            fingerprint = limit.fault(err)
            warnings.append(f"enricher_failed:{enricher.name}:{fingerprint}")
        else:
            ran.append(f"{enricher.name}@{enricher.version}")
    return EnrichedArticle(article=article, annotations=found, enrichers=tuple(ran), warnings=tuple(warnings))
