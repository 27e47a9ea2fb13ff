"""The query language: one grammar, one syntax tree, compiled by each store to its own terms.

    words "a phrase" -not  person:"Yoav Gallant"  title:ceasefire  figure:"border crossings"  killed:>=10  money:>1bn
"""

from dataclasses import dataclass
from typing import Literal

FieldName = Literal[
    "person", "place", "org", "title", "author", "publisher", "site", "feed", "tag", "lang", "country",
    "speaker", "kind", "figure",
]  # fmt: skip
Operator = Literal["=", ">", ">=", "<", "<="]


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that must stand together in this order, in title, subtitle, summary or body (one word is a phrase of one)."""

    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FieldIs:
    """A named field with a value, as written; each store folds case the same way."""

    field: FieldName
    value: str


@dataclass(frozen=True, kw_only=True)
class FigureIs:
    """A figure of an event (`killed`) or a kind (`money`) whose value compares with a number.

    A figure matches when any value that it allows satisfies the comparison: a range `10 to 20`, and an open
    comparator such as `at_least`, reach to `value_max`, and to what was stated when nothing else is known.
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
