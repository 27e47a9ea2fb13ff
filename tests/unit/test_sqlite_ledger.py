"""The ledger's file when it fails: a clear error, no lock kept, and it goes on once there is room again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, SITE, feed_on, plan, poll_of, url_on
from transforms.errors import StoreError
from transforms.state.base import NewUrl
from transforms.state.sqlite import ledger, schema, statements
from transforms.state.sqlite.ledger import SqliteState


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    yield state
    state.close()


def test_a_full_disk_is_named_and_nothing_of_the_transaction_stays(state: SqliteState) -> None:
    pages = state._db.execute("PRAGMA page_count").fetchone()[0]
    state._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="full"):
        state.add_urls(RUN, [NewUrl(url=f"http://{SITE}/{number:0500}", site=SITE) for number in range(2_000)])
    assert not state._db.in_transaction
    assert state.status()["pending"] == 0
    state._db.execute("PRAGMA max_page_count = 100000")
    assert state.add_urls(RUN, [url_on(SITE, "a")]) == (1, 0)


def test_a_commit_that_fails_leaves_no_transaction_open(state: SqliteState) -> None:
    state._db.execute("PRAGMA foreign_keys = ON")
    state._db.execute("CREATE TABLE child(site TEXT REFERENCES ledger_sites(site) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(Exception, match="FOREIGN KEY"), state._transaction() as db:
        db.execute("INSERT INTO child VALUES('nowhere.example')")
    assert not state._db.in_transaction


def test_a_read_that_fails_is_the_ledgers_failure(state: SqliteState) -> None:
    state._db.execute("ALTER TABLE ledger_robots RENAME TO gone")
    with pytest.raises(StoreError, match=r"ledger\.db"):
        state.robots(f"http://{SITE}")


def version_1(path: Path) -> None:
    """Make a ledger of schema version 1: one feed with its validators, one stored URL."""
    state = SqliteState(path)
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan())
    state.polled(RUN, poll_of(SITE, 1, etag='"v1"'), [url_on(SITE, "a")])
    db = state._db
    db.execute("DROP INDEX ledger_feeds_due")
    db.execute("ALTER TABLE ledger_feeds DROP COLUMN memory")
    db.execute("ALTER TABLE ledger_urls DROP COLUMN fingerprint")
    db.execute("ALTER TABLE ledger_urls DROP COLUMN revisits")
    db.execute("ALTER TABLE ledger_urls DROP COLUMN validators")
    db.execute("UPDATE ledger_meta SET value = '1' WHERE key = 'version'")
    state.close()


def shape(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return every table's columns and every index."""
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    columns = [(name, *sorted(row[1] for row in db.execute(f"PRAGMA table_xinfo({name})"))) for name in names]
    indexes = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
    return columns + indexes.fetchall()


def test_a_ledger_of_version_1_is_brought_up_and_keeps_what_it_knew(tmp_path: Path, state: SqliteState) -> None:
    version_1(tmp_path / "old.db")
    old = SqliteState(tmp_path / "old.db")
    old.create()
    assert shape(old._db) == shape(state._db)
    [row] = old.feeds()
    assert (row["etag"], row["memory"], row["polls"]) == ('"v1"', None, 1)
    assert old.lookup(f"http://{SITE}/a") is not None
    old.create()  # once is enough
    old.close()


def test_a_step_that_fails_leaves_the_older_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version_1(tmp_path / "old.db")
    old = SqliteState(tmp_path / "old.db")
    before = shape(old._db)
    monkeypatch.setattr(schema, "STEPS", ((*schema.STEPS[0], "ALTER TABLE nowhere ADD COLUMN x"),))
    with pytest.raises(StoreError, match="nowhere"):
        old.create()
    assert shape(old._db) == before
    monkeypatch.undo()
    old.create()
    old.close()


def test_due_feeds_among_ten_thousand_are_found_by_index(state: SqliteState) -> None:
    sources = [(feed_on(f"s{number}.example"), f"s{number}.example") for number in range(10_000)]
    state.configure(sources, {}, default_delay_s=1.0)
    state._db.execute("UPDATE ledger_feeds SET due_at = 9e9 WHERE feed != 's77.example'")
    state._db.execute("ANALYZE")
    look = {"run": RUN, "every_feed": 1, "pages": 1, "now": 1.8e9, "lease_s": 60.0, "limit": 3, "site": "s77.example"}
    for name, query in (
        ("due_feeds", ledger.DUE_FEED_IDS),
        ("sites", statements.DUE_SITES),
        ("feeds of a site", statements.DUE_FEEDS),
    ):
        plan_of = [row[3] for row in state._db.execute(f"EXPLAIN QUERY PLAN {query}", look)]
        assert not [step for step in plan_of if step.startswith("SCAN") and "USING" not in step], (name, plan_of)
        assert any("ledger_feeds" in step and "INDEX" in step for step in plan_of), (name, plan_of)
    assert state.due_feeds() == ("s77.example",)
    state.begin_run(plan("20270115T090000.000Z-bbbb", feeds=None))
    assert [lease.site for lease in state.lease("20270115T090000.000Z-bbbb", limit=5, slice_s=60)] == ["s77.example"]
