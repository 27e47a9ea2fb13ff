"""ReadArchives: the chain's other source. Pages at hand enter the ledger, and come out as if they had been fetched."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.archives.stored_page import PageFile, read_page
from transforms.elements import DeadLetter, PageElement, RawPage, Tick
from transforms.errors import StageError
from transforms.settings import ArchiveSettings
from transforms.state import open_state
from transforms.state.base import DueUrl, NewUrl
from transforms.try_each import FaultLimit, dead_letter
from transforms.turns import version_at
from transforms.web import urls

MAX_BLAMED = 3
CANONICAL_WITHIN = 200_000  # bytes: a canonical link stands in the head
_CANONICAL = re.compile(rb"<link\b[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(rel|href)\s*=\s*(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s>"']{1,4000}))""", re.IGNORECASE
)


class ReadArchives(beam.PTransform):
    """Batches of page files to pages. In: tuples of `PageFile`; out: pages, dead letters for unreadable files, ticks.

    A page whose URL is settled is left out (so a second run resumes), unless `again`. On a retry the same pages come out.
    """

    def __init__(self, settings: ArchiveSettings) -> None:
        super().__init__()
        self.settings = settings

    def expand(self, batches: PCollection[tuple[PageFile, ...]]) -> PCollection[PageElement]:
        pages: PCollection[PageElement] = (
            batches | "SpreadBatches" >> beam.Reshuffle() | "Read" >> beam.ParDo(_Read(self.settings))
        )
        return pages


@dataclass
class _Found:
    """A page file with its bytes and the ledger's key."""

    page: PageFile
    url: str
    body: bytes = field(repr=False)


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
            yield self._read(page)
        yield Tick()

    def _read(self, page: PageFile) -> PageElement:
        """One page at a time: what a worker holds of an archive is one page, whatever the batch."""
        at = time.time()
        url = page.url or urls.file_url(page.name)
        try:
            body = read_page(page, max_bytes=self._settings.max_page_bytes)
            url = page_url(page, body)
            due = self._take(url)
            if due is None:
                return Tick()
            if due.blamed >= MAX_BLAMED:
                raise StageError("crashed", f"{page.name} was in hand each time when a worker died; it is given up")
        except Exception as err:  # the stage border: see try_each
            return self._failed(err, page, url, at)
        return RawPage(
            url=url,
            final_url=url,
            site=_site(url),
            body=body,
            content_type=page.content_type,
            fetched_at=min(page.saved_at, datetime.fromtimestamp(at, UTC)),
            version=version_at(at, generation=self._settings.generation, after=due.history.version),
            source="file",
            entry=due.entry,
            history=due.history,
        )

    def _take(self, url: str) -> DueUrl | None:
        new = NewUrl(url=url, site=_site(url))
        return self._state.take(self._settings.run_id, [new], again=self._settings.again)[0]

    def _failed(self, err: Exception, page: PageFile, url: str, at: float) -> DeadLetter:
        version = version_at(at, generation=self._settings.generation)
        due = None
        if isinstance(err, StageError):
            url = url if _is_key(url) else urls.file_url(page.name)
            due = self._state.take(self._settings.run_id, [NewUrl(url=url, site=_site(url))], again=True)[0]
        return dead_letter(
            err,
            stage="read_archives",
            url=url,
            site=_site(url),
            version=max(version, due.history.version + 1 if due else 0),
            history=due.history if due else DueUrl(url=url).history,
            now=datetime.fromtimestamp(at, UTC),
            limit=self._limit,
        )


def page_url(page: PageFile, body: bytes) -> str:
    """Return the ledger's key of a saved page: what `urls.csv` says, else its canonical link, else a `file:` URL."""
    if page.url is not None:
        return urls.normalize_url(page.url)
    claimed = canonical_link(body) if page.content_type == "text/html" else None
    if claimed is not None:
        try:
            return urls.normalize_url(claimed)
        except StageError:
            pass  # a relative or broken link names no page by itself
    return urls.file_url(page.name)


def canonical_link(body: bytes) -> str | None:
    """Return the `href` of the first `<link rel=canonical>` near a page's start, as written."""
    for link in _CANONICAL.finditer(body[:CANONICAL_WITHIN]):
        values = {m[1].lower(): (m[2] or m[3] or m[4] or b"") for m in _ATTRIBUTE.finditer(link[0])}
        if values.get(b"rel", b"").strip().lower() == b"canonical" and values.get(b"href"):
            return unescape(values[b"href"].decode("utf-8", "replace")).strip()
    return None


def _is_key(url: str) -> bool:
    try:
        return url.startswith("file:") or urls.normalize_url(url) == url
    except StageError:
        return False


def _site(url: str) -> str:
    return "file" if url.startswith("file:") else urls.site_key(url)
