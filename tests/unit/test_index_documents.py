"""Documents and fact rows, as CONTRACT.md lists them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import (
    Article,
    DeadLetter,
    EnrichedArticle,
    GeoPoint,
    History,
    Image,
    Publisher,
    Removed,
    Rights,
)
from transforms.index.base import Document, Write
from transforms.index.documents import MAX_FACTS, article_writes, dead_letter_write, instant, run_write

BODY = "Strikes killed 12 people in Rafah. Ann Blake said: “It is not enough.”"
LATER = NOON + timedelta(hours=3)


def writes_of(enriched: EnrichedArticle) -> tuple[Write, ...]:
    return article_writes(enriched, run_id="run-7", pipeline_version="0.1.0", config_sha256="c" * 64, now=LATER)


def document_of(article: Article, **annotations: object) -> Document:
    source = writes_of(make_enriched(article, **annotations))[0].source
    assert source is not None
    return dict(source)


def test_article_document_has_every_value_under_its_field() -> None:
    article = make_article(
        "Talks", BODY, url="https://www.gazette.example/a/b", original_url="https://www.gazette.example/a/b?utm_source=x",
        requested_url="https://www.gazette.example/asked", claimed_url="https://other.example/c", subtitle="S",
        summary="D", authors=("A", "B"), section="World", topics=("t",), keywords=("k",), tags=("uk",), language="en",
        language_confidence=0.75, publisher=Publisher(name="The Gazette", id="gazette", country="GB"),
        feeds=("gazette",), images=(Image(url="https://gazette.example/i.jpg", caption="C", width=3),),
        updated=NOON, published_local="x", removed=(Removed(text="Leave a Reply", rule="phrase"),), warnings=("w1",),
        paywalled=False, opinion=True,
        live_blog=False, agency="AP", noindex=False, noarchive=True, robots_rule="allow: /", sha256="b" * 64,
        rights=Rights(
            tdm_reserved=True, tdm_policy="https://gazette.example/tdm", licenses=("https://gazette.example/rsl.xml",),
            signals=("ai-train=no",),
        ),
        raw_sha256="a" * 64, history=History(first_seen=NOON - timedelta(days=2), revision=4, version=1),
    )  # fmt: skip
    enriched = replace(make_enriched(article, names=("Rafah",)), warnings=("w2",))

    source = writes_of(enriched)[0].source

    assert source == {
        "@timestamp": "2026-01-01T12:00:00.000Z", "published": "2026-01-01T12:00:00.000Z", "published_local": "x",
        "published_source": "feed", "published_precision": "second", "updated": "2026-01-01T12:00:00.000Z",
        "id": article.id,
        "url": {
            "full": "https://www.gazette.example/a/b", "original": "https://www.gazette.example/a/b?utm_source=x",
            "requested": "https://www.gazette.example/asked", "claimed": "https://other.example/c",
            "domain": "www.gazette.example", "registered_domain": "gazette.example", "path": "/a/b",
        },
        "title": "Talks", "subtitle": "S", "summary": "D", "body": BODY, "authors": ["A", "B"], "section": "World",
        "topics": ["t"], "keywords": ["k"], "tags": ["uk"], "language": "en", "language_confidence": 0.75,
        "publisher": {"name": "The Gazette", "id": "gazette", "country": "GB"}, "feeds": ["gazette"],
        "images": [{"url": "https://gazette.example/i.jpg", "caption": "C", "width": 3}],
        "lead_image": "https://gazette.example/i.jpg", "paywalled": False, "opinion": True, "live_blog": False,
        "agency": "AP", "status": "live",
        "rights": {
            "robots_rule": "allow: /", "noindex": False, "noarchive": True, "tdm_reserved": True,
            "tdm_policy": "https://gazette.example/tdm", "licenses": ["https://gazette.example/rsl.xml"],
            "signals": ["ai-train=no"],
        },
        "fetched_at": "2026-01-01T12:00:00.000Z", "word_count": 13,
        "content": {
            "sha256": "b" * 64, "raw_sha256": "a" * 64, "revision": 5, "source": "page",
            "removed": [{"text": "Leave a Reply", "rule": "phrase"}],
        },
        "pipeline": {
            "run_id": "run-7", "version": "0.1.0", "extractor": "trafilatura@2", "enrichers": ["figures@1", "names@1"],
            "config_sha256": "c" * 64, "warnings": ["w1", "w2"],
        },
        "event": {"created": "2025-12-30T12:00:00.000Z", "ingested": "2026-01-01T15:00:00.000Z"},
        "schema_version": 1, "names": ["Rafah"],
    }  # fmt: skip


def test_absent_values_are_left_out() -> None:
    document = document_of(make_article(published=None, published_source=None, published_precision=None))
    assert not {"published", "subtitle", "summary", "authors", "images", "lead_image", "rights", "publisher"} & set(
        document
    )
    assert b"null" not in orjson.dumps(document)
    assert b"[]" not in orjson.dumps(document)


@pytest.mark.parametrize(
    ("published", "precision", "first_seen", "timestamp"),
    [
        (NOON - timedelta(hours=1), "second", None, NOON - timedelta(hours=1)),
        (None, None, None, NOON),
        (None, None, NOON - timedelta(days=3), NOON - timedelta(days=3)),
        (NOON + timedelta(days=1), "second", None, NOON),  # a clock that is wrong
        (datetime(2025, 12, 24, tzinfo=UTC), "day", None, datetime(2025, 12, 24, 12, tzinfo=UTC)),
        (NOON.replace(hour=0), "day", None, NOON),
        (
            datetime(2025, 12, 24, 2, tzinfo=timezone(timedelta(hours=5))),
            "second",
            None,
            datetime(2025, 12, 23, 21, tzinfo=UTC),
        ),
    ],
)
def test_timestamp_is_the_publication_else_first_seen_and_never_in_the_future(
    published: datetime | None, precision: str | None, first_seen: datetime | None, timestamp: datetime
) -> None:
    history = History(first_seen=first_seen)
    document = document_of(make_article(published=published, published_precision=precision, history=history))
    assert document["@timestamp"] == instant(timestamp)


def test_annotations_of_an_unknown_enricher_arrive_under_their_names() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Mood:
        word: str
        score: float | None = None
        spans: tuple[GeoPoint, ...] = ()

    moods = (Mood(word="calm", spans=(GeoPoint(lat=1.5, lon=2),)), Mood(word="grim", score=0.5))
    document = document_of(
        make_article(), **{"moods": moods, "focus.place": "Rafah", "focus.location": GeoPoint(lat=1, lon=2)}
    )
    assert document["moods"] == [{"word": "calm", "spans": [{"lat": 1.5, "lon": 2}]}, {"word": "grim", "score": 0.5}]
    assert document["focus"] == {"place": "Rafah", "location": {"lat": 1, "lon": 2}}


def test_fact_rows_carry_their_article() -> None:
    article = make_article(body=BODY, tags=("uk",), language="en", publisher=Publisher(name="The Gazette", id="g"))
    rafah = make_entity(article, "Rafah", "GPE", country="PS", location=GeoPoint(lat=31.3, lon=34.2))
    writes = writes_of(
        make_enriched(
            article,
            entities=(rafah, make_entity(article, "Ann Blake")),
            figures=(make_figure(article, "12 people", 12, event="killed", place="Rafah", subject="people"),),
            quotes=(make_quote(article, "It is not enough.", "Ann Blake"),),
        )
    )

    assert [(write.kind, write.id, write.version) for write in writes] == [
        ("articles", article.id, article.version),
        ("figures", f"{article.id}-f1", article.version),
        ("quotes", f"{article.id}-q1", article.version),
    ]
    common = {
        "@timestamp": "2026-01-01T12:00:00.000Z", "article": {"id": article.id}, "title": article.title,
        "url": {"full": article.url}, "publisher": {"name": "The Gazette"}, "language": "en", "tags": ["uk"],
        "countries": ["PS"], "people": ["Ann Blake"],
    }  # fmt: skip
    assert writes[1].source == common | {
        "field": "body", "text": "12 people", "start_char": 15, "end_char": 24, "kind": "count", "value": 12,
        "vague": False, "comparator": "exact", "subject": "people", "event": "killed", "place": "Rafah",
        "sentence": BODY, "confidence": 1.0, "location": {"lat": 31.3, "lon": 34.2},
    }  # fmt: skip
    assert writes[2].source == common | {
        "field": "body", "text": "It is not enough.", "start_char": 52, "end_char": 69, "speaker": "Ann Blake",
        "speaker_text": "Ann Blake", "partial": False, "confidence": 1.0, "sentence": "",
    }  # fmt: skip


def test_fact_rows_are_the_most_salient_and_the_article_keeps_all() -> None:
    article = make_article("Storm kills 3", "About 7 ships sank. " + "x " * 60)
    plain = tuple(make_figure(article, "7", 100 + number, confidence=0.9) for number in range(MAX_FACTS + 5))
    event = make_figure(article, "7", 7, event="destroyed", subject="ships")
    title = make_figure(article, "3", 3)

    writes = writes_of(make_enriched(article, figures=(*plain, event, title)))

    rows = [write.source["value"] for write in writes if write.kind == "figures" and write.source]
    assert rows[:2] == [3, 7]
    assert len(rows) == MAX_FACTS
    assert writes[0].source is not None
    assert len(writes[0].source["figures"]) == MAX_FACTS + 7


def test_rows_that_only_the_stored_revision_had_are_deleted() -> None:
    article = make_article(body=BODY, history=History(figures=3, quotes=1, version=1, revision=1))
    writes = writes_of(make_enriched(article, figures=(make_figure(article, "12 people", 12),)))
    assert [(write.id.partition("-")[2], write.source is None) for write in writes[1:]] == [
        ("f1", False), ("f2", True), ("f3", True), ("q1", True),
    ]  # fmt: skip
    assert {write.version for write in writes} == {article.version}


def test_same_article_gives_the_same_writes() -> None:
    article = make_article(body=BODY)
    figures = tuple(make_figure(article, "12 people", number) for number in (3, 1, 2))
    assert writes_of(make_enriched(article, figures=figures)) == writes_of(make_enriched(article, figures=figures))


def letter(**changes: object) -> DeadLetter:
    values = {"stage": "visit", "reason": "timeout", "message": "m", "occurred_at": NOON, "url": "https://g.example/a"}
    return DeadLetter(**(values | changes))  # type: ignore[arg-type]


def test_repeated_failure_is_one_document_of_a_newer_version() -> None:
    first = dead_letter_write(letter(), run_id="r1")
    again = dead_letter_write(letter(occurred_at=LATER, attempts=2, message="n"), run_id="r2", first_seen=NOON)
    assert again.id == first.id
    assert again.version > first.version
    assert again.source is not None
    assert (again.source["first_seen"], again.source["last_seen"]) == (instant(NOON), instant(LATER))
    assert again.source["attempts"] == 2


@pytest.mark.parametrize(
    "other",
    [
        letter(stage="extract"),
        letter(reason="dns_failed"),
        letter(url="https://g.example/b"),
        letter(url=None, feed="g"),
    ],
)
def test_another_failure_is_another_document(other: DeadLetter) -> None:
    assert dead_letter_write(other, run_id="r").id != dead_letter_write(letter(), run_id="r").id


def test_message_of_a_dead_letter_is_bounded() -> None:
    source = dead_letter_write(letter(message="x" * 100_000), run_id="r").source
    assert source is not None
    assert len(source["message"]) == 1_000


def test_run_document_counts_outcomes_and_their_reasons() -> None:
    write = run_write(
        "r1", command="ingest", started_at=NOON, ended_at=LATER, counts={"came": 3},
        outcomes=(("filtered", "too_old", 2), ("filtered", "noindex", 1)), unbalanced=("u",), pipeline_version="0.1.0",
    )  # fmt: skip
    assert write.source is not None
    assert write.source["outcomes"] == {"filtered": 3}
    assert write.source["reasons"] == [
        {"outcome": "filtered", "reason": "too_old", "count": 2},
        {"outcome": "filtered", "reason": "noindex", "count": 1},
    ]  # fmt: skip
    assert (write.id, write.source["counts"], write.source["unbalanced"]) == ("r1", {"came": 3}, ["u"])
