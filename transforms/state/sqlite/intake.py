"""What enters the ledger: the configured feeds, URLs as pending rows, and what a poll learned."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from transforms.elements import FeedSource
from transforms.state.base import MAX_REVISITS, REVISIT_S, SUPPRESSED, FeedPoll, NewUrl, SiteRule
from transforms.state.rows import dump_entry, dump_source, heard
from transforms.state.sqlite.forgetting import COUNT_AGAIN, suppressed_urls, under_its_hash

HELD_UNTIL = 4e9  # epoch seconds (2096): pages of an archive are pending, but never due for a visit

# A feed whose URL was edited starts anew at the new one; its history stays.
LIST_FEED = """
INSERT INTO ledger_feeds(feed, source, listed, home_site, site, poll_url) VALUES(:feed, :source, 1, :site, :site, :url)
ON CONFLICT(feed) DO UPDATE SET source = :source, listed = 1, home_site = :site,
  site = CASE WHEN json_extract(source, '$.url') = :url THEN site ELSE :site END,
  poll_url = CASE WHEN json_extract(source, '$.url') = :url THEN poll_url ELSE :url END,
  memory = CASE WHEN json_extract(source, '$.url') = :url THEN memory ELSE NULL END,
  due_at = CASE WHEN json_extract(source, '$.url') = :url THEN due_at ELSE 0 END"""

ENTER_URL = """
INSERT INTO ledger_urls(url, site, hops, entered_run, first_seen, due_at, reason, entry, fingerprint)
VALUES(:url, :site, :hops, :run, :now, :due_at, :reason, :entry, :said) ON CONFLICT(url) DO NOTHING"""
FILTER_URL = """
UPDATE ledger_urls SET state = 'settled', settled_run = :run, settled_at = :now, outcome = 'filtered',
  reason = :filtered, entry = NULL WHERE url = :url"""
# Once per run: a restart goes on, and what it had given up or blamed stays so.
ENTER_AGAIN = """
UPDATE ledger_urls SET state = 'pending', entered_run = :run, due_at = :due_at, reason = :reason, blamed = 0,
  entry = coalesce(:entry, entry) WHERE url = :url AND entered_run != :run"""

# The entry says something else than before. The outcome goes, so that the visit's is `updated` or `unchanged` even in
# the run that had created it. What a feed says of a URL for the first time is only learned.
CHANGED_ENTRY = """
UPDATE ledger_urls SET state = 'pending', entered_run = :run, due_at = max(:now, settled_at + :revisit_s),
  reason = 'entry_changed', outcome = NULL, revisits = revisits + 1, entry = :entry
WHERE url = :url AND state = 'settled' AND revisits < :max_revisits
  AND (outcome IN ('created', 'updated', 'unchanged') OR (outcome = 'dead_lettered' AND reason != 'crashed'))"""
NEWER_ENTRY = """
UPDATE ledger_urls SET fingerprint = :said,
  entry = CASE WHEN state != 'pending' THEN entry WHEN :is_news THEN :entry ELSE coalesce(entry, :entry) END
WHERE url = :url"""

# Somebody else wants a page that an archive run took and did not finish: it may never be run again.
LET_GO = """
UPDATE ledger_urls SET due_at = 0, reason = NULL
WHERE url = :url AND state = 'pending' AND due_at = :held_until AND entered_run != :run"""


def configure(
    db: sqlite3.Connection,
    sources: Sequence[tuple[FeedSource, str]],
    rules: Mapping[str, SiteRule],
    *,
    default_delay_s: float,
) -> None:
    """Make the listed (feed, site) pairs known and set every site's rule; what is not listed keeps its history."""
    db.execute("UPDATE ledger_feeds SET listed = 0 WHERE listed")
    db.execute("INSERT OR REPLACE INTO ledger_meta VALUES('default_delay_s', ?)", (str(default_delay_s),))
    db.execute(
        "UPDATE ledger_sites SET paused = 0, delay_s = :delay WHERE paused OR delay_s != :delay",
        {"delay": default_delay_s},
    )
    for site, rule in rules.items():
        _insert_site(db, site, default_delay_s)
        db.execute(
            "UPDATE ledger_sites SET paused = ?, delay_s = coalesce(?, delay_s) WHERE site = ?",
            (rule.paused, rule.delay_s, site),
        )
    for source, site in sources:
        _insert_site(db, site, default_delay_s)
        db.execute(LIST_FEED, {"feed": source.id, "source": dump_source(source), "site": site, "url": source.url})


def _default_delay_s(db: sqlite3.Connection) -> float:
    row = db.execute("SELECT value FROM ledger_meta WHERE key = 'default_delay_s'").fetchone()
    return float(row[0]) if row else 1.0


def _insert_site(db: sqlite3.Connection, site: str, delay_s: float) -> None:
    db.execute("INSERT OR IGNORE INTO ledger_sites(site, delay_s) VALUES(?, ?)", (site, delay_s))


def insert_urls(
    db: sqlite3.Connection, run_id: str, urls: Iterable[NewUrl], now: float, *, again: bool = False, held: bool = False
) -> tuple[int, int]:
    """Insert pending rows; return (new, already known). `again`: settled ones too; `held`: no visit takes them."""
    delay_s, due_at = _default_delay_s(db), HELD_UNTIL if held else 0.0
    new = known = 0
    is_suppressed = suppressed_urls(db)
    for url in urls:
        if is_suppressed(url.url):
            url = under_its_hash(url)  # from here on nobody sees the URL itself
        _insert_site(db, url.site, delay_s)
        cells = {
            "url": url.url,
            "site": url.site,
            "hops": url.hops,
            "run": run_id,
            "now": now,
            "due_at": due_at,
            "reason": "archive" if held else None,
            "entry": dump_entry(url.entry),
            "filtered": url.filtered,
            "said": None if url.fingerprint is None else heard(None, url.feed, url.fingerprint)[0],
            "revisit_s": REVISIT_S,
            "max_revisits": MAX_REVISITS,
        }
        added = db.execute(ENTER_URL, cells).rowcount
        new, known = new + added, known + 1 - added
        if url.filtered == SUPPRESSED:
            if again or held:
                db.execute(COUNT_AGAIN, cells)
            continue
        if url.feed is not None:
            db.execute("INSERT OR IGNORE INTO ledger_origins VALUES(?, ?)", (url.url, url.feed))
        if added and url.filtered:
            db.execute(FILTER_URL, cells)
        elif again and not added:
            db.execute(ENTER_AGAIN, cells)
        elif held and not added:
            db.execute("UPDATE ledger_urls SET due_at = :due_at WHERE url = :url AND state = 'pending'", cells)
        elif not added:
            db.execute(LET_GO, {**cells, "held_until": HELD_UNTIL})
        if not added and url.fingerprint is not None:
            _hear(db, url, cells)
    return new, known


def _hear(db: sqlite3.Connection, url: NewUrl, cells: dict[str, Any]) -> None:
    """Take what a feed says now of a URL that is known; what it said before is left alone."""
    assert url.fingerprint is not None
    (known,) = db.execute("SELECT fingerprint FROM ledger_urls WHERE url = ?", (url.url,)).fetchone()
    said, is_news = heard(known, url.feed, url.fingerprint)
    if said != known:
        if is_news:
            db.execute(CHANGED_ENTRY, cells)
        db.execute(NEWER_ENTRY, {**cells, "said": said, "is_news": is_news})


def record_poll(db: sqlite3.Connection, run_id: str, poll: FeedPoll, edition: list[str], at: float) -> None:
    """Write validators behind the entries (5); an older poll never overwrites a newer one, nor one of an edited URL."""
    if poll.configured is not None:
        row = db.execute(
            "SELECT json_extract(source, '$.url') FROM ledger_feeds WHERE feed = ?", (poll.feed,)
        ).fetchone()
        if row is not None and row[0] != poll.configured:
            return
    is_suppressed = suppressed_urls(db)
    cells = {
        "feed": poll.feed,
        "at": at,
        "due_at": poll.next_poll_at.timestamp(),
        "status": poll.status_code,
        "error": poll.error,
        "message": poll.message,
        "etag": poll.etag,
        "last_modified": poll.last_modified,
        "validators_url": poll.final_url,
        "body_sha256": poll.body_sha256,
        "edition": orjson.dumps([url for url in edition if not is_suppressed(url)]).decode(),
        "memory": poll.memory,
        "blame": not poll.blameless,
    }
    if poll.move_to is not None:
        url, site = poll.move_to
        _insert_site(db, site, _default_delay_s(db))
        db.execute(
            "UPDATE ledger_feeds SET poll_url = ?, site = ?, hops = hops + 1, due_at = 0, memory = coalesce(?, memory)"
            " WHERE feed = ?",
            (url, site, poll.memory, poll.feed),
        )
        return
    if poll.put_off:
        db.execute(
            "UPDATE ledger_feeds SET due_at = :due_at, status_code = :status, failures = failures + :blame,"
            " error = :error, message = :message, memory = coalesce(:memory, memory) WHERE feed = :feed",
            cells,
        )
        return
    # The next poll asks the configured URL again: no redirect is believed for good yet.
    home = (
        "poll_url = json_extract(source, '$.url'), site = home_site, hops = 0, poll_run = NULL, due_at = :due_at,"
        " status_code = :status, polls = polls + 1, polled_at = :at, memory = coalesce(:memory, memory)"
    )
    if poll.error is not None:
        result = "failed"
        change = f"UPDATE ledger_feeds SET {home}, failures = failures + :blame, error = :error, message = :message"
    elif poll.status_code == 304:
        result = "not_modified"
        change = (
            f"UPDATE ledger_feeds SET {home}, failures = 0, error = NULL, message = NULL, succeeded_at = :at,"
            " not_modified = not_modified + 1, etag = :etag, last_modified = :last_modified"
        )
    else:
        result = "read"
        change = (
            f"UPDATE ledger_feeds SET {home}, failures = 0, error = NULL, message = NULL, succeeded_at = :at,"
            " etag = :etag,"
            " last_modified = :last_modified, validators_url = :validators_url, body_sha256 = :body_sha256,"
            " edition = :edition"
        )
    if not db.execute(f"{change} WHERE feed = :feed AND polled_at < :at", cells).rowcount:
        # What was learned is old news, or the clock was set back. It was a poll all the same: without its end a run
        # would poll again at once until the clock has caught up.
        db.execute(
            "UPDATE ledger_feeds SET due_at = max(due_at, :due_at), poll_run = NULL WHERE feed = :feed"
            " AND polled_at >= :at",
            cells,
        )
    db.execute(
        "INSERT INTO ledger_polls VALUES(?, ?, 1) ON CONFLICT(run, result) DO UPDATE SET count = count + 1",
        (run_id, result),
    )
