"""What articles show of their sites, and the profiles that were made of it, in the ledger's file.

`ledger_observed` has one row per stored URL, written in the transaction that settles it: settled twice, it counts once.
A row of `ledger_profiles` never changes. `ledger_learned` has the texts, for people.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from transforms.elements import Learned, SiteProfile
from transforms.state.base import Observation, Settlement
from transforms.state.observations import (
    KEPT_ARTICLES,
    KEPT_VERSIONS,
    dump_keys,
    dump_learned,
    dump_observed,
    load_keys,
    load_learned,
    load_observed,
)
from transforms.state.rows import instant

TABLES = (
    "CREATE TABLE IF NOT EXISTS ledger_observed(url TEXT PRIMARY KEY, site TEXT NOT NULL, document_id TEXT NOT NULL,"
    " version INTEGER NOT NULL, at REAL NOT NULL, counted INTEGER NOT NULL DEFAULT 0,"
    " seen BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS ledger_observed_site ON ledger_observed(site, at)",
    "CREATE INDEX IF NOT EXISTS ledger_observed_new ON ledger_observed(site) WHERE NOT counted",
    "CREATE TABLE IF NOT EXISTS ledger_profiles(site TEXT, version INTEGER, made_at REAL NOT NULL,"
    " lines BLOB NOT NULL, PRIMARY KEY (site, version)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS ledger_learned(site TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)
# Guarded as the settlement itself is: an older fetch that comes late says nothing (7).
NOTE = """
INSERT INTO ledger_observed(url, site, document_id, version, at, seen)
SELECT :url, site, :document_id, :version, :now, :seen FROM ledger_urls WHERE url = :url AND version <= :version
ON CONFLICT(url) DO UPDATE SET document_id = excluded.document_id, version = excluded.version, at = excluded.at,
  seen = excluded.seen, counted = counted AND seen = excluded.seen
WHERE version <= excluded.version"""
LATEST = "SELECT url, document_id, at, seen FROM ledger_observed WHERE site = ? ORDER BY at DESC, url LIMIT ?"
# Newer than the window that was counted: beyond it nothing is looked at again.
DROP_OLD = """
DELETE FROM ledger_observed WHERE site = :site AND url NOT IN
  (SELECT url FROM ledger_observed WHERE site = :site ORDER BY at DESC, url LIMIT :kept)"""


def note(db: sqlite3.Connection, done: Settlement, now: float) -> None:
    """Note what a stored article shows, in the transaction that settles it."""
    if done.observed is None or done.outcome != "stored" or done.document_id is None:
        return
    db.execute(
        NOTE,
        {
            "url": done.url,
            "document_id": done.document_id,
            "version": done.version,
            "now": now,
            "seen": dump_observed(done.observed),
        },
    )


def sites_to_learn(db: sqlite3.Connection, limit: int) -> tuple[str, ...]:
    """Return sites of which something is not counted yet; the one that waits longest first."""
    sql = "SELECT site FROM ledger_observed WHERE NOT counted GROUP BY site ORDER BY min(at), site LIMIT ?"
    rows = db.execute(sql, (limit,))
    return tuple(site for (site,) in rows)


def observations(db: sqlite3.Connection, site: str) -> tuple[Observation, ...]:
    """Return what a site's latest articles show, from the oldest to the newest."""
    rows = db.execute(LATEST, (site, KEPT_ARTICLES)).fetchall()
    return tuple(Observation(url, document_id, at, load_observed(seen)) for url, document_id, at, seen in rows[::-1])


def profile(db: sqlite3.Connection, site: str, before: datetime) -> SiteProfile | None:
    """Return the newest version that was made before an instant."""
    row = db.execute(
        "SELECT version, lines FROM ledger_profiles WHERE site = ? AND made_at < ? ORDER BY version DESC LIMIT 1",
        (site, before.timestamp()),
    ).fetchone()
    return None if row is None else SiteProfile(site=site, version=row[0], lines=load_keys(row[1]))


def learned(db: sqlite3.Connection, site: str) -> Learned | None:
    """Return what is known of a site, None where nothing was counted."""
    row = db.execute("SELECT value FROM ledger_learned WHERE site = ?", (site,)).fetchone()
    return None if row is None else load_learned(row[0])


def newest(db: sqlite3.Connection, site: str) -> SiteProfile | None:
    """Return the newest version of a site's profile."""
    row = db.execute(
        "SELECT version, lines FROM ledger_profiles WHERE site = ? ORDER BY version DESC LIMIT 1", (site,)
    ).fetchone()
    return None if row is None else SiteProfile(site=site, version=row[0], lines=load_keys(row[1]))


def learn(db: sqlite3.Connection, found: Learned, counted: Sequence[Observation], now: float) -> bool:
    """Write what was counted, in an open transaction; False when somebody else made that version meanwhile."""
    made = newest(db, found.site)
    version = 0 if made is None else made.version
    if found.version not in (version, version + 1):
        return False
    if found.version > version:
        keys = dump_keys([line.key for line in found.lines])
        db.execute("INSERT INTO ledger_profiles VALUES(?, ?, ?, ?)", (found.site, found.version, now, keys))
        oldest = found.version - KEPT_VERSIONS
        db.execute("DELETE FROM ledger_profiles WHERE site = ? AND version <= ?", (found.site, oldest))
    row = db.execute("SELECT max(made_at) FROM ledger_profiles WHERE site = ?", (found.site,)).fetchone()
    value = dump_learned(replace(found, made_at=instant(row[0])))
    db.execute("INSERT OR REPLACE INTO ledger_learned VALUES(?, ?)", (found.site, value))
    db.executemany(
        "UPDATE ledger_observed SET counted = 1 WHERE url = ? AND at = ?", [(each.name, each.at) for each in counted]
    )
    db.execute(DROP_OLD, {"site": found.site, "kept": KEPT_ARTICLES})
    return True


def forget(db: sqlite3.Connection, urls: Sequence[str]) -> None:
    """Forget what articles show, and the texts of their sites until they are counted again without them."""
    for url in urls:
        row = db.execute("SELECT site FROM ledger_observed WHERE url = ?", (url,)).fetchone()
        if row is not None:
            db.execute("DELETE FROM ledger_observed WHERE url = ?", (url,))
            db.execute("DELETE FROM ledger_learned WHERE site = ?", row)
            db.execute("UPDATE ledger_observed SET counted = 0 WHERE site = ?", row)
