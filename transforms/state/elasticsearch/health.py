"""How the feeds and sites of the ledger in Elasticsearch are: what is due, what fails, who waits. Reads only."""

from collections.abc import Iterator
from typing import Any

from transforms.state.elasticsearch.changes import unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.look import MAX_SITES, Rules
from transforms.state.elasticsearch.queries import (
    ANY,
    MAX_BUCKETS,
    PENDING,
    SETTLED,
    all_of,
    count,
    tally,
    terms,
    total,
)
from transforms.state.elasticsearch.rows import text_of
from transforms.state.elasticsearch.site_rows import NEW_SITE
from transforms.state.rows import how_it_ended, instant


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
        ("urls", tally(PENDING, by=terms("site", size=MAX_SITES))),
        ("feeds", tally({"term": {"listed": True}}, by=terms("site", size=MAX_SITES))),
        ("sites", {"size": MAX_SITES, "_source": False, "query": {"range": {"pauses": {"gt": 0}}}}),
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
    query = all_of({"term": {"listed": True}}, {"range": {"due_at": {"lte": now}}})
    for hit in client.scan("feeds", query, order=[{"due_at": "asc"}, {"feed": "asc"}], source=["feed"]):
        yield hit["_source"]["feed"]


def owners(client: LedgerClient) -> tuple[str, ...]:
    """Return who holds sites."""
    client.refresh("sites")
    [found] = client.search(("sites", tally(ANY, by=terms("owner"))))
    return tuple(each["key"] for each in found["aggregations"]["by"]["buckets"])


def status(client: LedgerClient, now: float) -> dict[str, Any]:
    """Return the ledger's state in one look: the last run, what is due, what fails, who holds sites (`owners`)."""
    client.refresh("urls", "feeds", "sites", "runs")
    listed = {"term": {"listed": True}}
    due = {"filter": {"range": {"due_at": {"lte": now}}}}
    first = {"min": {"field": "due_at"}}
    runs, outcomes, failing, feed_counts, pending, crashed, owners = client.search(
        ("runs", {"size": 1, "sort": [{"run": "desc"}]}),
        ("urls", tally(SETTLED, by=terms("outcome"))),
        (
            "feeds",
            {
                "size": MAX_BUCKETS,
                "query": all_of(listed, {"range": {"failures": {"gt": 0}}}),
                "sort": [{"failures": "desc"}],
            },
        ),
        ("feeds", {**count(listed), "aggs": {"due": due, "first": first}}),
        ("urls", {**count(PENDING), "aggs": {"due": due}}),
        ("urls", count(all_of({"term": {"outcome": "dead_lettered"}}, {"term": {"reason": "crashed"}}))),
        ("sites", tally(ANY, by=terms("owner"))),
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
            **how_it_ended(unpacked(last["summary"])),
        },
        "feeds": total(feed_counts),
        "feeds_due": feed_counts["aggregations"]["due"]["doc_count"],
        "next_poll_at": instant(feed_counts["aggregations"]["first"]["value"] or None),
        "failing": [
            {"id": hit["_source"]["feed"], "failures": hit["_source"]["failures"], "error": hit["_source"]["error"]}
            for hit in failing["hits"]["hits"]
        ],
        "pending": total(pending),
        "pending_due": pending["aggregations"]["due"]["doc_count"],
        "outcomes": {each["key"]: each["doc_count"] for each in outcomes["aggregations"]["by"]["buckets"]},
        "crashed": total(crashed),
    }
