"""EnrichArticles: adds what the enrichers find. A failing enricher costs its own fields, never the article."""

from collections.abc import Iterator, Sequence

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection

from transforms.crash_points import crash_point
from transforms.elements import Article, ArticleElement, EnrichedElement
from transforms.enrich import load_enrichers
from transforms.enrich.naming.declared_names import DeclaredName
from transforms.enrich_article import MAX_S, enrich_article
from transforms.try_each import FaultLimit


class EnrichArticles(beam.PTransform):
    """Articles to enriched articles; other elements pass. `enable` names the enrichers, in their registry's order.

    `names` are those that a desk declares.

    Deterministic. An enricher that fails, or takes longer than `max_s` seconds on an article, is counted
    (`enrich.failed.NAME`, `enrich.slow.NAME`), logged and noted in the document's warnings.
    """

    def __init__(
        self, enable: Sequence[str], *, names: Sequence[DeclaredName] = (), max_faults: int = 20, max_s: float = MAX_S
    ) -> None:
        super().__init__()
        self.enable, self.names, self.max_faults, self.max_s = tuple(enable), tuple(names), max_faults, max_s

    def expand(self, articles: PCollection[ArticleElement]) -> PCollection[EnrichedElement]:
        enriched: PCollection[EnrichedElement] = articles | "Enrich" >> beam.ParDo(
            _Enrich(self.enable, self.names, self.max_faults, self.max_s)
        )
        return enriched


class _Enrich(beam.DoFn):
    def __init__(self, enable: tuple[str, ...], names: tuple[DeclaredName, ...], max_faults: int, max_s: float) -> None:
        self._enable, self._names, self._max_s = enable, names, max_s
        self._limit = FaultLimit(max_faults)

    def setup(self) -> None:
        self._enrichers = load_enrichers(self._enable, self._names)

    def process(self, element: ArticleElement) -> Iterator[EnrichedElement]:
        if isinstance(element, Article):
            self._limit.saw_one()
            enriched = enrich_article(element, self._enrichers, self._limit, max_s=self._max_s, count=_count)
            crash_point("enriched")
            yield enriched
        else:
            yield element


def _count(event: str) -> None:
    Metrics.counter("enrich", event).inc()
