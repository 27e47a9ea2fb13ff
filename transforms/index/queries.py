"""The query language: one grammar, one syntax tree, compiled by each store to its own terms.

    words "a phrase" -not  person:"Yoav Gallant"  title:ceasefire  figure:"border crossings"  killed:>=10  money:>1bn

What a word is stands in `words.py`, when two words are the same in `stems.py`, what is looked up where in `lookups.py`.
"""

from dataclasses import dataclass
from typing import Literal

FieldName = Literal[
    "person", "place", "org", "title", "author", "publisher", "site", "feed", "tag", "lang", "country",
    "speaker", "kind", "event", "unit", "figure",
]  # fmt: skip
Operator = Literal["=", ">", ">=", "<", "<="]

# What happened to the people or things that a figure counts; `killed:>=10` asks for it.
EVENTS: tuple[str, ...] = (
    "killed", "injured", "displaced", "missing", "arrested", "detained", "kidnapped", "captured", "rescued",
    "sentenced", "infected", "destroyed", "protested", "fled", "evacuated",
)  # fmt: skip

# Fields whose words are searched, and where documents have them: the value's words must stand together in one value.
WORD_FIELDS: dict[FieldName, tuple[str, ...]] = {
    "title": ("title",),
    "person": ("people",),
    "place": ("places",),
    "org": ("organizations",),
    "speaker": ("quote_speakers",),
    "author": ("authors",),
    "publisher": ("publisher.name",),
    "figure": ("figures.subject", "figures.text"),
}
# Fields that are equal as a whole, in any case.
EXACT_FIELDS: dict[FieldName, tuple[str, ...]] = {
    "site": ("url.registered_domain", "url.domain"),
    "feed": ("feeds",),
    "tag": ("tags",),
    "lang": ("language",),
    "country": ("countries",),
    "kind": ("figure_kinds",),
    "event": ("figure_events",),
}
TEXT_FIELDS = ("title", "subtitle", "summary", "body")  # where words and phrases without a field are searched


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that must stand together in this order, in title, subtitle, summary or body (one word is a phrase of one).

    They are words of `words.py`, folded. Without quotes they are found in any inflection and with or without accents
    (`stems.py`); `exact`, in quotes, only as they are.
    """

    words: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldIs:
    """A named field with a value, as written.

    A field of `WORD_FIELDS` holds when the value's words (`words_of`; at least one) stand together in one of the
    field's values: `Blinken` finds `Antony Blinken`. Titles are searched as texts are (`exact`: in quotes), figures in
    any inflection, names without regard to accents. A field of `EXACT_FIELDS`, and `unit`, holds when a value equals
    it after `fold`.
    """

    field: FieldName
    value: str
    exact: bool = False


@dataclass(frozen=True, kw_only=True)
class FigureIs:
    """A figure of an event (`killed`) or a kind (`money`) whose value compares with a number.

    A figure stands for what was stated and no more: `value`, or the range from `value` to `value_max`. It matches
    when any number of that range satisfies the comparison, see `figure_matches`. `at least 12` is not `>=20`.
    """

    name: str
    is_event: bool
    operator: Operator
    number: float


Clause = Words | FieldIs | FigureIs


@dataclass(frozen=True, kw_only=True)
class Term:
    """A clause, or its absence."""

    clause: Clause
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Query:
    """All terms must hold. No terms: every article."""

    terms: tuple[Term, ...] = ()
    text: str = ""


def figure_matches(value: float, value_max: float | None, operator: Operator, number: float) -> bool:
    """Tell whether a figure of `value` (to `value_max`, for a range) can be what a comparison asks for.

    >>> figure_matches(10, 20, ">=", 15), figure_matches(10, 20, "=", 15), figure_matches(12, None, ">=", 20)
    (True, True, False)
    """
    low, high = value, value if value_max is None else max(value, value_max)
    match operator:
        case ">=":
            return high >= number
        case ">":
            return high > number
        case "<=":
            return low <= number
        case "<":
            return low < number
        case "=":
            return low <= number <= high
