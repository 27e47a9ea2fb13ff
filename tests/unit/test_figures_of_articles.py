"""What articles of our own showed: one sentence per rule of figures, quotes and dates that came of them."""

from typing import Any

import pytest

from tests.support.enriching import article_of, entity_of
from transforms.enrich.dates import find_dates
from transforms.enrich.figures import find_figures
from transforms.enrich.quotes import find_quotes


def figure(text: str, wanted: str) -> Any:
    return next(each for each in find_figures(article_of(text), {}) if each.text == wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "attribute", "value"),
    [
        ("Tickets cost between $15 and $240.", "$15 and $240", "value_max", 240),
        ("It puts the damage at between $2 billion and $3 billion.", "$2 billion and $3 billion", "value_max", 3e9),
        ("About one in every eight ballots was spoiled.", "one in every eight", "value", 0.125),
        ("Airlines cancelled 1,300 flights and delayed another 4,000.", "4,000", "subject", "flights"),
        ("None of the 3,000 displaced families returned.", "3,000", "subject", "displaced families"),
        ("Revenue in the first quarter fell 31 percent.", "31 percent", "subject", "Revenue"),
        ("The aides received terms of five and seven years.", "five", "kind", "duration"),
        ("None lasted longer than three days.", "three days", "comparator", "more_than"),
        ("Food costs were up by almost a tenth.", "a tenth", "value", 0.1),
        ("The forecast for growth: 5.2–5.4%", "5.2–5.4%", "value_max", 5.4),
        ("The group ranks Peru 121st of 180 countries.", "121st", "kind", "ordinal"),
        ("He has to repay 9.6 million soles.", "9.6 million soles", "unit", "PEN"),
        ("The mob torched 30 shops.", "30", "event", "destroyed"),
        ("WHO says four more districts have cases.", "four", "attribution", "WHO"),
    ],
)
def test_a_figure(text: str, wanted: str, attribute: str, value: object) -> None:
    assert getattr(figure(text, wanted), attribute) == value


@pytest.mark.parametrize("text", ["The revised chip, version 2.1, is late.", "It runs on iOS 17.2 only."])
def test_a_version_is_no_figure(text: str) -> None:
    assert find_figures(article_of(text), {}) == ()


def test_the_port_of_a_town_is_that_town() -> None:
    body = "It shook Palu.\n\nA wave two metres high reached the port of Donggala."
    entities = (entity_of(body, "Palu", "GPE"), entity_of(body, "Donggala", "GPE"))
    assert find_figures(article_of(body), {"entities": entities})[0].place == "Donggala"


@pytest.mark.parametrize(
    ("text", "speaker_text"),
    [
        ("“We need water,” said one survivor.", "one survivor"),
        ("“We cannot eat promises,” one farmer shouted as the minister left.", "one farmer"),
        ("“The minister must go,” read one of the banners.", "one of the banners"),
        ("Ana Bell spoke of “a small miracle.”", "Ana Bell"),
        ("The governor appealed to both sides “to come back to the table.”", "The governor"),
        ("“It will pass,” insists Bell, a nurse.", "Bell"),
        ("WHO says the situation is “a global concern.”", "WHO"),
    ],
)
def test_who_says_it(text: str, speaker_text: str) -> None:
    (quote,) = find_quotes(article_of(text), {})
    assert quote.speaker_text == speaker_text


def test_the_title_of_a_book_is_no_quotation() -> None:
    assert find_quotes(article_of("The novel, titled “The Long Winter of Ada Bell”, won."), {}) == ()


@pytest.mark.parametrize(
    ("text", "wanted", "date"),
    [
        ("It has ruled since 2016.", "2016", "2016"),
        ("It is to fall to 3 percent by 2026.", "2026", "2026"),
        ("Families still suffer from the flood of 2018, he said.", "2018", "2018"),
        ("It spread since the beginning of March.", "March", "2024-03"),
        ("The plant opened last autumn.", "last autumn", None),
        ("It rained over the weekend.", "over the weekend", "2024-05-11"),
    ],
)
def test_a_date(text: str, wanted: str, date: str | None) -> None:
    (found,) = find_dates(article_of(text))
    assert (found.text, found.date) == (wanted, date)


@pytest.mark.parametrize("text", ["It was attended by 2000 people.", "A fleet of 2000 buses waits."])
def test_a_round_number_is_no_year(text: str) -> None:
    assert find_dates(article_of(text)) == ()
