"""`index prune` over every store: what is too old goes with what hangs on it; the rest stays."""

from datetime import timedelta

import pytest

from pipeline import retention
from pipeline.tidying import tidy_store
from tests.support.elements import NOON, make_article, make_enriched, make_figure
from transforms.elements import DeadLetter
from transforms.index.base import DocumentStore, Kind, Write
from transforms.index.documents import article_writes, dead_letter_write
from transforms.index.revisions import revision_write

DAY_S = 86_400.0
KEEP: dict[Kind, float] = {"articles": 10 * DAY_S, "dead-letters": 10 * DAY_S}


def writes(name: str, days: int) -> list[Write]:
    article = make_article(name, "Strikes killed 12 people.", fetched_at=NOON - timedelta(days=days))
    enriched = make_enriched(article, figures=(make_figure(article, "12 people", 12.0),))
    made = article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)
    return [*made, revision_write(made[0])]


@pytest.fixture
def store(document_store: DocumentStore) -> DocumentStore:
    for name, days in (("Old", 11), ("Older", 400), ("New", 9)):
        document_store.bulk(writes(name, days))
        at = NOON - timedelta(days=days)
        letter = DeadLetter(
            stage="visit", reason="timeout", message="slow", occurred_at=at, url=f"https://a.example/{name}"
        )
        document_store.bulk([dead_letter_write(letter, run_id="r")])
    return document_store


def counts(store: DocumentStore) -> list[int]:
    store.refresh()
    return [store.count(kind) for kind in ("articles", "figures", "revisions", "dead-letters")]


def test_what_is_too_old_goes_with_its_facts_and_versions(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retention.too_old(store, KEEP, now=NOON) == {"articles": 2, "dead-letters": 2}
    assert counts(store) == [3, 3, 3, 3]
    monkeypatch.setattr(retention, "CHUNK", 1)
    assert retention.pruned(store, KEEP, now=NOON) == {
        "figures": 2, "revisions": 2, "articles": 2, "dead-letters": 2,
    }  # fmt: skip
    assert counts(store) == [1, 1, 1, 1]
    assert retention.pruned(store, KEEP, now=NOON) == {}


def test_cut_short_the_next_one_goes_on(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 1)
    assert next(iter(retention.prune(store, KEEP, now=NOON))) == ("figures", 1)  # killed behind it
    assert counts(store) == [3, 2, 3, 3]
    assert retention.pruned(store, KEEP, now=NOON)["articles"] == 2
    assert counts(store) == [1, 1, 1, 1]


def test_the_schedulers_share_is_bounded_in_time(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 1)
    monkeypatch.setattr("pipeline.tidying.utc_now", lambda: NOON)
    tidy_store(store, KEEP, within_s=-1.0)
    assert counts(store) == [3, 2, 3, 3]
    tidy_store(store, KEEP)
    assert counts(store) == [1, 1, 1, 1]


def test_nothing_goes_where_nothing_is_configured(store: DocumentStore) -> None:
    assert retention.pruned(store, {}, now=NOON) == {}
    assert counts(store) == [3, 3, 3, 3]
