"""What a language's file states: tables of words, in lower case unless said; the grammars that read them are shared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from transforms.elements import Comparator
from transforms.enrich.amounts.units import Unit, unit_named

Bounds = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class NumberWords:
    """How numbers are written.

    `groups` are the signs between thousands; the comma is the decimal sign unless it is among them. `small` are words
    below 1,000 that stand alone or add up, `ones` those that are articles, too. `joins` link tens and ones. `crowds`
    are plurals that stand for bounds ("Hunderte"), `rounds` singulars of about so many ("une dizaine"), `several` words
    before a scale, `halves` words for half of one. `parts` are the nouns of fractions with their divisor, `each` the
    words of "every third", `ranks` their ordinals, `out_of` the words of "one in five".
    """

    groups: str
    small: Mapping[str, float]
    ones: frozenset[str]
    hundreds: frozenset[str]
    scales: Mapping[str, float]
    crowds: Mapping[str, Bounds]
    rounds: Mapping[str, float]
    several: Mapping[str, Bounds]
    halves: frozenset[str]
    parts: Mapping[str, int]
    half: frozenset[str]
    ranks: Mapping[str, int]
    each: frozenset[str]
    out_of: tuple[str, ...]
    around_noun: frozenset[str] = frozenset()  # those of `out_of` that have the noun before them: un enfant sur cinq
    joins: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()  # "de": dizaines de milliers
    or_: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()
    between: str = ""
    minus: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class EventWords:
    """What says an event. `states` wherever they stand; `deeds` are active verbs, whose object the number counts;
    `participles` are states unless a word of `have` stands before them; `pairs` are verbs in two parts.
    German nouns keep their capital: "Verletzte" are people, "verletzte" is a deed.
    """

    states: Mapping[str, str]
    deeds: Mapping[str, str]
    participles: Mapping[str, str]
    pairs: tuple[tuple[frozenset[str], frozenset[str], str], ...] = ()
    have: frozenset[str] = frozenset()
    sentence: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class FigureWords:
    """What stands around a number. `nouns` says how the counted noun is known: by its capital or its plural -s."""

    before: Mapping[str, Comparator]
    plain: frozenset[str]
    behind: Mapping[str, Comparator]
    units: Mapping[str, Unit]
    nouns: Literal["capital", "plural"]
    adjectives: frozenset[str]  # before the noun; in a "capital" language every word with an ending of theirs
    participle_ends: tuple[str, ...]  # no adjectives of the noun
    passive: tuple[str, ...] = ()  # endings by which a word of an event is a participle, no noun
    others: frozenset[str]
    of: frozenset[str]
    stops: frozenset[str]
    auxiliaries: frozenset[str]
    ands: frozenset[str]
    prepositions: frozenset[str]
    changes: frozenset[str]  # the verbs whose subject a figure measures
    determiners: frozenset[str]
    ages: frozenset[str]  # words around which years are an age
    age_nouns: frozenset[str]
    labels: frozenset[str]  # the word before makes the number a name
    games: frozenset[str]
    below_zero: tuple[str, ...] = ()
    magnitude: frozenset[str] = frozenset()
    adjective_units: Mapping[str, Unit] = field(default_factory=dict)  # "24-stündig", by the start of the word


@dataclass(frozen=True, kw_only=True)
class DateWords:
    """How days are named. The patterns are regular expressions; `{month}`, `{day}`, `{year}`, `{weekday}`, `{count}`,
    `{unit}` stand for the tables' words and name the groups.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    near: Mapping[str, int]  # days from today
    units: Mapping[str, str]
    day_month: str
    month_year: str
    in_month: str
    in_year: str
    ago: str
    weekday: str
    last: str
    next: str
    turns: tuple[tuple[str, str, int], ...]  # pattern, unit, steps
    open: str  # named, but no date: "in den vergangenen Tagen"
    clock: str
    future: str


@dataclass(frozen=True, kw_only=True)
class SpeechWords:
    """Who says something: alternatives of regular expressions. `auxiliary` stands before the verb, `source` is
    "according to", `stops` are words behind which no speaker's name goes on.
    """

    verbs: str
    auxiliary: str
    source: str
    stops: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """The tables of one language."""

    numbers: NumberWords
    figures: FigureWords
    events: EventWords
    dates: DateWords
    speech: SpeechWords


def table(**lists: str) -> dict[str, str]:
    """Return word -> event of lists of words that are written as one string each."""
    return {word: event for event, text in lists.items() for word in text.split()}


def units(named: str, money: Mapping[str, str | None]) -> dict[str, Unit]:
    """Return phrase -> unit: `named` has a line per English unit, `name: phrase | phrase`; `money` is phrase -> ISO."""
    found = {phrase: Unit("money", code) for phrase, code in money.items()}
    for line in named.strip().splitlines():
        name, _, phrases = line.partition(":")
        found |= {phrase.strip(): unit_named(name.strip()) for phrase in phrases.split("|")}
    return found
