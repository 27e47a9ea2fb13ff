"""What the ledger in Elasticsearch can tell: where a run stands, its books, the health of feeds. Reads only."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from transforms.state.base import ENDED_WITH_DOCUMENT, Books, Progress
from transforms.state.elasticsearch_changes import Source
from transforms.state.elasticsearch_client import LedgerClient
from transforms.state.elasticsearch_look import MAX_SITES, Rules
from transforms.state.elasticsearch_rows import NEW_SITE, key, text_of
from transforms.state.rows import instant

POLL_RESULTS = ("failed", "not_modified", "read")
MAX_BUCKETS = 1_000  # outcomes and reasons are closed lists
NO_REASON = "not_reached"

PENDING: Source = {"term": {"state": "pending"}}
SETTLED: Source = {"term": {"state": "settled"}}


def progress(client: LedgerClient, run_id: str) -> Progress:
    """Return where a run stands, up to a second ago."""
    client.catch_up("urls", "feeds", "sites")
    outcomes, pending, polls, requests, leased = client.search(
        ("urls", {**_none, "query": {"term": {"settled_run": run_id}}, "aggs": {"by": _terms("outcome")}}),
        ("urls", _count(PENDING)),
        ("feeds", {**_none, "query": {"term": {"counted_run": run_id}}, "aggs": _poll_sums()}),
        ("sites", {**_none, "query": {"term": {"counted_run": run_id}}, "aggs": {"n": {"sum": {"field": "requests"}}}}),
        ("sites", _count(_all({"exists": {"field": "owner"}}, {"term": {"run": run_id}}))),
    )
    return Progress(
        outcomes=tuple((each["key"], each["doc_count"]) for each in outcomes["aggregations"]["by"]["buckets"]),
        pending=_total(pending),
        polls=sum(count for _, count in _polls(polls)),
        requests=int(requests["aggregations"]["n"]["value"]),
        leased=_total(leased),
    )


def books(client: LedgerClient, run_id: str, rules: Rules) -> Books:
    """Return a run's balance: came + carried = ended + deferred (+ what a run beside it ended).

    One document per URL, so a set is a query. A URL cannot end twice here; what can fail is a row settled by nobody,
    and a feed's stored edition with an entry that has no row.
    """
    client.refresh("urls", "feeds")
    entered, by_run = {"term": {"entered_run": run_id}}, {"term": {"settled_run": run_id}}
    ended = _all(SETTLED, by_run)
    elsewhere = _all(entered, SETTLED, {"exists": {"field": "settled_run"}}, _not(by_run))
    carried = _all(_not(entered), _any(PENDING, by_run))
    wanted, answered = _any(entered, carried), _any(ended, PENDING, elsewhere)
    sets = {
        "came": entered,
        "carried": carried,
        "ended": ended,
        "deferred": PENDING,
        "elsewhere": elsewhere,
        "missing": _all(wanted, _not(answered)),
        "surplus": _all(answered, _not(wanted)),
    }
    unreached = _all(PENDING, _not({"exists": {"field": "reason"}}), {"terms": {"site": rules.paused()}})
    counts, outcomes, waiting, paused, polls = client.search(
        ("urls", {**_none, "aggs": {"sets": {"filters": {"filters": sets}}}}),
        (
            "urls",
            {**_none, "query": ended, "aggs": {"by": {**_terms("outcome"), "aggs": {"why": _terms("reason", "")}}}},
        ),
        (
            "urls",
            {
                **_none,
                "query": PENDING,
                "aggs": {"why": _terms("reason", NO_REASON), "until": {"max": {"field": "due_at"}}},
            },
        ),
        ("urls", _count(unreached)),
        ("feeds", {**_none, "query": {"term": {"counted_run": run_id}}, "aggs": _poll_sums()}),
    )
    count = {name: bucket["doc_count"] for name, bucket in counts["aggregations"]["sets"]["buckets"].items()}
    unbalanced = [
        f"{number} {what}"
        for number, what in (
            (count["missing"], "URLs came in and neither ended nor were deferred"),
            (count["surplus"], "URLs ended without having come in"),
            (_entries_without_row(client, run_id), "entries of stored feed editions have no row"),
        )
        if number
    ]
    return Books(
        run_id=run_id,
        came=count["came"],
        carried=count["carried"],
        ended=count["ended"],
        deferred=count["deferred"],
        handed_over=count["elsewhere"],
        outcomes=tuple(
            sorted(
                (each["key"], why["key"], why["doc_count"])
                for each in outcomes["aggregations"]["by"]["buckets"]
                for why in each["why"]["buckets"]
            )
        ),
        deferred_by=_deferred_by(waiting["aggregations"]["why"]["buckets"], _total(paused)),
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
    query = _all({"term": {"settled_run": run_id}}, {"terms": {"outcome": list(ENDED_WITH_DOCUMENT)}})
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


def feeds(client: LedgerClient) -> list[dict[str, Any]]:
    """Return every listed feed with its health: last and next poll, failures, the last error in words, validators.

    `memory` is the polling policy's text: `transforms.feeds.memory` reads it.
    """
    client.refresh("feeds")
    found = []
    for hit in client.scan("feeds", {"term": {"listed": True}}, order=[{"feed": "asc"}]):
        row = hit["_source"]
        same = ("site", "polls", "not_modified", "failures", "status_code", "error", "etag", "last_modified")
        found.append(
            {
                "id": row["feed"],
                "url": row["source_url"],
                **{name: row[name] for name in same},
                "polled_at": instant(row["polled_at"] or None),
                "succeeded_at": instant(row["succeeded_at"]),
                "next_poll_at": instant(row["due_at"] or None),
                "message": text_of(row["message"]),
                "entries": len(row["edition"]),
                "memory": text_of(row["memory"]),
            }
        )
    return found


def sites(client: LedgerClient, rules: Rules) -> list[dict[str, Any]]:
    """Return sites with work or a pause, those that wait longest last; of each kind `MAX_SITES` at most."""
    client.refresh("urls", "feeds", "sites")
    pending, polled, backing = client.search(
        ("urls", {**_none, "query": PENDING, "aggs": {"by": _terms("site", size=MAX_SITES)}}),
        ("feeds", {**_none, "query": {"term": {"listed": True}}, "aggs": {"by": _terms("site", size=MAX_SITES)}}),
        ("sites", {**_none, "size": MAX_SITES, "_source": False, "query": {"range": {"pauses": {"gt": 0}}}}),
    )
    urls, of_feeds = (
        {each["key"]: each["doc_count"] for each in answer["aggregations"]["by"]["buckets"]}
        for answer in (pending, polled)
    )
    names = {*urls, *of_feeds, *rules.paused(), *(hit["_id"] for hit in backing["hits"]["hits"])}
    rows = client.get_many([("sites", name) for name in names])
    known = {
        name: NEW_SITE | {"site": name} if row is None else row.source for name, row in zip(names, rows, strict=True)
    }
    return [
        {
            "site": name,
            "paused": rules.is_paused(name),
            "next_at": instant(site["next_at"] or None),
            "pause_s": rules.pause_s(site),
            "pending": urls.get(name, 0),
            "feeds": of_feeds.get(name, 0),
            "leased": site["owner"] is not None,
            "back_off_count": site["pauses"],
            "back_off_until": instant(site["pause_until"]),
            "back_off_why": site["pause_why"],
        }
        for name, site in sorted(known.items(), key=lambda each: (each[1]["next_at"], each[0]))
    ]


def due_feeds(client: LedgerClient, now: float) -> Iterator[str]:
    """Yield the ids of the listed feeds that may be polled now, longest due first."""
    client.refresh("feeds")
    query = _all({"term": {"listed": True}}, {"range": {"due_at": {"lte": now}}})
    for hit in client.scan("feeds", query, order=[{"due_at": "asc"}, {"feed": "asc"}], source=["feed"]):
        yield hit["_source"]["feed"]


def status(client: LedgerClient, now: float) -> dict[str, Any]:
    """Return the ledger's state in one look: the last run, what is due, what fails, who holds sites (`owners`)."""
    client.refresh("urls", "feeds", "sites", "runs")
    listed = {"term": {"listed": True}}
    due = {"filter": {"range": {"due_at": {"lte": now}}}}
    first = {"min": {"field": "due_at"}}
    runs, outcomes, failing, feed_counts, pending, crashed, owners = client.search(
        ("runs", {"size": 1, "sort": [{"run": "desc"}]}),
        ("urls", {**_none, "query": SETTLED, "aggs": {"by": _terms("outcome")}}),
        (
            "feeds",
            {
                "size": MAX_BUCKETS,
                "query": _all(listed, {"range": {"failures": {"gt": 0}}}),
                "sort": [{"failures": "desc"}],
            },
        ),
        ("feeds", {**_count(listed), "aggs": {"due": due, "first": first}}),
        ("urls", {**_count(PENDING), "aggs": {"due": due}}),
        ("urls", _count(_all({"term": {"outcome": "dead_lettered"}}, {"term": {"reason": "crashed"}}))),
        ("sites", {**_none, "aggs": {"by": _terms("owner")}}),
    )
    last = next((hit["_source"] for hit in runs["hits"]["hits"]), None)
    return {
        "owners": [each["key"] for each in owners["aggregations"]["by"]["buckets"]],
        "last_run": last
        and {
            "id": last["run"],
            "command": last["command"],
            "started_at": instant(last["started_at"]),
            "ended_at": instant(last["ended_at"]),
        },
        "feeds": _total(feed_counts),
        "feeds_due": feed_counts["aggregations"]["due"]["doc_count"],
        "next_poll_at": instant(feed_counts["aggregations"]["first"]["value"] or None),
        "failing": [
            {"id": hit["_source"]["feed"], "failures": hit["_source"]["failures"], "error": hit["_source"]["error"]}
            for hit in failing["hits"]["hits"]
        ],
        "pending": _total(pending),
        "pending_due": pending["aggregations"]["due"]["doc_count"],
        "outcomes": {each["key"]: each["doc_count"] for each in outcomes["aggregations"]["by"]["buckets"]},
        "crashed": _total(crashed),
    }


_none: Source = {"size": 0, "track_total_hits": False}


def _count(query: Source) -> Source:
    return {"size": 0, "track_total_hits": True, "query": query}


def _total(answer: Any) -> int:
    return int(answer["hits"]["total"]["value"])


def _terms(field: str, missing: str | None = None, *, size: int = MAX_BUCKETS) -> Source:
    terms: Source = {"field": field, "size": size}
    return {"terms": terms if missing is None else {**terms, "missing": missing}}


def _poll_sums() -> Source:
    return {result: {"sum": {"field": f"run_polls.{result}"}} for result in POLL_RESULTS}


def _polls(answer: Any) -> Iterator[tuple[str, int]]:
    for result in POLL_RESULTS:
        if count := int(answer["aggregations"][result]["value"]):
            yield result, count


def _all(*filters: Source) -> Source:
    return {"bool": {"filter": list(filters)}}


def _any(*filters: Source) -> Source:
    return {"bool": {"should": list(filters), "minimum_should_match": 1}}


def _not(query: Source) -> Source:
    return {"bool": {"must_not": query}}
