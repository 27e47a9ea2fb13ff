"""Figures, quotes and dates of German, French and Spanish on any text: true spans, no exception, no blow-up."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.enriching import article_of
from transforms.enrich import dates, figures, quotes
from transforms.enrich.languages import LANGUAGES
from transforms.enrich.reading.words import words

# Pieces of the three grammars, so that generated text is nearly right most of the time.
PIECES = [*words(
    """1 12 1.234 2,5 1,234.5 007 2024 18.30 $ € % - – . , : / ( ) „ “ « » " ' d' l' ° C km km/h Mio. Mrd. Millionen mil
    millones million d'euros Euro de und et y o oder bis à a zwischen entre von sur cada zwei deux dos cinq treinta
    Drittel tiers tercios Hälfte jeder dritte Dutzende dizaines decenas Tausende milliers miles mehrere plusieurs varios
    une ein un Menschen personnes Tote morts heridos getötet tués murieron verletzte ont a tué han stieg auf
    Jahre ans años jährige minus bajo cero Mai mai mayo Montag lundi pasado vor il y a hace Tagen jours semana letzte
    Woche gestern hier laut selon según sagte dit dijo Uhr Artikel 3:1 gewann"""
), "\u00a0", "\n", "\n\n"]  # fmt: skip
PIECES.sort()
news_like = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
glued = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
any_text = news_like | glued | st.text(max_size=200)
no_clock = settings(deadline=None)  # the machine may be busy


def enriched(body: str, language: str) -> dict[str, Any]:
    article = article_of(body, language=language)
    found: dict[str, Any] = {}
    for module in (figures, quotes, dates):
        found |= module.ENRICHER.load()(article, found)
    return found


@no_clock
@given(any_text, st.sampled_from(LANGUAGES))
def test_every_span_is_the_text_of_its_field(body: str, language: str) -> None:
    article = article_of(body, language=language)
    found = enriched(body, language)
    for name in ("figures", "quotes", "dates"):
        for item in found[name]:
            assert getattr(article, item.field)[item.start_char : item.end_char] == item.text != ""
    for left, right in itertools.pairwise(found["figures"]):
        assert left.end_char <= right.start_char
    for item in found["figures"]:
        assert item.value_max is None or item.kind == "score" or item.value_max > item.value
    assert found == enriched(body, language)


HOSTILE = [
    "1", "1.", ",111", "1 111 ", "1-", "1:", "$", "1 bis ", "mil ", "cent ", "deux-", "zwischen 1 und ", "treinta y ",
    "un ", "d'", "une dizaine de ", "jeder ", "vor 1 ", "il y a un ", "hace ", "12. Mai ", "lundi ", "el próximo ",
    "tötete 4 und ", "1 sur ", "de cada ", "laut A ", "„", "« ", "4 Tote\n", "°", "-", " ", "\n",
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_text_of_one_pattern_is_read(piece: str, language: str) -> None:
    # A quadratic step would take minutes here; the test has no clock, the whole suite's limit is one.
    found = enriched(piece * (40_000 // len(piece)), language)
    assert all(len(found[name]) <= 200 for name in ("figures", "quotes", "dates"))
