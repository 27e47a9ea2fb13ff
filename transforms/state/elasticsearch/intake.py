"""What enters the ledger in Elasticsearch: the configured feeds, URLs as pending rows, polls, claims and results.

Each is a realtime read, a pure function of `elasticsearch_rows`, and a bulk of compared writes; what was lost to
somebody else's write is read and done again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from transforms.crash_points import crash_point
from transforms.elements import FeedSource
from transforms.errors import StoreError
from transforms.state.base import SUPPRESSED, Claim, ClaimAnswer, FeedPoll, NewUrl, Settlement
from transforms.state.elasticsearch.changes import Change, Kind, Row, Source
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.rows import enter_url, is_suppressed, key, list_feed, poll_feed, settle_url
from transforms.state.elasticsearch.sites import MAX_TRIES, change_row

BATCH = 500


def change_rows(
    client: LedgerClient, kind: Kind, alter: Mapping[str, Callable[[Source | None], Source | None]]
) -> dict[str, Row | None]:
    """Set each document (by id) to what its function makes of it, None leaves it; return what stood there before."""
    before: dict[str, Row | None] = {}
    left = list(alter)
    for _ in range(MAX_TRIES):
        rows = client.get_many([(kind, each) for each in left])
        changes = []
        for each, row in zip(left, rows, strict=True):
            before[each] = row
            source = alter[each](None if row is None else row.source)
            if source is not None and (row is None or source != row.source):
                changes.append(Change(kind, each, source, over=row))
        written = client.write(changes)
        left = [change.id for change, row in zip(changes, written, strict=True) if row is None]
        if not left:
            return before
    raise StoreError(f"the ledger in Elasticsearch at {client.where}: {kind} changed {MAX_TRIES} times under us")


def list_feeds(client: LedgerClient, sources: Sequence[tuple[FeedSource, str]]) -> None:
    """Make the listed (feed, site) pairs known; what is not listed keeps its history. Only differences are written."""
    wanted = {key(source.id): (source, site) for source, site in sources}
    for batch in _batches(wanted.items()):
        change_rows(client, "feeds", {feed: _listing(*listed) for feed, listed in batch})
    client.refresh("feeds")
    listed = (hit["_id"] for hit in client.scan("feeds", {"term": {"listed": True}}, source=False))
    for ids in _batches(feed for feed in listed if feed not in wanted):
        client.write([Change("feeds", feed, {"listed": False}, how="merge") for feed in ids])
    client.catch_up("feeds")


def _listing(source: FeedSource, site: str) -> Callable[[Source | None], Source]:
    return lambda row: list_feed(row, source, site)


def enter_urls(
    client: LedgerClient,
    run_id: str,
    urls: Iterable[NewUrl],
    now: float,
    *,
    again: bool = False,
    held: bool = False,
    forgotten: set[str] | None = None,
) -> tuple[int, int]:
    """Insert pending rows; return (new, already known). `again`: settled ones too; `held`: no visit takes them.

    `forgotten` takes the ids of rows that say `suppressed`.
    """
    new = known = 0
    for batch in _batches(urls):
        by_id: dict[str, list[NewUrl]] = {}
        for url in batch:
            by_id.setdefault(key(url.url), []).append(url)
        entering = {each: _entering(same, run=run_id, now=now, again=again, held=held) for each, same in by_id.items()}
        before = change_rows(client, "urls", entering)
        added = sum(row is None for row in before.values())
        if forgotten is not None:
            forgotten.update(each for each, row in before.items() if row is not None and is_suppressed(row.source))
        new, known = new + added, known + len(batch) - added
    return new, known


def _entering(urls: Sequence[NewUrl], **how: Any) -> Callable[[Source | None], Source | None]:
    def enter(row: Source | None) -> Source | None:
        for url in urls:
            row = enter_url(row, url, **how)
        return row

    return enter


def record_poll(client: LedgerClient, run_id: str, poll: FeedPoll, urls: Sequence[NewUrl]) -> int:
    """Write entries, then validators (5): killed in between, the next poll gets the same edition again."""
    at, forgotten = poll.polled_at.timestamp(), set[str]()
    new, _ = enter_urls(client, run_id, urls, at, forgotten=forgotten)
    crash_point("entries_written")
    edition = [url for url in dict.fromkeys(url.url for url in urls) if key(url) not in forgotten]

    def learn(row: Source | None) -> Source | None:
        return None if row is None else poll_feed(row, poll, edition, run=run_id)

    change_row(client, "feeds", key(poll.feed), learn)
    return new


def settle(client: LedgerClient, run_id: str, settlements: Sequence[Settlement], now: float) -> list[str]:
    """End or defer work; return the ids of rows that are not there, or forgotten.

    Not fenced: the newest version wins, as in the store (7).
    """
    by_id: dict[str, list[Settlement]] = {}
    for done in settlements:
        by_id.setdefault(key(done.url), []).append(done)
    crash_point("half_settled")  # documents are written, and none of their URLs is settled
    before = change_rows(client, "urls", {each: _settling(same, run=run_id, now=now) for each, same in by_id.items()})
    return [each for each, row in before.items() if row is None or is_suppressed(row.source)]


def _settling(settlements: Sequence[Settlement], *, run: str, now: float) -> Callable[[Source | None], Source | None]:
    def end(row: Source | None) -> Source | None:
        for done in settlements:
            row = row and settle_url(row, done, run=run, now=now)
        return row

    return end


def claim(client: LedgerClient, claims: Sequence[Claim]) -> list[ClaimAnswer]:
    """Give each document id to the first URL that asks: one creation decides, whoever asks beside us."""
    created = client.write(
        [Change("documents", each.document_id, {"url": each.url, "raw_sha256": each.raw_sha256}) for each in claims]
    )
    taken = [each for each, row in zip(claims, created, strict=True) if row is None]
    owners = dict(zip(taken, client.get_many([("documents", each.document_id) for each in taken]), strict=True))
    answers: list[ClaimAnswer] = []
    for each, row in zip(claims, created, strict=True):
        owner = row.source if row is not None else _owner(owners[each])
        if owner["url"] == SUPPRESSED:
            answers.append("suppressed")
            continue
        if owner["url"] != each.url:
            answers.append("duplicate" if owner["raw_sha256"] == each.raw_sha256 else "conflict")
            continue
        if owner["raw_sha256"] != each.raw_sha256:
            content = {"url": each.url, "raw_sha256": each.raw_sha256}
            client.write([Change("documents", each.document_id, content, how="put")])  # ours, whatever it says now
        answers.append("mine")
    return answers


def _owner(row: Row | None) -> Source:
    if row is None:
        raise StoreError("a document id was taken and is not there: the ledger's indices were changed by somebody else")
    return row.source


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
