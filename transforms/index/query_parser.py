"""From what a user types to a `Query`. Grammar:

    query  = { term }                                terms are separated by spaces, all must hold
    term   = [ "-" ] ( phrase | field ":" value | text )
    phrase = '"' text '"'
    value  = phrase | text | [ ">=" | "<=" | ">" | "<" | "=" ] number     numbers behind events and kinds of figures
    number = 5 | 2.5 | 1,200 | 100k | 3m | 1bn | 2tn | 12%                 nothing: any figure of that event or kind

A phrase is exact, words without quotes are found in any inflection (names and figures are, with quotes, too).
A text before a colon that is not made of letters is no field: `12:30` and `https://example.org/x` are words.
"""

import re
from difflib import get_close_matches
from typing import NamedTuple, get_args
from unicodedata import normalize

from transforms.elements import FigureKind
from transforms.errors import ConfigurationError
from transforms.index.queries import (
    EVENTS,
    WORD_FIELDS,
    Clause,
    FieldIs,
    FieldName,
    FigureIs,
    Operator,
    Query,
    Term,
    Words,
)
from transforms.index.words import words_of

MAX_QUERY_CHARS = 4_000
MAX_TERMS = 64
MAX_PHRASE_WORDS = 64

FIELDS: tuple[FieldName, ...] = get_args(FieldName)
KINDS: tuple[FigureKind, ...] = get_args(FigureKind)
_NUMBERS = (*EVENTS, *KINDS)

_TERM = re.compile(
    r"""
    (?P<not>-?)
    (?: (?P<field>[^\W\d_]+) :(?!//) )?
    (?: (?P<quote>["“”„]) (?P<phrase>[^"“”„]*) (?P<end>["“”„]?) | (?P<text>[^\s"“”„]*) )
    """,
    re.VERBOSE,
)
_SURROGATE = re.compile("[\ud800-\udfff]+")
_NUMBER = re.compile(r"(?P<operator>>=|<=|=|>|<|≥|≤)?(?P<digits>\d{1,20}(?:,\d{3})*(?:\.\d{1,20})?)(?P<scale>[a-z]*)%?")
_OPERATORS: dict[str, Operator] = {"≥": ">=", "≤": "<=", "": "=", ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "="}
_OPERATOR_WORDS = ("AND", "OR", "NOT")  # of other query languages; read as words they would quietly find nothing
_LONELY = re.compile(r":?[<>=≤≥]+\d|:[<>=≤≥]")  # `killed :>10`: read as words it would quietly find nothing
_WILDCARD = re.compile(r"\w\*|\*\w")
_COUNTRY = re.compile("[A-Za-z]{2}")
_LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47, as far as its shape goes
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}


class _Place(NamedTuple):
    """Where in the query a term stands, for messages."""

    text: str
    at: int

    def error(self, problem: str, remedy: str) -> ConfigurationError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return ConfigurationError(f"query, position {self.at + 1}: {problem} in {shown!r}; {remedy}")


def parse_query(text: str) -> Query:
    """Return the query that a text means; an empty one matches every article.

    Raises `ConfigurationError` naming position, text and remedy: unknown fields, unbalanced quotes, values that a field
    cannot have, and queries above the limits (4,000 characters, 64 terms).

    >>> parse_query('killed:>=10').terms
    (Term(clause=FigureIs(name='killed', is_event=True, operator='>=', number=10.0), negated=False),)
    """
    if len(text) > MAX_QUERY_CHARS:
        raise ConfigurationError(
            f"query of {len(text):,} characters: at most {MAX_QUERY_CHARS:,} are allowed; shorten it"
        )
    text = normalize("NFC", text)  # as the texts of articles are
    if not_text := _SURROGATE.search(text):  # how Python shows bytes of the command line that are not UTF-8
        raise _Place(not_text.group(), not_text.start()).error("bytes that are no text", "type the query in UTF-8")
    terms: list[Term] = []
    at = _skip_space(text, 0)
    while at < len(text):
        term, at = _parse_term(text, at)
        terms.append(term)
        if len(terms) > MAX_TERMS:
            raise ConfigurationError(f"query of more than {MAX_TERMS} terms; shorten it")
        at = _skip_space(text, at)
    return Query(terms=tuple(terms), text=text)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == "\0"):
        at += 1
    return at


def _parse_term(text: str, at: int) -> tuple[Term, int]:
    match = _TERM.match(text, at)
    assert match is not None  # every part of the pattern may be empty
    place = _Place(match.group(), at)
    if match["quote"] and not match["end"]:
        raise place.error("a quote without its end", 'close it with "')
    value = match["text"] if match["phrase"] is None else match["phrase"]
    field = match["field"]
    if field is None and match["phrase"] is None and value in _OPERATOR_WORDS:
        remedy = f'every term must hold; write "{value}" for the word itself, and -word leaves out'
        raise place.error("an operator that there is not", remedy)
    if field is None and match["phrase"] is None and _LONELY.match(value):
        raise place.error("a comparison without its field", "write it without a space: killed:>=10")
    if match["phrase"] is None and _WILDCARD.search(value):
        raise place.error("a wildcard", "there is none; write the whole word, or quote the text")
    quoted = match["phrase"] is not None
    clause = _words(value, place, exact=quoted) if field is None else _field(field.lower(), value, place, quoted=quoted)
    return Term(clause=clause, negated=bool(match["not"])), match.end()


def _words(value: str, place: _Place, *, exact: bool = False) -> Words:
    words = words_of(value)
    if not words:
        raise place.error("no word", 'write a word, a "phrase" or field:value')
    if len(words) > MAX_PHRASE_WORDS:
        raise place.error(f"a phrase of {len(words)} words", f"at most {MAX_PHRASE_WORDS} are allowed")
    return Words(words=words, exact=exact)


def _field(name: str, value: str, place: _Place, *, quoted: bool) -> Clause:
    if name in _NUMBERS:
        return _number(name, value, place)
    if name not in FIELDS:
        raise place.error(f"unknown field {name!r}", _remedy_for(name))
    if not value.strip():
        raise place.error(f"no value for {name!r}", f'write {name}:value or {name}:"several words"')
    if name in WORD_FIELDS:
        _words(value, place)
    elif name == "kind" and value.lower() not in KINDS:
        raise place.error(f"unknown kind {value!r}", f"kinds are {', '.join(KINDS)}")
    elif name == "event" and value.lower() not in EVENTS:
        raise place.error(f"unknown event {value!r}", f"events are {', '.join(EVENTS)}")
    elif name == "country" and not _COUNTRY.fullmatch(value.strip()):
        raise place.error(f"{value!r} is no country", "write its ISO 3166-1 code, such as country:PS")
    elif name == "lang" and not _LANGUAGE.fullmatch(value.strip()):
        raise place.error(f"{value!r} is no language", "write its BCP 47 code, such as lang:en")
    elif name == "site":
        value = value.lower().removeprefix("https://").removeprefix("http://").split("/")[0]
    return FieldIs(field=name, value=value.strip(), exact=quoted and name == "title")


def _number(name: str, value: str, place: _Place) -> Clause:
    is_event = name in EVENTS
    if not value.strip():
        return FieldIs(field="event" if is_event else "kind", value=name)
    match = _NUMBER.fullmatch(value.strip().lower().replace(" ", ""))
    scale = _SCALES.get(match["scale"]) if match else None
    if match is None or scale is None:
        raise place.error(
            f"{value!r} is not a number to compare with",
            f"write {name}:>=10, {name}:5, {name}:>100k, {name}:<1.5bn (k, m, bn, tn), or {name}: alone for any figure",
        )
    number = float(match["digits"].replace(",", "")) * scale
    return FigureIs(name=name, is_event=is_event, operator=_OPERATORS[match["operator"] or ""], number=number)


def _remedy_for(name: str) -> str:
    valid = (*FIELDS, *_NUMBERS)
    near = get_close_matches(name[:40], valid, n=1)
    meant = f"did you mean {near[0]}:? " if near else ""
    return f"{meant}fields are {', '.join(FIELDS)}; with numbers {', '.join(_NUMBERS)}. Quote text that has a colon"
