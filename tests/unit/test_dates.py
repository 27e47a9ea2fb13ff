"""Dates named in an article published on Monday, 13 May 2024."""

from dataclasses import replace

import pytest

from tests.support.enriching import article_of
from transforms.enrich.dates import ENRICHER, find_dates


@pytest.mark.parametrize(
    ("body", "text", "date", "precision", "relative"),
    [
        ("It opened on May 12, 2024.", "May 12, 2024", "2024-05-12", "day", False),
        ("It opened on 12 May.", "12 May", "2024-05-12", "day", False),
        ("It opened on 12 May 2019.", "12 May 2019", "2019-05-12", "day", False),
        ("It opened on the 3rd of June, 2020.", "3rd of June, 2020", "2020-06-03", "day", False),
        ("Built on Dec. 4, it held.", "Dec. 4", "2023-12-04", "day", False),
        ("Dated 2024-05-12 by hand.", "2024-05-12", "2024-05-12", "day", False),
        ("In March 2021 it closed.", "March 2021", "2021-03", "month", False),
        ("It closed in December.", "December", "2023-12", "month", False),
        ("It closed in June.", "June", "2024-06", "month", False),
        ("It closed in 1998.", "1998", "1998", "year", False),
        ("They met on Sunday.", "Sunday", "2024-05-12", "day", True),
        ("They met Monday.", "Monday", "2024-05-13", "day", True),
        ("They met last Monday.", "last Monday", "2024-05-06", "day", True),
        ("They will meet on Tuesday.", "Tuesday", "2024-05-14", "day", True),
        ("They meet next Friday.", "next Friday", "2024-05-17", "day", True),
        ("They met yesterday.", "yesterday", "2024-05-12", "day", True),
        ("It fell last week.", "last week", "2024-05-06", "day", True),
        ("A week ago it rained.", "A week ago", "2024-05-06", "day", True),
        ("It rained three days ago.", "three days ago", "2024-05-10", "day", True),
        ("It rained two months ago.", "two months ago", "2024-03", "month", True),
        ("It rained 10 years ago.", "10 years ago", "2014", "year", True),
        ("Earlier this month it rained.", "Earlier this month", "2024-05", "month", True),
        ("Next year it may rain.", "Next year", "2025", "year", True),
        ("It rained a few days ago.", "a few days ago", None, None, True),
        ("It rained in recent days.", "in recent days", None, None, True),
        ("On February 30, 2024 nothing fell.", "February 30, 2024", None, None, False),
    ],
)
def test_a_date_is_found_and_resolved(
    body: str, text: str, date: str | None, precision: str | None, relative: bool
) -> None:
    (found,) = find_dates(article_of(body))
    assert (found.text, found.date, found.precision, found.relative) == (text, date, precision, relative)
    assert body[found.start_char : found.end_char] == text


@pytest.mark.parametrize(
    "body", ["They may 12 times.", "Marching on.", "The 1-2-3 rule.", "It has 2000 rooms.", "A march 5 miles long."]
)
def test_what_is_no_date(body: str) -> None:
    assert find_dates(article_of(body)) == ()


def test_without_a_day_of_publication_only_full_dates_resolve() -> None:
    found = find_dates(article_of("On Sunday, 12 May and May 12, 2024 it rained.", published=None))
    assert [(mention.text, mention.date) for mention in found] == [
        ("Sunday", None),
        ("12 May", None),
        ("May 12, 2024", "2024-05-12"),
    ]


def test_the_day_is_the_publishers() -> None:
    late = replace(article_of("It fell yesterday."), published_local="2024-05-14T01:00:00+13:00")
    assert find_dates(late)[0].date == "2024-05-13"


def test_another_language_has_no_dates() -> None:
    assert find_dates(article_of("On Sunday it rained.", language="de")) == ()


def test_the_enricher_gives_its_field() -> None:
    assert set(ENRICHER.load()(article_of("It rained."), {})) == set(ENRICHER.fields) == {"dates"}
