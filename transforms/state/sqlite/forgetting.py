"""What is forgotten for good: a row keeps the hash of its URL and says so, everything else of it goes.

The row is the memory: it is settled, no rule wakes it, and whatever is inserted under that URL meets it.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson

from transforms.elements import FORGOTTEN_VERSION
from transforms.state.base import SUPPRESSED, NewUrl, suppressed_name
from transforms.state.sqlite import learned

_ANY = f"SELECT 1 FROM ledger_urls WHERE url >= '{SUPPRESSED}:' AND url < '{SUPPRESSED};' LIMIT 1"
_IDS_PER_QUERY = 500  # SQLite takes at least 999 parameters

FORGET_URL = """
INSERT INTO ledger_urls(url, site, state, entered_run, settled_run, settled_at, outcome, reason, version, first_seen)
VALUES(:name, :site, 'settled', coalesce((SELECT entered_run FROM ledger_urls WHERE url = :url), :run), :run, :now,
  'filtered', :reason, :version, :now) ON CONFLICT(url) DO NOTHING"""
# A run that lists it again (`again`, an archive) finds it among its outcomes: filtered(suppressed).
COUNT_AGAIN = "UPDATE ledger_urls SET entered_run = :run, settled_run = :run, settled_at = :now WHERE url = :url"


def suppressed_urls(db: sqlite3.Connection) -> Callable[[str], bool]:
    """Return a function that says whether a URL was forgotten. Without any it costs one look in all."""
    if db.execute(_ANY).fetchone() is None:
        return lambda _: False
    return lambda url: _is_known(db, suppressed_name(url))


def under_its_hash(url: NewUrl) -> NewUrl:
    """Return a forgotten URL as it may be written: without itself and without what its feed says of it."""
    return replace(url, url=suppressed_name(url.url), entry=None, filtered=SUPPRESSED, fingerprint=None)


def urls_of(db: sqlite3.Connection, document_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the URLs that are known to lead to documents."""
    found: set[str] = set()
    for at in range(0, len(document_ids), _IDS_PER_QUERY):
        ids = document_ids[at : at + _IDS_PER_QUERY]
        marks = ", ".join("?" * len(ids))
        found.update(url for (url,) in db.execute(f"SELECT url FROM ledger_documents WHERE id IN ({marks})", ids))
        found.update(url for (url,) in db.execute(f"SELECT url FROM ledger_urls WHERE document_id IN ({marks})", ids))
    return tuple(sorted(url for url in found if not url.startswith(SUPPRESSED)))


def suppress(
    db: sqlite3.Connection, run_id: str, urls: Sequence[tuple[str, str]], document_ids: Sequence[str], now: float
) -> int:
    """Forget URLs and document ids in an open transaction; return how many were not forgotten before."""
    fresh = 0
    for url, site in urls:
        name = suppressed_name(url)
        cells = {"url": url, "name": name, "site": site, "run": run_id, "now": now}
        fresh += db.execute(FORGET_URL, {**cells, "reason": SUPPRESSED, "version": FORGOTTEN_VERSION}).rowcount
        db.execute("DELETE FROM ledger_urls WHERE url = ?", (url,))
        db.execute("DELETE FROM ledger_origins WHERE url = ?", (url,))
    for document_id in document_ids:
        known = db.execute("SELECT url FROM ledger_documents WHERE id = ?", (document_id,)).fetchone()
        fresh += known != (SUPPRESSED,)
        db.execute("INSERT OR REPLACE INTO ledger_documents VALUES(?, ?, '')", (document_id, SUPPRESSED))
    _leave_editions(db, {url for url, _ in urls})
    learned.forget(db, [url for url, _ in urls])
    return fresh


def _leave_editions(db: sqlite3.Connection, urls: set[str]) -> None:
    """Take URLs out of the stored editions of feeds, which hold their entries' URLs."""
    listed = db.execute(
        "SELECT DISTINCT f.feed, f.edition FROM ledger_feeds f, json_each(f.edition) e"
        " WHERE e.value IN (SELECT value FROM json_each(?))",
        (orjson.dumps(sorted(urls)).decode(),),
    ).fetchall()
    for feed, edition in listed:
        left = [url for url in orjson.loads(edition) if url not in urls]
        db.execute("UPDATE ledger_feeds SET edition = ? WHERE feed = ?", (orjson.dumps(left).decode(), feed))


def _is_known(db: sqlite3.Connection, url: str) -> bool:
    return db.execute("SELECT 1 FROM ledger_urls WHERE url = ?", (url,)).fetchone() is not None
