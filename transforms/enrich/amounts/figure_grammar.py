"""From tokens to readings: number, unit, range, ratio, score and age, without what stands around them."""

from typing import NamedTuple

from transforms.elements import FigureKind
from transforms.enrich.amounts.not_figures import (
    in_a_chain,
    is_bare_airliner,
    is_discipline,
    is_identifier,
    is_list_number,
    is_named_ordinal,
    is_year,
)
from transforms.enrich.amounts.number_ranges import (
    DASHES,
    is_change,
    is_score,
    lower_at,
    read_range,
    read_range_of_units,
    read_ratio,
)
from transforms.enrich.amounts.numbers import NUMBER_WORDS, VULGAR, Number, read_number, read_ordinal
from transforms.enrich.amounts.units import Unit, currency_of, read_unit
from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words
from transforms.enrich.speaking.speech import ROLES

_COUNT = Unit("count", None)
_YEARS_OLD = Unit("age", "a", 31_557_600.0, "s")
# "for months", "within hours": a time without a number, read as the plural's bounds.
_BARE_BEFORE = words("for in within after lasted last takes took take over")
_BARE = {
    "minutes": (2.0, 59.0),
    "hours": (2.0, 23.0),
    "days": (2.0, 6.0),
    "weeks": (2.0, 8.0),
    "months": (2.0, 11.0),
    "years": (2.0, 9.0),
    "decades": (2.0, 9.0),
}
_STARTS = NUMBER_WORDS | VULGAR.keys() | _BARE.keys() | {"a", "an"}
_ONE = words("hour day week month year decade century minute")
_ONE_BEFORE = words("in for within after over than nearly almost about least under just roughly around lasted took")
_AGE_BEHIND = (["or", "older"], ["and", "older"], ["or", "over"], ["and", "over"], ["or", "younger"], ["and", "under"])
_AGE_BEFORE = words("aged age")
_PRICES = words("price prices cost costs pay pays paid fare fares fee fees worth fine fined tax wage wages ticket rent")
_MAX_AGE = 120


class Reading(NamedTuple):
    """A figure as read from tokens `first` to `stop`. `value_max` is a range's end, or a score's second number."""

    first: int
    stop: int
    value: float
    value_max: float | None
    vague: bool
    unit: Unit
    form: str
    scale: float

    @property
    def kind(self) -> FigureKind:
        """The unit's kind."""
        return self.unit.kind


class Skip(NamedTuple):
    """Tokens up to `stop` hold a number that is no figure."""

    stop: int


def may_start(token: Token) -> bool:
    """Tell whether a figure may start at the token: the cheap test that most words fail."""
    return token.kind in ("number", "currency") or token.lower in _STARTS


def read_figure(tokens: list[Token], i: int, *, title_case: bool, compared: bool) -> Reading | Skip | None:
    """Return the figure that starts at token `i`, what to skip, or None when no number starts there.

    `title_case` says that the sentence is a headline in capitals; `compared` that a comparator ("more than") precedes.
    """
    token = tokens[i]
    between = any(tokens[k].lower == "between" for k in range(max(0, i - 3), i))
    if token.kind == "currency":
        number = read_number(tokens, i + 1, joins_and=not between, money=True)
        return _money(tokens, i, number, between=between) if number else None
    ordinal = read_ordinal(tokens, i)
    if ordinal is not None:
        fraction = read_number(tokens, i) if token.kind == "word" else None
        if fraction is None or fraction.form != "fraction":
            return _ordinal(tokens, i, ordinal, title_case=title_case)
    bare = _bare_duration(tokens, i) or _one_unit(tokens, i)
    if bare is not None:
        return bare
    number = read_number(tokens, i, joins_and=not between)
    if number is None:
        return Skip(i + 1) if token.kind == "number" else None
    if _is_no_figure(tokens, i, number, title_case=title_case, compared=compared):
        return Skip(number.stop)
    return _measured(tokens, i, number, between=between)


def _is_no_figure(tokens: list[Token], i: int, number: Number, *, title_case: bool, compared: bool) -> bool:
    if tokens[i].kind == "number":
        if in_a_chain(tokens, i):
            return True
        unit = read_unit(tokens, number.stop, value=number.value) if number.scale == 1 else None
        if unit is None and (
            is_year(tokens, i, number.stop, compared=compared)
            or is_bare_airliner(tokens, i, number.stop)
            or is_list_number(tokens, i, number.stop)
        ):
            return True
        if unit is not None and unit[0].base == "m" and is_discipline(tokens, unit[1]):
            return True
        if unit is not None:  # 12km: the letters behind are a unit, only what stands before can make it a name
            return is_identifier(tokens[: number.stop], i, number.stop, title_case=title_case)
    return is_identifier(tokens, i, number.stop, title_case=title_case)


def _money(tokens: list[Token], first: int, number: Number, *, between: bool) -> Reading:
    unit = Unit("money", currency_of(tokens[first].text))
    ranged = read_range(tokens, first + 1, number, money=True, between=between)
    if ranged is not None:
        return _reading(first, ranged, unit)
    stop = number.stop
    if stop < len(tokens) and tokens[stop].lower in ("dollars", "euros", "pounds") and not tokens[stop].glued:
        stop += 1  # "$5 million dollars"
    return _reading(first, number._replace(stop=stop), unit)


def _measured(tokens: list[Token], i: int, number: Number, *, between: bool) -> Reading | Skip | None:
    """Read unit, range, ratio, score and age of a number without a currency sign."""
    ratio = read_ratio(tokens, number)
    if ratio is not None:
        return _reading(i, ratio, Unit("ratio", None))
    if number.form == "fraction":
        behind = read_unit(tokens, number.stop, value=number.value)
        if behind is None:
            return _reading(i, number, Unit("ratio", None))
    minus = i > 0 and (
        tokens[i - 1].lower == "minus" or (tokens[i - 1].text in "-−–" and not tokens[i - 1].glued and tokens[i].glued)
    )
    first = i - 1 if minus else i
    ranged = read_range(tokens, i, number, money=False, between=between)
    if ranged is not None:
        if is_score(tokens, i, number, ranged):
            return _reading(i, ranged, Unit("score", None))
        if ranged.value_max is not None and ranged.value_max > ranged.value:
            number = ranged
        elif tokens[number.stop].text in DASHES:
            return Skip(ranged.stop)  # 21-14 without a game: a code, or minutes of a bill
    if minus:
        number = number._replace(value=-number.value)
    unit, stop = _unit(tokens, i, number)
    number = number._replace(stop=stop)
    if unit.kind == "money" and tokens[stop - 1].lower in ("cent", "cents", "pence"):
        number = number._replace(value=number.value / 100)
    if number.value_max is None and unit.kind != "count":
        number = read_range_of_units(tokens, number, unit, between=between) or number
    if number.form == "vague" and number.value == 2 and number.value_max is None and unit.kind == "count":
        number = number._replace(value_max=None)
    return _reading(first, number, unit)


def _unit(tokens: list[Token], i: int, number: Number) -> tuple[Unit, int]:
    stop = number.stop
    if number.form == "vague" and stop < len(tokens) and tokens[stop].lower == "of":
        behind = read_unit(tokens, stop + 1, value=number.value, scale=number.scale)  # a couple of hours
    else:
        behind = read_unit(tokens, stop, value=number.value, scale=number.scale, priced=_is_priced(tokens, i))
    if behind is not None and tokens[behind[1] - 1].lower == "won" and number.value < 1000:
        behind = None  # "three won", the verb
    if behind is None:
        if _is_age(tokens, i, stop, number):
            return _YEARS_OLD, stop
        if i > 0 and "magnitude" in (
            tokens[i - 1].lower,
            tokens[i - 2].lower if i > 1 else "",
            lower_at(tokens, stop + 1),
        ):
            return Unit("measure", "{magnitude}"), stop
        shares = lower_at(tokens, stop) in ("and", "or") and number.form in ("digits", "words")  # five and seven years
        if shares or (lower_at(tokens, stop) == "to" and is_change(tokens, i)):  # from 12 to 15 pounds
            second = read_number(tokens, stop + 1)
            shared = (
                read_unit(tokens, second.stop, value=second.value, priced=_is_priced(tokens, i)) if second else None
            )
            if shared is not None:
                return shared[0], stop
        return _COUNT, stop
    unit, end = behind
    if unit.kind == "duration":
        old = lower_at(tokens, end) if lower_at(tokens, end) != "-" else lower_at(tokens, end + 1)
        if old in ("old", "olds"):
            return Unit("age", unit.code, unit.factor, unit.base), end + (2 if lower_at(tokens, end) == "-" else 1)
        if unit.code == "a" and i > 1 and [tokens[i - 2].lower, tokens[i - 1].lower] == ["age", "of"]:
            return Unit("age", unit.code, unit.factor, unit.base), end
    return unit, end


def _is_priced(tokens: list[Token], i: int) -> bool:
    return any(token.lower in _PRICES for token in tokens[max(0, i - 8) : i])


def _is_age(tokens: list[Token], i: int, stop: int, number: Number) -> bool:
    """Tell whether a bare number is an age: "aged 45", "age of 45", "Mara Bell, 45,", "Mara Bell (45)"."""
    if number.value > _MAX_AGE or number.form not in ("digits", "words") or number.scale > 1 or i == 0:
        return False
    before = tokens[i - 1]
    if before.lower in ("between", "over", "under", "from", "about") and i > 1 and tokens[i - 2].lower == "aged":
        return True
    if [token.lower for token in tokens[stop : stop + 2]] in _AGE_BEHIND and number.value >= 1:
        return True  # if you are 18 or older
    if before.lower in _AGE_BEFORE or (before.lower == "of" and i > 1 and tokens[i - 2].lower == "age"):
        return True
    if before.lower == "and" and i > 2 and tokens[i - 3].lower == "aged":
        return True  # aged 19 and 24
    named = i > 1 and tokens[i].kind == "number" and _may_be_a_person(tokens[i - 2])
    after = tokens[stop].text if stop < len(tokens) else "."
    return named and number.value >= 1 and (before.text, after) in ((",", ","), ("(", ")"), (",", "."), (",", ";"))


def _may_be_a_person(token: Token) -> bool:
    """Tell whether a number between commas behind this word may be an age: a name, or what somebody is."""
    return token.kind == "word" and (token.text[0].isupper() or token.lower in ROLES)


def _ordinal(tokens: list[Token], i: int, number: Number, *, title_case: bool) -> Reading | Skip:
    if is_named_ordinal(tokens, i, number.stop, title_case=title_case):
        return Skip(number.stop)
    return _reading(i, number, Unit("ordinal", None))


def _bare_duration(tokens: list[Token], i: int) -> Reading | None:
    token = tokens[i]
    if token.lower not in _BARE or i == 0 or tokens[i - 1].lower not in _BARE_BEFORE:
        return None
    if lower_at(tokens, i + 1) in ("ago", "earlier", "later", "old"):
        return None
    unit = read_unit(tokens, i, value=2)
    if unit is None:
        return None
    bounds = _BARE[token.lower]
    return Reading(i, i + 1, bounds[0], bounds[1], True, unit[0], "vague", 1.0)


def _one_unit(tokens: list[Token], i: int) -> Reading | None:
    """Read "in a week", "more than an hour": one unit of time without a number."""
    if tokens[i].lower not in ("a", "an") or i == 0 or tokens[i - 1].lower not in _ONE_BEFORE:
        return None
    if lower_at(tokens, i + 1) not in _ONE or lower_at(tokens, i + 2) in ("ago", "earlier", "later", "old", "-"):
        return None
    unit = read_unit(tokens, i + 1, value=1)
    return None if unit is None else Reading(i, unit[1], 1.0, None, False, unit[0], "words", 1.0)


def _reading(first: int, number: Number, unit: Unit) -> Reading:
    vague = number.form == "vague"
    return Reading(first, number.stop, number.value, number.value_max, vague, unit, number.form, number.scale)
