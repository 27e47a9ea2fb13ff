"""Twenty-five small articles, written for the search tests: every case of the query language has a few that match.

Articles are known by a short key (`rafah`, `flood`, ...), which is also the end of their URL.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import Article, EnrichedArticle, Publisher
from transforms.index.base import Write
from transforms.index.documents import article_writes
from transforms.web.urls import document_id

RUN_ID = "corpus-run"
NEW_YEAR = datetime(2026, 1, 1, 9, tzinfo=UTC)
INGESTED = datetime(2026, 2, 1, tzinfo=UTC)

_GAZETTE, _HERALD, _COURIER = "gazette.example", "news.herald.example", "courier.example"
_PUBLISHERS = {
    _GAZETTE: Publisher(name="The Gazette", id="gazette", country="GB"),
    _HERALD: Publisher(name="Morning Herald", id="herald", country="US"),
    _COURIER: Publisher(name="Le Courrier", id="courrier", country="FR"),
}


def _text(key: str, host: str, title: str, body: str, **changes: Any) -> Article:
    url = f"https://{host}/{key}"
    language = changes.pop("language", "en")
    return make_article(title, body, url=url, publisher=_PUBLISHERS[host], language=language, **changes)


def _articles() -> Iterable[EnrichedArticle]:
    a = _text(
        "rafah", _GAZETTE, "Strikes hit Rafah as talks stall",
        "At least 12 people were killed in Rafah on Monday, doctors said.\n\n"
        '"We will not leave the table," said Antony Blinken in Cairo.',
        feeds=("gazette",), tags=("uk", "World"), authors=("Maya Lindqvist", "Omar Haddad"),
    )  # fmt: skip
    yield make_enriched(
        a,
        entities=(
            make_entity(a, "Rafah", "GPE", country="PS"),
            make_entity(a, "Antony Blinken"),
            make_entity(a, "Cairo", "GPE", country="EG"),
        ),
        figures=(
            make_figure(
                a, "At least 12 people", 12, event="killed", subject="people", comparator="at_least", place="Rafah"
            ),
        ),
        quotes=(make_quote(a, "We will not leave the table,", "Antony Blinken"),),
    )
    a = _text(
        "airlift", _GAZETTE, "Airlift begins",
        "Between 10 and 20 people were killed when the convoy turned over. The World Food Programme sent 300 trucks.",
        feeds=("gazette", "gazette-world"), tags=("uk",), subtitle="Rescue teams reach the valley",
    )  # fmt: skip
    yield make_enriched(
        a,
        entities=(make_entity(a, "World Food Programme", "ORG"),),
        figures=(
            make_figure(a, "Between 10 and 20 people", 10, value_max=20, event="killed", subject="people"),
            make_figure(a, "300 trucks", 300, subject="trucks"),
        ),
    )
    a = _text(
        "budget", _HERALD, "Parliament passes budget",
        "The budget of $1.2 billion passed by 61 votes to 40. Finance minister Yoav Gallant said taxes rise 5 percent.",
        authors=("J. O'Brien",),
    )  # fmt: skip
    yield make_enriched(
        a,
        entities=(make_entity(a, "Yoav Gallant"), make_entity(a, "Parliament", "ORG")),
        figures=(
            make_figure(a, "$1.2 billion", 1.2e9, kind="money", unit="USD", subject="budget"),
            make_figure(a, "61 votes to 40", 61, kind="score", subject="votes"),
            make_figure(a, "5 percent", 5, kind="percent", subject="taxes"),
        ),
    )
    a = _text(
        "bridge", _HERALD, "Bridge to cost €900 million",
        "The city's new bridge will cost €900 million, the mayor told the Herald. Work starts in 2027.",
        tags=("cities",),
    )  # fmt: skip
    yield make_enriched(a, figures=(make_figure(a, "€900 million", 9e8, kind="money", unit="EUR", subject="bridge"),))
    a = _text(
        "flood", _COURIER, "Les crues déplacent des milliers de personnes",
        "Plus de 120 000 personnes ont été déplacées près de Besançon, selon la préfecture. L'eau monte.",
        language="fr", tags=("météo",),
    )  # fmt: skip
    yield make_enriched(
        a,
        entities=(make_entity(a, "Besançon", "GPE", country="FR"),),
        figures=(
            make_figure(
                a, "120 000 personnes", 120_000, event="displaced", subject="personnes", comparator="more_than"
            ),
        ),
    )
    a = _text(
        "storm", _GAZETTE, "Storm displaces thousands",
        "The storm displaced 80,000 people and injured 35. Besancon was spared. Crossings at the border were shut.",
        feeds=("gazette",),
    )  # fmt: skip
    yield make_enriched(
        a,
        figures=(
            make_figure(a, "80,000 people", 80_000, event="displaced", subject="people"),
            make_figure(a, "35", 35, event="injured", subject="people"),
        ),
    )
    a = _text(
        "border", _GAZETTE, "Border crossings fall",
        "Illegal border crossings fell to 4,100 in March, the ministry said. Officials were not killed in the raid.",
        feeds=("gazette",), tags=("uk",),
    )  # fmt: skip
    yield make_enriched(a, figures=(make_figure(a, "4,100", 4_100, subject="border crossings"),))
    plain = [
        ("ceasefire", _GAZETTE, "Ceasefire holds", "The cease-fire held overnight. Ceasefire monitors agreed to meet."),
        ("summit", _HERALD, "U.S.-led summit opens", "A U.S.-led summit opened. The US delegation spoke first."),
        ("virus", _HERALD, "Covid-19 returns", "Cases of covid-19 rose in the north, and covid 20 is no illness."),
        ("obrien", _HERALD, "O’Brien resigns", "Minister O’Brien resigned. O'Brien's deputy takes over the office."),
        ("possessive", _GAZETTE, "Gaza’s port", "Gaza's port reopened. The port of Gaza City is small."),
        ("numbers", _GAZETTE, "Numbers", "Version 3.14 costs 1,200 pounds, not 3 or 14 or 200 pounds."),
        ("accents", _COURIER, "Café São Tomé", "The CAFÉ opened in São Tomé. The cafe across the street closed."),
        ("greek", _COURIER, "ΟΔΟΣ ΑΘΗΝΑΣ", "Η ΟΔΟΣ is a street in İzmir and Athens."),
        ("tokyo", _COURIER, "東京で会議", "東京タワーの近くで会議が開かれた。"),
        ("order", _GAZETTE, "Word order", "Peace talks in Cairo. Cairo talks peace. Talks about peace."),
        ("split", _GAZETTE, "Phrase split over", "The paragraph ends with grain\n\nexports begin the next one."),
        ("fields", _GAZETTE, "Blinken in the title only", "Nothing about him here: secretary speaks."),
        (
            "joined",
            _GAZETTE,
            "and/or well-known e.g. snake_case",
            "Write either/or, state-of-the-art, foo_bar and AT&T.",
        ),
        ("repeat", _HERALD, "Harbour harbour harbour", "Harbour works at the harbour. The harbour is a harbour."),
        (
            "single",
            _HERALD,
            "One harbour",
            "Ships wait, and the crews wait with them for days. A harbour master speaks.",
        ),
    ]
    for key, host, title, body in plain:
        yield make_enriched(_text(key, host, title, body))
    a = _text("arabic", _COURIER, "محادثات القاهرة", "قال مسؤول إن المحادثات مستمرة في القاهرة.", language="ar")
    yield make_enriched(a, entities=(make_entity(a, "القاهرة", "GPE", country="EG"),))
    a = _text(
        "speakers",
        _GAZETTE,
        "Two speakers",
        'One said "grain will move". Another said "ships will wait".',
        language="en-GB",
    )
    yield make_enriched(
        a,
        quotes=(make_quote(a, "grain will move", "Ann Blake"), make_quote(a, "ships will wait", "Ken Antony")),
        figures=(),
    )
    a = _text("people", _GAZETTE, "Two people", "Ann Blake met Ken Antony. Antony Blake was not there.")
    yield make_enriched(a, entities=(make_entity(a, "Ann Blake"), make_entity(a, "Ken Antony")))


def corpus() -> dict[str, EnrichedArticle]:
    """Return the articles by key. The n-th was published n days after the new year, and fetched an hour later."""
    found: dict[str, EnrichedArticle] = {}
    for day, enriched in enumerate(_articles()):
        published = NEW_YEAR + timedelta(days=day)
        fetched_at = published + timedelta(hours=1)
        article = replace(
            enriched.article,
            published=published,
            fetched_at=fetched_at,
            version=int(fetched_at.timestamp() * 1000) << 10,
        )
        found[article.url.rsplit("/", 1)[1]] = replace(enriched, article=article)
    return found


def corpus_writes() -> tuple[Write, ...]:
    """Return the writes of the corpus; the n-th article was ingested n minutes before the first."""
    writes: list[Write] = []
    for number, enriched in enumerate(corpus().values()):
        now = INGESTED - timedelta(minutes=number)
        writes += article_writes(enriched, run_id=RUN_ID, pipeline_version="0.1.0", config_sha256="0" * 64, now=now)
    return tuple(writes)


def key_of(document_ids: Iterable[str]) -> list[str]:
    """Return the keys of articles, in the order of their ids."""
    keys = {document_id(enriched.article.url): key for key, enriched in corpus().items()}
    return [keys[each] for each in document_ids]
