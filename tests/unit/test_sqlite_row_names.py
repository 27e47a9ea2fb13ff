"""Fact rows by the names that stand in them: found while rows come, change and go, and in a file of before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from transforms.index.base import SearchRequest, Write
from transforms.index.query_parser import parse_query
from transforms.index.sqlite import row_names
from transforms.index.sqlite.store import SqliteStore


def figure(number: int, place: str | None, version: int = 1) -> Write:
    source = {
        "@timestamp": f"2026-01-01T00:00:{number % 60:02}Z",
        "article": {"id": "a1"},
        "kind": "count",
        "value": 1.0,
    }
    named = {} if place is None else {"place": place}
    return Write(kind="figures", id=f"a1-f{number}", version=version, source={**source, **named})


def gone(number: int, version: int) -> Write:
    return Write(kind="figures", id=f"a1-f{number}", version=version, source=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        store.create()
        yield store


def found(store: SqliteStore, query: str) -> list[str]:
    hits = store.search_rows("figures", SearchRequest(query=parse_query(query), limit=100)).hits
    return sorted(hit.id.removeprefix("a1-") for hit in hits)


def rows_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_rows_are_found_by_any_words_of_their_name_that_stand_together(store: SqliteStore) -> None:
    store.bulk([figure(1, "Khan Younis"), figure(2, "Younis Khan"), figure(3, "São Paulo"), figure(4, None)])
    assert found(store, "place:younis") == ["f1", "f2"]
    assert found(store, 'place:"khan younis"') == ["f1"]
    assert found(store, "place:sao") == ["f3"]
    assert found(store, "-place:khan") == ["f3", "f4"]
    assert found(store, "place:khan place:younis kind:count") == ["f1", "f2"]
    assert found(store, "place:rafah") == []


def test_a_name_goes_with_the_last_row_that_has_it(store: SqliteStore, path: Path) -> None:
    store.bulk([figure(1, "Rafah"), figure(2, "Rafah")])
    store.bulk([figure(1, "Gaza City", version=2), figure(2, "Haifa", version=0)])
    assert (found(store, "place:rafah"), found(store, "place:gaza")) == (["f2"], ["f1"])
    store.bulk([gone(2, version=2)])
    assert found(store, "place:rafah") == []
    assert store.discard("figures", ["a1-f1"]) == 1
    assert (rows_of(path, "row_names"), rows_of(path, "row_name_words")) == (0, 0)


def test_the_file_of_before_is_filled_in_parts_and_a_part_that_is_cut_off_is_no_loss(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_names, "BATCH", 3)
    store.bulk([figure(number, f"Town {number}" if number % 2 else None) for number in range(10)])
    with closing(sqlite3.connect(path)) as db, db:  # as a version without names left it
        for name in row_names.NAME_TABLES:
            db.execute(f"DROP TABLE {name}")
        db.execute("DELETE FROM newsbeam_store WHERE key = 'row_names_filled'")
        assert not row_names.fill_names(db)
        db.commit()  # one part is in, then its process died
    with closing(SqliteStore(path)) as later:
        assert found(later, "place:town") == ["f1", "f3", "f5", "f7", "f9"]
        assert later.check() == ()
        assert later.migrate() == ()
    assert rows_of(path, "row_names") == 5


def test_a_migration_tells_how_many_rows_it_reads(store: SqliteStore, path: Path) -> None:
    store.bulk([figure(1, "Rafah")])
    store.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE row_names")
    (step,) = store.migrate()
    assert (step.action, step.index, step.documents) == ("fill", "row_names", 1)
    assert "places of figures" in step.detail
    assert found(store, "place:rafah") == ["f1"]
