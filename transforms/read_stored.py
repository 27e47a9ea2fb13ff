"""ReadStored and KeepUnchanged: the chain's source and filter when stored articles go through today's enrichers."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.clock import utc_now
from transforms.crash_points import poison_point
from transforms.elements import Article, ArticleElement, EnrichedArticle, EnrichedElement, Tick
from transforms.index import open_store
from transforms.settings import ReprocessSettings
from transforms.state import open_state
from transforms.stored_articles import article_to_enrich, if_changed
from transforms.try_each import FaultLimit


class ReadStored(beam.PTransform):
    """Batches of document ids to articles. Out: articles, outcomes for those that are up to date, dead letters, ticks.

    An article that a death of its worker interrupts comes again; on a retry what is settled already is left out.
    """

    def __init__(self, settings: ReprocessSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, batches: PCollection[tuple[str, ...]]) -> PCollection[ArticleElement]:
        articles: PCollection[ArticleElement] = (
            batches | "SpreadBatches" >> beam.Reshuffle() | "Read" >> beam.ParDo(_Read(self.settings))
        )
        return articles


class KeepUnchanged(beam.PTransform):
    """Enriched articles that differ from what is stored; of the others an outcome. Other elements pass.

    Deterministic for a store that nobody else writes to; what somebody else has written meanwhile is theirs.
    """

    def __init__(self, settings: ReprocessSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, enriched: PCollection[EnrichedElement]) -> PCollection[EnrichedElement]:
        changed: PCollection[EnrichedElement] = enriched | "Compare" >> beam.ParDo(_Compare(self.settings))
        return changed


class _Read(beam.DoFn):
    def __init__(self, settings: ReprocessSettings) -> None:
        self._settings = settings
        self._limit = FaultLimit(settings.max_faults)

    def setup(self) -> None:
        self._store = open_store(self._settings.store, project=self._settings.project)
        self._state = open_state(self._settings.state)

    def teardown(self) -> None:
        self._store.close()
        self._state.close()

    def process(self, ids: tuple[str, ...]) -> Iterator[ArticleElement]:
        for document in ids:
            if self._state.stopped(self._settings.run_id):
                return
            element = article_to_enrich(document, self._store, self._state, self._settings, limit=self._limit)
            if isinstance(element, Article):
                # Until it has gone down the whole fused chain a death of the worker is blamed on this article.
                self._state.in_hand(element.requested_url)
                poison_point(element.requested_url)
                try:
                    yield element
                finally:
                    self._state.in_hand(None)
            else:
                yield element
        yield Tick()


class _Compare(beam.DoFn):
    def __init__(self, settings: ReprocessSettings) -> None:
        self._settings = settings

    def setup(self) -> None:
        self._store = open_store(self._settings.store, project=self._settings.project)

    def teardown(self) -> None:
        self._store.close()

    def process(self, element: EnrichedElement) -> Iterator[EnrichedElement]:
        if isinstance(element, EnrichedArticle):
            yield if_changed(element, self._store, self._settings, now=utc_now())
        else:
            yield element
