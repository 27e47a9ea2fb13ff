"""The rows of the ledger in Elasticsearch and what becomes of them: pure functions of a row and an event.

The same rules as the SQLite ledger's statements; the contract suite holds both to them.
"""

from collections.abc import Sequence
from hashlib import sha256

from transforms.elements import FeedSource, History
from transforms.state.base import (
    ENDED_WITH_DOCUMENT,
    MAX_REVISITS,
    NO_ATTEMPT,
    REVISIT_S,
    SUPPRESSED,
    DueFeed,
    DueUrl,
    FeedPoll,
    NewUrl,
    Settlement,
)
from transforms.state.elasticsearch.changes import Source, packed, unpacked
from transforms.state.rows import dump_entry, dump_source, heard, instant, load_entry, load_source

HELD_UNTIL = 4e9  # epoch seconds (2096): pages of an archive are pending, but never due for a visit
_READ_POLLS: dict[str, int] = {"read": 0, "not_modified": 0, "failed": 0}


def key(text: str) -> str:
    """Return the document id of a URL, feed or origin: theirs may be longer than the 512 bytes that an id may have."""
    return sha256(text.encode()).hexdigest()[:40]


# --- URLs


def enter_url(row: Source | None, new: NewUrl, *, run: str, now: float, again: bool, held: bool) -> Source:
    """Return a URL's row after somebody wanted it. `again`: settled ones too; `held`: no visit takes it."""
    due_at, reason, entry = HELD_UNTIL if held else 0.0, "archive" if held else None, packed(dump_entry(new.entry))
    if row is None:
        return _new_url(new, run=run, now=now, due_at=due_at, reason=reason, entry=entry)
    row = dict(row)
    if is_suppressed(row):  # nothing wakes it; a run that lists it again finds it among its outcomes
        return {**row, "entered_run": run, "settled_run": run, "settled_at": now} if again or held else row
    if new.feed is not None and new.feed not in row["feeds"]:
        row["feeds"] = sorted([*row["feeds"], new.feed])
    pending = row["state"] == "pending"
    if again:
        if row["entered_run"] != run:  # once per run: a restart goes on, and what it had given up or blamed stays so
            row |= {"state": "pending", "entered_run": run, "due_at": due_at, "reason": reason, "blamed": 0}
            row["entry"] = entry or row["entry"]
    elif held and pending:
        row["due_at"] = due_at
    elif not held and pending and row["due_at"] == HELD_UNTIL and row["entered_run"] != run:
        # Somebody else wants a page that an archive run took and did not finish: it may never be run again.
        row |= {"due_at": 0.0, "reason": None}
    if new.fingerprint is not None:
        row["fingerprint"], is_news = heard(row["fingerprint"], new.feed, new.fingerprint)
        if is_news:
            _change_entry(row, entry, run=run, now=now)
        elif row["state"] == "pending":
            row["entry"] = row["entry"] or entry
    return row


def is_suppressed(row: Source) -> bool:
    """Say whether a URL's row is all that is left of what was forgotten."""
    return bool(row["reason"] == SUPPRESSED and row["outcome"] == "filtered")


def _new_url(new: NewUrl, *, run: str, now: float, due_at: float, reason: str | None, entry: str | None) -> Source:
    row: Source = {
        "url": new.url,
        "site": new.site,
        "state": "pending",
        "due_at": due_at,
        "blamed": 0,
        "attempts": 0,
        "hops": new.hops,
        "entered_run": run,
        "settled_run": None,
        "settled_at": None,
        "outcome": None,
        "reason": reason,
        "version": 0,
        "document_id": None,
        "raw_sha256": None,
        "revision": 0,
        "figures": 0,
        "quotes": 0,
        "first_seen": now,
        "entry": entry,
        "fingerprint": None if new.fingerprint is None else heard(None, new.feed, new.fingerprint)[0],
        "revisits": 0,
        "validators": None,
        "feeds": [] if new.feed is None else [new.feed],
    }
    if new.filtered:
        row |= {"state": "settled", "settled_run": run, "settled_at": now, "outcome": "filtered"}
        row |= {"reason": new.filtered, "entry": None}
    return row


def _change_entry(row: Source, entry: str | None, *, run: str, now: float) -> None:
    """Take an entry that says something else than before; a stored or failed URL falls due again.

    The outcome goes, so that the visit's is `updated` or `unchanged` even in the run that had created it.
    """
    failed = row["outcome"] == "dead_lettered" and row["reason"] != "crashed"
    if (
        row["state"] == "settled"
        and row["revisits"] < MAX_REVISITS
        and (row["outcome"] in ENDED_WITH_DOCUMENT or failed)
    ):
        row |= {"state": "pending", "entered_run": run, "due_at": max(now, row["settled_at"] + REVISIT_S)}
        row |= {"reason": "entry_changed", "outcome": None, "revisits": row["revisits"] + 1}
    if row["state"] == "pending":
        row["entry"] = entry


def settle_url(row: Source, done: Settlement, *, run: str, now: float) -> Source:
    """Return a URL's row after its work ended or was put off. The newest fetch wins, whoever reports it (7)."""
    if done.due_at is not None:
        if row["state"] != "pending":
            return row
        put_off = {"due_at": done.due_at.timestamp(), "reason": done.reason, "blamed": 0}
        return {**row, **put_off, "attempts": row["attempts"] + (done.reason not in NO_ATTEMPT)}
    if row["version"] >= done.version:
        return row
    # `created` is what the history says, not what the store answered: a killed attempt may have stored it already (7).
    outcome: str = done.outcome
    if outcome == "stored":
        if row["version"] == 0 or (row["outcome"] == "created" and row["settled_run"] == run):
            outcome = "created"
        else:
            outcome = "unchanged" if row["raw_sha256"] == done.raw_sha256 and not done.reason else "updated"
    row = {**row, "state": "settled", "settled_at": now, "settled_run": run, "outcome": outcome, "reason": done.reason}
    row |= {"blamed": 0, "attempts": 0}
    if done.outcome != "dead_lettered":
        row["entry"] = None
    if done.outcome == "stored":
        row |= {"version": done.version, "document_id": row["document_id"] or done.document_id}
        row |= {"raw_sha256": done.raw_sha256, "revision": done.revision}
        row |= {"figures": done.figures, "quotes": done.quotes}
    if done.outcome in ("stored", "unchanged"):
        row["validators"] = packed(done.validators)
    return row


def blame_url(row: Source, *, now: float) -> Source:
    """Return a URL's row after a worker died with it in hand (8)."""
    if row["state"] != "pending":
        return row
    return {**row, "blamed": row["blamed"] + 1, "due_at": max(row["due_at"], now + 1)}


def due_url(row: Source) -> DueUrl:
    """Return a pending row as work."""
    history = History(
        document_id=row["document_id"],
        first_seen=instant(row["first_seen"]),
        revision=row["revision"],
        raw_sha256=row["raw_sha256"],
        version=row["version"],
        figures=row["figures"],
        quotes=row["quotes"],
        feeds=tuple(row["feeds"]),
        validators=text_of(row.get("validators")),  # not in rows of version 1
    )
    return DueUrl(
        url=row["url"],
        hops=row["hops"],
        attempts=row["attempts"],
        blamed=row["blamed"],
        entry=load_entry(unpacked(row["entry"])),
        history=history,
    )


# --- feeds


def list_feed(row: Source | None, source: FeedSource, site: str) -> Source:
    """Return a feed's row after it was configured: one whose URL was edited starts anew; its history stays."""
    given = {"source": packed(dump_source(source)), "source_url": source.url, "listed": True, "home_site": site}
    start = {"poll_url": source.url, "site": site, "due_at": 0.0, "memory": None}
    if row is None:
        return {
            "feed": source.id,
            **given,
            **start,
            "hops": 0,
            "poll_run": None,
            "etag": None,
            "last_modified": None,
            "validators_url": None,
            "body_sha256": None,
            "edition": [],
            "edition_run": None,
            "polled_at": 0.0,
            "succeeded_at": None,
            "polls": 0,
            "not_modified": 0,
            "failures": 0,
            "status_code": None,
            "error": None,
            "message": None,
            "counted_run": None,
            "run_polls": _READ_POLLS,
        }
    return {**row, **given} if row["source_url"] == source.url else {**row, **given, **start}


def poll_feed(row: Source, poll: FeedPoll, edition: Sequence[str], *, run: str) -> Source:
    """Return a feed's row after a poll; one that is older, or of another URL, never overwrites what was learned."""
    if poll.configured not in (None, row["source_url"]):
        return row  # edited while the poll was on the wire
    at, due_at = poll.polled_at.timestamp(), poll.next_poll_at.timestamp()
    memory = {} if poll.memory is None else {"memory": packed(poll.memory)}
    failed = {"failures": row["failures"] + (not poll.blameless), "error": poll.error, "message": packed(poll.message)}
    if poll.move_to is not None:
        url, site = poll.move_to
        return {**row, **memory, "poll_url": url, "site": site, "hops": row["hops"] + 1, "due_at": 0.0}
    if poll.put_off:
        return {**row, **memory, **failed, "due_at": due_at, "status_code": poll.status_code}
    result = "failed" if poll.error is not None else "not_modified" if poll.status_code == 304 else "read"
    row = _counted(row, run, result)
    if row["polled_at"] >= at:
        # What was learned is old news, or the clock was set back. It was a poll all the same: without its end a run
        # would poll again at once until the clock has caught up.
        return {**row, "due_at": max(row["due_at"], due_at), "poll_run": None}
    # The next poll asks the configured URL again: no redirect is believed for good yet.
    row = {**row, **memory, "poll_url": row["source_url"], "site": row["home_site"], "hops": 0, "poll_run": None}
    row |= {"due_at": due_at, "status_code": poll.status_code, "polls": row["polls"] + 1, "polled_at": at}
    if result == "failed":
        return {**row, **failed}
    row |= {"failures": 0, "error": None, "message": None, "succeeded_at": at}
    row |= {"etag": poll.etag, "last_modified": poll.last_modified}
    if result == "not_modified":
        return {**row, "not_modified": row["not_modified"] + 1}
    row |= {"validators_url": poll.final_url, "body_sha256": poll.body_sha256}
    return {**row, "edition": list(edition), "edition_run": run}


def _counted(row: Source, run: str, result: str) -> Source:
    counts = row["run_polls"] if row["counted_run"] == run else _READ_POLLS
    return {**row, "counted_run": run, "run_polls": {**counts, result: counts[result] + 1}}


def due_feed(row: Source) -> DueFeed:
    """Return a feed's row as work."""
    return DueFeed(
        source=load_source((unpacked(row["source"]) or b"").decode()),
        poll_url=row["poll_url"],
        hops=row["hops"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        validators_url=row["validators_url"],
        body_sha256=row["body_sha256"],
        failures=row["failures"],
        polls=row["polls"],
        memory=text_of(row["memory"]),
    )


def text_of(packed_text: str | None) -> str | None:
    """Return a packed text."""
    data = unpacked(packed_text)
    return None if data is None else data.decode()
