"""What the ledger can tell: where a run stands, its books, the health of feeds. Reads only."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from transforms.elements import FeedSource
from transforms.state.base import ENDED_WITH_DOCUMENT, Books, Progress, SitePause, suppressed_name
from transforms.state.rows import how_it_ended, instant, load_source

# Sets of URLs by run; both sides are compared with EXCEPT, in both directions, and for doubles.
BOOKS = """
WITH came AS (SELECT url FROM ledger_urls WHERE entered_run = :run),
  carried AS (SELECT url FROM ledger_urls WHERE entered_run != :run AND (state = 'pending' OR settled_run = :run)),
  ended AS (SELECT url FROM ledger_urls WHERE settled_run = :run AND state = 'settled'),
  deferred AS (SELECT url FROM ledger_urls WHERE state = 'pending'),
  elsewhere AS (SELECT url FROM ledger_urls WHERE entered_run = :run AND state = 'settled' AND settled_run != :run),
  wanted AS (SELECT * FROM came UNION SELECT * FROM carried),
  answered AS (SELECT * FROM ended UNION ALL SELECT * FROM deferred UNION ALL SELECT * FROM elsewhere)
SELECT (SELECT count(*) FROM came), (SELECT count(*) FROM carried), (SELECT count(*) FROM ended),
  (SELECT count(*) FROM deferred), (SELECT count(*) FROM elsewhere),
  (SELECT count(*) FROM (SELECT * FROM wanted EXCEPT SELECT * FROM answered)),
  (SELECT count(*) FROM (SELECT * FROM answered EXCEPT SELECT * FROM wanted)),
  (SELECT count(*) - count(DISTINCT url) FROM answered)"""

# When a site's next work could start. Sites leased by another run are that run's business.
WORK_AT = """
SELECT min(max(s.next_at, d.due_at)) FROM ledger_sites s JOIN (
  SELECT site, min(due_at) AS due_at FROM ledger_urls WHERE state = 'pending' AND :pages GROUP BY site
  UNION ALL SELECT site, min(due_at) FROM ledger_feeds WHERE poll_run = :run OR (listed AND :every_feed) GROUP BY site
) d ON d.site = s.site WHERE NOT s.paused AND s.owner IS NULL"""


def work_at(db: sqlite3.Connection, run: dict[str, Any], now: float) -> float | None:
    """Return when the run's next work can start: `now` while it holds a site, None when nothing is left to do."""
    if run["stop"]:
        return None
    if db.execute("SELECT 1 FROM ledger_sites WHERE owner IS NOT NULL AND run = ? LIMIT 1", (run["run"],)).fetchone():
        return now
    row = db.execute(WORK_AT, run).fetchone()
    return None if row[0] is None else float(row[0])


def progress(db: sqlite3.Connection, run_id: str) -> Progress:
    """Return where a run stands."""
    outcomes = db.execute(
        "SELECT outcome, count(*) FROM ledger_urls WHERE settled_run = ? AND outcome IS NOT NULL GROUP BY outcome",
        (run_id,),  # a URL that is wanted again has no outcome for now
    )
    requests = db.execute("SELECT requests FROM ledger_runs WHERE run = ?", (run_id,)).fetchone()
    polls = db.execute("SELECT coalesce(sum(count), 0) FROM ledger_polls WHERE run = ?", (run_id,)).fetchone()
    return Progress(
        outcomes=tuple(outcomes.fetchall()),
        pending=db.execute("SELECT count(*) FROM ledger_urls WHERE state = 'pending'").fetchone()[0],
        polls=polls[0],
        requests=requests[0] if requests else 0,
        leased=db.execute(
            "SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL AND run = ?", (run_id,)
        ).fetchone()[0],
    )


def books(db: sqlite3.Connection, run_id: str) -> Books:
    """Return a run's balance: came + carried = ended + deferred (+ what a run beside it ended)."""
    came, carried, ended, deferred, elsewhere, missing, surplus, doubled = db.execute(BOOKS, {"run": run_id}).fetchone()
    unbalanced = [
        f"{count} {what}"
        for count, what in (
            (missing, "URLs came in and neither ended nor were deferred"),
            (surplus, "URLs ended without having come in"),
            (doubled, "URLs ended twice"),
            (_entries_without_row(db), "entries of stored feed editions have no row"),
        )
        if count
    ]
    outcomes = db.execute(
        "SELECT outcome, coalesce(reason, ''), count(*) FROM ledger_urls WHERE settled_run = ? AND state = 'settled'"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        (run_id,),
    )
    waiting = db.execute(
        "SELECT coalesce(u.reason, CASE WHEN s.paused THEN 'paused' ELSE 'not_reached' END), count(*), max(u.due_at)"
        " FROM ledger_urls u JOIN ledger_sites s USING (site) WHERE u.state = 'pending' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    polls = db.execute("SELECT result, count FROM ledger_polls WHERE run = ? ORDER BY result", (run_id,))
    return Books(
        run_id=run_id,
        came=came,
        carried=carried,
        ended=ended,
        deferred=deferred,
        handed_over=elsewhere,
        outcomes=tuple(outcomes.fetchall()),
        deferred_by=tuple((reason, count) for reason, count, _ in waiting),
        deferred_until=instant(max((due_at for _, _, due_at in waiting if due_at), default=None)),
        polls=tuple(polls.fetchall()),
        unbalanced=tuple(unbalanced),
    )


def _entries_without_row(db: sqlite3.Connection) -> int:
    row = db.execute(
        "SELECT count(*) FROM ledger_feeds f, json_each(f.edition) e LEFT JOIN ledger_urls u ON u.url = e.value"
        " WHERE u.url IS NULL"
    ).fetchone()
    return int(row[0])


def stored_by(db: sqlite3.Connection, run_id: str) -> Iterator[tuple[str, str, int]]:
    """Yield (url, document id, version) of what a run settled with a document."""
    marks = ", ".join("?" for _ in ENDED_WITH_DOCUMENT)
    yield from db.execute(
        f"SELECT url, document_id, version FROM ledger_urls WHERE settled_run = ? AND outcome IN ({marks})",
        (run_id, *ENDED_WITH_DOCUMENT),
    )


def lookup(db: sqlite3.Connection, url: str) -> dict[str, Any] | None:
    """Return a URL's row without its entry; instants are aware UTC."""
    columns = (
        "url site state due_at blamed attempts settled_run settled_at outcome reason version document_id revision"
        " first_seen"
    )
    sql = f"SELECT {columns.replace(' ', ', ')} FROM ledger_urls WHERE url IN (?, ?)"
    row = db.execute(sql, (url, suppressed_name(url))).fetchone()
    if row is None:
        return None
    cells: dict[str, Any] = dict(zip(columns.split(), row, strict=True))
    for key in ("due_at", "settled_at", "first_seen"):
        cells[key] = instant(cells[key])
    return cells


def source(db: sqlite3.Connection, feed: str) -> FeedSource | None:
    """Return a feed as it was last configured."""
    row = db.execute("SELECT source FROM ledger_feeds WHERE feed = ?", (feed,)).fetchone()
    return None if row is None else load_source(row[0])


def feeds(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every listed feed with its health: last and next poll, failures, the last error in words, validators.

    `memory` is the polling policy's text: `transforms.feeds.memory` reads it.
    """
    rows = db.execute(
        "SELECT feed, source, site, polled_at, succeeded_at, due_at, polls, not_modified, failures, status_code, error,"
        " message, coalesce(json_array_length(edition), 0), etag, last_modified, memory FROM ledger_feeds WHERE listed"
        " ORDER BY feed"
    )
    return [
        {
            "id": row[0],
            "url": load_source(row[1]).url,
            "site": row[2],
            "polled_at": instant(row[3] or None),
            "succeeded_at": instant(row[4]),
            "next_poll_at": instant(row[5] or None),
            "polls": row[6],
            "not_modified": row[7],
            "failures": row[8],
            "status_code": row[9],
            "error": row[10],
            "message": row[11],
            "entries": row[12],
            "etag": row[13],
            "last_modified": row[14],
            "memory": row[15],
        }
        for row in rows
    ]


def sites(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every site with work or a pause, those that wait longest last."""
    rows = db.execute(
        "SELECT s.site, s.paused, s.next_at, s.pause_s, coalesce(u.pending, 0), coalesce(f.feeds, 0),"
        " s.owner IS NOT NULL, p.count, p.until, p.why FROM ledger_sites s LEFT JOIN ledger_pauses p USING (site)"
        " LEFT JOIN (SELECT site, count(*) AS pending FROM ledger_urls WHERE state = 'pending' GROUP BY site) u"
        " USING (site) LEFT JOIN (SELECT site, count(*) AS feeds FROM ledger_feeds WHERE listed GROUP BY site) f"
        " USING (site) WHERE u.pending OR f.feeds OR s.paused OR p.count ORDER BY s.next_at, s.site"
    )
    return [
        {
            "site": row[0],
            "paused": bool(row[1]),
            "next_at": instant(row[2] or None),
            "pause_s": row[3],
            "pending": row[4],
            "feeds": row[5],
            "leased": bool(row[6]),
            "back_off_count": row[7] or 0,
            "back_off_until": instant(row[8]),
            "back_off_why": row[9],
        }
        for row in rows
    ]


def pause_of(db: sqlite3.Connection, site: str) -> SitePause | None:
    """Return a site's last counted pause."""
    row = db.execute("SELECT count, until, why FROM ledger_pauses WHERE site = ?", (site,)).fetchone()
    return None if row is None else SitePause(row[0], datetime.fromtimestamp(row[1], UTC), row[2])


def status(db: sqlite3.Connection, now: float, *, workers: int) -> dict[str, Any]:
    """Return the ledger's state in one look: the last run, what is due, what fails, how many workers hold sites."""
    last = db.execute(
        "SELECT run, command, started_at, ended_at, summary FROM ledger_runs ORDER BY run DESC LIMIT 1"
    ).fetchone()
    counts = dict(
        db.execute("SELECT outcome, count(*) FROM ledger_urls WHERE state = 'settled' GROUP BY outcome").fetchall()
    )
    failing = db.execute(
        "SELECT feed, failures, error FROM ledger_feeds WHERE listed AND failures ORDER BY failures DESC"
    )
    due, listed, next_poll = db.execute(
        "SELECT coalesce(sum(due_at <= ?), 0), count(*), min(due_at) FROM ledger_feeds WHERE listed", (now,)
    ).fetchone()
    pending, pending_due = db.execute(
        "SELECT count(*), coalesce(sum(due_at <= ?), 0) FROM ledger_urls WHERE state = 'pending'", (now,)
    ).fetchone()
    crashed = db.execute(
        "SELECT count(*) FROM ledger_urls WHERE outcome = 'dead_lettered' AND reason = 'crashed'"
    ).fetchone()
    return {
        "workers": workers,
        "last_run": None
        if last is None
        else {
            "id": last[0],
            "command": last[1],
            "started_at": instant(last[2]),
            "ended_at": instant(last[3]),
            **how_it_ended(last[4]),
        },
        "feeds": listed,
        "feeds_due": due,
        "next_poll_at": instant(next_poll or None),
        "failing": [{"id": feed, "failures": failures, "error": error} for feed, failures, error in failing],
        "pending": pending,
        "pending_due": pending_due,
        "outcomes": counts,
        "crashed": crashed[0],
    }
