"""`show --history`: the versions that the index stage kept, and what each changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from pipeline.article_text import history_text
from pipeline.history import changed_fields, changes, versions_of
from tests.support.elements import NOON, make_article, make_enriched
from transforms.elements import EnrichedArticle, History
from transforms.index.sqlite.store import SqliteStore
from transforms.indexer import Indexer
from transforms.settings import IndexSettings

BODY = "The talks resumed. Both sides came.\n\nNobody spoke."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "news.db")
    store.create()
    yield store
    store.close()


def version(number: int, body: str, title: str = "Talks resume") -> EnrichedArticle:
    article = make_article("Talks resume", body, fetched_at=NOON + timedelta(hours=number), published=NOON)
    before = article.version - (3_600_000 << 10)
    history = History(version=before if number else 0, revision=number, document_id=article.id)
    return make_enriched(replace(article, title=title, history=history))


def index(store: SqliteStore, *articles: EnrichedArticle) -> None:
    indexer = Indexer(store, None, IndexSettings(run_id="r", store="", state=None))
    for each in articles:
        indexer.flush([each])


def test_an_article_that_never_changed_has_one_version_and_costs_no_more(store: SqliteStore) -> None:
    index(store, version(0, BODY), version(0, BODY))
    [article] = store.scan("articles")
    assert len(versions_of(store, article)) == 1
    assert store.count("revisions") == 0


def test_every_version_of_a_changed_article_is_kept_and_told(store: SqliteStore) -> None:
    second = version(1, BODY.replace("Both sides", "Three sides"), "Talks resume at last")
    index(store, version(0, BODY), second, second, version(2, f"{second.article.body} Then all left."))
    [article] = store.scan("articles")
    assert store.count("revisions") == 3
    first, changed, grown = changes(versions_of(store, article))
    assert (first.changed, first.texts) == ((), {})
    assert changed.changed == ("body", "title")
    assert changed.texts == {
        "title": ("- Talks resume", "+ Talks resume at last"),
        "body": ("- Both sides came.", "+ Three sides came."),
    }
    assert grown.texts["body"] == ("+ Then all left.",)
    lines = history_text([first, changed, grown], zone=UTC).splitlines()
    assert lines[0].endswith("first kept")
    assert "     + Three sides came." in lines


def test_what_differs_in_every_visit_is_no_change() -> None:
    before = {"title": "A", "event": {"ingested": "1"}, "pipeline": {"run_id": "x"}, "fetched_at": "1"}
    after = {"title": "A", "event": {"ingested": "2"}, "pipeline": {"run_id": "y"}, "fetched_at": "2", "status": "gone"}
    assert changed_fields(before, after) == ("+status",)
