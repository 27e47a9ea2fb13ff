"""The ledger's tables in SQLite, their version, and how a connection is opened."""

import sqlite3
from pathlib import Path

from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from transforms.errors import SchemaVersionError, StoreError, WrongStoreError
from transforms.state.sqlite import learned
from transforms.state.sqlite.erasing import note_clean

LEDGER_VERSION = 4
BUSY_TIMEOUT_S = 30.0  # a process stopped inside a transaction makes the others wait; 3 s was too short (measured)

TABLES = """
CREATE TABLE IF NOT EXISTS ledger_sites(
  site TEXT PRIMARY KEY, delay_s REAL NOT NULL, crawl_delay_s REAL NOT NULL DEFAULT 0,
  pause_s REAL GENERATED ALWAYS AS (max(delay_s, crawl_delay_s)) VIRTUAL,
  paused INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, epoch INTEGER NOT NULL DEFAULT 0,
  owner TEXT, run TEXT, lease_until REAL NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_feeds(
  feed TEXT PRIMARY KEY, source BLOB NOT NULL, listed INTEGER NOT NULL, home_site TEXT NOT NULL, site TEXT NOT NULL,
  poll_url TEXT NOT NULL,
  hops INTEGER NOT NULL DEFAULT 0, poll_run TEXT, due_at REAL NOT NULL DEFAULT 0, etag TEXT, last_modified TEXT,
  validators_url TEXT, body_sha256 TEXT, edition BLOB, polled_at REAL NOT NULL DEFAULT 0, succeeded_at REAL,
  polls INTEGER NOT NULL DEFAULT 0, not_modified INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  status_code INTEGER, error TEXT, message TEXT, memory TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_urls(
  url TEXT PRIMARY KEY, site TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'settled')),
  due_at REAL NOT NULL DEFAULT 0, blamed INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  hops INTEGER NOT NULL DEFAULT 0, entered_run TEXT NOT NULL, settled_run TEXT, settled_at REAL, outcome TEXT,
  reason TEXT, version INTEGER NOT NULL DEFAULT 0, document_id TEXT, raw_sha256 TEXT,
  revision INTEGER NOT NULL DEFAULT 0,
  figures INTEGER NOT NULL DEFAULT 0, quotes INTEGER NOT NULL DEFAULT 0, first_seen REAL NOT NULL, entry BLOB,
  fingerprint TEXT, revisits INTEGER NOT NULL DEFAULT 0, validators TEXT,
  CHECK (state = 'pending' OR (settled_run IS NOT NULL AND outcome IS NOT NULL))) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_origins(url TEXT, feed TEXT, PRIMARY KEY (url, feed)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_documents(
  id TEXT PRIMARY KEY, url TEXT NOT NULL, raw_sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_robots(
  origin TEXT PRIMARY KEY, body BLOB, status INTEGER, fetched_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_runs(
  run TEXT PRIMARY KEY, command TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL, stop INTEGER NOT NULL DEFAULT 0,
  every_feed INTEGER NOT NULL DEFAULT 0, max_pages INTEGER, pages INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0, summary BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_polls(
  run TEXT, result TEXT, count INTEGER NOT NULL, PRIMARY KEY (run, result)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_buried(owner TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_pauses(
  site TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ledger_sites_next ON ledger_sites(next_at);
CREATE INDEX IF NOT EXISTS ledger_sites_owner ON ledger_sites(owner) WHERE owner IS NOT NULL;
CREATE INDEX IF NOT EXISTS ledger_urls_due ON ledger_urls(site, due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS ledger_urls_settled ON ledger_urls(settled_run, outcome);
CREATE INDEX IF NOT EXISTS ledger_urls_entered ON ledger_urls(entered_run);
CREATE INDEX IF NOT EXISTS ledger_feeds_site ON ledger_feeds(site, due_at);
CREATE INDEX IF NOT EXISTS ledger_feeds_due ON ledger_feeds(due_at) WHERE listed;
""" + "".join(f"{statement};\n" for statement in learned.TABLES)

# One step per version, from the one before it.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "ALTER TABLE ledger_feeds ADD COLUMN memory TEXT",
        "ALTER TABLE ledger_urls ADD COLUMN fingerprint TEXT",
        "ALTER TABLE ledger_urls ADD COLUMN revisits INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX ledger_feeds_due ON ledger_feeds(due_at) WHERE listed",
        "CREATE TABLE IF NOT EXISTS ledger_pauses(site TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL,"
        " why TEXT NOT NULL) WITHOUT ROWID",
    ),
    ("ALTER TABLE ledger_urls ADD COLUMN validators TEXT",),
    learned.TABLES,
)


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode: transactions are always written out as BEGIN IMMEDIATE ... COMMIT.

    Raises `WrongStoreError` for a file in a folder that is not there, `StoreError` when it cannot be opened.
    """
    if not path.parent.is_dir():
        raise WrongStoreError(f"{path}: the folder {path.parent} does not exist; make it, or correct --state")
    try:
        db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten: `forget` promises it
    except sqlite3.Error as err:
        raise StoreError(f"cannot open the ledger {path}: {err}; choose another file with --state") from err
    return db


def create(db: sqlite3.Connection, path: Path) -> None:
    """Make missing tables and bring an older ledger's to this version, in one transaction.

    Raises `SchemaVersionError` for a newer version's ledger, `StoreError` for no database.
    """
    try:
        if _version(db, path) is None:  # read before anything is written: it may be another program's file
            is_new = db.execute("PRAGMA page_count").fetchone()[0] == 0
            _use_wal(db)
            db.executescript(TABLES)
            if is_new:
                note_clean(db)
            db.execute("INSERT OR IGNORE INTO ledger_meta VALUES('version', ?)", (str(LEDGER_VERSION),))
        if _version(db, path) != LEDGER_VERSION:
            _migrate(db, path)
    except sqlite3.Error as err:
        raise StoreError(f"cannot use {path} as the ledger: {err}; choose another file with --state") from err


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        found = _version(db, path) or LEDGER_VERSION  # another process may have been first
        for step in STEPS[found - 1 :]:
            for statement in step:
                db.execute(statement)
        db.execute("UPDATE ledger_meta SET value = ? WHERE key = 'version'", (str(LEDGER_VERSION),))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection, path: Path) -> int | None:
    """Return the version of the tables that are there, None for a file without a finished ledger."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_meta'").fetchone() is None:
        return None
    row = db.execute("SELECT value FROM ledger_meta WHERE key = 'version'").fetchone()
    if row is not None and int(row[0]) > LEDGER_VERSION:
        raise SchemaVersionError(
            f"the ledger in {path} has schema version {row[0]}, this newsbeam knows {LEDGER_VERSION}: it was written "
            "by a newer newsbeam; install that version, or choose another file with --state"
        )
    return int(row[0]) if row is not None else None


def _is_busy(err: BaseException) -> bool:
    return isinstance(err, sqlite3.OperationalError) and err.sqlite_errorname.startswith("SQLITE_BUSY")


@retry(
    retry=retry_if_exception(_is_busy),
    stop=stop_after_delay(BUSY_TIMEOUT_S),
    wait=wait_random(0.01, 0.05),
    reraise=True,
)
def _use_wal(db: sqlite3.Connection) -> None:
    """Switch to WAL; this one statement answers "busy" at once, whatever the timeout is."""
    db.execute("PRAGMA journal_mode=WAL")
