"""The ledger's file when it fails: a clear error, no lock kept, and it goes on once there is room again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, SITE, plan, url_on
from transforms.errors import StoreError
from transforms.state.base import NewUrl
from transforms.state.sqlite import SqliteState


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
