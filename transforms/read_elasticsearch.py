"""ReadFromElasticsearch: all documents of a search as a PCollection, read in slices beside each other."""

from collections.abc import Iterator, Mapping
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import PBegin, PCollection, TaggedOutput

from transforms.elastic.settings import ConnectionSettings
from transforms.elastic.slices import Selection, Slice, StoredDocument, close_slices, open_slices, read_slice

__all__ = ["ConnectionSettings", "ReadFromElasticsearch", "StoredDocument"]

MAX_SLICES = 1_024  # of Elasticsearch
_NAMESPACE = "elasticsearch"


class ReadFromElasticsearch(beam.PTransform):
    """Read every document that matches, as of the moment when reading begins, from Elasticsearch 8.19 or newer.

    In: nothing, it begins a pipeline; out: `StoredDocument`s (index, id, version, source), in no order. `query` is of
    Elasticsearch's query language, all documents by default; `fields` limits what is read of each.

    `slices` parts of one point in time are read beside each other; each holds one page, of about 8 MB, in memory. What
    others write meanwhile changes nothing. A page is asked for again when a request fails. A slice whose point in time
    is lost (a node restarted, a worker needed more than ten minutes for a page) raises `StoreError`; with `order_by`, a
    keyword or number that is each document's own for ever, such as an id, it reads on from a new point in time: then
    what was there all the time comes once, in its newer version if it was written meanwhile. On a retry of the bundle a
    slice is read from its beginning.

    Metrics, in the namespace `elasticsearch`: counter `read`, distribution `page_documents`.
    """

    def __init__(
        self,
        index: str,
        *,
        query: Mapping[str, Any] | None = None,
        fields: tuple[str, ...] | None = None,
        order_by: str | None = None,
        slices: int = 4,
        page: int = 1_000,
        connection: ConnectionSettings | None = None,
    ) -> None:
        super().__init__()
        if not index:
            raise ValueError("ReadFromElasticsearch: name an index, an alias or a pattern")
        if not 1 <= slices <= MAX_SLICES:
            raise ValueError(f"slices: from 1 to {MAX_SLICES}, not {slices}")
        if not 1 <= page <= 10_000:
            raise ValueError(f"page: from 1 to 10,000 documents, not {page}")
        chosen = {} if query is None else {"query": dict(query)}
        self._selection = Selection(index=index, fields=fields, order_by=order_by, page=page, **chosen)
        self._slices = slices
        self._connection = connection or ConnectionSettings()

    def expand(self, begin: PBegin) -> PCollection[StoredDocument]:
        opened = begin | beam.Create([self._slices]) | "Open" >> beam.ParDo(_Open(self._selection, self._connection))
        read = (
            opened
            | beam.Reshuffle()
            | "Read" >> beam.ParDo(_Read(self._selection, self._connection)).with_outputs("ended", main="documents")
        )
        _ = read.ended | beam.GroupByKey() | "Close" >> beam.ParDo(_Close(self._connection))
        documents: PCollection[StoredDocument] = read.documents
        return documents


class _Connected(beam.DoFn):
    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings

    def setup(self) -> None:
        self._connection = self._settings.connect()

    def teardown(self) -> None:
        self._connection.close()


class _Open(_Connected):
    def __init__(self, selection: Selection, settings: ConnectionSettings) -> None:
        super().__init__(settings)
        self._selection = selection

    def process(self, count: int) -> Iterator[Slice]:
        yield from open_slices(self._connection, self._selection, count)


class _Read(_Connected):
    def __init__(self, selection: Selection, settings: ConnectionSettings) -> None:
        super().__init__(settings)
        self._selection = selection
        self._read = Metrics.counter(_NAMESPACE, "read")
        self._pages = Metrics.distribution(_NAMESPACE, "page_documents")

    def process(self, part: Slice) -> Iterator[Any]:
        for page in read_slice(self._connection, self._selection, part):
            self._read.inc(len(page))
            self._pages.update(len(page))
            yield from page
        yield TaggedOutput("ended", (part.pit, part.number))


class _Close(_Connected):
    """Closes a point in time when all of its slices are read; one of a run that ended otherwise ends by itself."""

    def process(self, ended: tuple[str, Any]) -> None:
        close_slices(self._connection, ended[0])
