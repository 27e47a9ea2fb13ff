"""A small corpus for the Kibana pack: one story in three papers, and enough else that every panel shows something.

Eight articles of 5 to 8 January 2026, written for these tests. What each panel shows of them stands in
`tests/contract/test_kibana_panels.py`, and can be counted here by hand.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import Article, DeadLetter, EnrichedArticle, GeoPoint, History, Image, Publisher, Receipt
from transforms.index.base import Write
from transforms.index.documents import article_writes, dead_letter_write, run_write
from transforms.index.requests import request_write

GAZETTE = Publisher(name="The Gazette", id="gazette", country="GB")
HERALD = Publisher(name="Morning Herald", id="herald", country="US")
COURIER = Publisher(name="Le Courrier", id="courrier", country="FR")
_HOSTS = {"gazette": "gazette.example", "herald": "herald.example", "courrier": "courrier.example"}
TBILISI = GeoPoint(lat=41.69, lon=44.80)
PASSAU = GeoPoint(lat=48.57, lon=13.46)


def at(day: int, hour: int = 9) -> datetime:
    """Return an hour of a day of January 2026."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def _article(publisher: Publisher, slug: str, when: datetime, title: str, body: str, **changes: Any) -> Article:
    url = f"https://{_HOSTS[publisher.id or '']}/{slug}"
    defaults: dict[str, Any] = {"feeds": (publisher.id,), "language": "en", "section": "World"}
    return make_article(
        title,
        body,
        url=url,
        publisher=publisher,
        published=when,
        fetched_at=when + timedelta(hours=2),
        **(defaults | changes),
    )


def articles() -> tuple[EnrichedArticle, ...]:
    """Return the eight."""
    return (*_quake(), *_others())


def _quake() -> list[EnrichedArticle]:
    """Four articles about one event: figures that grow and disagree, one copied text, one revised article."""
    first = _article(
        GAZETTE, "quake", at(5, 8), "Hotel collapses in Tbilisi",
        "At least 12 people were killed in Tbilisi, the mayor said. 30 people were injured.\n\n"
        '"We hear voices under the stones," said Nino Kapanadze.',
        tags=("uk",),
    )  # fmt: skip
    second = _article(
        HERALD, "quake", at(5, 10), "Dozens missing in Tbilisi",
        "15 people were killed in Tbilisi, police said. The collapse displaced 2,000 people.\n\n"
        '"Nobody should go back inside," said Nino Kapanadze.',
        history=History(revision=1, first_seen=at(5, 11)),
    )  # fmt: skip
    copy = _article(COURIER, "quake", at(6, 7), second.title, second.body, agency="AP")
    late = _article(
        GAZETTE, "quake-toll", at(6, 18), "21 people killed in Tbilisi",
        "The mayor said the search goes on. 44 people were injured.",
        images=(Image(url="https://gazette.example/quake.jpg", caption="Rescuers"),),
    )  # fmt: skip
    mayor, police, inside = "the mayor", "police", "Nobody should go back inside,"
    herald: list[tuple[str, float, str, str | None]] = [
        ("15 people", 15, "killed", police),
        ("2,000 people", 2_000, "displaced", None),
    ]
    found = []
    for article, figures, quote in (
        (
            first,
            [("At least 12 people", 12, "killed", mayor), ("30 people", 30, "injured", None)],
            "We hear voices under the stones,",
        ),
        (second, herald, inside),
        (copy, herald, inside),
        (late, [("21 people", 21, "killed", mayor), ("44 people", 44, "injured", None)], None),
    ):
        people = () if article is late else (make_entity(article, "Nino Kapanadze"),)
        found.append(
            make_enriched(
                article,
                entities=(make_entity(article, "Tbilisi", "GPE", country="GE", location=TBILISI), *people),
                locations=(TBILISI,),
                figures=tuple(
                    make_figure(article, text, value, event=event, subject="people", place="Tbilisi", attribution=who)
                    for text, value, event, who in figures
                ),
                quotes=(make_quote(article, quote, "Nino Kapanadze", speaker_role="engineer"),) if quote else (),
            )
        )
    return found


def _others() -> list[EnrichedArticle]:
    budget = _article(
        HERALD, "budget", at(7), "Parliament passes budget",
        "The budget of $1.2 billion passed by 61 votes. The council of Passau sent its thanks.",
        paywalled=True, section="Politics",
    )  # fmt: skip
    bridge = _article(
        COURIER, "pont", at(7, 12), "Le pont de Passau",
        "Le pont de Passau coûtera 900 millions d'euros.", language="fr", published_source="json-ld",
    )  # fmt: skip
    long = _article(
        GAZETTE, "harbour", at(8), "A year at the harbour", "Ships wait for days. " * 400, authors=("Maya Lindqvist",)
    )
    short = _article(
        HERALD, "notice", at(8, 20), "Notice", "The office is shut on Friday.",
        content_source="feed", warnings=("short_text",), section=None,
    )  # fmt: skip
    return [
        make_enriched(
            budget,
            entities=(
                make_entity(budget, "Parliament", "ORG"),
                make_entity(budget, "Passau", "GPE", country="DE", location=PASSAU),
            ),
            locations=(PASSAU,),
            figures=(
                make_figure(budget, "$1.2 billion", 1.2e9, kind="money", unit="USD", subject="budget"),
                make_figure(budget, "61 votes", 61, subject="votes"),
            ),
        ),
        make_enriched(
            bridge,
            entities=(make_entity(bridge, "Passau", "GPE", country="DE", location=PASSAU),),
            locations=(PASSAU,),
            figures=(make_figure(bridge, "900 millions d'euros", 9e8, kind="money", unit="EUR", subject="pont"),),
        ),
        make_enriched(long),
        make_enriched(short),
    ]


def receipts() -> tuple[Receipt, ...]:
    """Return six requests to two sites: a page, two "not modified", a refusal, a failure, a missing page."""
    page = Receipt(
        url="https://gazette.example/quake", site="gazette.example", why="page", epoch=1, sent_at=at(5),
        status_code=200, wire_bytes=5_000, body_bytes=20_000, elapsed_ms=100.0, pause_s=1.0, robots_rule="Allow: /",
    )  # fmt: skip
    feed = replace(
        page, url="https://gazette.example/rss", why="feed", status_code=304, wire_bytes=200, body_bytes=0,
        saved_bytes=40_000, elapsed_ms=20.0, if_none_match='"a"',
    )  # fmt: skip
    herald = replace(page, url="https://herald.example/a", site="herald.example", robots_rule=None, pause_s=3.0)
    return (
        page,
        feed,
        replace(feed, sent_at=at(6), saved_bytes=60_000, elapsed_ms=40.0),
        replace(herald, status_code=429, wire_bytes=100, elapsed_ms=10.0, retry_after_s=120.0, sent_at=at(6)),
        replace(herald, status_code=None, wire_bytes=0, failure="timeout", elapsed_ms=20_000.0, sent_at=at(7)),
        replace(
            herald,
            url="https://herald.example/b",
            status_code=404,
            wire_bytes=300,
            elapsed_ms=60.0,
            sent_at=at(7),
        ),
    )


def letters() -> tuple[DeadLetter, ...]:
    """Return three dead letters of two sites."""

    def letter(url: str, site: str, reason: Any, day: int, **changes: Any) -> DeadLetter:
        values = {"stage": "visit", "message": f"{url}: {reason}", "attempts": 1, "retryable": False} | changes
        return DeadLetter(url=url, site=site, reason=reason, occurred_at=at(day), **values)

    return (
        letter("https://herald.example/b", "herald.example", "http_404", 7),
        letter("https://herald.example/c", "herald.example", "timeout", 7, attempts=3, retryable=True),
        letter("https://gazette.example/d", "gazette.example", "too_short", 8, stage="extract"),
    )


def corpus_writes() -> tuple[Write, ...]:
    """Return everything as documents; each article came in two hours and a minute after it was published."""
    writes: list[Write] = []
    for enriched in articles():
        now = enriched.article.fetched_at + timedelta(minutes=1)
        writes += article_writes(enriched, run_id="r1", pipeline_version="0.1.0", config_sha256="0" * 64, now=now)
    writes += [request_write(each, run_id="r1") for each in receipts()]
    writes += [dead_letter_write(each, run_id="r1") for each in letters()]
    counts = {"came": 10, "ended": 9, "deferred": 1}
    writes.append(
        run_write(
            "r1",
            command="ingest",
            started_at=at(5),
            ended_at=at(5, 10),
            counts=counts,
            pipeline_version="0.1.0",
            outcomes=[("created", "", 6), ("duplicate", "", 2), ("dead_lettered", "http_404", 1)],
        )
    )
    writes.append(
        run_write(
            "r2",
            command="ingest",
            started_at=at(6),
            ended_at=at(6, 10),
            counts={"came": 4, "ended": 3, "deferred": 0},
            outcomes=[("created", "", 2), ("unchanged", "", 1)],
            unbalanced=("came 4, ended 3",),
            pipeline_version="0.1.0",
        )
    )
    return tuple(writes)
