"""The part of Kibana's query language that the pack uses, parsed strictly.

A query is conditions with `and`, `or`, `not` and parentheses; a condition is `field: value`, `field: "a phrase"`,
`field: *` or `field >= 5`. Everything else that Kibana would take (words without a field, wildcards inside of words,
nested objects) is refused: what the pack asks should be plain. So is `field: (a or b)`, which Kibana takes and the
parser of Elasticsearch 8.19.8 does not. As in Kibana, `not` binds closest, then `and`, then `or` (Kibana:
kbn-es-query, grammar.peggy).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

MAX_DEPTH = 20


class KqlError(ValueError):
    """The text is no query of this part of KQL; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A field has a value. `phrase`: it stood in quotes."""

    field: str
    value: str
    phrase: bool = False


@dataclass(frozen=True, kw_only=True)
class Exists:
    """A field has any value."""

    field: str


@dataclass(frozen=True, kw_only=True)
class Range:
    """A field is on one side of a value; `operator` is one of `< <= > >=`."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Not:
    """A condition does not hold."""

    part: "Condition"


@dataclass(frozen=True, kw_only=True)
class All:
    """Every condition holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, kw_only=True)
class Any:
    """One of the conditions holds."""

    parts: "tuple[Condition, ...]"


Condition = Match | Exists | Range | Not | All | Any


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKENS = re.compile(
    r"""(?P<space>\s+)
    | (?P<open>\() | (?P<close>\))
    | (?P<operator><=|>=|<|>|:)
    | "(?P<phrase>(?:[^"\\]|\\["\\])*)"
    | (?P<word>[^\s()<>:"{}\\]+)""",
    re.VERBOSE,
)


def parse_kql(text: str) -> Condition | None:
    """Return the condition of a query, None for an empty one, which everything matches. Raises `KqlError`.

    >>> parse_kql('kind: money and value >= 5')
    All(parts=(Match(field='kind', value='money', phrase=False), Range(field='value', operator='>=', value='5')))
    """
    tokens = list(_tokens(text))
    if not tokens:
        return None
    parser = _Parser(text, tokens)
    condition = parser.alternatives(0)
    parser.expect_end()
    return condition


def fields_in(condition: Condition | None) -> Iterator[tuple[str, bool]]:
    """Yield each field that a condition asks for, and whether it is compared."""
    match condition:
        case Match(field=field) | Exists(field=field):
            yield field, False
        case Range(field=field):
            yield field, True
        case Not(part=part):
            yield from fields_in(part)
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from fields_in(part)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            raise KqlError(f"{text!r}: {text[at]!r} at {at} is not understood")
        kind = found.lastgroup or ""
        if kind != "space":
            yield _Token(kind, found[kind], at)
        at = found.end()


class _Parser:
    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text, self._tokens, self._at = text, tokens, 0

    def alternatives(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise KqlError(f"{self._text[:80]!r}: nested more than {MAX_DEPTH} deep")
        parts = [self._all(depth)]
        while self._word("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Any(parts=tuple(parts))

    def expect_end(self) -> None:
        if self._peek() is not None:
            raise self._wrong("`and`, `or` or the end")

    def _all(self, depth: int) -> Condition:
        parts = [self._negation(depth)]
        while self._word("and"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else All(parts=tuple(parts))

    def _negation(self, depth: int) -> Condition:
        if self._word("not"):
            return Not(part=self._one(depth))
        return self._one(depth)

    def _one(self, depth: int) -> Condition:
        if self._kind("open"):
            inside = self.alternatives(depth + 1)
            self._need("close", "`)`")
            return inside
        field = self._need("word", "a field")
        if field.lower() in ("and", "or", "not") or "*" in field:
            raise KqlError(f"{self._text!r}: {field!r} stands where a field should")
        operator = self._need(
            "operator", f"`:` or a comparison behind {field}: words without a field are not used here"
        )
        if operator != ":":
            limit = self._need("word", "a value")
            if "*" in limit:
                raise KqlError(f"{self._text!r}: {limit!r} is nothing to compare {field} with")
            return Range(field=field, operator=operator, value=limit)
        return self._value(field)

    def _value(self, field: str) -> Condition:
        token = self._peek()
        if token is not None and token.kind == "phrase":
            self._at += 1
            return Match(field=field, value=re.sub(r"\\(.)", r"\1", token.text), phrase=True)
        value = self._need("word", f"a value of {field}")
        if value == "*":
            return Exists(field=field)
        if "*" in value or value.lower() in ("and", "or", "not"):
            raise KqlError(f"{self._text!r}: {value!r} stands where a value of {field} should")
        return Match(field=field, value=value)

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _word(self, word: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == "word" and token.text.lower() == word
        self._at += found
        return found

    def _kind(self, kind: str) -> bool:
        token = self._peek()
        found = token is not None and token.kind == kind
        self._at += found
        return found

    def _need(self, kind: str, what: str) -> str:
        token = self._peek()
        if token is None or token.kind != kind:
            raise self._wrong(what)
        self._at += 1
        return token.text

    def _wrong(self, what: str) -> KqlError:
        token = self._peek()
        found = f"{token.text!r} at {token.at}" if token else "the end"
        return KqlError(f"{self._text!r}: expected {what}, found {found}")
