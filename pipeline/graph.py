"""The one graph: seats -> visit -> extract -> enrich -> index. Runs differ only in who inserts rows."""

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.enrich_articles import EnrichArticles
from transforms.extract_articles import ExtractArticles
from transforms.index_documents import IndexDocuments
from transforms.settings import GraphSettings
from transforms.visit_sites import VisitSites


def build(seats: PCollection[int], settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind the seats. Everything after the one shuffle is fused: pages go down one by one."""
    pages = seats | "VisitSites" >> VisitSites(settings.seat)
    return finish(pages, settings)


def finish(pages: PCollection, settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind any source of pages."""
    articles = pages | "ExtractArticles" >> ExtractArticles(settings.extract)
    enriched = articles | "EnrichArticles" >> EnrichArticles(settings.enrich, max_faults=settings.max_faults)
    nothing: PCollection[None] = enriched | "IndexDocuments" >> IndexDocuments(settings.index)
    return nothing


def local_seats(pipeline: beam.Pipeline, *, workers: int) -> PCollection[int]:
    """Return the seats of a bounded local run: two per worker, which spread evenly (graph 4)."""
    seats: PCollection[int] = pipeline | "Seats" >> beam.Create(range(2 * workers), reshuffle=False)
    return seats
