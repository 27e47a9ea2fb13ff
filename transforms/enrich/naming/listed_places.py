"""Places that the gazetteer knows and the tagger missed or took for a person or body, where the words around agree."""

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache

from transforms.enrich.locating.gazetteer import Place, fold, load_gazetteer
from transforms.enrich.reading import name_lists
from transforms.enrich.reading.marked_text import MarkedText
from transforms.enrich.reading.name_span import Span
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.crf_model import load_lexicon
from transforms.enrich.tagging.name_cues import facility_follows, landform_follows

MIN_POPULATION = 20_000  # of a town of one word that a preposition alone makes a place
# Of a city that needs no preposition when the tagger was unsure; a body may be its team.
BIG_POPULATION = {"PERSON": 100_000, "ORG": 500_000}
UNSURE = 0.8  # a tagger's confidence below which a list may correct it
_IN = words("in near into throughout across around outside toward towards reached reaching struck shook shelled bombed")
_AT = words("at from to through inside above off via between left leaving hit")  # of persons, too: "from Santos"
_MAX_NAME_WORDS = 5
_NAME = re.compile(r"(?<![\w’'&@-])[^\W\d_a-zß-öø-ÿ][\w’'.-]*")
_WORD = re.compile(r"[ -]([^\W_][\w’'-]*)")
_SMALL = words("of the and de la al el sur les le du da do das dos del di")
_BEFORE = re.compile(r"([\w’'.-]+)\s(?:the\s|nearby\s)?\Z")
_CAPITAL_BEHIND = re.compile(r"[ -][A-Z]|\s\(\d{4}")  # Mobile Phone Exchange; from Santos (1989)
_POSSESSIVE = re.compile(r"['’]s\Z")
_TAIL = re.compile(r"(?:['’]s|[.’'-]+)\Z")
_IS_A = re.compile(r"\b(?:city|town|village|capital|port|province|region|district|island|state)(?:,| of) \Z")
_STATE_BEHIND = re.compile(r",\s(?:[A-Z][\w.]+)(?:\s[A-Z][\w.]+)?[,.;]")


def find_listed_places(document: MarkedText, surnames: Collection[str]) -> None:
    """Mark places by list. `surnames` are those of the document's persons: a Jordan among them is no country.

    A name of several words is a place unless the tagger was sure of a body; one of a single word needs a preposition,
    a facility's or landform's word behind it ("the Rafah crossing"), a state behind a comma, or a doubtful tag and a
    big city. Measured on the tuning parts (`scripts/score_entities --tuning`).
    """
    for start, end, places in listed_names(document.text):
        surface = document.text[start:end]
        if surface in surnames or surface in name_lists.COMMON_CAPITALISED or surface in name_lists.DEMONYMS:
            continue
        span = document.at(start, end)
        if span is None and document.taken(start, end):
            inside = document.covered(start, end)
            if " " in surface and inside and inside[0].start > start and _is_area(places):
                document.replace(inside, start, end, "LOC")  # the Strait of Hormuz, of which Hormuz was tagged
            continue
        if span is not None and span.label in ("LOC", "FAC", "NORP"):
            continue
        if document.continues(end) or document.continued_from(start):
            continue
        if _is_place(document, start, end, span, places):
            if span is None:
                document.add(start, end, "LOC")
            else:
                document.relabel(span, "LOC")


def _is_place(document: MarkedText, start: int, end: int, span: Span | None, places: tuple[Place, ...]) -> bool:
    text = document.text
    several = not text[start:end].replace("’", "").replace("'", "").isalnum()
    crossing = all(place.kind == "facility" for place in places)  # Kerem Shalom, which the tagger may take for a body
    if several and (span is None or span.label == "PERSON" or span.confidence < UNSURE or crossing):
        return True
    if facility_follows(text, end) or landform_follows(text, end):
        return True
    population = max(place.population for place in places)
    if _IS_A.search(text[max(0, start - 20) : start]):
        return True
    sizeable = population >= MIN_POPULATION or _is_area(places)
    before = _BEFORE.search(text[max(0, start - 30) : start])
    if before is not None and sizeable and not _CAPITAL_BEHIND.match(text, end):
        word = before[1].lower()
        if word in _IN or (word in _AT and not _is_a_persons(text[start:end])):
            return True
    if sizeable and _STATE_BEHIND.match(text, end) and span is not None:
        return True
    if span is None or span.confidence >= UNSURE or span.label not in BIG_POPULATION:
        return False
    return population >= BIG_POPULATION[span.label] or _is_area(places)


def _is_a_persons(name: str) -> bool:
    """Tell whether a name is a given or family name."""
    lexicon = load_lexicon()
    folded = fold(name)
    return folded in lexicon.first_names or folded in lexicon.last_names


def _is_area(places: tuple[Place, ...]) -> bool:
    return any(place.kind in ("region", "division", "country") for place in places)


def listed_names(text: str) -> Iterator[tuple[int, int, tuple[Place, ...]]]:
    """Yield the longest listed name at each capitalised word, without overlaps."""
    gazetteer = load_gazetteer()
    first_words = _first_words()
    done = 0
    for match in _NAME.finditer(text):
        start = match.start()
        if start < done or first_words.isdisjoint(_first_of(match[0])):
            continue
        ends = _ends(text, start, match[0])
        for end in reversed(ends):
            places = gazetteer.candidates(fold(text[start:end]))
            if places:
                yield start, end, places
                done = end
                break


@lru_cache(maxsize=20_000)  # names come again and again: half of this step's time without
def _first_of(word: str) -> tuple[str, str]:
    """Return the folded first part of a word, and that without a possessive: Cox's Bazar, Gaza's hospitals."""
    part = word.partition("-")[0]
    return fold(part), fold(_POSSESSIVE.sub("", part))


def _ends(text: str, start: int, first: str) -> list[int]:
    """Return where names of one, two, ... words from `start` may end: at capitalised words, over small ones."""
    ends = [start + len(_TAIL.sub("", first))]
    at = start + len(first)
    while len(ends) < _MAX_NAME_WORDS:
        word = _WORD.match(text, at, at + 40)
        if word is None:
            break
        at = word.end()
        if word[1][0].isupper() or word[1].partition("-")[2][:1].isupper():
            short = _POSSESSIVE.sub("", word[1])
            ends.append(word.start(1) + len(short))
            if short != word[1]:
                break
        elif word[1] not in _SMALL:
            break
    return ends


@cache
def _first_words() -> frozenset[str]:
    """Return the first words of all listed names."""
    return frozenset(name.partition(" ")[0] for name in load_gazetteer().names())
