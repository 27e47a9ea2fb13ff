"""Two numbers that belong together: ranges, ratios, scores."""

from transforms.enrich.amounts.numbers import Number, read_number
from transforms.enrich.amounts.units import Unit, read_unit
from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words

DASHES = ("-", "–", "—")
_CHANGES = words(
    """rose rise rises rising fell fall falls falling increased increase increasing decreased decrease dropped drop
    climbed climb grew grow jumped cut raised raise lowered lower up down declined slipped went slashed reduced"""
)
_TIMES_WHAT = words(
    """the as more higher larger bigger faster greater its their his her normal that what likelier stronger smaller
    average lower"""
)
_GAMES = words(
    """beat beats beating win wins won winning defeat defeats defeated draw drew drawn tie tied lead leads led leading
    victory score scored loss lost lose final vote voted voting ruling ruled decision match game aggregate penalties
    half-time halftime thrashed edged"""
)


def lower_at(tokens: list[Token], i: int) -> str:
    """Return the word at token `i` in lower case, "" outside the sentence."""
    return tokens[i].lower if 0 <= i < len(tokens) else ""


def read_ratio(tokens: list[Token], number: Number) -> Number | None:
    """Read "one in three", "9 out of 10", "1.5 times the average"."""
    stop = number.stop
    if lower_at(tokens, stop) == "times" and lower_at(tokens, stop + 1) in _TIMES_WHAT and number.form != "vague":
        return Number(number.value, number.value_max, stop + 1, "digits", number.scale)
    if number.value < 1 or number.value > 20 or number.scale > 1 or number.form == "vague":
        return None
    out = lower_at(tokens, stop) == "out" and lower_at(tokens, stop + 1) == "of"
    if not out and lower_at(tokens, stop) not in ("in", "of"):
        return None
    every = not out and lower_at(tokens, stop) == "in" and lower_at(tokens, stop + 1) == "every"
    whole = read_number(tokens, stop + (2 if out or every else 1))
    if whole is None or whole.value <= number.value or whole.form not in ("digits", "words"):
        return None
    if not out:
        if lower_at(tokens, stop) == "of" or (1500 <= whole.value <= 2100 and tokens[whole.stop - 1].kind == "number"):
            return None
        unit = read_unit(tokens, whole.stop, value=whole.value)
        if unit is not None:
            return None  # one in 10 minutes
    return Number(number.value / whole.value, None, whole.stop, "fraction")


def read_range(tokens: list[Token], i: int, number: Number, *, money: bool, between: bool = False) -> Number | None:
    """Return the range "10 to 20", "10-20", "between 10 and 20", "two or three", "$2 to $3 million", or None.

    The scale of the second number is the first one's too, when that has none and is smaller: four to five thousand.
    """
    link = lower_at(tokens, number.stop)
    if link not in ("to", "and", "or", *DASHES) or number.form not in ("digits", "words"):
        return None
    at = number.stop + 1
    if money and at < len(tokens) and tokens[at].kind == "currency":
        at += 1
    second = read_number(tokens, at, money=money)
    if second is None or second.form not in ("digits", "words"):
        return None
    if link in DASHES and not (tokens[number.stop].glued and tokens[number.stop + 1].glued):
        return None  # a dash of the sentence
    value = number.value
    if number.scale == 1 and second.scale > 1 and value < second.value / second.scale:
        value *= second.scale
    if link == "and" and not between:
        return None
    if link == "or" and not value < second.value <= value + 5:
        return None
    if link == "to" and is_change(tokens, i):
        return None
    if link == "to" and value >= second.value and not _near_a_game(tokens, i, second.stop):
        return None
    return Number(value, second.value, second.stop, number.form, second.scale)


def read_range_of_units(tokens: list[Token], number: Number, unit: Unit, *, between: bool) -> Number | None:
    """Return the range whose first number has its unit already: "between 10% and 20%", "5 km to 7 km"."""
    link = lower_at(tokens, number.stop)
    if not (link in ("to", "–") or (link in ("and", "-") and between) or (link == "-" and unit.code == "%")):
        return None
    if link == "to" and not between and is_change(tokens, number.stop - 2):
        return None
    second = read_number(tokens, number.stop + 1)
    behind = read_unit(tokens, second.stop, value=second.value) if second is not None else None
    if second is None or behind is None or behind[0].code != unit.code or second.value <= number.value:
        return None
    return Number(number.value, second.value, behind[1], number.form, number.scale)


def is_change(tokens: list[Token], i: int) -> bool:
    """Tell whether "from A to B" is a change, two figures and no range: a verb of change stands before."""
    window = {token.lower for token in tokens[max(0, i - 14) : i]}
    return "from" in window and bool(window & _CHANGES)


def _near_a_game(tokens: list[Token], i: int, stop: int) -> bool:
    return any(token.lower in _GAMES for token in tokens[max(0, i - 10) : stop + 6])


def is_score(tokens: list[Token], i: int, number: Number, ranged: Number) -> bool:
    """Tell whether "3-1" is a result: no unit behind, and a game nearby or a second number that is no larger."""
    if tokens[number.stop].lower not in ("to", *DASHES) or ranged.scale > 1 or ranged.value_max is None:
        return False
    if number.value != int(number.value) or read_unit(tokens, ranged.stop, value=2) is not None:
        return False
    if tokens[number.stop].lower == "to":
        return ranged.value_max <= number.value
    if _near_a_game(tokens, i, ranged.stop):
        return ranged.value_max < 200
    following = lower_at(tokens, ranged.stop)
    counted = following.endswith("s") or following in ("people", "children", "men", "women")
    return ranged.value_max <= number.value < 12 and not counted
