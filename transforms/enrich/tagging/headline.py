"""Headlines write ordinary words with capitals; the article below tells which of them are names."""

import re
from collections.abc import Collection, Iterable, Sequence

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span

_WORD = re.compile(r"[^\W\d_]+")
_MOSTLY = 0.6  # share of a headline's longer words with a capital, from which on capitals say nothing


def plausible_in_headline(text: str, spans: Sequence[Span], headlines: Iterable[tuple[int, int]]) -> list[Span]:
    """Return the spans without those in a Title Case headline that the rest of the text does not bear out.

    Such a span stays when it stands below as a name too, or when none of its words is ever written in lower case; it is
    cut to the name when only its ends are ordinary words. Spans elsewhere stay.
    """
    loud = [(start, end) for start, end in headlines if _is_title_case(text[start:end])]
    if not loud:
        return list(spans)
    inside: list[Span] = []
    elsewhere: list[Span] = []
    for span in spans:
        in_headline = any(start <= span.start and span.end <= end for start, end in loud)
        (inside if in_headline else elsewhere).append(span)
    borne_out = {text[span.start : span.end].casefold() for span in elsewhere}
    body = text[: loud[0][0]] + text[loud[-1][1] :]
    lower = {word for word in _WORD.findall(body) if word.islower()} - name_lists.SMALL_WORDS
    kept = []
    for span in inside:
        whole = text[span.start : span.end]
        ordinary = any(word.lower() in lower for word in _WORD.findall(whole))
        if whole.casefold() in borne_out or not ordinary:
            kept.append(span)
            continue
        cut = _without_ordinary_ends(text, span, lower)
        if text[cut.start : cut.end].casefold() in borne_out:
            kept.append(cut)
    return sorted(elsewhere + kept)


def _without_ordinary_ends(text: str, span: Span, lower: Collection[str]) -> Span:
    """Cut words at both ends that the text below writes in lower case: UKRAINE AID is Ukraine."""
    parts = list(_WORD.finditer(text, span.start, span.end))
    while len(parts) > 1 and parts[-1].group().lower() in lower:
        parts.pop()
    while len(parts) > 1 and parts[0].group().lower() in lower:
        parts.pop(0)
    return span._replace(start=parts[0].start(), end=parts[-1].end())


def _is_title_case(headline: str) -> bool:
    words = [word for word in _WORD.findall(headline) if len(word) > 3]
    return len(words) > 2 and sum(word[0].isupper() for word in words) > _MOSTLY * len(words)
