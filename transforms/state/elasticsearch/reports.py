"""What the ledger in Elasticsearch can tell: where a run stands, its books, what it stored. Reads only."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from transforms.state.base import ENDED_WITH_DOCUMENT, Books, Progress
from transforms.state.elasticsearch.changes import Source
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.look import Rules
from transforms.state.elasticsearch.queries import (
    ANY,
    PENDING,
    SETTLED,
    all_of,
    any_of,
    count,
    none_of,
    tally,
    terms,
    total,
)
from transforms.state.elasticsearch.rows import key
from transforms.state.rows import instant

POLL_RESULTS = ("failed", "not_modified", "read")
NO_REASON = "not_reached"


def progress(client: LedgerClient, run_id: str) -> Progress:
    """Return where a run stands, up to a second ago."""
    client.catch_up("urls", "feeds", "sites")
    counted = {"term": {"counted_run": run_id}}
    outcomes, pending, polls, requests, leased = client.search(
        ("urls", tally({"term": {"settled_run": run_id}}, by=terms("outcome"))),
        ("urls", count(PENDING)),
        ("feeds", tally(counted, **_poll_sums())),
        ("sites", tally(counted, n={"sum": {"field": "requests"}})),
        ("sites", count(all_of({"exists": {"field": "owner"}}, {"term": {"run": run_id}}))),
    )
    return Progress(
        outcomes=tuple((each["key"], each["doc_count"]) for each in outcomes["aggregations"]["by"]["buckets"]),
        pending=total(pending),
        polls=sum(count for _, count in _polls(polls)),
        requests=int(requests["aggregations"]["n"]["value"]),
        leased=total(leased),
    )


def books(client: LedgerClient, run_id: str, rules: Rules) -> Books:
    """Return a run's balance: came + carried = ended + deferred (+ what a run beside it ended).

    One document per URL, so a set is a query. A URL cannot end twice here; what can fail is a row settled by nobody,
    and a feed's stored edition with an entry that has no row.
    """
    client.refresh("urls", "feeds")
    entered, by_run = {"term": {"entered_run": run_id}}, {"term": {"settled_run": run_id}}
    ended = all_of(SETTLED, by_run)
    elsewhere = all_of(entered, SETTLED, {"exists": {"field": "settled_run"}}, none_of(by_run))
    carried = all_of(none_of(entered), any_of(PENDING, by_run))
    wanted, answered = any_of(entered, carried), any_of(ended, PENDING, elsewhere)
    sets = {
        "came": entered,
        "carried": carried,
        "ended": ended,
        "deferred": PENDING,
        "elsewhere": elsewhere,
        "missing": all_of(wanted, none_of(answered)),
        "surplus": all_of(answered, none_of(wanted)),
    }
    unreached = all_of(PENDING, none_of({"exists": {"field": "reason"}}), {"terms": {"site": rules.paused()}})
    found, outcomes, waiting, paused, polls = client.search(
        ("urls", tally(ANY, sets={"filters": {"filters": sets}})),
        ("urls", tally(ended, by={**terms("outcome"), "aggs": {"why": terms("reason", "")}})),
        ("urls", tally(PENDING, why=terms("reason", NO_REASON), until={"max": {"field": "due_at"}})),
        ("urls", count(unreached)),
        ("feeds", tally({"term": {"counted_run": run_id}}, **_poll_sums())),
    )
    size = {name: bucket["doc_count"] for name, bucket in found["aggregations"]["sets"]["buckets"].items()}
    unbalanced = [
        f"{number} {what}"
        for number, what in (
            (size["missing"], "URLs came in and neither ended nor were deferred"),
            (size["surplus"], "URLs ended without having come in"),
            (_entries_without_row(client, run_id), "entries of stored feed editions have no row"),
        )
        if number
    ]
    return Books(
        run_id=run_id,
        came=size["came"],
        carried=size["carried"],
        ended=size["ended"],
        deferred=size["deferred"],
        handed_over=size["elsewhere"],
        outcomes=tuple(
            sorted(
                (each["key"], why["key"], why["doc_count"])
                for each in outcomes["aggregations"]["by"]["buckets"]
                for why in each["why"]["buckets"]
            )
        ),
        deferred_by=_deferred_by(waiting["aggregations"]["why"]["buckets"], total(paused)),
        deferred_until=instant(waiting["aggregations"]["until"]["value"] or None),
        polls=tuple(_polls(polls)),
        unbalanced=tuple(unbalanced),
    )


def _deferred_by(buckets: Sequence[Any], paused: int) -> tuple[tuple[str, int], ...]:
    counts = {each["key"]: each["doc_count"] for each in buckets}
    if paused:
        counts[NO_REASON] -= paused
        counts["paused"] = paused
    return tuple(sorted((reason, count) for reason, count in counts.items() if count))


def _entries_without_row(client: LedgerClient, run_id: str) -> int:
    """Count entries without a row in the editions that this run stored; those of other runs were counted by them."""
    editions = (
        hit["_source"]["edition"] for hit in client.scan("feeds", {"term": {"edition_run": run_id}}, source=["edition"])
    )
    urls = (url for edition in editions for url in edition)
    missing = 0
    while batch := list(islice(urls, 1_000)):
        missing += client.get_many([("urls", key(url)) for url in batch], source=False).count(None)
    return missing


def stored_by(client: LedgerClient, run_id: str) -> Iterator[tuple[str, str, int]]:
    """Yield (url, document id, version) of what a run settled with a document."""
    client.refresh("urls")
    query = all_of({"term": {"settled_run": run_id}}, {"terms": {"outcome": list(ENDED_WITH_DOCUMENT)}})
    for hit in client.scan("urls", query, source=["url", "document_id", "version"]):
        yield hit["_source"]["url"], hit["_source"]["document_id"], hit["_source"]["version"]


def lookup(client: LedgerClient, url: str) -> dict[str, Any] | None:
    """Return a URL's row without its entry; instants are aware UTC."""
    row = client.get("urls", key(url))
    if row is None:
        return None
    columns = (
        "url site state due_at blamed attempts settled_run settled_at outcome reason version document_id revision"
        " first_seen"
    )
    cells = {column: row.source[column] for column in columns.split()}
    return cells | {name: instant(cells[name]) for name in ("due_at", "settled_at", "first_seen")}


def _poll_sums() -> Source:
    return {result: {"sum": {"field": f"run_polls.{result}"}} for result in POLL_RESULTS}


def _polls(answer: Any) -> Iterator[tuple[str, int]]:
    for result in POLL_RESULTS:
        if count := int(answer["aggregations"][result]["value"]):
            yield result, count
