"""The one graph: seats -> visit -> extract -> enrich -> index. Runs differ only in who inserts rows."""

from collections.abc import Sequence
from typing import TypeVar

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.archives.stored_page import PageFile
from transforms.enrich_articles import EnrichArticles
from transforms.extract_articles import ExtractArticles
from transforms.index_documents import IndexDocuments
from transforms.read_stored import KeepUnchanged, ReadStored
from transforms.settings import GraphSettings, ReprocessSettings
from transforms.visit_sites import VisitSites

BATCH_PAGES = 20  # of an archive, per element: 2,000 pages are 100 elements, enough to spread evenly
Item = TypeVar("Item", PageFile, str)


def build(seats: PCollection, settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind the seats. Everything after the one shuffle is fused: pages go down one by one."""
    pages = seats | "VisitSites" >> VisitSites(settings.seat)
    return finish(pages, settings)


def finish(pages: PCollection, settings: GraphSettings) -> PCollection[None]:
    """Put the stages behind any source of pages."""
    articles = pages | "ExtractArticles" >> ExtractArticles(settings.extract)
    nothing: PCollection[None] = _enriched(articles, settings) | "IndexDocuments" >> IndexDocuments(settings.index)
    return nothing


def reprocess(
    batches: PCollection[tuple[str, ...]], settings: GraphSettings, stored: ReprocessSettings
) -> PCollection[None]:
    """Put the stages behind ids of stored articles: no page, no extraction, and no write of what stays the same."""
    articles = batches | "ReadStored" >> ReadStored(stored)
    changed = _enriched(articles, settings) | "KeepUnchanged" >> KeepUnchanged(stored)
    nothing: PCollection[None] = changed | "IndexDocuments" >> IndexDocuments(settings.index)
    return nothing


def _enriched(articles: PCollection, settings: GraphSettings) -> PCollection:
    return articles | "EnrichArticles" >> EnrichArticles(
        settings.enrich, names=settings.names, max_faults=settings.max_faults
    )


def seats(pipeline: beam.Pipeline, count: int) -> PCollection[int]:
    """Return the seats of a bounded job: two for each worker, which spread evenly (graph 4)."""
    seats: PCollection[int] = pipeline | "Seats" >> beam.Create(range(count), reshuffle=False)
    return seats


def batches(pipeline: beam.Pipeline, items: Sequence[Item]) -> PCollection[tuple[Item, ...]]:
    """Return the pages of an archive, or ids of stored articles, in batches that spread evenly."""
    cut = [tuple(items[at : at + BATCH_PAGES]) for at in range(0, len(items), BATCH_PAGES)]
    source: PCollection[tuple[Item, ...]] = pipeline | "Batches" >> beam.Create(cut, reshuffle=False)
    return source
