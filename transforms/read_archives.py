"""ReadArchives: the chain's other source. Pages at hand enter the ledger and come out as if they had been fetched."""

from collections.abc import Iterator, Sequence

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.archive_pages import raw_page
from transforms.archives.stored_page import PageFile
from transforms.elements import PageElement, Tick
from transforms.settings import ArchiveSettings
from transforms.state import open_state
from transforms.try_each import FaultLimit


class ReadArchives(beam.PTransform):
    """Batches of page files to pages. In: tuples of `PageFile`; out: pages, dead letters for unreadable files, ticks.

    A page whose URL is settled is left out, so that a second run resumes, unless the settings say `again`. On a retry
    the same pages come out. A worker holds one page at a time, whatever the batch.
    """

    def __init__(self, settings: ArchiveSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, batches: PCollection[tuple[PageFile, ...]]) -> PCollection[PageElement]:
        pages: PCollection[PageElement] = (
            batches | "SpreadBatches" >> beam.Reshuffle() | "Read" >> beam.ParDo(_Read(self.settings))
        )
        return pages


class _Read(beam.DoFn):
    def __init__(self, settings: ArchiveSettings) -> None:
        self._settings = settings
        self._limit = FaultLimit(settings.max_faults)

    def setup(self) -> None:
        self._state = open_state(self._settings.state)

    def teardown(self) -> None:
        self._state.close()

    def process(self, batch: Sequence[PageFile]) -> Iterator[PageElement]:
        for page in batch:
            if self._state.stopped(self._settings.run_id):
                return
            yield raw_page(page, self._state, self._settings, limit=self._limit)
        yield Tick()
