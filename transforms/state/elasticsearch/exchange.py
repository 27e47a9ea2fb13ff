"""The Elasticsearch ledger's rows for another ledger, and another ledger's rows into this one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from transforms.state.base import SUPPRESSED
from transforms.state.elasticsearch.changes import Source, packed, unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.forgetting import leave_editions
from transforms.state.elasticsearch.intake import change_rows
from transforms.state.elasticsearch.queries import ANY, all_of, count, total
from transforms.state.elasticsearch.rows import is_suppressed, key, list_feed, text_of
from transforms.state.elasticsearch.site_rows import NEW_SITE
from transforms.state.exchange import ROW_KEYS, gives_way
from transforms.state.rows import Cells, RowKind, RowsTaken, load_source

# Fields that only this backend has, and those of who works at the moment: another ledger is not given them.
_OWN: dict[RowKind, frozenset[str]] = {
    "documents": frozenset(),
    "urls": frozenset(),
    "robots": frozenset(),
    "sites": frozenset(NEW_SITE) - {"next_at", "crawl_delay_s", "pauses", "pause_until", "pause_why"},
    "runs": frozenset(),
    "feeds": frozenset({"source_url", "poll_run", "edition_run", "counted_run", "run_polls"}),
}
_TEXTS: dict[RowKind, tuple[str, ...]] = {"urls": ("validators",), "feeds": ("source", "message", "memory")}
_BYTES: dict[RowKind, tuple[str, ...]] = {"urls": ("entry",), "robots": ("body",), "runs": ("summary",)}
_FORGOTTEN: Source = all_of({"term": {"outcome": "filtered"}}, {"term": {"reason": SUPPRESSED}})


def rows_of(client: LedgerClient, kind: RowKind) -> Iterator[Cells]:
    """Yield every row of a kind."""
    client.refresh(kind)
    for hit in client.scan(kind, ANY):
        yield _row(kind, hit["_id"], hit["_source"])


def take_rows(client: LedgerClient, kind: RowKind, rows: Sequence[Cells]) -> RowsTaken:
    """Write rows of another ledger, but what is newer or was forgotten here."""
    if kind == "feeds":
        rows = _without_forgotten(client, rows)
    by_id = {_id(kind, row): row for row in rows}
    before = change_rows(client, kind, {each: _taking(kind, row) for each, row in by_id.items()})
    known = {each: None if row is None else row.source for each, row in before.items()}
    written = sum(_taking(kind, row)(known[each]) is not None for each, row in by_id.items())
    held = 0
    if kind == "urls":
        held = sum(_is_held(known[each], row) for each, row in by_id.items())
        gone = {was["url"] for each, was in known.items() if was and is_suppressed(by_id[each]) > is_suppressed(was)}
        if gone:
            leave_editions(client, gone)
    client.catch_up(kind)
    return RowsTaken(written, len(rows) - written - held, held)


def _taking(kind: RowKind, row: Cells) -> Callable[[Source | None], Source | None]:
    def take(known: Source | None) -> Source | None:
        if not gives_way(kind, None if known is None else _row(kind, _id(kind, row), known), row):
            return None
        return _source(kind, row, known)

    return take


def _row(kind: RowKind, id: str, source: Source) -> Cells:
    """Return a document as a ledger's row. Documents of an older version lack a field or two."""
    row = {name: value for name, value in source.items() if name not in _OWN[kind]}
    row |= {name: text_of(source.get(name)) for name in _TEXTS.get(kind, ())}
    row |= {name: unpacked(source.get(name)) for name in _BYTES.get(kind, ())}
    return {"id": id, **row} if kind == "documents" else row


def _source(kind: RowKind, row: Cells, known: Source | None) -> Source:
    """Return a row as a document; what is this backend's own stays as it was."""
    source = {name: value for name, value in row.items() if kind != "documents" or name != "id"}
    source |= {name: packed(row[name]) for name in (*_TEXTS.get(kind, ()), *_BYTES.get(kind, ()))}
    if kind == "sites":
        return {**(known or NEW_SITE), **source}
    if kind == "feeds":
        feed = load_source(row["source"])
        return {**(known or list_feed(None, feed, row["home_site"])), **source, "source_url": feed.url}
    return source


def _id(kind: RowKind, row: Cells) -> str:
    name: str = row[ROW_KEYS[kind]]
    if kind == "urls" and name.startswith(f"{SUPPRESSED}:"):
        return name.removeprefix(f"{SUPPRESSED}:")  # the hash is what `key` makes of the URL
    return name if kind in ("documents", "sites", "runs") else key(name)


def _is_held(known: Source | None, row: Cells) -> bool:
    return known is not None and is_suppressed(known) and not is_suppressed(row)


def _without_forgotten(client: LedgerClient, feeds: Sequence[Cells]) -> list[Cells]:
    """Return feeds whose editions name nothing that was forgotten here. Without any it costs one search."""
    client.refresh("urls")
    if not total(client.search(("urls", count(_FORGOTTEN)))[0]):
        return list(feeds)
    urls = list(dict.fromkeys(url for feed in feeds for url in feed["edition"]))
    rows: list[Any] = client.get_many([("urls", key(url)) for url in urls])
    forgotten = {url for url, row in zip(urls, rows, strict=True) if row is not None and is_suppressed(row.source)}
    return [{**feed, "edition": [url for url in feed["edition"] if url not in forgotten]} for feed in feeds]
