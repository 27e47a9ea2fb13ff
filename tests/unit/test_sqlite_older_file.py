"""A file whose articles are searched by the tables of an older version: brought up once, whoever opens it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_figure
from transforms.index.base import SearchRequest
from transforms.index.documents import article_writes
from transforms.index.query_parser import parse_query
from transforms.index.sqlite import store as store_module
from transforms.index.sqlite.search_tables import make_again
from transforms.index.sqlite.store import SqliteStore

OLDER_WORDS = "CREATE VIRTUAL TABLE article_words USING fts5(title, summary, body)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "news.db"
    with closing(SqliteStore(path)) as store:
        store.create()
        enriched = make_enriched(make_article("Ceasefire", url="https://gazette.example/a"))
        store.bulk(article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON))
    change(path, "DROP TABLE article_words", "DROP TABLE article_facets", OLDER_WORDS)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


@pytest.fixture
def refills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often the tables are filled."""
    made: list[int] = []
    refill = store_module.refill_search

    def counted(db: sqlite3.Connection) -> None:
        made.append(1)
        refill(db)

    monkeypatch.setattr(store_module, "refill_search", counted)
    return made


def found(path: Path) -> int:
    with closing(SqliteStore(path)) as store:
        return store.search(SearchRequest(query=parse_query("ceasefire"))).total


def test_lost_facets_are_told(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "news.db")) as store:
        store.create()
        with closing(sqlite3.connect(tmp_path / "news.db")) as db, db:
            db.execute("ALTER TABLE article_facets ADD COLUMN left_over TEXT")
            db.execute("DROP INDEX article_facets_by_article")
            db.execute("DROP TABLE article_terms")
        assert {each.index for each in store.check()} == {"article_facets", "article_terms"}


def test_an_older_file_is_searched_after_one_filling(path: Path, refills: list[int]) -> None:
    assert (found(path), found(path)) == (1, 1)

    assert len(refills) == 1


def test_two_that_open_an_older_file_at_once_fill_it_once(
    path: Path, refills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked = threading.Barrier(2, timeout=60)
    look = store_module.are_current
    looked = threading.local()

    def look_together(db: sqlite3.Connection) -> bool:
        current = look(db)
        if not getattr(looked, "once", False):
            looked.once = True
            both_looked.wait()
        return current

    monkeypatch.setattr(store_module, "are_current", look_together)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(found(path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [1, 1]
    assert len(refills) == 1


# What a file of before had: words as written, no keys and no facets.
BEFORE_KEYS = (
    "CREATE VIRTUAL TABLE article_words USING fts5(title, subtitle, summary, body, people, places, organizations, "
    """speakers, authors, publisher, figures, tokenize = "ascii tokenchars '_.:,;'''")""",
    "INSERT INTO article_words(rowid, title, body) SELECT number, lower(title), 'talks' FROM articles",
)


def test_a_file_of_before_the_keys_finds_inflections_facets_and_units_once_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    article = make_article("Ceasefire in Malmö", "It cost $3 million.", language="en")
    figure = make_figure(article, "$3 million", 3e6, kind="money", unit="USD")
    with closing(SqliteStore(path)) as store:
        store.create()
        enriched = make_enriched(article, figures=(figure,), people=("Mara Quill",))
        store.bulk(article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON))
        before = list(store.scan("articles"))
    unit_row = "DELETE FROM article_terms WHERE field = 'unit'"  # not looked up then
    change(path, "DROP TABLE article_words", "DROP TABLE article_facets", unit_row, *BEFORE_KEYS)

    with closing(SqliteStore(path)) as store:
        for query in ("ceasefires", "malmo", "unit:USD", "money:>=1m", '"in malmö"'):
            assert store.search(SearchRequest(query=parse_query(query))).total == 1, query
        assert store.facets(SearchRequest(query=parse_query("")), ("person",)) == {"person": (("Mara Quill", 1),)}
        assert store.search_rows("figures", SearchRequest(query=parse_query("unit:USD"))).total == 1
        assert list(store.scan("articles")) == before
        assert store.check() == ()


def test_a_filling_that_was_cut_off_is_made_by_the_next_that_opens(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(db: sqlite3.Connection) -> None:
        make_again(db)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "refill_search", cut_off)
        with pytest.raises(KeyboardInterrupt):
            found(path)

    assert found(path) == 1
