"""What a query matches, said over one document: the meaning that every store's own compiler has to agree with."""

from collections.abc import Iterator
from typing import NamedTuple

from transforms.index.base import Document
from transforms.index.facets import FACETS, MAX_FACET_CHARS, FacetField
from transforms.index.lookups import COLUMNS, Lookup, RowKind, Searched, column_keys, exact_terms, field_values, lookup
from transforms.index.queries import Clause, FieldIs, FigureIs, Query, Words, figure_matches
from transforms.index.words import fold, phrase_in, words_of

__all__ = ["FigureRange", "clause_matches", "facet_values", "field_values", "figure_ranges", "matches", "row_matches"]


class FigureRange(NamedTuple):
    """What a figure stands for when it is searched: of an event or a kind (`name`), from `low` to `high`."""

    name: str
    is_event: bool
    low: float
    high: float


def matches(document: Document, query: Query) -> bool:
    """Tell whether an article is what a query asks for."""
    return all(clause_matches(document, term.clause) is not term.negated for term in query.terms)


def row_matches(row: Document, kind: RowKind, query: Query) -> bool:
    """Tell whether a fact row is what a query asks for, by what stands in the row itself."""
    return all(clause_matches(row, term.clause, kind) is not term.negated for term in query.terms)


def clause_matches(document: Document, clause: Clause, kind: Searched = "articles") -> bool:
    """Tell whether one clause holds for an article, or for a fact row of a kind."""
    sought = lookup(clause, kind)
    if sought:
        return _found(document, sought, kind)
    match clause:
        case FieldIs(field=field, value=value):
            return (field, fold(value)) in exact_terms(document, kind)
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            return any(
                figure_matches(figure.low, figure.high, operator, number)
                for figure in figure_ranges(document if kind == "articles" else {"figures": [document]})
                if (figure.name, figure.is_event) == (name, is_event)
            )
        case Words():
            raise AssertionError(clause)


def facet_values(document: Document, field: FacetField) -> set[str]:
    """Return the values that an article is counted under."""
    if field == "day":
        return {str(document["@timestamp"])[:10]}
    return {value for value in field_values(document, FACETS[field]) if len(value) <= MAX_FACET_CHARS}


def figure_ranges(document: Document) -> Iterator[FigureRange]:
    """Yield the article's figures as they are searched: once under the kind, and once under the event it has."""
    for figure in document.get("figures", ()):
        low = figure["value"]
        high = max(low, figure.get("value_max", low))
        yield FigureRange(figure["kind"], False, low, high)
        if figure.get("event"):
            yield FigureRange(figure["event"], True, low, high)


def _found(document: Document, sought: Lookup, kind: Searched) -> bool:
    for name in sought.columns:
        column = COLUMNS[kind][name]
        if sought.exact:
            values = [list(words_of(value)) for path in column.paths for value in field_values(document, path)]
        else:
            values = column_keys(document, column)
        if any(phrase and phrase_in(phrase, value) for phrase in sought.phrases for value in values):
            return True
    return False
