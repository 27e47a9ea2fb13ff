"""Figures in German, French and Spanish: the English grammar's shape over a language's tables.

Less is read than in English: no ordinals, no rates ("per day"), nouns by their capital (German) or plural -s.
"""

import re
from functools import cache
from typing import NamedTuple

from transforms.elements import Figure, SpanField
from transforms.enrich.foreign.context import (
    counted_behind,
    foreign_modifier,
    foreign_modifier_behind,
    is_other,
    measured_before,
)
from transforms.enrich.foreign.date_grammar import foreign_calendar_spans
from transforms.enrich.foreign.events import foreign_event
from transforms.enrich.foreign.numbers import foreign_tokens, lower_at
from transforms.enrich.foreign.readings import FigureReader, ForeignReading
from transforms.enrich.foreign.speech import foreign_source
from transforms.enrich.languages import language
from transforms.enrich.languages.tables import Language
from transforms.enrich.reading.mentions import PLACE_LABELS, Mentions
from transforms.enrich.reading.tokens import Token

MAX_FIGURES_OF_SENTENCE = 200
_COUNTED = frozenset({"count", "ratio"})


class Subject(NamedTuple):
    """What a figure counts, as the text says it, and its head in lower case."""

    phrase: str
    head: str


@cache
def starts(code: str) -> re.Pattern[str]:
    """Return the pattern of what may be a number: the cheap test that most sentences fail."""
    numbers = language(code).numbers
    listed = {*numbers.small, *numbers.scales, *numbers.crowds, *numbers.rounds, *numbers.parts, *numbers.half}
    listed |= {*numbers.several, *numbers.halves, *numbers.each}
    alternatives = "|".join(re.escape(word) for word in sorted(listed, key=lambda word: (-len(word), word)))
    return re.compile(rf"\d|\b(?:{alternatives})\b", re.IGNORECASE)


def figures_of_sentence(
    field: SpanField, text: str, sentence: tuple[int, int], mentions: Mentions, code: str
) -> list[Figure]:
    """Return the figures of one sentence of a text in the language `code`, in order."""
    tables = language(code)
    tokens = foreign_tokens(text, *sentence, tables.numbers)
    readings = _readings(tokens, text, sentence, code, tables)
    if not readings:
        return []
    numbers = frozenset(reading.first for reading in readings)
    source = foreign_source(text, *sentence, code)
    subjects: list[Subject | None] = []
    figures: list[Figure] = []
    events = [_event(tokens, reading, numbers, tables) for reading in readings]
    for k, reading in enumerate(readings):
        before = foreign_modifier(tokens, reading.first, tables.figures)
        behind = foreign_modifier_behind(tokens, reading.stop, tables.figures)
        event = events[k] or _shared_event(tokens, readings, events, k, tables)
        subject = _subject(text, tokens, reading, before.first, tables)
        elliptic = reading.unit.kind == "count" and subject is None
        if elliptic and (event or is_other(tokens, reading.stop, tables) or _acts(tokens, reading, tables)):
            subject = next((each for each in reversed(subjects) if each is not None), None)
        if not _is_worth_it(tokens, reading, subject, event, compared=before.words is not None):
            continue
        if reading.unit.kind == "count":
            subjects.append(subject)
        comparator = before.comparator if before.comparator != "exact" or behind is None else behind.comparator
        if comparator == "exact" and reading.about:
            comparator = "about"
        modifier = " ".join(each.words for each in (before, behind) if each is not None and each.words) or None
        start, end = tokens[reading.first].start, tokens[reading.stop - 1].end
        unit = reading.unit
        figures.append(
            Figure(
                field=field,
                text=text[start:end],
                start_char=start,
                end_char=end,
                kind=unit.kind,
                value=_tidy(reading.value),
                value_max=None if reading.value_max is None else _tidy(reading.value_max),
                vague=reading.vague,
                comparator=comparator,
                modifier=modifier,
                unit=unit.code,
                value_base=None if unit.factor is None else _tidy(reading.value * unit.factor + unit.offset),
                unit_base=unit.base,
                subject=subject.phrase if subject else None,
                subject_head=subject.head if subject else None,
                event=event,
                place=_place(mentions, start, end, sentence),
                attribution=source,
                sentence=text[sentence[0] : sentence[1]],
                confidence=0.8 if unit.kind != "count" or subject else 0.4,
            )
        )
    return figures


def _readings(
    tokens: list[Token], text: str, sentence: tuple[int, int], code: str, tables: Language
) -> list[ForeignReading]:
    reader = FigureReader(tables)
    dates = [(a + sentence[0], b + sentence[0]) for a, b in foreign_calendar_spans(text[slice(*sentence)], code)]
    game = any(token.lower in tables.figures.games for token in tokens)
    readings: list[ForeignReading] = []
    i = c = 0
    while i < len(tokens) and len(readings) < MAX_FIGURES_OF_SENTENCE:
        while c < len(dates) and dates[c][1] <= tokens[i].start:
            c += 1
        if c < len(dates) and dates[c][0] <= tokens[i].start:
            i += 1
            continue
        compared = i > 0 and foreign_modifier(tokens, i, tables.figures).comparator != "exact"
        reading = reader.read(tokens, i, game=game, compared=compared)
        if reading is None:
            i += 1
        elif isinstance(reading, int):
            i = max(i + 1, reading)
        else:
            if not (c < len(dates) and dates[c][0] < tokens[reading.stop - 1].end):
                readings.append(reading)
            i = reading.stop
    return readings


def _event(tokens: list[Token], reading: ForeignReading, numbers: frozenset[int], tables: Language) -> str | None:
    if reading.unit.kind == "duration":
        near = {token.lower for token in tokens[max(0, reading.first - 8) : reading.first]}
        near |= {token.lower for token in tokens[reading.stop : reading.stop + 6]}
        return "sentenced" if near & tables.events.sentence else None
    if reading.unit.kind not in _COUNTED:
        return None
    first = foreign_modifier(tokens, reading.first, tables.figures).first
    return foreign_event(tokens, first, reading.stop, numbers, tables.events, tables.figures)


def _shared_event(
    tokens: list[Token], readings: list[ForeignReading], events: list[str | None], k: int, tables: Language
) -> str | None:
    """Return the event that a figure shares with its neighbour behind "and": "12 Soldaten und 3 Zivilisten getötet"."""
    if readings[k].unit.kind != "count":
        return None
    for other in (k + 1, k - 1):
        if not 0 <= other < len(readings) or readings[other].unit.kind != "count" or events[other] is None:
            continue
        left, right = sorted((k, other))
        counted = counted_behind(tokens, readings[left].stop, tables.figures)
        stop = counted[1] if counted else readings[left].stop
        if lower_at(tokens, stop) in tables.figures.ands and readings[right].first - stop < 4:
            said = any(tokens[j].text in tables.events.states for j in range(readings[left].stop, stop))
            return None if said and other == left else events[other]  # drei Tote und 4.000 Menschen in Notunterkünften
    return None


def _subject(text: str, tokens: list[Token], reading: ForeignReading, first: int, tables: Language) -> Subject | None:
    if reading.counted is not None:
        start, stop = reading.counted
        return Subject(text[tokens[start].start : tokens[stop - 1].end], tokens[stop - 1].lower)
    if reading.unit.kind in ("age", "score") or is_other(tokens, reading.stop, tables):
        return None
    found = counted_behind(tokens, reading.stop, tables.figures)
    if found is not None and _is_passive(tokens[found[2]].lower, tables):
        return None  # 31 personnes ont été tuées et 120 blessées
    partly = reading.unit.kind in ("measure", "percent") and lower_at(tokens, reading.stop) in tables.figures.of
    if found is not None and (partly or reading.unit.kind in _COUNTED):
        start, stop, head = found
        return Subject(text[tokens[start].start : tokens[stop - 1].end], tokens[head].lower)
    before = measured_before(tokens, first, tables.figures)
    if before is None:
        return None
    head = before[1] - 1 if tables.figures.nouns == "capital" else before[0]
    return Subject(text[tokens[before[0]].start : tokens[before[1] - 1].end], tokens[head].lower)


def _is_passive(head: str, tables: Language) -> bool:
    return bool(tables.figures.passive) and head.endswith(tables.figures.passive) and head in tables.events.states


def _acts(tokens: list[Token], reading: ForeignReading, tables: Language) -> bool:
    return lower_at(tokens, reading.stop) in tables.figures.auxiliaries


def _is_worth_it(
    tokens: list[Token], reading: ForeignReading, subject: Subject | None, event: str | None, *, compared: bool
) -> bool:
    """Tell a figure from a number word that counts nothing: "one of them", "several", "the two"."""
    if reading.unit.kind != "count":
        return True
    if reading.value == 1 and tokens[reading.first].kind == "word":
        return False
    if reading.vague and reading.scale == 1:
        return subject is not None and event is not None
    spelt = tokens[reading.first].kind != "number" and reading.scale == 1
    return not spelt or subject is not None or event is not None or compared


def _place(mentions: Mentions, start: int, end: int, sentence: tuple[int, int]) -> str | None:
    places = [named for named in mentions.overlapping(*sentence) if named.label in PLACE_LABELS]
    nearest = min(places, key=lambda named: max(named.start - end, start - named.end), default=None)
    return nearest.name if nearest else None


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")
