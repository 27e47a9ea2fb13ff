"""The embedded document store: one SQLite file, for one machine and any number of processes."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import orjson

from transforms.errors import ConfigurationError, SchemaVersionError, WrongStoreError
from transforms.index.base import (
    SCHEMA_VERSION,
    AccessKey,
    Difference,
    Hit,
    Kind,
    Named,
    SearchRequest,
    SearchResult,
    Sharing,
    Step,
    Stored,
    Write,
    WriteResult,
)  # fmt: skip
from transforms.index.documents import instant
from transforms.index.facets import FacetField, Facets
from transforms.index.lookups import RowKind, check_row_query
from transforms.index.snippets import snippets
from transforms.index.sqlite import file, keeping, kept, schema
from transforms.index.sqlite.migrations import kept_files, migrate
from transforms.index.sqlite.query import count_facets, find_articles, find_rows, select_articles
from transforms.index.sqlite.row_names import fill_names, names_are_current
from transforms.index.sqlite.rows import put, refill_search
from transforms.index.sqlite.search_tables import are_current

logger = logging.getLogger(__name__)

_IDS_PER_QUERY = 500  # SQLite takes at least 999 parameters


class SqliteStore:
    """Documents in a file. Safe to share between threads; each process opens its own.

    Writers take turns (BEGIN IMMEDIATE, up to 30 s), readers never wait (WAL). A bulk is one transaction, on disk
    (synchronous=FULL) when `bulk` returns.
    """

    sharing: Sharing = "host"

    def __init__(self, path: Path) -> None:
        """Keep the path; the file is opened when it is first needed, and made only by `create`."""
        self.path = path
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None

    def create(self) -> tuple[str, ...]:
        """Make the file and its tables, or those that are missing; return what was made."""
        with self._lock, file.errors(self.path):
            self._close()
            db = file.connect(self.path, "rwc")
            try:
                with file.transaction(db):
                    made = self._create(db)
                file.use_wal(db)  # only now: what is not ours stays as it is
                self._fill_names(db)
            except BaseException:
                db.close()
                raise
            self._db = db
            return made

    def check(self) -> tuple[Difference, ...]:
        """Compare the tables of the file with those that this version makes."""
        with self._session() as db:
            return schema.differences(db)

    def migrate(self, *, dry_run: bool = False, tell: Callable[[Step], None] = lambda _: None) -> tuple[Step, ...]:
        """Do all of it in one transaction; where documents are rewritten, the file as it was is kept beside it."""
        with self._lock, file.errors(self.path):
            self._close()
            with closing(file.connect(self.path, "rw")) as db:
                self._known_version(db)
                return migrate(self.path, db, dry_run=dry_run, tell=tell)

    def old_generations(self) -> tuple[str, ...]:
        """Return the files that migrations have kept."""
        return tuple(map(str, kept_files(self.path)))

    def forget_in_old_generations(self, named: Sequence[Named]) -> tuple[str, ...]:
        """Delete in them what is named."""
        return kept.forget(kept_files(self.path), named)

    def drop_old_generations(self) -> tuple[str, ...]:
        """Delete them."""
        old = kept_files(self.path)
        for path in old:
            path.unlink(missing_ok=True)
        return tuple(map(str, old))

    def create_key(self, *_: object, **__: object) -> AccessKey:
        """Refuse: who may read a file is for the system to say."""
        raise ConfigurationError(f"{self.path} is a file and has no keys: its permissions say who may use it")

    def bulk(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write in one transaction and return one result per write, in order."""
        if not writes:
            return ()
        with self._session() as db, file.transaction(db):
            schema.add_missing(db)  # kinds that came after this file was made
            return tuple(put(db, write) for write in writes)

    def get(self, kind: Kind, id: str) -> Stored | None:
        """Return a document as last written."""
        with self._session() as db:
            if not schema.has(db, kind):
                return None
            row = db.execute(
                f"SELECT id, version, source FROM {schema.TABLES[kind]} WHERE id = ? AND source IS NOT NULL", (id,)
            ).fetchone()
        return _stored(row) if row else None

    def prune(self, kind: Kind, *, before: datetime) -> None:
        """Delete what is older."""
        with self._session() as db, file.transaction(db):
            schema.add_missing(db)
            db.execute(f"DELETE FROM {schema.TABLES[kind]} WHERE timestamp < ?", (instant(before),))

    def find_ids(self, text: str, *, limit: int = 10) -> tuple[str, ...]:
        """Return ids of articles that start with `text` (prefix `a1` optional) or that have it as a URL."""
        text = text.encode("utf-8", "replace").decode()  # an argument of the command line may hold stray bytes
        ids: set[str] = set()
        with self._session() as db:
            for column in ("url", "original_url", "requested_url"):
                sql = f"SELECT id FROM articles WHERE {column} = ? AND source IS NOT NULL ORDER BY id LIMIT ?"
                ids.update(row[0] for row in db.execute(sql, (text, limit)))
            for start in {text.lower(), f"a1{text.lower()}"} if text else ():
                sql = "SELECT id FROM articles WHERE id >= ? AND id < ? AND source IS NOT NULL ORDER BY id LIMIT ?"
                ids.update(row[0] for row in db.execute(sql, (start, start + "\U0010ffff", limit)))
        return tuple(sorted(ids)[:limit])

    def search(self, request: SearchRequest) -> SearchResult:
        """Search articles; scores are BM25 with the weights of the schema, 1 without words or when age is the order."""
        with self._session() as db, file.snapshot(db):
            total, found = find_articles(db, request)
        hits = []
        for key, score, source in found:
            document = orjson.loads(source)
            hits.append(Hit(id=key, score=score, source=document, snippets=snippets(document, request.query)))
        return SearchResult(total=total, hits=tuple(hits))

    def search_rows(self, kind: RowKind, request: SearchRequest) -> SearchResult:
        """Search fact rows."""
        check_row_query(kind, request)
        with self._session() as db, file.snapshot(db):
            total, found = find_rows(db, kind, request)
        return SearchResult(total=total, hits=tuple(Hit(id=key, score=1.0, source=row) for key, row in found))

    def facets(self, request: SearchRequest, fields: Sequence[FacetField], *, size: int = 10) -> Facets:
        """Count matching articles by the values of fields."""
        with self._session() as db, file.snapshot(db):
            return count_facets(db, request, fields, size=size)

    def scan(self, kind: Kind, request: SearchRequest | None = None, *, after: str | None = None) -> Iterator[Stored]:
        """Yield every document of a kind as of the first one, ordered by id, while others write."""
        table = schema.TABLES[kind]
        sql = f"SELECT id, version, source FROM {table} WHERE source IS NOT NULL ORDER BY id"
        parameters: tuple[object, ...] = ()
        if request is not None:
            select = select_articles(request)
            parameters = (*select.parameters, after or "")
            where = f"({select.where}) AND a.id > ?"
            if kind == "articles":
                sql = f"SELECT a.id, a.version, a.source FROM {select.tables} WHERE {where} ORDER BY a.id"
            else:
                sql = (
                    f"SELECT id, version, source FROM {table} WHERE source IS NOT NULL AND article_id IN "
                    f"(SELECT a.id FROM {select.tables} WHERE {where}) ORDER BY id"
                )
        with file.errors(self.path):
            # Its own connection: a snapshot, and no lock held while the caller works. Not read-only: a read-only one
            # that closes last leaves its -wal and -shm behind.
            db = self._open("rw")
            try:
                if not schema.has(db, kind):
                    return
                for row in db.execute(sql, parameters):
                    yield _stored(row)
            finally:
                db.close()

    def versions(self, ids: Sequence[str], *, kind: Kind = "articles") -> dict[str, int]:
        """Return the versions of those documents that exist."""
        found: dict[str, int] = {}
        with self._session() as db:
            if not schema.has(db, kind):
                return found
            for at in range(0, len(ids), _IDS_PER_QUERY):
                some = ids[at : at + _IDS_PER_QUERY]
                marks = ", ".join("?" * len(some))
                sql = f"SELECT id, version FROM {schema.TABLES[kind]} WHERE source IS NOT NULL AND id IN ({marks})"
                found.update(db.execute(sql, some).fetchall())
        return found

    def count(self, kind: Kind, *, before: datetime | None = None) -> int:
        """Count documents."""
        with self._session() as db:
            return keeping.count(db, kind, before) if schema.has(db, kind) else 0

    def expired(self, kind: Kind, *, before: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of the oldest."""
        with self._session() as db:
            return keeping.expired(db, kind, before, limit) if schema.has(db, kind) else ()

    def find(self, kind: Kind, field: str, values: Sequence[str]) -> Iterator[Stored]:
        """Yield the documents whose field has one of the values."""
        with self._session() as db:
            rows = list(keeping.find(db, kind, field, values)) if schema.has(db, kind) else []
        yield from map(_stored, rows)

    def discard(self, kind: Kind, ids: Sequence[str]) -> int:
        """Delete without a trace, in one transaction."""
        with self._session() as db, file.transaction(db):
            return keeping.discard(db, kind, ids) if schema.has(db, kind) else 0

    def erase(self) -> tuple[str, ...]:
        """Take what was deleted out of the file and its log."""
        with self._session() as db:
            return keeping.erase(db, self.path)

    def articles_of_run(self, run_id: str) -> Iterator[tuple[str, int, str]]:
        """Yield (id, version, requested URL) of the articles last written by a run."""
        with self._session() as db:
            sql = "SELECT id, version, requested_url FROM articles WHERE run_id = ? ORDER BY id"
            rows = db.execute(sql, (run_id,)).fetchall()
        yield from rows

    def refresh(self) -> None:
        """Do nothing: what is written is searchable at once."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    # --- connections

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        with self._lock, file.errors(self.path):
            if self._db is None:
                self._db = self._open("rw")
            yield self._db

    def _open(self, mode: str) -> sqlite3.Connection:
        """Return a connection to a file that has our tables in this version."""
        if not self.path.exists():
            raise WrongStoreError(
                f"{self.path} does not exist: `newsbeam ingest` makes it, or name another file with --store"
            )
        db = file.connect(self.path, mode)
        try:
            found = self._known_version(db)
            if found < SCHEMA_VERSION:
                raise self._older_version(found)
            if not are_current(db):  # of a version that searched otherwise; the documents are the same
                with file.transaction(db):
                    if not are_current(db):  # still, now that nobody else writes
                        refill_search(db)
            self._fill_names(db)
        except BaseException:
            db.close()
            raise
        return db

    def _fill_names(self, db: sqlite3.Connection) -> None:
        """Make the rows of an older file findable by their names, some at a time; others come in between."""
        if names_are_current(db):
            return
        logger.info("%s: making fact rows findable by place and speaker, once", self.path)
        filled = False
        while not filled:
            with file.transaction(db):
                filled = fill_names(db)

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _create(self, db: sqlite3.Connection) -> tuple[str, ...]:
        found = schema.found_version(db)
        if found == SCHEMA_VERSION:
            if not are_current(db):
                refill_search(db)
            return schema.add_missing(db)
        if found is None:
            foreign = schema.foreign_tables(db)
            if foreign:
                raise WrongStoreError(
                    f"{self.path} belongs to another program (newsbeam did not make its table {foreign[0]!r}); "
                    "name another file with --store"
                )
            made = schema.create_tables(db)
            keeping.note_clean(db)
            return made
        self._known_version(db)
        raise self._older_version(found)

    def _known_version(self, db: sqlite3.Connection) -> int:
        """Return a file's schema version. Raises for a newer one, and for a file that is no store."""
        found = schema.found_version(db)
        if found is None:
            raise WrongStoreError(f"{self.path} has no articles of newsbeam: name another file with --store")
        if found > SCHEMA_VERSION:
            raise SchemaVersionError(
                f"{self.path} has schema version {found}, this newsbeam knows up to {SCHEMA_VERSION}: "
                "it was written by a newer newsbeam; install it or use another --store"
            )
        return found

    def _older_version(self, found: int) -> SchemaVersionError:
        return SchemaVersionError(
            f"{self.path} has schema version {found}, this newsbeam writes {SCHEMA_VERSION}: "
            "`newsbeam index migrate` brings it up to date, and keeps the old file"
        )


def _stored(row: tuple[str, int, str]) -> Stored:
    return Stored(id=row[0], version=row[1], source=orjson.loads(row[2]))
