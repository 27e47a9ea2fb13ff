"""The one graph: seats -> visit -> extract -> enrich -> index. Runs differ only in who inserts rows."""

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms.periodicsequence import PeriodicImpulse, RebaseMode
from apache_beam.utils.timestamp import Timestamp

from transforms.archives.stored_page import PageFile
from transforms.enrich_articles import EnrichArticles
from transforms.extract_articles import ExtractArticles
from transforms.index_documents import IndexDocuments
from transforms.settings import GraphSettings
from transforms.visit_sites import VisitSites

BATCH_PAGES = 20  # of an archive, per element: 2,000 pages are 100 elements, enough to spread evenly


def build(seats: PCollection, settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind the seats. Everything after the one shuffle is fused: pages go down one by one."""
    pages = seats | "VisitSites" >> VisitSites(settings.seat)
    return finish(pages, settings)


def finish(pages: PCollection, settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind any source of pages."""
    articles = pages | "ExtractArticles" >> ExtractArticles(settings.extract)
    enriched = articles | "EnrichArticles" >> EnrichArticles(settings.enrich, max_faults=settings.max_faults)
    nothing: PCollection[None] = enriched | "IndexDocuments" >> IndexDocuments(settings.index)
    return nothing


def seats(pipeline: beam.Pipeline, count: int) -> PCollection[int]:
    """Return the seats of a bounded job: two for each worker, which spread evenly (graph 4)."""
    seats: PCollection[int] = pipeline | "Seats" >> beam.Create(range(count), reshuffle=False)
    return seats


def ticking_seats(pipeline: beam.Pipeline, count: int, *, tick_s: float) -> PCollection[float]:
    """Return that many seats every tick, without an end; each is the instant (epoch seconds) it was meant for.

    The first tick is the job's start at the engine, not this call: ticks of the past would all come at once.
    """
    seats: PCollection[float] = (
        pipeline
        | "Ticks" >> PeriodicImpulse(fire_interval=tick_s, rebase=RebaseMode.REBASE_START)
        | "Seats" >> beam.FlatMap(_seats_of, count)
    )
    return seats


def archive_batches(pipeline: beam.Pipeline, pages: Sequence[PageFile]) -> PCollection[tuple[PageFile, ...]]:
    """Return the pages of an archive in batches that spread evenly."""
    batches = [tuple(pages[at : at + BATCH_PAGES]) for at in range(0, len(pages), BATCH_PAGES)]
    source: PCollection[tuple[PageFile, ...]] = pipeline | "Batches" >> beam.Create(batches, reshuffle=False)
    return source


def _seats_of(tick: Timestamp | float, count: int) -> list[float]:
    return [float(tick)] * count
