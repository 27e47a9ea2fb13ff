"""Generated articles and sites for benches: varied, deterministic, the same in every process."""

import random
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from .article_files import WebArticle
from .publishers import Publisher

BULK_BYTES = 28 * 1024  # the least markup beside the text; with `bulk_markup` it makes pages of 30-100 KB
MENU_ITEM = '<div class="menu-item"><a href="/menu" class="menu-link"></a></div>'
FIRST_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
LAYOUTS = ("wordpress", "builder", "newspaper", "flat", "minimal")

GIVEN = (
    "Amara", "Bruno", "Celia", "Dario", "Edda", "Farid", "Greta", "Hanno",
    "Ilse", "Jonas", "Kemal", "Lotte", "Mirko", "Nadia", "Osman", "Petra",
)  # fmt: skip
FAMILY = (
    "Abrenko", "Baltari", "Corvane", "Dellwig", "Estrana", "Fontaru",
    "Grunvik", "Halloran", "Ivestri", "Jarosek", "Kallweit", "Lundora",
)  # fmt: skip
ROLES = ("minister", "spokesman", "mayor", "analyst", "governor", "police chief", "engineer", "harbour master")
CITIES = (
    "Nairobi", "Lisbon", "Gdansk", "Valparaiso", "Manila", "Oslo", "Dakar",
    "Tbilisi", "Quito", "Hanoi", "Split", "Accra", "Riga", "Tunis",
)  # fmt: skip
BODIES = (
    ("Northern Rail Authority", "NRA"), ("Union of Port Workers", "UPW"), ("Delta Relief Agency", "DRA"),
    ("Bank of the Two Rivers", "BTR"), ("Coastal Fisheries Board", "CFB"),
)  # fmt: skip
SUBJECTS = (
    "floods",
    "a strike at the port",
    "a fire in a warehouse",
    "the new budget",
    "a train derailment",
    "a storm",
)
MONEY = ("{} million euros", "${} million", "{} billion yen", "£{} million", "{} million zlotys")
REPORTS = (
    "At least {n} people were killed and {m} injured after {subject} near {city}, officials said on {day}.",
    "The {body} ({acronym}) said that {n} families had left their homes in {city} since {day}.",
    "{given} {family}, a {role} in {city}, said the damage would cost {money} to repair.",
    '"We have seen nothing like this in {m} years," {family} said. "The people of {city} need help now."',
    "The {acronym} expects prices to rise by {n}.{d} percent this year, after {m} percent last year.",
    "Between {n} and {total} people gathered in the centre of {city} on {day} evening, according to the police.",
    "Schools in {city} stay closed for {n} days, and about {m},000 pupils will be taught at home.",
    "Engineers have inspected {m} of the {total} bridges between {city} and the coast, the {role} added.",
    "Traders in {city} say that dozens of stalls along the river have not opened since {day}.",
    "An inquiry into {subject} is to report within {n} weeks, and its hearings will be public.",
)


def generated_publishers(sites: int) -> tuple[Publisher, ...]:
    """Return `sites` publishers in turn of every theme."""
    return tuple(
        Publisher(host=f"site-{i:02}.example", name=f"Site {i} News", theme=LAYOUTS[i % len(LAYOUTS)])
        for i in range(sites)
    )


def generated_article(number: int, sites: int) -> WebArticle:
    """Return article `number` of a web of so many sites; the number seeds everything in it."""
    chance = random.Random(number)
    subject, city = chance.choice(SUBJECTS), chance.choice(CITIES)
    family, given = chance.choice(FAMILY), chance.choice(GIVEN)
    paragraphs = tuple(paragraph(chance, subject, city, given, family) for _ in range(chance.randint(6, 60)))
    return WebArticle(
        host=f"site-{number % sites:02}.example",
        slug=f"report-{number:05}",
        title=f"{city} counts the cost of {subject}, report {number}",
        summary=paragraphs[0].split(". ")[0],
        paragraphs=paragraphs,
        published=FIRST_AT + timedelta(minutes=11 * number),
        authors=(f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}",),
    )


def bulk_markup(slug: str, least_bytes: int) -> str:
    """Return one to two times `least_bytes` of markup without text: inline script and empty menu entries.

    Half of it is elements, because a parser pays for nodes, not for bytes of script.
    """
    size = least_bytes + zlib.crc32(slug.encode()) % max(least_bytes, 1)
    script = f"<script>var state='{'0123456789abcdef' * (size // 32)}';</script>" if size else ""
    return script + MENU_ITEM * (size // 2 // len(MENU_ITEM))


def generated_articles(pages: int, sites: int) -> Iterator[WebArticle]:
    return (generated_article(number, sites) for number in range(pages))


def paragraph(chance: random.Random, subject: str, city: str, given: str, family: str) -> str:
    """Two to five sentences that share a subject, a city and a person."""
    lines = []
    for report in chance.sample(REPORTS, chance.randint(2, 5)):
        body, acronym = chance.choice(BODIES)
        n = chance.randint(2, 40)
        lines.append(
            report.format(
                subject=subject, city=city, given=given, family=family, body=body, acronym=acronym,
                role=chance.choice(ROLES), n=n, m=chance.randint(3, 90), d=chance.randint(1, 9), total=n + 90,
                day=chance.choice(("Monday", "Tuesday", "Wednesday", "Friday")),
                money=chance.choice(MONEY).format(chance.randint(2, 900)),
            )
        )  # fmt: skip
    return " ".join(lines)
