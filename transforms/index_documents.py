"""IndexDocuments: the end of the chain. Documents in bulks, then their URLs settled, then their sites released."""

from collections.abc import Iterator
from time import monotonic

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PCollection

from transforms.crash_points import crash_point
from transforms.elements import EnrichedArticle, EnrichedElement, Tick
from transforms.index import open_store
from transforms.indexer import IndexElement, Indexer
from transforms.settings import IndexSettings
from transforms.state import open_state


class IndexDocuments(beam.PTransform):
    """Write documents with external versions and settle their URLs behind the acknowledgement.

    In: enriched articles, dead letters, outcomes and signals; out: nothing. Flushes by count, size, age and at the
    bundle's end. On a retry every write is harmless: ids and versions are the same or newer, and the newest wins.
    Raises `StoreError` when the store as a whole fails; then nothing of the bulk is settled and it comes again.
    """

    def __init__(self, settings: IndexSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, documents: PCollection[EnrichedElement]) -> PCollection[None]:
        nothing: PCollection[None] = documents | "Index" >> beam.ParDo(_Index(self.settings))
        return nothing


class _Index(beam.DoFn):
    def __init__(self, settings: IndexSettings) -> None:
        self._settings = settings
        self._written = Metrics.counter("index", "out")

    def setup(self) -> None:
        settings = self._settings
        self._indexer = Indexer(
            open_store(settings.store, project=settings.project),
            open_state(settings.state) if settings.state else None,
            settings,
        )

    def teardown(self) -> None:
        self._indexer.close()

    def start_bundle(self) -> None:
        self._buffer: list[IndexElement] = []
        self._chars = 0
        self._since: float | None = None

    def process(self, element: EnrichedElement) -> Iterator[None]:
        if not isinstance(element, Tick):
            self._buffer.append(element)
            self._since = self._since or monotonic()
            if isinstance(element, EnrichedArticle):
                self._chars += len(element.article.body)
                crash_point("buffered")
        if self._is_due():
            self._flush()
        yield from ()

    def finish_bundle(self) -> None:
        self._flush()

    def _is_due(self) -> bool:
        if self._since is None:
            return False
        old = monotonic() - self._since >= self._settings.flush_age_s
        return old or len(self._buffer) >= self._settings.bulk or self._chars >= self._settings.bulk_chars

    def _flush(self) -> None:
        if self._buffer:
            self._written.inc(self._indexer.flush(self._buffer))
        self.start_bundle()
