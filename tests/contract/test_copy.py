"""`copy` between every pair of stores: whole, with versions, resumed by running it again, forgotten stays forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.copy import ORDER, Copied, copy_documents
from tests.support.elements import NOON, make_article, make_enriched, make_figure
from tests.support.stores import BACKENDS, MARKS
from transforms.elements import DeadLetter, Receipt
from transforms.index.base import DocumentStore, Kind, Stored, Write, WriteResult
from transforms.index.documents import article_writes, dead_letter_write, run_write
from transforms.index.requests import request_write
from transforms.index.revisions import revision_write
from transforms.index.suppression import deletes_for_good, suppressed_writes

PAIRS = [("sqlite", "memory"), ("sqlite", "elasticsearch"), ("elasticsearch", "sqlite")]


def writes_of(name: str) -> list[Write]:
    article = make_article(name, "Strikes killed 12 people.")
    enriched = make_enriched(article, figures=(make_figure(article, "12 people", 12.0),))
    made = article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)
    letter = DeadLetter(stage="visit", reason="timeout", message="slow", occurred_at=NOON, url=article.url)
    receipt = Receipt(url=article.url, site="gazette.example", why="page", subject=article.url, epoch=1, sent_at=NOON)
    return [*made, revision_write(made[0]), dead_letter_write(letter, run_id="r"), request_write(receipt, run_id="r")]


LOCAL = pytest.mark.parametrize("pair", PAIRS[:1], ids="-to-".join, indirect=True)


@pytest.fixture(
    params=[pytest.param(pair, marks=pytest.mark.elasticsearch if "elasticsearch" in pair else ()) for pair in PAIRS],
    ids="-to-".join,
)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[DocumentStore, DocumentStore]]:
    source, target = request.param
    assert set(MARKS) == {"elasticsearch"}
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    with BACKENDS[source](tmp_path / "source") as one, BACKENDS[target](tmp_path / "target") as other:
        for number in range(7):
            one.store.bulk(writes_of(f"Story {number}"))
        run = run_write("r", command="x", started_at=NOON, ended_at=NOON, counts={}, outcomes=(), pipeline_version="1")
        one.store.bulk([run, *suppressed_writes(["https://a.example/x"], [], reason="asked", now=NOON)])
        one.store.refresh()
        yield one.store, other.store


def everything(store: DocumentStore, kinds: tuple[Kind, ...] = ORDER) -> dict[tuple[Kind, str], Stored]:
    store.refresh()
    return {(kind, each.id): each for kind in kinds for each in store.scan(kind)}


def copied(pair: tuple[DocumentStore, DocumentStore]) -> dict[Kind, Copied]:
    return {each.kind: each for each in copy_documents(*pair, ORDER, progress=lambda _: None)}


def test_everything_arrives_as_it_was_with_its_versions(pair: tuple[DocumentStore, DocumentStore]) -> None:
    done = copied(pair)
    assert everything(pair[1]) == everything(pair[0])
    assert {kind: each.copied for kind, each in done.items()} == {
        "suppressed": 1, "articles": 7, "figures": 7, "quotes": 0, "dead-letters": 7, "runs": 1, "requests": 7,
        "revisions": 7,
    }  # fmt: skip
    assert not any(each.differs for each in done.values())


def test_cut_short_it_is_run_again_and_writes_the_rest(
    pair: tuple[DocumentStore, DocumentStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.copy.BATCH", 3)

    def cut(done: Copied) -> None:
        if done.kind == "articles" and done.read >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_documents(*pair, ORDER, progress=cut)
    done = copied(pair)
    assert (done["articles"].there, done["articles"].copied, done["figures"].copied) == (6, 1, 7)
    assert everything(pair[1]) == everything(pair[0])


@LOCAL
def test_newer_documents_of_the_other_store_stay(pair: tuple[DocumentStore, DocumentStore]) -> None:
    target = pair[1]
    [write, *_] = writes_of("Story 1")
    newer = replace(write, version=write.version + 1, source={**(write.source or {}), "title": "Newer"})
    target.bulk([newer])
    done = copied(pair)
    stored = target.get("articles", write.id)
    assert stored is not None
    assert stored.source["title"] == "Newer"
    assert (done["articles"].there, done["articles"].copied, done["articles"].differs) == (1, 6, False)


def test_what_the_other_store_forgot_does_not_come_back(pair: tuple[DocumentStore, DocumentStore]) -> None:
    target = pair[1]
    [write, *_] = writes_of("Story 1")
    url = make_article("Story 1").url
    target.bulk(suppressed_writes([url], [write.id], reason="asked", now=NOON))
    target.bulk(deletes_for_good(write.id))
    done = copied(pair)
    held = {kind: each.held for kind, each in done.items() if each.held}
    assert held == {"articles": 1, "figures": 1, "revisions": 1, "dead-letters": 1, "requests": 1}
    assert not any(each.differs for each in done.values())
    assert target.get("articles", write.id) is None


@LOCAL
def test_what_was_forgotten_goes_where_it_had_been_copied_before(pair: tuple[DocumentStore, DocumentStore]) -> None:
    source, target = pair
    copied(pair)
    [write, *_] = writes_of("Story 1")
    source.bulk(suppressed_writes([make_article("Story 1").url], [write.id], reason="asked", now=NOON))
    source.bulk(deletes_for_good(write.id))
    done = copied(pair)
    assert target.get("articles", write.id) is None
    assert [each.id for each in target.find("figures", "article.id", [write.id])] == []
    assert not done["articles"].differs


@LOCAL
def test_what_is_refused_is_told(pair: tuple[DocumentStore, DocumentStore], monkeypatch: pytest.MonkeyPatch) -> None:
    target = pair[1]
    bulk = target.bulk

    def picky(writes: list[Write]) -> tuple[WriteResult, ...]:
        taken = iter(bulk([each for each in writes if each.kind != "figures"]))
        refused = {"status": "rejected", "reason": "mapping_conflict", "message": "no number"}
        return tuple(
            WriteResult(kind=each.kind, id=each.id, **refused) if each.kind == "figures" else next(taken)  # type: ignore[arg-type]
            for each in writes
        )

    monkeypatch.setattr(target, "bulk", picky)
    done = copied(pair)
    assert (done["figures"].refused, done["figures"].differs, done["articles"].differs) == (7, True, False)
    assert "no number" in done["figures"].message
