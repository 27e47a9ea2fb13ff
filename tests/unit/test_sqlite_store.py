"""What is particular to the embedded store: its file, its schema, its errors, and several processes at once."""

import multiprocessing
import os
import sqlite3
from pathlib import Path

import orjson
import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_figure
from transforms.errors import SchemaVersionError, StoreError
from transforms.index.base import SearchRequest, Write
from transforms.index.documents import article_writes
from transforms.index.query_parser import parse_query
from transforms.index.sqlite import file
from transforms.index.sqlite.store import SqliteStore

BODY = "Strikes killed 12 people in Rafah."


def writes(title: str = "Talks") -> tuple[Write, ...]:
    article = make_article(title, BODY)
    enriched = make_enriched(
        article, figures=(make_figure(article, "12 people", 12, event="killed", subject="people"),)
    )
    return article_writes(enriched, run_id="r", pipeline_version="0.1.0", config_sha256="c", now=NOON)


def new_store(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    store.create()
    return store


def change_version(path: Path, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE newsbeam_store SET value = ? WHERE key = 'schema_version'", (version,))
    db.close()


# --- the file


def test_create_says_what_it_made_and_nothing_the_second_time(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "news.db")
    assert {"articles", "figures", "quotes", "dead_letters", "runs"} <= set(store.create())
    assert store.create() == ()
    store.close()
    store.close()


def test_a_scan_leaves_one_file(tmp_path: Path) -> None:
    store = new_store(tmp_path / "news.db")
    store.bulk(writes())
    store.close()
    again = SqliteStore(tmp_path / "news.db")
    assert len(list(again.scan("articles"))) == 1
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["news.db"]


def test_reading_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "typo.db"
    with pytest.raises(StoreError, match=r"typo\.db does not exist: `newsbeam ingest` makes it"):
        SqliteStore(path).search(SearchRequest(query=parse_query("x")))
    assert not path.exists()


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist; make it"):
        SqliteStore(tmp_path / "nowhere" / "news.db").create()


@pytest.mark.parametrize("content", [b"<html>no database</html>" * 100, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(content)
    for use in (
        lambda store: store.create(),
        lambda store: store.get("articles", "x"),
        lambda store: list(store.scan("articles")),
    ):
        with pytest.raises(StoreError, match=r"page\.html: .*name another one with --store"):
            use(SqliteStore(path))
    assert path.read_bytes() == content


def test_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open it"):
        SqliteStore(tmp_path).create()


def test_damaged_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = new_store(path)
    for number in range(50):
        store.bulk(writes(f"Number {number}"))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="restore it from a copy"):
        list(SqliteStore(path).scan("articles"))


def test_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE articles(title TEXT)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"belongs to another program .*'articles'"):
        SqliteStore(path).create()
    with pytest.raises(StoreError, match="has no articles of newsbeam"):
        SqliteStore(path).get("articles", "x")
    assert path.read_bytes() == before


def test_closed_file_is_scanned_by_another_opening(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = new_store(path)
    store.bulk(writes())
    store.close()
    assert len(list(SqliteStore(path).scan("articles"))) == 1


def test_tables_of_others_in_the_same_file_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE ledger_sites(site TEXT)")
    db.close()
    store = new_store(path)
    store.bulk(writes())
    assert store.check() == ()
    store.close()


def test_file_that_may_not_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    store = new_store(tmp_path / "news.db")
    with store._session() as db:
        db.execute("PRAGMA query_only = ON")  # the error of a read-only file, also for root, who may write those
    with pytest.raises(StoreError, match=r"news\.db: attempt to write a readonly database; this user may not write it"):
        store.bulk(writes())
    store.close()


def test_write_that_the_disk_refuses_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = new_store(path)
    store.bulk(writes("First"))
    with store._session() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full; make room"):
        store.bulk([write for number in range(100) for write in writes(f"Number {number}")])
    assert store.search(SearchRequest(query=parse_query("rafah"))).total == 1
    store.close()


def test_stray_bytes_in_an_argument_find_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path / "news.db")
    assert store.find_ids("a1\udcff") == ()
    store.close()


# --- schema versions


def test_store_of_a_newer_newsbeam_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    new_store(path).close()
    change_version(path, 99)
    for use in (
        lambda store: store.create(),
        lambda store: store.get("articles", "x"),
        lambda store: list(store.scan("runs")),
    ):
        with pytest.raises(
            SchemaVersionError, match=r"schema version 99.*a newer newsbeam; install it or use another --store"
        ):
            use(SqliteStore(path))


def schema_0(path: Path) -> list[Write]:
    """Make a store as version 0 had it: no search, three kinds."""
    old = [*writes("First"), *writes("Second")]
    db = sqlite3.connect(path)
    with db:
        for table in ("articles", "figures", "quotes"):
            db.execute(f"CREATE TABLE {table}(id TEXT PRIMARY KEY, version INTEGER NOT NULL, source TEXT)")
        db.execute("CREATE TABLE newsbeam_store(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO newsbeam_store VALUES('schema_version', '0')")
        for write in old:
            source = orjson.dumps(write.source).decode()
            db.execute(f"INSERT INTO {write.kind} VALUES(?, ?, ?)", (write.id, write.version, source))
        db.execute("INSERT INTO articles VALUES('a1deleted', 7, NULL)")
    db.close()
    return old


def test_older_store_is_refused_until_a_migration_brings_it_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    old = schema_0(path)
    for use in (lambda store: store.get("articles", "x"), lambda store: store.create()):
        with pytest.raises(
            SchemaVersionError, match=r"schema version 0.*`newsbeam index migrate` brings it up to date"
        ):
            use(SqliteStore(path))

    store = SqliteStore(path)
    planned = store.migrate(dry_run=True)
    with pytest.raises(SchemaVersionError):
        store.check()
    assert store.migrate() == planned

    assert store.check() == ()
    assert store.migrate() == ()
    assert store.create() == ()
    for write in old:
        stored = store.get(write.kind, write.id)
        assert stored is not None
        assert (stored.version, stored.source) == (write.version, write.source)
    assert store.search(SearchRequest(query=parse_query("rafah killed:>=12"))).total == 2
    (late,) = store.bulk([Write(kind="articles", id="a1deleted", version=6, source=old[0].source)])
    assert late.status == "stale"
    store.close()


def test_failed_migration_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    schema_0(path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE articles SET source = '{broken' WHERE source IS NOT NULL")
        before = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    db.close()
    with pytest.raises(StoreError):
        SqliteStore(path).migrate()
    db = sqlite3.connect(path)
    assert db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before
    db.close()


def test_check_names_every_table_column_and_index_that_differs(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = new_store(path)
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP INDEX articles_by_url")
        db.execute("DROP TABLE quotes")
        db.execute("ALTER TABLE runs RENAME COLUMN version TO edition")
    db.close()
    found = {(difference.index, difference.field) for difference in store.check()}
    assert {("articles", "articles_by_url"), ("quotes", "source"), ("runs", "version")} <= found
    assert not {field for index, field in found if index in ("figures", "dead_letters", "article_words")}
    store.close()


# --- plain SQL for people


def test_facts_can_be_summed_with_plain_sql(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store = new_store(path)
    store.bulk((*writes("First"), *writes("Second")))
    store.close()
    db = sqlite3.connect(path)
    assert db.execute("SELECT event, sum(value) FROM figures GROUP BY event").fetchall() == [("killed", 24)]
    assert db.execute("SELECT title FROM articles ORDER BY title").fetchall() == [("First",), ("Second",)]
    db.close()


# --- several at once


def _write_many(path: Path, name: str, start: "multiprocessing.synchronize.Barrier") -> None:
    store = SqliteStore(path)
    start.wait()
    store.create()
    for number in range(40):
        results = store.bulk(writes(f"{name} {number}"))
        assert {result.status for result in results} == {"written"}
    store.close()


def test_processes_create_and_write_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    workers = [context.Process(target=_write_many, args=(path, f"Writer {number}", start)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = SqliteStore(path)
    assert store.search(SearchRequest(query=parse_query("killed:12"))).total == 120
    assert len(list(store.scan("figures"))) == 120
    store.close()


def test_writer_that_waits_too_long_says_who_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_TIMEOUT_S", 0.01)
    path = tmp_path / "news.db"
    store, holder = new_store(path), sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process held it"):
        store.bulk(writes())
    assert store.search(SearchRequest(query=parse_query("rafah"))).total == 0  # readers do not wait
    holder.execute("ROLLBACK")
    assert {result.status for result in store.bulk(writes())} == {"written"}
    holder.close()
    store.close()
