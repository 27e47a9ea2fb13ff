"""From tokens to readings in other languages: number, unit, range, score, age, and what is no figure."""

import re
from typing import NamedTuple

from transforms.enrich.amounts.numbers import Number
from transforms.enrich.amounts.units import Unit, currency_of
from transforms.enrich.foreign.numbers import NumberReader, lower_at
from transforms.enrich.languages.tables import Language
from transforms.enrich.reading.tokens import Token

_YEARS_OLD = Unit("age", "a", 31_557_600.0, "s")
_MAGNITUDE = Unit("measure", "{magnitude}")
_COUNT, _RATIO, _SCORE = Unit("count", None), Unit("ratio", None), Unit("score", None)
_YEAR = re.compile(r"(?:1[5-9]|20)\d{2}|21[0-4]\d")
_MAX_UNIT_TOKENS = 4
_MAX_AGE = 120
_MAX_GOALS = 200  # a basketball result
_CHAIN = frozenset(".,-–:/")


class ForeignReading(NamedTuple):
    """A figure as read from tokens `first` to `stop`. `counted` are tokens inside it ("un enfant sur cinq")."""

    first: int
    stop: int
    value: float
    value_max: float | None
    unit: Unit
    vague: bool = False
    about: bool = False
    scale: float = 1.0
    counted: tuple[int, int] | None = None


class FigureReader:
    """Reads figures by the tables of one language."""

    def __init__(self, tables: Language) -> None:
        self._numbers = NumberReader(tables.numbers)
        self._figures = tables.figures
        self._minus = tables.numbers.minus

    def read(self, tokens: list[Token], i: int, *, game: bool, compared: bool) -> ForeignReading | int | None:
        """Return the figure at token `i`, the index behind what is no figure, or None when no number starts there."""
        token = tokens[i]
        if token.kind == "symbol":
            return None
        if token.kind == "currency":
            number = self._numbers.read(tokens, i + 1)
            if number is None:
                return None
            number = self._numbers.ranged(tokens, i + 1, number) or number
            return _reading(i, number, Unit("money", currency_of(token.text)))
        aged = self._one_word_age(tokens, i)
        if aged is not None:
            return aged
        number = self._numbers.read(tokens, i)
        if number is None:
            return i + 1 if token.kind == "number" else None
        return self._measured(tokens, i, number, game=game, compared=compared)

    def _measured(
        self, tokens: list[Token], i: int, number: Number, *, game: bool, compared: bool
    ) -> ForeignReading | int | None:
        if number.form == "fraction":
            return _reading(i, number, _RATIO)
        ratio = self._numbers.out_of(tokens, number)
        if ratio is not None:
            return _reading(i, ratio[0], _RATIO)._replace(counted=ratio[1])
        if self._is_name(tokens, i, number):
            return number.stop
        paired = self._pair(tokens, i, number, game=game)
        if isinstance(paired, int):
            return paired
        if paired is not None and paired.value_max is not None and paired.value_max <= paired.value:
            return _reading(i, paired, _SCORE)
        if paired is not None and lower_at(tokens, number.stop) in (":", "-") and game and paired.scale == 1:
            return _reading(i, paired, _SCORE)
        number = paired or number
        adjective = self._adjective_unit(tokens, number.stop)
        unit, stop = adjective or self._unit(tokens, i, number) or (_COUNT, number.stop)
        if unit.kind == "duration" and unit.code == "a" and self._is_age(tokens, i, stop, number):
            unit, stop = _YEARS_OLD, stop + (lower_at(tokens, stop) in self._figures.ages)
        if unit.kind == "count":
            if any(lower_at(tokens, k) in self._figures.magnitude for k in range(max(0, i - 3), i)):
                unit = _MAGNITUDE
            elif _is_year(tokens[i], number) and not compared:
                return number.stop
            elif "." in tokens[i].text and tokens[i].text.count(".") == 1 and number.value != int(number.value):
                return number.stop  # 49.3, 12.5: a chapter, a day; a decimal point has a unit behind it
        first, number = self._signed(tokens, i, number, unit)
        if unit.base == "K" and (below := self._below_zero(tokens, stop)):
            number, stop = number._replace(value=-abs(number.value)), below
        return _reading(first, number._replace(stop=stop), unit)

    def _signed(self, tokens: list[Token], i: int, number: Number, unit: Unit) -> tuple[int, Number]:
        before = tokens[i - 1] if i > 0 else None
        minus = before is not None and (
            (before.lower in self._minus and unit.base == "K")
            or (before.text in "-−–" and not before.glued and tokens[i].glued)
        )
        return (i - 1, number._replace(value=-number.value)) if minus else (i, number)

    def _below_zero(self, tokens: list[Token], stop: int) -> int | None:
        for phrase in self._figures.below_zero:
            length = len(phrase.split())
            if " ".join(token.lower for token in tokens[stop : stop + length]) == phrase:
                return stop + length
        return None

    def _pair(self, tokens: list[Token], i: int, number: Number, *, game: bool) -> Number | int | None:
        """Return a range, a score's two numbers, or the index behind a pair that is no figure (18:30, 21-14)."""
        ranged = self._numbers.ranged(tokens, i, number)
        changed = any(token.lower in self._figures.changes for token in tokens[max(0, i - 8) : i])
        leads = lower_at(tokens, i - 1) in self._figures.of and changed  # subió de 3 a 4: two figures
        if ranged is not None:
            return None if leads else ranged
        stop = number.stop
        joined = lower_at(tokens, stop) in (":", "-", "–") and stop + 1 < len(tokens) and tokens[stop].glued
        if not joined or tokens[stop + 1].kind != "number" or not tokens[stop + 1].glued:
            return None
        second = self._numbers.read(tokens, stop + 1)
        if second is None or not game or max(number.value, second.value) > _MAX_GOALS:
            return stop + 2
        return Number(number.value, second.value, second.stop, "digits")

    def _unit(self, tokens: list[Token], i: int, number: Number) -> tuple[Unit, int] | None:
        start = number.stop
        if lower_at(tokens, start) in self._figures.of and (number.scale >= 1e6 or number.form in ("vague", "round")):
            start += 1  # millions d'euros
        best = None
        phrase = ""
        for j in range(start, min(len(tokens), start + _MAX_UNIT_TOKENS)):
            token = tokens[j]
            joined = j > start and token.glued and (token.kind == "symbol" or phrase[-1:] in "/°'’")
            phrase = phrase + token.lower if joined or phrase[-1:] in ("'", "’") else f"{phrase} {token.lower}".strip()
            unit = self._figures.units.get(phrase)
            if unit is not None:
                best = unit, j + 1
        if best is None or (number.value == 1 and tokens[i].kind == "word" and best[0].kind != "percent"):
            return None
        return best

    def _adjective_unit(self, tokens: list[Token], stop: int) -> tuple[Unit, int] | None:
        if lower_at(tokens, stop) != "-" or not tokens[stop].glued:
            return None
        word = lower_at(tokens, stop + 1)
        return next(
            ((unit, stop + 2) for start, unit in self._figures.adjective_units.items() if word.startswith(start)), None
        )

    def _one_word_age(self, tokens: list[Token], i: int) -> ForeignReading | None:
        """Read a number and its unit in one word: "fünfjährige"."""
        word = tokens[i].lower
        for ending, unit in self._figures.adjective_units.items():
            at = word.find(ending)
            if at > 0 and (value := self._numbers.words.small.get(word[:at])) is not None:
                return ForeignReading(i, i + 1, value, None, unit)
        return None

    def _is_age(self, tokens: list[Token], i: int, stop: int, number: Number) -> bool:
        words = self._figures
        if number.value > _MAX_AGE or number.value_max is not None:
            return False
        before, second = lower_at(tokens, i - 1), lower_at(tokens, i - 2)
        if lower_at(tokens, stop) in words.ages or before in words.ages or second in words.ages:
            return True
        if [lower_at(tokens, stop), lower_at(tokens, stop + 1)] in [["de", age] for age in words.ages]:
            return True
        if before in words.of:
            return second in words.age_nouns or (second == "," and lower_at(tokens, stop) == ",")
        return (
            (before, lower_at(tokens, stop)) in ((",", ","), ("(", ")")) and i > 1 and tokens[i - 2].text[0].isupper()
        )

    def _is_name(self, tokens: list[Token], i: int, number: Number) -> bool:
        """Tell whether the number is part of a name, an address, a telephone number or a version."""
        token = tokens[i]
        if token.kind != "number":
            return False
        before, after = (tokens[i - 1] if i else None), (tokens[number.stop] if number.stop < len(tokens) else None)
        if len(token.text) > 1 and token.text[0] == "0" and token.text[1].isdigit():
            return True
        if before is not None:
            label = tokens[i - 2] if before.text == "." and i > 1 else before
            if label.lower in self._figures.labels:
                return True
            if before.glued and before.text in "-/" and token.glued and i > 1 and tokens[i - 2].kind == "word":
                return True
            if token.glued and ((before.kind == "word" and before.text[-1] not in "'’") or before.text in "#@_="):
                return True
        if after is not None and after.glued and after.kind == "word" and number.stop == i + 1:
            return after.lower not in self._figures.units
        return self._in_a_chain(tokens, i)

    @staticmethod
    def _in_a_chain(tokens: list[Token], i: int) -> bool:
        """Tell whether three numbers stand in a row, with spaces or single marks between."""
        count, last = 1, i
        while last + 1 < len(tokens) and count < 3:
            step = 2 if tokens[last + 1].text in _CHAIN and tokens[last + 1].glued else 1
            if last + step >= len(tokens) or tokens[last + step].kind != "number":
                break
            count, last = count + 1, last + step
        first = i
        while first > 0 and count < 3:
            step = 2 if tokens[first - 1].text in _CHAIN and tokens[first].glued else 1
            if first < step or tokens[first - step].kind != "number":
                break
            count, first = count + 1, first - step
        return count > 2


def _is_year(token: Token, number: Number) -> bool:
    return token.kind == "number" and number.scale == 1 and bool(_YEAR.fullmatch(token.text))


def _reading(first: int, number: Number, unit: Unit) -> ForeignReading:
    return ForeignReading(
        first, number.stop, number.value, number.value_max, unit, number.form == "vague", number.form == "round",
        number.scale,
    )  # fmt: skip
