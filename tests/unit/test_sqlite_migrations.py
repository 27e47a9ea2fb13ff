"""Bringing the embedded store's tables to this version, from whatever they are, without losing a document."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.elements import NOON, make_article, make_enriched
from transforms.errors import ConfigurationError, StoreError
from transforms.index.base import SearchRequest, Step, Write
from transforms.index.documents import article_writes
from transforms.index.query_parser import parse_query
from transforms.index.sqlite.store import SqliteStore


def article(title: str) -> Write:
    enriched = make_enriched(make_article(title, url=f"https://gazette.example/{title}"))
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news [1].db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    store.create()
    store.bulk([article("Ceasefire"), article("Harvest")])
    yield store
    store.close()


def change(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


def done(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.action, Path(step.index).name) for step in steps]


def test_what_takes_no_room_is_added_to_the_table_as_it_is(store: SqliteStore, path: Path) -> None:
    change(path, "DROP INDEX articles_by_run_id", "ALTER TABLE articles DROP COLUMN word_count", "DROP TABLE quotes")

    assert done(store.migrate()) == [("change", "articles"), ("create", "quotes"), ("fill", "row_names")]

    assert store.check() == ()
    assert store.old_generations() == ()
    assert len(list(store.scan("articles"))) == 2


def test_a_column_of_another_kind_makes_the_table_again_and_keeps_the_file(store: SqliteStore, path: Path) -> None:
    change(
        path,
        "ALTER TABLE articles DROP COLUMN language",
        "ALTER TABLE articles ADD COLUMN language TEXT",
    )

    steps = store.migrate()

    assert done(steps) == [("keep", "news [1].db.bak-v1"), ("copy", "articles"), ("fill", "article_words")]
    assert [step.documents for step in steps] == [0, 2, 2]
    assert store.check() == ()
    assert store.search(SearchRequest(query=parse_query("ceasefire"))).total == 1
    assert store.old_generations() == (f"{path}.bak-v1",)
    kept = sqlite3.connect(f"{path}.bak-v1")
    assert kept.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    kept.close()
    assert store.drop_old_generations() == (f"{path}.bak-v1",)
    assert not Path(f"{path}.bak-v1").exists()


def test_lost_words_are_made_again(store: SqliteStore, path: Path) -> None:
    change(path, "DROP TABLE article_words")

    assert done(store.migrate()) == [("fill", "article_words")]

    assert store.search(SearchRequest(query=parse_query("harvest"))).total == 1
    assert store.migrate() == ()


def test_a_dry_run_changes_nothing(store: SqliteStore, path: Path) -> None:
    change(path, "DROP TABLE quotes")
    told: list[Step] = []

    assert done(store.migrate(dry_run=True, tell=told.append)) == [("create", "quotes"), ("fill", "row_names")]

    assert done(tuple(told)) == [("create", "quotes"), ("fill", "row_names")]
    assert store.check() != ()


@pytest.mark.parametrize("stopped_at", ["keep", "copy", "fill"])
def test_a_migration_that_dies_leaves_the_store_as_it_was_and_begins_again(
    store: SqliteStore, path: Path, stopped_at: str
) -> None:
    change(path, "ALTER TABLE articles DROP COLUMN language", "ALTER TABLE articles ADD COLUMN language TEXT")

    def tell(step: Step) -> None:
        if step.action == stopped_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.migrate(tell=tell)

    assert [each.field for each in store.check()] == ["language"]
    assert store.search(SearchRequest(query=parse_query("ceasefire"))).total == 1
    store.migrate()
    assert store.check() == ()


def test_a_document_that_cannot_be_read_is_named(store: SqliteStore, path: Path) -> None:
    change(
        path,
        "CREATE TABLE broken(id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, source TEXT)",
        "INSERT INTO broken VALUES('run-7', 1, '{')",
        "DROP TABLE runs",
        "ALTER TABLE broken RENAME TO runs",
    )
    with pytest.raises(StoreError, match=r"runs: run-7 is not JSON.*delete that row"):
        store.migrate()


def test_a_file_has_no_keys(store: SqliteStore) -> None:
    with pytest.raises(ConfigurationError, match="is a file and has no keys"):
        store.create_key("desk", access="read")
