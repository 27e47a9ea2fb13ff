"""The one graph: seats -> visit -> extract -> enrich -> index. Runs differ only in who inserts rows."""

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.pvalue import PCollection

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
    enriched = articles | "EnrichArticles" >> EnrichArticles(
        settings.enrich, names=settings.names, max_faults=settings.max_faults
    )
    nothing: PCollection[None] = enriched | "IndexDocuments" >> IndexDocuments(settings.index)
    return nothing


def seats(pipeline: beam.Pipeline, count: int) -> PCollection[int]:
    """Return the seats of a bounded job: two for each worker, which spread evenly (graph 4)."""
    seats: PCollection[int] = pipeline | "Seats" >> beam.Create(range(count), reshuffle=False)
    return seats


def archive_batches(pipeline: beam.Pipeline, pages: Sequence[PageFile]) -> PCollection[tuple[PageFile, ...]]:
    """Return the pages of an archive in batches that spread evenly."""
    batches = [tuple(pages[at : at + BATCH_PAGES]) for at in range(0, len(pages), BATCH_PAGES)]
    source: PCollection[tuple[PageFile, ...]] = pipeline | "Batches" >> beam.Create(batches, reshuffle=False)
    return source
