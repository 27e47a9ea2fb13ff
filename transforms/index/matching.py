"""What a query matches, said over one document: the meaning that every store's own compiler has to agree with."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from transforms.index.base import Document
from transforms.index.queries import (
    EXACT_FIELDS,
    TEXT_FIELDS,
    WORD_FIELDS,
    Clause,
    FieldIs,
    FigureIs,
    Query,
    Words,
    figure_matches,
)  # fmt: skip
from transforms.index.words import fold, phrase_in, words_of


class FigureRange(NamedTuple):
    """What a figure stands for when it is searched: of an event or a kind (`name`), from `low` to `high`."""

    name: str
    is_event: bool
    low: float
    high: float


def matches(document: Document, query: Query) -> bool:
    """Tell whether an article is what a query asks for."""
    return all(clause_matches(document, term.clause) is not term.negated for term in query.terms)


def clause_matches(document: Document, clause: Clause) -> bool:
    """Tell whether one clause holds for an article."""
    match clause:
        case Words(words=words):
            return _has_phrase(document, TEXT_FIELDS, words)
        case FieldIs(field=field, value=value) if field in WORD_FIELDS:
            return _has_phrase(document, WORD_FIELDS[field], words_of(value))
        case FieldIs(field=field, value=value):
            return any(
                fold(each) == fold(value) for path in EXACT_FIELDS[field] for each in field_values(document, path)
            )
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            return any(
                figure_matches(figure.low, figure.high, operator, number)
                for figure in figure_ranges(document)
                if (figure.name, figure.is_event) == (name, is_event)
            )


def field_values(document: Document, path: str) -> list[str]:
    """Return the texts that stand under a dotted field name, through objects and arrays."""
    found: list[Any] = [document]
    for step in path.split("."):
        found = [value[step] for value in found if isinstance(value, dict) and step in value]
        found = [each for value in found for each in (value if isinstance(value, list) else (value,))]
    return [value for value in found if isinstance(value, str)]


def figure_ranges(document: Document) -> Iterator[FigureRange]:
    """Yield the article's figures as they are searched: once under the kind, and once under the event it has."""
    for figure in document.get("figures", ()):
        low = figure["value"]
        high = max(low, figure.get("value_max", low))
        yield FigureRange(figure["kind"], False, low, high)
        if figure.get("event"):
            yield FigureRange(figure["event"], True, low, high)


def _has_phrase(document: Document, paths: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return bool(phrase) and any(
        phrase_in(phrase, words_of(value)) for path in paths for value in field_values(document, path)
    )
