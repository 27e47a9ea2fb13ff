"""A page file of an archive to the element it becomes, Beam-free: it enters the ledger and comes out as if fetched."""

import re
from datetime import UTC, datetime
from html import unescape

from transforms.archives.stored_page import PageFile, read_page
from transforms.clock import epoch_s
from transforms.elements import PageElement, RawPage, Tick
from transforms.errors import StageError
from transforms.settings import ArchiveSettings
from transforms.state.base import MAX_BLAMED, DueUrl, NewUrl, StateStore
from transforms.try_each import FaultLimit, dead_letter
from transforms.turns import version_at
from transforms.web import urls

CANONICAL_WITHIN = 200_000  # bytes: a canonical link stands in the head
_CANONICAL = re.compile(rb"<link\b[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(rel|href)\s*=\s*(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s>"']{1,4000}))""", re.IGNORECASE
)


def raw_page(
    file: PageFile, state: StateStore, settings: ArchiveSettings, *, limit: FaultLimit | None = None
) -> PageElement:
    """Return the page of a file, a dead letter when it cannot be read, or a tick when its URL is settled already.

    `fetched_at` is when the file was written; the version is of now, so that it follows what is stored.
    """
    at = epoch_s()
    limit = limit or FaultLimit(settings.max_faults)
    limit.saw_one()
    url, body = urls.file_url(file.name), b""
    problem: Exception | None = None
    try:
        body = read_page(file, max_bytes=settings.max_page_bytes)
        url = page_url(file, body)
    except Exception as err:  # the stage border: see try_each
        problem = err
    site = "file" if url.startswith("file:") else urls.site_key(url)
    [due] = state.take(settings.run_id, [NewUrl(url=url, site=site)], again=settings.again)
    if due is None:
        return Tick()
    if due.blamed >= MAX_BLAMED:
        problem = StageError("crashed", f"{file.name}: was in hand each time when a worker died; it is given up")
    version = version_at(at, generation=settings.generation, after=due.history.version)
    now = datetime.fromtimestamp(at, UTC)
    if problem is not None:
        return dead_letter(
            problem,
            stage="read_archives",
            url=url,
            site=site,
            version=version,
            history=due.history,
            now=now,
            limit=limit,
        )
    return _page(file, due, site, body, version, now)


def _page(file: PageFile, due: DueUrl, site: str, body: bytes, version: int, now: datetime) -> RawPage:
    return RawPage(
        url=due.url,
        final_url=due.url,
        site=site,
        body=body,
        content_type=file.content_type,
        fetched_at=min(file.saved_at, now),
        version=version,
        source="file",
        entry=due.entry,
        history=due.history,
    )


def page_url(file: PageFile, body: bytes) -> str:
    """Return the ledger's key of a saved page: what `urls.csv` says, else its canonical link, else a `file:` URL.

    Raises `StageError` (bad_url) for an unusable URL in `urls.csv`.
    """
    if file.url is not None:
        return urls.normalize_url(file.url)
    claimed = canonical_link(body) if file.content_type == "text/html" else None
    if claimed is not None:
        try:
            return urls.normalize_url(claimed)
        except StageError:
            return urls.file_url(file.name)  # a relative or broken link names no page by itself
    return urls.file_url(file.name)


def canonical_link(body: bytes) -> str | None:
    """Return the `href` of the first `<link rel=canonical>` near a page's start, as written."""
    for link in _CANONICAL.finditer(body[:CANONICAL_WITHIN]):
        values = {m[1].lower(): (m[2] or m[3] or m[4] or b"") for m in _ATTRIBUTE.finditer(link[0])}
        if values.get(b"rel", b"").strip().lower() == b"canonical" and values.get(b"href"):
            return unescape(values[b"href"].decode("utf-8", "replace")).strip()
    return None
