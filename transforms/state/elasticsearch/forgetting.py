"""What is forgotten for good in the ledger on a server: the row of a URL, whose id is its hash, says so and no more."""

from collections.abc import Callable, Sequence

from transforms.elements import FORGOTTEN_VERSION
from transforms.state.base import SUPPRESSED, NewUrl, suppressed_name
from transforms.state.elasticsearch import learned
from transforms.state.elasticsearch.changes import Change, Source
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.intake import change_rows
from transforms.state.elasticsearch.queries import ANY
from transforms.state.elasticsearch.rows import enter_url, is_suppressed, key
from transforms.state.elasticsearch.sites import change_row

MAX_TERMS = 1_000


def urls_of(client: LedgerClient, document_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the URLs that are known to lead to documents."""
    client.refresh("urls")
    found: set[str] = set()
    for at in range(0, len(document_ids), MAX_TERMS):
        ids = list(document_ids[at : at + MAX_TERMS])
        rows = client.get_many([("documents", each) for each in ids])
        found.update(row.source["url"] for row in rows if row is not None)
        hits = client.scan("urls", {"terms": {"document_id": ids}}, source=["url"])
        found.update(hit["_source"]["url"] for hit in hits)
    return tuple(sorted(url for url in found if not url.startswith(SUPPRESSED)))


def suppress(
    client: LedgerClient, run_id: str, urls: Sequence[tuple[str, str]], document_ids: Sequence[str], now: float
) -> int:
    """Forget URLs and document ids; return how many were not forgotten before. Cut short, it is done again whole."""
    forgetting = {key(url): _forgetting(url, site, run=run_id, now=now) for url, site in urls}
    before = change_rows(client, "urls", forgetting)
    fresh = sum(1 for row in before.values() if row is None or not is_suppressed(row.source))
    rows = client.get_many([("documents", each) for each in document_ids])
    fresh += sum(1 for row in rows if row is None or row.source["url"] != SUPPRESSED)
    marked: Source = {"url": SUPPRESSED, "raw_sha256": ""}
    client.write([Change("documents", each, marked, how="put") for each in document_ids])
    leave_editions(client, {url for url, _ in urls})
    learned.forget(client, list(forgetting))
    client.catch_up("urls", "feeds", "documents")
    return fresh


def _forgetting(url: str, site: str, *, run: str, now: float) -> Callable[[Source | None], Source]:
    def forget(row: Source | None) -> Source:
        if row is not None and is_suppressed(row):
            return row
        name = NewUrl(url=suppressed_name(url), site=site, filtered=SUPPRESSED)
        empty = enter_url(None, name, run=run, now=now, again=False, held=False)
        entered = empty["entered_run"] if row is None else row["entered_run"]
        return {**empty, "entered_run": entered, "version": FORGOTTEN_VERSION}

    return forget


def leave_editions(client: LedgerClient, urls: set[str]) -> None:
    """Take URLs out of the stored editions of feeds. They are not searched by: all feeds are read."""
    client.refresh("feeds")
    for hit in client.scan("feeds", ANY, source=["edition"]):
        if urls.intersection(hit["_source"].get("edition") or ()):
            change_row(client, "feeds", hit["_id"], lambda row: row and _without(row, urls))


def _without(feed: Source, urls: set[str]) -> Source:
    return {**feed, "edition": [url for url in feed["edition"] if url not in urls]}
