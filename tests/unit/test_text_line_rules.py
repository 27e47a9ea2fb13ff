"""What a line is by its form alone."""

import pytest

from transforms.text.boilerplate import PageClues, filter_lines
from transforms.text.line_rules import (
    is_address_on,
    is_contact,
    is_copyright,
    is_date,
    is_separator,
    is_table_rule,
    pull_quotes,
)
from transforms.text.phrases import load_phrases

QUOTE = "“We will not close the ferry line before the bridge is open,” he said"


@pytest.mark.parametrize(
    "line",
    [
        "Monday, 24 November 2025 at 7:15 am",
        "Updated: Nov. 24, 2025, 9.30 p.m. EST",
        "24. November 2025 um 19:15 Uhr",
        "Publié le 24 novembre 2025 à 7h15",
        "segunda-feira, 24 de novembro de 2025 às 7:15",
        "24 ноября 2025 г. 19:15",
        "24 listopada 2025, 19:15",
        "2025年11月24日（月）19時15分",
        "2025-11-24 19:15",
    ],
)
def test_line_of_date_and_time_alone_is_a_date(line: str) -> None:
    assert is_date(line)


@pytest.mark.parametrize(
    "line",
    [
        "In 2025",
        "May 5 was a Monday.",
        "29 November 2018 | 20 January 2019",
        "02-751-1500",
        "1 2 3",
        "March",
        "",
        "2 of 3",
    ],
)
def test_line_that_says_more_or_less_is_no_date(line: str) -> None:
    assert not is_date(line)


def test_separators_and_table_rules_hold_no_letter() -> None:
    assert is_separator("* * *")
    assert is_separator("___")
    assert not is_separator("* a *")
    assert is_table_rule("|---|:--|")
    assert not is_table_rule("| 1 | 2 |")


def test_address_of_a_page_on_the_site_is_no_text() -> None:
    assert is_address_on("https://www.gazette.example/news/harbour", "gazette.example")
    assert not is_address_on("https://www.gazette.example/", "gazette.example")
    assert not is_address_on("https://shop.example/item/1", "gazette.example")
    assert not is_address_on("See https://www.gazette.example/news/harbour", "gazette.example")


def test_line_that_begins_with_the_sign_of_copyright_is_no_text() -> None:
    assert all(map(is_copyright, ["© 2025 AFP", "| © The Gazette 2025, alle Rechte vorbehalten"]))
    assert not any(
        map(is_copyright, ["© Reuters / Ann Lee", "The © sign of 2025.", "© 2025 " + "A long paragraph. " * 20])
    )


def test_contact_names_an_address_to_write_to() -> None:
    assert is_contact("Write to Ann Lee at ann.lee@gazette.example")
    assert not is_contact("Write to your member of parliament at once")
    assert not is_contact("The letter came from ann.lee@gazette.example on Monday.")


def test_quote_shown_a_second_time_is_a_pull_quote() -> None:
    lines = [f"The mayor was firm. {QUOTE} on Tuesday.", QUOTE.removesuffix(" he said"), "He left."]
    assert pull_quotes(lines) == {1}
    assert pull_quotes(lines[1:]) == frozenset()
    assert pull_quotes(["“The end”", "It was “the end” for all of them, and for the ferry, too."]) == frozenset()


def test_dates_and_names_go_at_the_edges_only() -> None:
    text = [f"Sentence {n} of the story tells what happened on the quay." for n in range(10)]
    date = "Monday, 24 November 2025"
    clues = PageClues(authors=("Ann Lee",), captions=("The ferry leaves the old harbour",))
    found = filter_lines(
        [date, "Ann Lee", *text[:5], date, "Ann Lee", "The ferry leaves the old harbour.", *text[5:], date],
        clues=clues,
        phrases=load_phrases(),
        language="en",
    )
    assert [removed.rule for removed in found.removed] == ["date", "byline", "caption", "date"]
    assert found.lines == (*text[:5], date, "Ann Lee", *text[5:])
