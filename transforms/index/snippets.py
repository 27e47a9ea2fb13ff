"""The passages of an article that show why it was found, the same for every store."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from transforms.index.base import Document
from transforms.index.lookups import COLUMNS, Lookup, lookup
from transforms.index.queries import Clause, FieldIs, FigureIs, Query, Words, figure_matches
from transforms.index.stems import alternatives_of, keys_of, stemmed_language
from transforms.index.words import word_spans

START, END = "\x02", "\x03"  # around what matched: in no text, so that each output can show it in its own way
MAX_SNIPPETS = 3
SNIPPET_CHARS = 160
MAX_MARKS = 500  # per field: a word that stands there more often than that needs no better choice
_FIELDS = ("body", "summary", "subtitle", "title")  # the title is shown anyway: only when nothing else matches
_CONTROLS = dict.fromkeys((*range(32), 127), " ")
_WORD_CLAUSES = ("person", "place", "org", "speaker", "figure", "title")


class _Mark(NamedTuple):
    start: int
    end: int
    clause: int


class _Passage(NamedTuple):
    clauses: int
    marks: int
    start: int
    end: int


def snippets(document: Document, query: Query) -> tuple[str, ...]:
    r"""Return up to three passages of about 160 characters, best first, what matched between \x02 and \x03.

    Best is what shows most of the query's terms at once. Negated terms and terms about the page (`site:`, `tag:`) show
    nowhere; a query of only such terms gives no passages. A cut is shown by an ellipsis.
    """
    clauses = [term.clause for term in query.terms if not term.negated]
    found: list[tuple[_Passage, str]] = []
    for field in _FIELDS:
        text = document.get(field) or ""
        marks = _marks(document, field, text, clauses) if text and (field != "title" or not found) else []
        found += [(passage, _cut(text, passage, marks)) for passage in _passages(marks)]
    found.sort(key=lambda each: (-each[0].clauses, -each[0].marks))
    texts = dict.fromkeys(snippet for _, snippet in found)  # a summary often repeats the body
    return tuple(texts)[:MAX_SNIPPETS]


def _marks(document: Document, field: str, text: str, clauses: list[Clause]) -> list[_Mark]:
    marks: set[_Mark] = set()
    spans, language = word_spans(text), stemmed_language(document.get("language"))
    for number, clause in enumerate(clauses):
        if sought := _sought(clause):
            marks |= {
                _Mark(spans[first][1], spans[last][2], number) for first, last in _places(spans, sought, language)
            }
        for figure in document.get("figures", ()):
            if figure["field"] == field and _shows(figure, clause) and figure["end_char"] <= len(text):
                marks.add(_Mark(figure["start_char"], figure["end_char"], number))
    return sorted(marks)[:MAX_MARKS]


def _sought(clause: Clause) -> Lookup | None:
    shown = isinstance(clause, Words) or (isinstance(clause, FieldIs) and clause.field in _WORD_CLAUSES)
    return lookup(clause) if shown else None


def _places(spans: list[tuple[str, int, int]], sought: Lookup, language: str) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of each place in a text where what is sought stands."""
    words = [word for word, _, _ in spans]
    stemmed = sought.exact or COLUMNS["articles"][sought.columns[0]].stemmed
    keys = words if sought.exact else keys_of(words, language if stemmed else "")
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sought.phrases:
        by_first.setdefault(phrase[0] if phrase else "", []).append(phrase)
    for at, key in enumerate(keys):
        for phrase in by_first.get(key, ()):
            if tuple(keys[at : at + len(phrase)]) == phrase:
                yield at, at + len(phrase) - 1
        others = alternatives_of(words[at : at + 1], language) if stemmed and not words[at].isascii() else ()
        if not sought.exact and any((other,) in by_first.get(other, ()) for other in others):
            yield at, at


def _shows(figure: dict[str, Any], clause: Clause) -> bool:
    match clause:
        case FigureIs(name=name, is_event=is_event, operator=operator, number=number):
            same = figure.get("event" if is_event else "kind") == name
            return same and figure_matches(figure["value"], figure.get("value_max"), operator, number)
        case FieldIs(field="event" | "kind" as field, value=value):
            return bool(figure.get(field) == value.lower())
    return False


def _passages(marks: list[_Mark]) -> list[_Passage]:
    """Return passages that do not overlap, each from a mark to the last one within reach, best first."""
    room = SNIPPET_CHARS * 3 // 4  # the rest is context
    candidates = []
    for at, first in enumerate(marks):
        within = [mark for mark in marks[at : at + 50] if mark.end - first.start <= room] or [first]
        end = max(mark.end for mark in within)
        candidates.append(_Passage(len({mark.clause for mark in within}), len(within), first.start, end))
    candidates.sort(key=lambda passage: (-passage.clauses, -passage.marks, passage.start))
    chosen: list[_Passage] = []
    for passage in candidates:
        if all(passage.start >= other.end + room or passage.end <= other.start - room for other in chosen):
            chosen.append(passage)
            if len(chosen) == MAX_SNIPPETS:
                break
    return chosen


def _cut(text: str, passage: _Passage, marks: list[_Mark]) -> str:
    """Return a passage with context up to the limits of its paragraph, cut between words."""
    context = max(SNIPPET_CHARS - (passage.end - passage.start), 40) // 2
    first = text.rfind("\n\n", 0, passage.start) + 2 if "\n\n" in text[: passage.start] else 0
    last = text.find("\n\n", passage.end) % (len(text) + 1)  # -1, not found, is the end of the text
    start, end = max(first, passage.start - context), min(last, passage.end + context)
    if start > first:
        start = text.find(" ", start, passage.start) + 1 or passage.start
    if end < last:
        end = max(text.rfind(" ", passage.end, end), passage.end)
    clean, shown, at = text.translate(_CONTROLS), [], start
    for mark in marks:
        if at <= mark.start and mark.end <= end:
            shown += [clean[at : mark.start], START, clean[mark.start : mark.end], END]
            at = mark.end
    shown.append(clean[at:end])
    cut = " ".join("".join(shown).split())
    return f"{'…' if start > first else ''}{cut}{'…' if end < last else ''}"
