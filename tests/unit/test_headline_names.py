"""Names in headlines that write every word with a capital."""

import pytest

from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.headline import plausible_in_headline

BODY = "\n\nThe aid for some of Ukraine came late. Strikes hit the market hall. Osh fell."


@pytest.mark.parametrize(
    ("headline", "tagged", "kept"),
    [
        ("SENATE LEADERS DELAY UKRAINE AID", "UKRAINE AID", ["UKRAINE"]),
        ("Long Delay Hits Ukraine", "Ukraine", ["Ukraine"]),
        ("Fire Guts Market Hall", "Market Hall", []),
        ("Mayor Lena Brandt Quits", "Lena Brandt", ["Lena Brandt"]),
        ("Union of Lock Keepers Strikes Again", "Union of Lock Keepers", ["Union of Lock Keepers"]),
        ("Nobody hurt as market hall burns", "market hall", ["market hall"]),
    ],
)
def test_text_below_decides(headline: str, tagged: str, kept: list[str]) -> None:
    text = headline + BODY
    at, below = text.index(tagged), text.rindex("Ukraine")
    spans = [Span(at, at + len(tagged), "LOC", 0.9), Span(below, below + 7, "LOC", 0.9)]
    found = plausible_in_headline(text, spans, [(0, len(headline))])
    assert [text[span.start : span.end] for span in found if span.start < len(headline)] == kept
    assert spans[1] in found


def test_spans_outside_headlines_stay() -> None:
    spans = [Span(0, 3, "LOC", 0.9)]
    assert plausible_in_headline("Osh is a town", spans, []) == spans
