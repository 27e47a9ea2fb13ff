"""The SQLite ledger's rows for another ledger, and another ledger's rows into this one."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from transforms.elements import forgotten_key
from transforms.state.base import SUPPRESSED
from transforms.state.exchange import ROW_KEYS, gives_way
from transforms.state.rows import Cells, RowKind, RowsTaken
from transforms.state.sqlite.forgetting import suppress, suppressed_urls

# Columns of each table that another ledger is given: the rest is about who works at the moment, or is counted again.
_COLUMNS: dict[RowKind, str] = {
    "documents": "id, url, raw_sha256",
    "urls": "url, site, state, due_at, blamed, attempts, hops, entered_run, settled_run, settled_at, outcome,"
    " reason, version, document_id, raw_sha256, revision, figures, quotes, first_seen, entry, fingerprint, revisits,"
    " validators",
    "robots": "origin, body, status, fetched_at",
    "sites": "site, crawl_delay_s, next_at",
    "runs": "run, command, started_at, ended_at, stop, every_feed, max_pages, pages, summary",
    "feeds": "feed, source, listed, home_site, site, poll_url, hops, due_at, etag, last_modified, validators_url,"
    " body_sha256, edition, polled_at, succeeded_at, polls, not_modified, failures, status_code, error, message,"
    " memory",
}
_FLAGS = ("listed", "stop", "every_feed")
_PAUSES = {"pauses": 0, "pause_until": None, "pause_why": None}


def rows_of(db: sqlite3.Connection, kind: RowKind) -> Iterator[Cells]:
    """Yield every row of a kind, by key."""
    key = ROW_KEYS[kind]
    for cells in db.execute(f"SELECT {_COLUMNS[kind]} FROM ledger_{kind} ORDER BY {key}"):
        yield _row(db, kind, cells)


def take_rows(db: sqlite3.Connection, kind: RowKind, rows: Sequence[Cells], *, now: float) -> RowsTaken:
    """Write rows of another ledger in an open transaction, but what is newer or was forgotten here."""
    written = held = 0
    forgotten: set[str] = set()
    is_suppressed = suppressed_urls(db)
    for row in rows:
        if kind == "urls" and is_suppressed(row["url"]):
            held += 1
            continue
        if kind == "feeds":
            row = {**row, "edition": [url for url in row["edition"] if not is_suppressed(url)]}
        if not gives_way(kind, _known(db, kind, row), row):
            continue
        _write(db, kind, row)
        written += 1
        if kind == "urls" and row["url"].startswith(f"{SUPPRESSED}:"):
            forgotten.add(row["url"])
    if forgotten:
        _forget_here(db, forgotten, now)
    return RowsTaken(written, len(rows) - written - held, held)


def _row(db: sqlite3.Connection, kind: RowKind, cells: tuple[Any, ...]) -> Cells:
    row: Cells = dict(zip(_COLUMNS[kind].split(", "), cells, strict=True))
    row |= {name: bool(row[name]) for name in _FLAGS if name in row}
    if kind == "urls":
        feeds = db.execute("SELECT feed FROM ledger_origins WHERE url = ? ORDER BY feed", (row["url"],))
        row["feeds"] = [feed for (feed,) in feeds]
    elif kind == "sites":
        pause = db.execute("SELECT count, until, why FROM ledger_pauses WHERE site = ?", (row["site"],)).fetchone()
        row |= _PAUSES if pause is None else dict(zip(_PAUSES, pause, strict=True))
    elif kind == "feeds":
        row["edition"] = orjson.loads(row["edition"] or b"[]")
    return row


def _known(db: sqlite3.Connection, kind: RowKind, row: Mapping[str, Any]) -> Cells | None:
    key = ROW_KEYS[kind]
    cells = db.execute(f"SELECT {_COLUMNS[kind]} FROM ledger_{kind} WHERE {key} = ?", (row[key],)).fetchone()
    return None if cells is None else _row(db, kind, cells)


def _write(db: sqlite3.Connection, kind: RowKind, row: Cells) -> None:
    if kind == "sites":
        _write_site(db, row)
        return
    if kind == "feeds":
        row = {**row, "edition": orjson.dumps(row["edition"]).decode()}
    names = _COLUMNS[kind].split(", ")
    key, changes = ROW_KEYS[kind], ", ".join(f"{name} = excluded.{name}" for name in names)
    db.execute(
        f"INSERT INTO ledger_{kind}({', '.join(names)}) VALUES({', '.join('?' * len(names))})"
        f" ON CONFLICT({key}) DO UPDATE SET {changes}",
        [row[name] for name in names],
    )
    if kind == "urls":
        origins = [(row["url"], feed) for feed in row["feeds"]]
        db.executemany("INSERT OR IGNORE INTO ledger_origins VALUES(?, ?)", origins)
    for name in ("site", "home_site"):  # looks begin at the sites; what is configured of one the next run writes
        if name in row:
            db.execute("INSERT OR IGNORE INTO ledger_sites(site, delay_s) VALUES(?, 1.0)", (row[name],))


def _write_site(db: sqlite3.Connection, row: Cells) -> None:
    db.execute(
        "INSERT INTO ledger_sites(site, delay_s, crawl_delay_s, next_at) VALUES(:site, 1.0, :crawl_delay_s, :next_at)"
        " ON CONFLICT(site) DO UPDATE SET crawl_delay_s = excluded.crawl_delay_s, next_at = excluded.next_at",
        row,
    )
    if row["pauses"]:
        db.execute("INSERT OR REPLACE INTO ledger_pauses VALUES(:site, :pauses, :pause_until, :pause_why)", row)


def _forget_here(db: sqlite3.Connection, names: set[str], now: float) -> None:
    """Forget the URLs that hashes stand for, where they are known: a row holds one of the two only."""
    db.create_function("forgotten_key", 1, forgotten_key, deterministic=True)
    hashes = orjson.dumps([name.removeprefix(f"{SUPPRESSED}:") for name in names]).decode()
    sql = "SELECT url, site FROM ledger_urls WHERE forgotten_key(url) IN (SELECT value FROM json_each(?))"
    suppress(db, "", db.execute(sql, (hashes,)).fetchall(), (), now)  # no row is made: the hashes have theirs
