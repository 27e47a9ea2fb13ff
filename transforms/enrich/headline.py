"""Headlines write ordinary words with capitals; the article below tells which of them are names."""

import re
from collections.abc import Iterable, Sequence

from transforms.enrich.name_span import Span

_WORD = re.compile(r"[^\W\d_]+")
_MOSTLY = 0.6  # share of a headline's longer words with a capital, from which on capitals say nothing


def plausible_in_headline(text: str, spans: Sequence[Span], headlines: Iterable[tuple[int, int]]) -> list[Span]:
    """Return the spans without those in a Title Case headline that the rest of the text does not bear out.

    Such a span stays when its words stand below with their capitals, or when none of its words is ever written in
    lower case. Spans elsewhere stay.
    """
    loud = [(start, end) for start, end in headlines if _is_title_case(text[start:end])]
    if not loud:
        return list(spans)
    inside: list[Span] = []
    elsewhere: list[Span] = []
    for span in spans:
        in_headline = any(start <= span.start and span.end <= end for start, end in loud)
        (inside if in_headline else elsewhere).append(span)
    borne_out = {text[span.start : span.end] for span in elsewhere}
    body = text[: loud[0][0]] + text[loud[-1][1] :]
    lower = {word for word in _WORD.findall(body) if word.islower()}
    kept = [
        span
        for span in inside
        if (surface := text[span.start : span.end]) in borne_out
        or not any(word.lower() in lower for word in _WORD.findall(surface) if len(word) > 3)
    ]
    return sorted(elsewhere + kept)


def _is_title_case(headline: str) -> bool:
    words = [word for word in _WORD.findall(headline) if len(word) > 3]
    return len(words) > 2 and sum(word[0].isupper() for word in words) > _MOSTLY * len(words)
