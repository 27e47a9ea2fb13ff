"""Figures of an article: numbers with their unit, what they count, what happened to it, where, and who says so."""

import re
from dataclasses import replace
from itertools import islice

from transforms.elements import Article, Comparator, Figure, SpanField
from transforms.enrich.amounts.date_grammar import calendar_spans
from transforms.enrich.amounts.figure_context import (
    Modifier,
    modifier_before,
    modifier_behind,
    rate,
    subject_before,
    subject_behind,
)
from transforms.enrich.amounts.figure_events import event_of_duration, find_event, lives_claimed
from transforms.enrich.amounts.figure_grammar import Reading, Skip, may_start, read_figure
from transforms.enrich.amounts.numbers import NUMBER_WORDS
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.foreign.figures import figures_of_sentence, starts
from transforms.enrich.languages import LANGUAGES
from transforms.enrich.reading.language import language_of
from transforms.enrich.reading.mentions import Mentions
from transforms.enrich.reading.sentences import sentences
from transforms.enrich.reading.tokens import Token, tokenize
from transforms.enrich.reading.words import words
from transforms.enrich.speaking.speech import VOICED, Speech, blank_quotations, find_speech, is_pronoun

MAX_SENTENCES = 5_000  # with a number, per article: one costs up to 50 us even when it holds no figure
MAX_FIGURES = 200  # per article: a market report has about a hundred, more is a table that lost its mark-up
_HAS_NUMBER = re.compile(
    r"\d|[½¼¾⅓⅔]|\b(?:minutes|hours|days|weeks|months|years|decades|an?\s(?:hour|day|week|month|year|decade)|"
    + "|".join(sorted(NUMBER_WORDS, key=lambda word: (-len(word), word)))
    + r")\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^“”\n]{1,600}[”\n]|\"[^\"\n]{1,600}\"")
_CLOSES = re.compile(r"(?:\s\w+){0,3}\s?(?:[.,;:!?—–]|$)", re.MULTILINE)  # "..., police said Sunday."
_LASTS = words("for lasted last lasts lasting took take takes taking spent after in of is was been be with waited")
_EVENT_KINDS = frozenset({"count", "ratio", "percent"})
_NO_SOURCE = words("concluded continued called calls asked asks joked") | VOICED  # they say no figure
_PRONOUN_SUBJECTS = words("others more another")
_ANOTHER = words("another further additional")
_OF_THEM = (["of", "them"], ["of", "whom"], ["of", "which"], ["of", "those"], ["of", "these"])


def find_figures(article: Article, found: Found) -> tuple[Figure, ...]:
    """Return the figures of title and body in order, at most `MAX_FIGURES`.

    English in full depth, German, French and Spanish by their tables; empty for an article in another language.
    Places come from `found["entities"]` when it is there. A score's numbers are in `value` and `value_max`. Linear in
    the length of the text.
    """
    figures: list[Figure] = []
    language = language_of(article)
    if language not in ("en", *LANGUAGES):
        return ()
    has_number = _HAS_NUMBER if language == "en" else starts(language)
    for field, text in texts(article, ("title", "body")):
        mentions = Mentions(found, field)
        numbered = (sentence for sentence in sentences(text) if has_number.search(text, *sentence))
        for sentence in islice(numbered, MAX_SENTENCES):
            if language == "en":
                figures += _of_sentence(field, text, sentence, mentions)
            else:
                figures += figures_of_sentence(field, text, sentence, mentions, language)
            if len(figures) >= MAX_FIGURES:
                return tuple(figures[:MAX_FIGURES])
    return tuple(figures)


def _of_sentence(field: SpanField, text: str, sentence: tuple[int, int], mentions: Mentions) -> list[Figure]:
    tokens = tokenize(text, *sentence)
    readings = read_sentence(tokens, text[sentence[0] : sentence[1]], sentence[0])
    if not readings:
        return []
    numbers = frozenset(reading.first for reading in readings)
    sources = find_speech(_without_quotations(text, sentence), *sentence)
    built: list[Figure] = []
    for reading in readings:
        figure = _figure(field, text, sentence, tokens, reading, numbers, built[-1] if built else None)
        if figure is None:
            continue
        built.append(
            _placed(figure, mentions.place_near(text, figure.start_char, figure.end_char, sentence), text, sources)
        )
    return built


def read_sentence(tokens: list[Token], sentence: str, offset: int) -> list[Reading]:
    """Return the readings of a sentence's tokens in order; `offset` is where the sentence starts in its text."""
    calendar = [(start + offset, end + offset) for start, end in calendar_spans(sentence)]
    title_case = _is_title_case(tokens)
    readings: list[Reading] = []
    i = c = 0
    while i < len(tokens):
        while c < len(calendar) and calendar[c][1] <= tokens[i].start:
            c += 1
        if c < len(calendar) and calendar[c][0] <= tokens[i].start:
            i += 1
            continue
        if not may_start(tokens[i]):
            i += 1
            continue
        compared = i > 0 and modifier_before(tokens, i).comparator != "exact"
        reading = read_figure(tokens, i, title_case=title_case, compared=compared)
        if reading is None:
            i += 1
        elif isinstance(reading, Skip):
            i = max(i + 1, reading.stop)
        else:
            if not (c < len(calendar) and calendar[c][0] < tokens[reading.stop - 1].end):
                readings.append(reading)
            i = reading.stop
        if len(readings) >= MAX_FIGURES:
            break
    return readings


def _figure(
    field: SpanField,
    text: str,
    sentence: tuple[int, int],
    tokens: list[Token],
    reading: Reading,
    numbers: frozenset[int],
    previous: Figure | None,
) -> Figure | None:
    before = modifier_before(tokens, reading.first)
    comparator: Comparator = "exact" if _is_during(tokens, reading, before) else before.comparator
    modifier, stop = before.words, reading.stop
    behind = modifier_behind(tokens, stop)
    if behind is not None:
        modifier, stop = (f"{modifier} {behind.words}" if modifier else behind.words), behind.first
        comparator = behind.comparator if comparator == "exact" else comparator
    if reading.vague and comparator == "exact" and reading.value_max is None:
        comparator = "about"  # a couple
    rated = reading.kind not in ("ordinal", "score", "age", "ratio")
    per = rate(tokens, stop) if rated else None
    subject = None if reading.kind == "score" else _subject(tokens, reading, before.first, per[1] if per else stop)
    if rated and per is None and subject is not None and subject[0] >= stop:
        per = rate(tokens, subject[1])  # 40 patients per day
    phrase = text[tokens[subject[0]].start : tokens[subject[1] - 1].end] if subject else None
    head = tokens[subject[1] - 1].lower if subject else None
    event = _event(tokens, reading, before.first, stop, numbers)
    if event is None and modifier and modifier.split()[-1].lower() in ("including", "among") and previous is not None:
        event = previous.event
    inherited = False
    of_them = [token.lower for token in tokens[stop : stop + 2]] in _OF_THEM
    if event is None and of_them and previous is not None:  # six people were hurt, two of them critically
        event = previous.event
    another = modifier is not None and modifier.split()[-1].lower() in _ANOTHER  # and delayed another 4,000
    elliptic = (
        phrase.lower() in _PRONOUN_SUBJECTS if phrase else reading.kind == "count" and (of_them or event or another)
    )
    if elliptic and previous is not None and previous.subject:  # "killed four guards and wounded 14"
        phrase, head, inherited = previous.subject, previous.subject_head, True
    if not _is_worth_it(tokens, reading, phrase, event, modifier):
        return None
    start_char, end_char = tokens[reading.first].start, tokens[reading.stop - 1].end
    unit = reading.unit
    return Figure(
        field=field,
        text=text[start_char:end_char],
        start_char=start_char,
        end_char=end_char,
        kind=reading.kind,
        value=_tidy(reading.value),
        value_max=None if reading.value_max is None else _tidy(reading.value_max),
        vague=reading.vague,
        comparator=comparator,
        modifier=modifier,
        unit=unit.code,
        value_base=None if unit.factor is None else _tidy(reading.value * unit.factor + unit.offset),
        unit_base=unit.base,
        per=per[0] if per else None,
        subject=phrase,
        subject_head=head,
        event=event,
        sentence=text[sentence[0] : sentence[1]],
        confidence=_confidence(reading, phrase, event, inherited=inherited),
    )


def _is_during(tokens: list[Token], reading: Reading, before: Modifier) -> bool:
    """Tell whether "over three years" is the time in which, and no comparison ("lasted over three years")."""
    if reading.kind != "duration" or before.words is None or before.words.lower() != "over" or before.first == 0:
        return False
    return tokens[before.first - 1].lower not in _LASTS


def _subject(tokens: list[Token], reading: Reading, first: int, stop: int) -> tuple[int, int] | None:
    if reading.kind == "age" and first > 1 and tokens[first - 1].text == "," and tokens[first - 2].text.islower():
        return first - 2, first - 1  # the president, 78, has ruled
    behind = subject_behind(tokens, stop, reading.kind)
    partly = reading.kind in ("ratio", "percent") and stop < len(tokens) and tokens[stop].lower == "of"
    if (reading.kind == "count" or partly) and behind is not None:
        return behind
    return subject_before(tokens, first) or behind


def _event(tokens: list[Token], reading: Reading, first: int, stop: int, numbers: frozenset[int]) -> str | None:
    if reading.kind == "duration":
        return event_of_duration(tokens, first)
    if reading.kind not in _EVENT_KINDS:
        return None
    if reading.kind == "count" and stop < len(tokens) and tokens[stop].text == "-" and tokens[stop].glued:
        return None  # a three-time winner
    if lives_claimed(tokens, first, stop):
        return "killed"
    return find_event(tokens, first, stop, numbers)


def _is_worth_it(
    tokens: list[Token], reading: Reading, subject: str | None, event: str | None, modifier: str | None
) -> bool:
    """Tell a figure from a number word that counts nothing: "the one who", "several of them", "the two met"."""
    if reading.kind != "count":
        return True
    first = tokens[reading.first]
    if first.lower == "one" and reading.value == 1:
        return subject is not None and event is not None
    if reading.vague and reading.scale == 1:  # several, a few, a couple
        return subject is not None and event is not None
    return first.kind != "word" or subject is not None or event is not None or bool(modifier) or reading.scale > 1


def _confidence(reading: Reading, subject: str | None, event: str | None, *, inherited: bool) -> float:
    """Return 0.9 for a figure with a unit or subject; less for what is guessed: own judgement, not calibrated."""
    if reading.kind == "ordinal":
        return 0.6
    if reading.kind == "count" and subject is None:
        return 0.6 if event else 0.4
    if reading.kind == "money" and reading.unit.code is None:
        return 0.7
    return 0.8 if inherited else 0.9


def _placed(figure: Figure, place: str | None, text: str, sources: list[Speech]) -> Figure:
    attribution = _attribution(figure, text, sources)
    if place is None and attribution is None:
        return figure
    return replace(figure, place=place, attribution=attribution)


def _attribution(figure: Figure, text: str, sources: list[Speech]) -> str | None:
    """Return who says the figure: the last speaker before it, else the one whose words close its clause."""
    said = None
    for speech in sources:
        if speech.verb in _NO_SOURCE or is_pronoun(text[speech.start : speech.end]):
            continue
        after = max(speech.end, speech.verb_start + len(speech.verb))
        if speech.verb == "according to" or speech.start < figure.start_char:
            said = speech if said is None or speech.verb == "according to" or said.verb != "according to" else said
        elif said is None and _CLOSES.match(text, after):
            said = speech
    return text[said.start : said.end] if said else None


def _without_quotations(text: str, sentence: tuple[int, int]) -> str:
    return blank_quotations(text, [match.span() for match in _QUOTED.finditer(text, *sentence)])


def _is_title_case(tokens: list[Token]) -> bool:
    """Tell whether most words are capitalised, so that a capital says nothing about names."""
    if tokens and tokens[-1].text in ".!?”":
        return False
    long_words = [token.text for token in tokens[:40] if token.kind == "word" and len(token.text) > 3]
    return len(long_words) > 2 and sum(word[0].isupper() for word in long_words) > 0.7 * len(long_words)


def _tidy(value: float) -> float:
    """Return `value` without the last bits of noise of a multiplication by a scale: 1.1 million is 1100000.0."""
    return float(f"{value:.12g}")


def _load() -> Enrich:
    def enrich(article: Article, found: Found) -> Found:
        figures = find_figures(article, found)
        return {
            "figures": figures,
            "figure_kinds": tuple(sorted({figure.kind for figure in figures})),
            "figure_events": tuple(sorted({figure.event for figure in figures if figure.event})),
        }

    return enrich


ENRICHER = Enricher(
    name="figures",
    version="1.3",
    fields=("figures", "figure_kinds", "figure_events"),
    load=_load,
    languages=("en", *LANGUAGES),
)
