"""ExtractArticles: from page bytes to a clean article."""

from collections.abc import Iterator
from dataclasses import replace

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.articles import article_of, warm_up
from transforms.clock import utc_now
from transforms.crash_points import crash_point, poison_point
from transforms.elements import ArticleElement, PageElement, RawPage
from transforms.profiles import Profiles
from transforms.settings import ArticleSettings
from transforms.sources import LedgerSources
from transforms.state import open_state
from transforms.try_each import FaultLimit, dead_letter


class ExtractArticles(beam.PTransform):
    """Pages to articles; other elements pass. A page that is no article becomes a dead letter or a filtered outcome.

    A page with the same text as the stored revision, extracted by the same generation, ends here as `unchanged`.
    Deterministic: the same page gives the same article, also on a retry.
    """

    def __init__(self, settings: ArticleSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, pages: PCollection[PageElement]) -> PCollection[ArticleElement]:
        articles: PCollection[ArticleElement] = pages | "Extract" >> beam.ParDo(_Extract(self.settings))
        return articles


class _Extract(beam.DoFn):
    def __init__(self, settings: ArticleSettings) -> None:
        self._settings = settings
        self._limit = FaultLimit(settings.max_faults)

    def setup(self) -> None:
        self._state = open_state(self._settings.state) if self._settings.state else None
        if self._settings.sources is None and self._state is not None:
            self._settings = replace(self._settings, sources=LedgerSources(self._state))
        self._profiles = Profiles(self._state) if self._state is not None and self._settings.learn else None
        warm_up(self._settings)

    def teardown(self) -> None:
        if self._state is not None:
            self._state.close()

    def process(self, element: PageElement) -> Iterator[ArticleElement]:
        if not isinstance(element, RawPage):
            yield element
            return
        # Until the page has gone down the whole fused chain it is this page that a death of the worker is blamed on.
        if self._state is not None:
            self._state.in_hand(element.url)
        poison_point(element.url)
        try:
            yield self._extract(element)
        finally:  # also when a later stage fails: a store that is full is not this page's fault
            if self._state is not None:
                self._state.in_hand(None)

    def _extract(self, page: RawPage) -> ArticleElement:
        self._limit.saw_one()
        try:
            article = article_of(page, self._settings, self._profiles)
        except Exception as err:  # the stage border: see try_each
            return dead_letter(
                err,
                stage="extract",
                url=page.url,
                site=page.site,
                version=page.version,
                history=page.history,
                now=utc_now(),
                limit=self._limit,
            )
        crash_point("extracted")
        return article
