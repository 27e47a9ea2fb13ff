"""Sentences, figures, quotes and dates on any text: true spans, the same twice, no exception, no blow-up."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.enriching import article_of, entity_of
from transforms.elements import SPAN_FIELDS
from transforms.enrich import dates, figures, quotes
from transforms.enrich.languages import LANGUAGES
from transforms.enrich.reading.words import words

# Pieces of the grammars, so that generated text is nearly right most of the time.
PIECES = [*words(
    """1 12 1,234 2.5 007 2024 $ € % - – . , : / ( ) “ ” „ « » " ' ’ ½ °C km km/h m million bn hundred two dozen half a
    an the few couple of to and or between from in per day years old killed wounded people Monday May Sept. 12th first
    third said told Bell according U.N. minus aged one out last week ago earlier this month + # @ = _ 中 ، é"""
), "\n", "\n\n"]  # fmt: skip
PIECES.sort()
news_like = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
glued = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
any_text = news_like | glued | st.text(max_size=200)


no_clock = settings(deadline=None)  # the machine may be busy


def enriched(body: str, title: str) -> dict[str, Any]:
    article = article_of(body, title=title)
    found: dict[str, Any] = {
        "entities": (entity_of(body, "Mara Bell", "PERSON", "Bell"), entity_of(body, "May", "GPE"))
    }
    for module in (figures, quotes, dates):
        found |= module.ENRICHER.load()(article, found)
    return found


@no_clock
@given(any_text, news_like)
def test_every_span_is_the_text_of_its_field(body: str, title: str) -> None:
    article = article_of(body, title=title)
    found = enriched(body, title)
    for name in ("figures", "quotes", "dates"):
        for item in found[name]:
            assert item.field in SPAN_FIELDS
            assert getattr(article, item.field)[item.start_char : item.end_char] == item.text != ""


@no_clock
@given(any_text)
def test_figures_do_not_overlap_and_ranges_ascend(body: str) -> None:
    spans = [(item.start_char, item.end_char) for item in enriched(body, "")["figures"]]
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    for item in enriched(body, "")["figures"]:
        assert 0 <= item.confidence <= 1
        assert item.value_max is None or item.kind == "score" or item.value_max > item.value


@no_clock
@given(any_text)
def test_the_same_text_gives_the_same_result(body: str) -> None:
    assert enriched(body, body) == enriched(body, body)


HOSTILE = [
    "1", "1,", ",111", "1 111 ", "1-", "1.", "1:", "$", "$1 ", "1 to ", "hundred ", "one hundred and ", "one ",
    "a few ", "between 1 and ", "half a ", "-1 ", ". 1", "4 men\n", "killed 4 and ", "said ", "according to ", "“", '"',
    "“a” ", "‘as’ ", "‘a ", "«", "Monday ", "May 1 ", "in ", "A. ", "twenty-", "of ", "(", " ", "\n",
]  # fmt: skip


@pytest.mark.parametrize("run", [figures.find_figures, quotes.find_quotes], ids=["figures", "quotes"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_quarter_megabyte_of_one_pattern_is_read(piece: str, run: Callable[..., tuple[Any, ...]]) -> None:
    # A quadratic step would take minutes here; the test has no clock, the whole suite's limit is one.
    assert len(run(article_of(piece * (250_000 // len(piece))), {})) <= 200


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_quarter_megabyte_of_one_pattern_has_bounded_dates(piece: str) -> None:
    assert len(dates.find_dates(article_of(piece * (250_000 // len(piece))))) <= dates.MAX_DATES


@pytest.mark.parametrize("language", ["it", "ar", "zh-Hans"])
def test_english_rules_do_not_read_other_languages(language: str) -> None:
    article = article_of("Killed 12 people on May 12.", language=language)
    assert figures.find_figures(article, {}) == dates.find_dates(article) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_with_tables_is_read_by_its_own_words(language: str) -> None:
    article = article_of("At least a dozen people were killed last Monday, on May 12.", language=language)
    assert [figure.event for figure in figures.find_figures(article, {})] in ([], [None])
    assert dates.find_dates(article) == ()
