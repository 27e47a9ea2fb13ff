"""An article's text cut where something was found in it: names, figures, quotes, dates."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from pipeline.output import line, line_part
from transforms.index.base import Document

MAX_SPANS = 2_000  # of one field; a hostile page may repeat a name as often as it has room for
_PARAGRAPH_END = re.compile("\n\n+")
_KINDS = ("entity", "figure", "quote", "date")


@dataclass(frozen=True, kw_only=True)
class Span:
    """Something found, at `start` to `end` (code points, half open) of a field; `about` says what it is, in words."""

    kind: str
    start: int
    end: int
    about: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of text in which nothing begins or ends. `kinds` and `about` are of all that cover it."""

    text: str
    kinds: str = ""
    about: str = ""


def marked(document: Document, field: str) -> tuple[tuple[Piece, ...], ...]:
    """Return the paragraphs of a field in pieces; their text is the field's, control characters replaced.

    A span that does not have the text it claims (CONTRACT: `document[field][start:end] == text`) marks nothing.
    """
    text = document.get(field)
    if not isinstance(text, str) or not text:
        return ()
    spans = sorted(_spans(document, field, text), key=lambda span: (span.start, -span.end))[:MAX_SPANS]
    gaps = [found.span() for found in _PARAGRAPH_END.finditer(text)]
    cuts = {0, len(text), *chain.from_iterable(gaps), *chain.from_iterable((span.start, span.end) for span in spans)}
    gap_at = dict(gaps)
    paragraphs: list[list[Piece]] = [[]]
    open_spans: list[Span] = []
    waiting = spans[::-1]
    gap_end = 0
    for left, right in pairwise(sorted(cuts)):
        open_spans = [span for span in open_spans if span.end > left]
        while waiting and waiting[-1].start <= left:
            open_spans.append(waiting.pop())
        if left in gap_at:
            gap_end = gap_at[left]
            paragraphs.append([])
        if left >= gap_end:
            paragraphs[-1].append(_piece(text[left:right], open_spans))
    return tuple(tuple(paragraph) for paragraph in paragraphs if paragraph)


def _piece(text: str, spans: Sequence[Span]) -> Piece:
    found = {span.kind for span in spans}
    about = "; ".join(dict.fromkeys(span.about for span in reversed(spans) if span.about))
    return Piece(text=line_part(text), kinds=" ".join(kind for kind in _KINDS if kind in found), about=about)


def _spans(document: Document, field: str, text: str) -> Iterator[Span]:
    for entity in _objects(document.get("entities")):
        about = _words(entity.get("label"), entity.get("name"), entity.get("role"), entity.get("country"))
        for mention in _objects(entity.get("mentions")):
            yield from _span("entity", mention, field, text, about)
    for figure in _objects(document.get("figures")):
        yield from _span("figure", figure, field, text, _figure(figure))
    for quote in _objects(document.get("quotes")):
        speaker = quote.get("speaker") or quote.get("speaker_text") or "unknown speaker"
        yield from _span("quote", quote, field, text, _words("quote", speaker, quote.get("speaker_role")))
    for each in _objects(document.get("dates")):
        yield from _span("date", each, field, text, _words("date", each.get("date")))


def _span(kind: str, found: Mapping[str, Any], field: str, text: str, about: str) -> Iterator[Span]:
    start, end = found.get("start_char"), found.get("end_char")
    if found.get("field") != field or not isinstance(start, int) or not isinstance(end, int):
        return
    if 0 <= start < end <= len(text) and text[start:end] == found.get("text"):
        yield Span(kind=kind, start=start, end=end, about=about)


def _figure(figure: Mapping[str, Any]) -> str:
    value, value_max = figure.get("value"), figure.get("value_max")
    number = number_text(value) + (f" to {number_text(value_max)}" if value_max is not None else "")
    return _words(
        figure.get("kind"),
        f"{number} {figure.get('unit') or ''}",
        figure.get("event"),
        figure.get("subject"),
        figure.get("place"),
        f"according to {figure['attribution']}" if figure.get("attribution") else None,
    )


def number_text(value: object) -> str:
    """Return a number as people read it.

    >>> number_text(1400000.0), number_text(2.5), number_text("x")
    ('1,400,000', '2.5', 'x')
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.0f}" if abs(value) < 1e15 and value == int(value) else f"{value:,g}"
    return line(value)


def _words(*parts: object) -> str:
    return ", ".join(text for part in parts if (text := line(part)))


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
