"""What happened to one figure did not happen to the next, where the word for it belongs to the first alone."""

import pytest

from tests.support.enriching import article_of
from transforms.enrich.figures import find_figures


@pytest.mark.parametrize(
    ("language", "sentence", "events"),
    [
        ("en", "Three dead and 4,000 in shelters after the flood.", ["killed", None]),
        ("en", "Three people died and about 4,000 people were in shelters.", ["killed", None]),
        ("en", "Police said three were killed and 40 firefighters were at the scene.", ["killed", None]),
        ("de", "Es gab drei Tote und 4.000 Menschen in Notunterkünften.", ["killed", None]),
        ("es", "Hubo cuatro muertos y 300 vecinos en albergues.", ["killed", None]),
        ("fr", "Il y a eu quatre morts et 300 habitants dans des abris.", ["killed", None]),
        # what does belong to both, stays with both
        ("de", "12 Soldaten und 3 Zivilisten wurden getötet.", ["killed", "killed"]),
    ],
)
def test_an_event_is_shared_only_where_its_word_is(language: str, sentence: str, events: list[str | None]) -> None:
    figures = find_figures(article_of(sentence, language=language), {})
    assert [figure.event for figure in figures if figure.kind == "count"] == events
