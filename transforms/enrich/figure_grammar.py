"""From tokens to readings: number, unit, range, ratio, score and age, without what stands around them."""

from typing import NamedTuple

from transforms.elements import FigureKind
from transforms.enrich.not_figures import (
    in_a_chain,
    is_bare_airliner,
    is_identifier,
    is_list_number,
    is_named_ordinal,
    is_year,
)
from transforms.enrich.numbers import Number, read_number, read_ordinal
from transforms.enrich.tokens import Token
from transforms.enrich.units import Unit, currency_of, read_unit
from transforms.enrich.words import words

_DASHES = ("-", "–", "—")
_COUNT = Unit("count", None)
_YEARS_OLD = Unit("age", "a", 31_557_600.0, "s")
_CHANGES = words(
    """rose rise rises rising fell fall falls falling increased increase increasing decreased decrease dropped drop
    climbed climb grew grow jumped cut raised raise lowered lower up down declined slipped went slashed reduced"""
)
_GAMES = words(
    """beat beats beating win wins won winning defeat defeats defeated draw drew drawn tie tied lead leads led leading
    victory score scored loss lost lose final vote voted voting ruling ruled decision match game aggregate penalties
    half-time halftime thrashed edged"""
)
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


def read_figure(tokens: list[Token], i: int, *, title_case: bool, compared: bool) -> Reading | Skip | None:
    """Return the figure that starts at token `i`, what to skip, or None when no number starts there.

    `title_case` says that the sentence is a headline in capitals; `compared` that a comparator ("more than") precedes.
    """
    token = tokens[i]
    if token.kind == "currency":
        number = read_number(tokens, i + 1, money=True)
        return _money(tokens, i, number) if number else None
    ordinal = read_ordinal(tokens, i)
    if ordinal is not None:
        fraction = read_number(tokens, i) if token.kind == "word" else None
        if fraction is None or fraction.form != "fraction":
            return _ordinal(tokens, i, ordinal, title_case=title_case)
    bare = _bare_duration(tokens, i)
    if bare is not None:
        return bare
    between = i > 0 and any(tokens[k].lower == "between" for k in range(max(0, i - 3), i))
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
        if unit is not None:  # 12km: the letters behind are a unit, only what stands before can make it a name
            return is_identifier(tokens[: number.stop], i, number.stop, title_case=title_case)
    return is_identifier(tokens, i, number.stop, title_case=title_case)


def _money(tokens: list[Token], first: int, number: Number) -> Reading:
    unit = Unit("money", currency_of(tokens[first].text))
    ranged = _range(tokens, first + 1, number, money=True)
    if ranged is not None:
        return _reading(first, ranged, unit)
    stop = number.stop
    if stop < len(tokens) and tokens[stop].lower in ("dollars", "euros", "pounds") and not tokens[stop].glued:
        stop += 1  # "$5 million dollars"
    return _reading(first, number._replace(stop=stop), unit)


def _measured(tokens: list[Token], i: int, number: Number, *, between: bool) -> Reading | Skip | None:
    """Read unit, range, ratio, score and age of a number without a currency sign."""
    ratio = _ratio(tokens, number)
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
    ranged = _range(tokens, i, number, money=False, between=between)
    if ranged is not None:
        if _is_score(tokens, i, number, ranged):
            return _reading(i, ranged, Unit("score", None))
        if ranged.value_max is not None and ranged.value_max > ranged.value:
            number = ranged
        elif tokens[number.stop].text in _DASHES:
            return Skip(ranged.stop)  # 21-14 without a game: a code, or minutes of a bill
    if minus:
        number = number._replace(value=-number.value)
    unit, stop = _unit(tokens, i, number)
    number = number._replace(stop=stop)
    if number.value_max is None and unit.kind != "count":
        number = _range_of_units(tokens, number, unit, between=between) or number
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
            _lower(tokens, stop + 1),
        ):
            return Unit("measure", "{magnitude}"), stop
        if _lower(tokens, stop) == "to" and _is_change(tokens, i):  # from 12 to 15 pounds
            second = read_number(tokens, stop + 1)
            shared = (
                read_unit(tokens, second.stop, value=second.value, priced=_is_priced(tokens, i)) if second else None
            )
            if shared is not None:
                return shared[0], stop
        return _COUNT, stop
    unit, end = behind
    if unit.kind == "duration":
        old = _lower(tokens, end) if _lower(tokens, end) != "-" else _lower(tokens, end + 1)
        if old in ("old", "olds"):
            return Unit("age", unit.code, unit.factor, unit.base), end + (2 if _lower(tokens, end) == "-" else 1)
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
    if before.lower in _AGE_BEFORE or (before.lower == "of" and i > 1 and tokens[i - 2].lower == "age"):
        return True
    named = i > 1 and tokens[i - 2].kind == "word" and tokens[i - 2].text[0].isupper() and tokens[i].kind == "number"
    after = tokens[stop].text if stop < len(tokens) else "."
    return named and number.value >= 1 and (before.text, after) in ((",", ","), ("(", ")"), (",", "."), (",", ";"))


def _ratio(tokens: list[Token], number: Number) -> Number | None:
    """Read "one in three", "9 out of 10"."""
    stop = number.stop
    if number.value < 1 or number.value > 20 or number.scale > 1 or number.form == "vague":
        return None
    out = _lower(tokens, stop) == "out" and _lower(tokens, stop + 1) == "of"
    if not out and _lower(tokens, stop) not in ("in", "of"):
        return None
    whole = read_number(tokens, stop + (2 if out else 1))
    if whole is None or whole.value <= number.value or whole.form not in ("digits", "words"):
        return None
    if not out:
        if _lower(tokens, stop) == "of" or (1500 <= whole.value <= 2100 and tokens[whole.stop - 1].kind == "number"):
            return None
        unit = read_unit(tokens, whole.stop, value=whole.value)
        if unit is not None:
            return None  # one in 10 minutes
    return Number(number.value / whole.value, None, whole.stop, "fraction")


def _range(tokens: list[Token], i: int, number: Number, *, money: bool, between: bool = False) -> Number | None:
    """Return the range "10 to 20", "10-20", "between 10 and 20", "two or three", "$2 to $3 million", or None.

    The scale of the second number is the first one's too, when that has none and is smaller: four to five thousand.
    """
    link = _lower(tokens, number.stop)
    if link not in ("to", "and", "or", *_DASHES) or number.form not in ("digits", "words"):
        return None
    at = number.stop + 1
    if money and at < len(tokens) and tokens[at].kind == "currency":
        at += 1
    second = read_number(tokens, at, money=money)
    if second is None or second.form not in ("digits", "words"):
        return None
    if link in _DASHES and not (tokens[number.stop].glued and tokens[number.stop + 1].glued):
        return None  # a dash of the sentence
    value = number.value
    if number.scale == 1 and second.scale > 1 and value < second.value / second.scale:
        value *= second.scale
    if link == "and" and not between:
        return None
    if link == "or" and not value < second.value <= value + 5:
        return None
    if link == "to" and _is_change(tokens, i):
        return None
    if link == "to" and value >= second.value:
        return None
    return Number(value, second.value, second.stop, number.form, second.scale)


def _range_of_units(tokens: list[Token], number: Number, unit: Unit, *, between: bool) -> Number | None:
    """Return the range whose first number has its unit already: "between 10% and 20%", "5 km to 7 km"."""
    link = _lower(tokens, number.stop)
    if not (link in ("to", "–") or (link in ("and", "-") and between) or (link == "-" and unit.code == "%")):
        return None
    if link == "to" and not between and _is_change(tokens, number.stop - 2):
        return None
    second = read_number(tokens, number.stop + 1)
    behind = read_unit(tokens, second.stop, value=second.value) if second is not None else None
    if second is None or behind is None or behind[0].code != unit.code or second.value <= number.value:
        return None
    return Number(number.value, second.value, behind[1], number.form, number.scale)


def _is_change(tokens: list[Token], i: int) -> bool:
    """Tell whether "from A to B" is a change, two figures and no range: a verb of change stands before."""
    window = {token.lower for token in tokens[max(0, i - 8) : i]}
    return "from" in window and bool(window & _CHANGES)


def _is_score(tokens: list[Token], i: int, number: Number, ranged: Number) -> bool:
    """Tell whether "3-1" is a result: no unit behind, and a game nearby or a second number that is no larger."""
    if tokens[number.stop].text not in _DASHES or ranged.scale > 1 or ranged.value_max is None:
        return False
    if number.value != int(number.value) or read_unit(tokens, ranged.stop, value=2) is not None:
        return False
    near = {token.lower for token in tokens[max(0, i - 10) : ranged.stop + 6]}
    if near & _GAMES:
        return ranged.value_max < 200
    following = _lower(tokens, ranged.stop)
    counted = following.endswith("s") or following in ("people", "children", "men", "women")
    return ranged.value_max <= number.value < 12 and not counted


def _ordinal(tokens: list[Token], i: int, number: Number, *, title_case: bool) -> Reading | Skip:
    if is_named_ordinal(tokens, i, number.stop, title_case=title_case):
        return Skip(number.stop)
    return _reading(i, number, Unit("ordinal", None))


def _bare_duration(tokens: list[Token], i: int) -> Reading | None:
    token = tokens[i]
    if token.lower not in _BARE or i == 0 or tokens[i - 1].lower not in _BARE_BEFORE:
        return None
    if _lower(tokens, i + 1) in ("ago", "earlier", "later", "old"):
        return None
    unit = read_unit(tokens, i, value=2)
    if unit is None:
        return None
    bounds = _BARE[token.lower]
    return Reading(i, i + 1, bounds[0], bounds[1], True, unit[0], "vague", 1.0)


def _reading(first: int, number: Number, unit: Unit) -> Reading:
    vague = number.form == "vague"
    return Reading(first, number.stop, number.value, number.value_max, vague, unit, number.form, number.scale)


def _lower(tokens: list[Token], i: int) -> str:
    return tokens[i].lower if 0 <= i < len(tokens) else ""
