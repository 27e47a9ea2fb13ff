"""What articles show of their sites, and the profiles that were made of it, in the ledger on a server.

A document of `observed` per stored URL, under the id of the URL's row, without the URL; one of `profiles` per site with
all its versions, so that one compared write makes the next. Settled twice, an article counts once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from transforms.elements import Learned, SiteProfile
from transforms.state.base import Observation, Settlement
from transforms.state.elasticsearch.changes import Change, Source, packed, unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.intake import change_rows
from transforms.state.elasticsearch.queries import all_of, tally
from transforms.state.elasticsearch.rows import key
from transforms.state.elasticsearch.sites import change_row
from transforms.state.observations import (
    KEPT_ARTICLES,
    KEPT_VERSIONS,
    dump_learned,
    dump_observed,
    load_learned,
    load_observed,
)
from transforms.state.rows import instant

_NEWEST_FIRST: list[Source] = [{"at": "desc"}, {"version": "desc"}]
_MAX_DROPPED = 1_000


def note(client: LedgerClient, settlements: Sequence[Settlement], now: float) -> None:
    """Note what stored articles show, before their URLs are settled: a kill in between repeats both."""
    notes = {
        key(done.url): _noting(done, now)
        for done in settlements
        if done.observed is not None and done.outcome == "stored" and done.document_id is not None
    }
    if notes:
        change_rows(client, "observed", notes)


def _noting(done: Settlement, now: float) -> Callable[[Source | None], Source | None]:
    assert done.observed is not None
    seen = packed(dump_observed(done.observed))

    def alter(row: Source | None) -> Source | None:
        if row is not None and row["version"] > done.version:
            return None  # an older fetch that comes late says nothing (7)
        counted = row is not None and row["counted"] and row["seen"] == seen
        cells: Source = {"site": done.site, "document_id": done.document_id, "version": done.version}
        return {**cells, "at": now, "counted": counted, "seen": seen}

    return alter


def take_back(client: LedgerClient, ids: Sequence[str]) -> None:
    """Delete what was noted of URLs that the ledger does not know, or forgot."""
    rows = client.get_many([("observed", each) for each in ids]) if ids else []
    client.write([Change("observed", row.id, None, over=row) for row in rows if row is not None])


def sites_to_learn(client: LedgerClient, limit: int) -> tuple[str, ...]:
    """Return sites of which something is not counted yet; the one that waits longest first."""
    client.refresh("observed")
    new: Source = {"term": {"counted": False}}
    by_site: Source = {
        "terms": {"field": "site", "size": limit, "order": [{"since": "asc"}, {"_key": "asc"}]},
        "aggs": {"since": {"min": {"field": "at"}}},
    }
    [answer] = client.search(("observed", tally(new, sites=by_site)))
    return tuple(bucket["key"] for bucket in answer["aggregations"]["sites"]["buckets"])


def observations(client: LedgerClient, site: str) -> tuple[Observation, ...]:
    """Return what a site's latest articles show, from the oldest to the newest."""
    client.catch_up("observed")
    hits = _latest(client, site, size=KEPT_ARTICLES)
    found = [(hit["_id"], hit["_source"]) for hit in hits[::-1]]
    return tuple(
        Observation(name, row["document_id"], row["at"], load_observed(unpacked(row["seen"]) or b"\0"))
        for name, row in found
    )


def _latest(client: LedgerClient, site: str, *, size: int, skip: int = 0) -> list[Any]:
    query = {"query": {"term": {"site": site}}, "sort": _NEWEST_FIRST, "size": size, "from": skip}
    return list(client.search(("observed", query))[0]["hits"]["hits"])


def profile(client: LedgerClient, site: str, before: datetime) -> SiteProfile | None:
    """Return the newest version that was made before an instant."""
    made = [each for each in _versions(_site(client, site)) if each["made_at"] < before.timestamp()]
    return _profile(site, made[-1]) if made else None


def newest(client: LedgerClient, site: str) -> SiteProfile | None:
    """Return the newest version of a site's profile."""
    made = _versions(_site(client, site))
    return _profile(site, made[-1]) if made else None


def learned(client: LedgerClient, site: str) -> Learned | None:
    """Return what is known of a site, None where nothing was counted."""
    row = _site(client, site)
    value = None if row is None else unpacked(row["learned"])
    return None if value is None else load_learned(value)


def learn(client: LedgerClient, found: Learned, counted: Sequence[Observation], now: float) -> bool:
    """Write what was counted; False when somebody else made that version meanwhile."""
    taken = False

    def alter(row: Source | None) -> Source | None:
        nonlocal taken
        versions = _versions(row)
        version = versions[-1]["version"] if versions else 0
        taken = found.version in (version, version + 1)
        if not taken:
            return None
        if found.version > version:
            lines = sorted(line.key for line in found.lines)
            versions = [*versions, {"version": found.version, "made_at": now, "lines": lines}][-KEPT_VERSIONS:]
        made_at = instant(versions[-1]["made_at"]) if versions else None
        value = dump_learned(replace(found, made_at=made_at))
        return {"site": found.site, "versions": packed(orjson.dumps(versions)), "learned": packed(value)}

    change_row(client, "profiles", key(found.site), alter)
    if taken:
        change_rows(client, "observed", {each.name: _counting(each.at) for each in counted})
        take_back(client, [hit["_id"] for hit in _latest(client, found.site, size=_MAX_DROPPED, skip=KEPT_ARTICLES)])
        client.catch_up("observed")
    return taken


def _counting(at: float) -> Callable[[Source | None], Source | None]:
    return lambda row: {**row, "counted": True} if row is not None and row["at"] == at else None


def forget(client: LedgerClient, ids: Sequence[str]) -> None:
    """Forget what articles show, and the texts of their sites until they are counted again without them."""
    rows = [row for row in client.get_many([("observed", each) for each in ids]) if row is not None]
    take_back(client, [row.id for row in rows])
    client.refresh("observed")
    for site in sorted({row.source["site"] for row in rows}):
        change_row(client, "profiles", key(site), lambda row: row and {**row, "learned": None})
        known = client.scan("observed", all_of({"term": {"site": site}}, {"term": {"counted": True}}), source=False)
        change_rows(client, "observed", {hit["_id"]: lambda row: row and {**row, "counted": False} for hit in known})
    client.catch_up("observed")


def _site(client: LedgerClient, site: str) -> Source | None:
    row = client.get("profiles", key(site))
    return None if row is None else row.source


def _versions(row: Source | None) -> list[dict[str, Any]]:
    """Return the versions that are kept, the newest last."""
    versions: list[dict[str, Any]] = orjson.loads(unpacked(row["versions"]) or b"[]") if row is not None else []
    return versions


def _profile(site: str, made: dict[str, Any]) -> SiteProfile:
    return SiteProfile(site=site, version=made["version"], lines=frozenset(made["lines"]))
