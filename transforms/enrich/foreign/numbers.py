"""The grammar of numbers in other languages, by a language's tables: digits with scales, words, crowds, fractions."""

import re
from functools import cache
from typing import NamedTuple

from transforms.enrich.amounts.numbers import Number
from transforms.enrich.languages.tables import NumberWords
from transforms.enrich.reading.tokens import Token, TokenKind

_MAX_DIGITS = 15  # as in English: exact in a float
_MAX_WORDS = 8
_MAX_OUT_OF = 20.0  # "19 of 20"; beyond it somebody counts
_MAX_GROUPS = 5
_ELISION = r"(?:[dlnsjmtcDLNSJMTC]|[Qq]u|[Jj]usqu)['’]"  # d'euros: only French has them before a letter


_KINDS: tuple[TokenKind, ...] = ("word", "symbol", "number", "currency")


@cache
def _token_pattern(groups: str) -> re.Pattern[str]:
    separators = re.escape(groups)
    return re.compile(
        rf"""(?P<currency>(?:(?<!\w)US)?\$|[€£¥])
          |(?P<number>\d{{1,3}}([{separators}])\d{{3}}(?:\3\d{{3}}){{0,{_MAX_GROUPS}}}(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)
          |(?P<word>{_ELISION}(?=[^\W\d_])|[^\W\d_]+(?:-[^\W\d_]+)*)
          |(?P<symbol>\S)""",
        re.VERBOSE,
    )


def foreign_tokens(text: str, start: int, end: int, numbers: NumberWords, *, limit: int = 4000) -> list[Token]:
    """Return the tokens of `text[start:end]`, at most `limit`; words keep their hyphens."""
    tokens: list[Token] = []
    previous_end = -1
    for match in _token_pattern(numbers.groups).finditer(text, start, end):
        kind = next(name for name in _KINDS if match[name])
        found = match.group()
        tokens.append(Token(found, found.lower(), match.start(), match.end(), kind, match.start() == previous_end))
        previous_end = match.end()
        if len(tokens) >= limit:
            break
    return tokens


def lower_at(tokens: list[Token], i: int) -> str:
    """Return the word at token `i` in lower case, "" outside the sentence."""
    return tokens[i].lower if 0 <= i < len(tokens) else ""


def number_value(text: str, groups: str) -> float | None:
    """Return the value of digits: the last of two different signs is the decimal one; None for too many digits."""
    signs = [character for character in text if not character.isdigit()]
    decimal = ""
    if signs:
        last = signs[-1]
        grouped = last in groups and len(text.rpartition(last)[2]) == 3 and text.find(last) < 4
        if not grouped or len(set(signs)) > 1:
            decimal = last
    whole, _, part = text.rpartition(decimal) if decimal else (text, "", "")
    digits = "".join(character for character in whole if character.isdigit())
    if len(digits) > _MAX_DIGITS:
        return None
    return float(f"{digits or 0}.{part[:_MAX_DIGITS] or 0}")


class NumberReader(NamedTuple):
    """Reads numbers by a language's words."""

    words: NumberWords

    def read(self, tokens: list[Token], i: int) -> Number | None:
        """Return the number that starts at token `i`, or None. `form` is as in English, or "round" (une dizaine)."""
        if i >= len(tokens):
            return None
        if tokens[i].kind == "number":
            value = number_value(tokens[i].text, self.words.groups)
            return None if value is None else self._scaled(tokens, Number(value, None, i + 1, "digits"))
        if tokens[i].kind != "word":
            return None
        return self._vague(tokens, i) or self._part(tokens, i) or self._round(tokens, i) or self._words(tokens, i)

    def _scaled(self, tokens: list[Token], number: Number) -> Number:
        value, stop, scale = number.value, number.stop, 1.0
        for _ in range(2):  # 12 mil millones
            factor = self.words.scales.get(lower_at(tokens, stop))
            if factor is None or (scale > 1 and factor < scale) or (factor == 100 and number.form == "digits"):
                break
            value, scale, stop = value * factor, scale * factor, stop + 1
            if lower_at(tokens, stop) == "." and tokens[stop].glued and len(tokens[stop - 1].text) == 3:
                stop += 1  # Mio.
        return Number(value, None, stop, number.form, scale)

    def _vague(self, tokens: list[Token], i: int) -> Number | None:
        word = tokens[i].lower
        if word in self.words.crowds:
            low, high = self.words.crowds[word]
            stop = i + 1
            linked = stop + 1 if lower_at(tokens, stop) in self.words.links else stop
            if lower_at(tokens, linked) in self.words.crowds and linked > stop:
                factor = self._unit_of(lower_at(tokens, linked))
                return Number(low * factor, (high + 1) * factor - 1, linked + 1, "vague", factor)
            return Number(low, high, stop, "vague", low)
        pair = f"{word} {lower_at(tokens, i + 1)}"
        bounds, stop = (self.words.several.get(pair), i + 2) if pair in self.words.several else (
            self.words.several.get(word), i + 1)  # fmt: skip
        if bounds is None:
            return None
        factor = self._unit_of(lower_at(tokens, stop))
        if factor == 1:
            return Number(bounds[0], bounds[1], stop, "vague")
        high = 10 * factor - 1 if bounds[0] >= 3 else bounds[1] * factor
        return Number(bounds[0] * factor, high, stop + 1, "vague", factor)

    def _unit_of(self, word: str) -> float:
        """Return what one of a crowd or a scale is: a thousand for "Tausende"; 1 for another word."""
        if word in self.words.crowds:
            return self.words.crowds[word][0] / 2
        return self.words.scales.get(word, 1.0)

    def _part(self, tokens: list[Token], i: int) -> Number | None:
        """Read "zwei Drittel", "la moitié", "jeder dritte", "medio millón", "un demi-million"."""
        word, after = tokens[i].lower, lower_at(tokens, i + 1)
        numbers = self.words
        if word in numbers.each:
            rank = numbers.ranks.get(after) or numbers.ranks.get(after[:-1])
            return Number(1 / rank, None, i + 2, "fraction") if rank else None
        if word in numbers.half:
            return Number(0.5, None, i + 1, "fraction")
        at = i + 1 if word in numbers.ones else i
        head, _, tail = lower_at(tokens, at).partition("-")
        if head in numbers.halves:
            scale = numbers.scales.get(tail or lower_at(tokens, at + 1), 1.0)
            return Number(scale / 2, None, at + (1 if tail else 2), "words", scale) if scale > 1 else None
        upper = 1.0 if word in numbers.ones else numbers.small.get(word, 0.0)
        lower = numbers.parts.get(after, 0)
        return Number(upper / lower, None, i + 2, "fraction") if 0 < upper < lower else None

    def _round(self, tokens: list[Token], i: int) -> Number | None:
        at = i + 1 if tokens[i].lower in self.words.ones else i
        value = self.words.rounds.get(lower_at(tokens, at))
        return None if value is None else Number(value, None, at + 1, "round", value)

    def _words(self, tokens: list[Token], i: int) -> Number | None:
        numbers = self.words
        total, current, scale, j = 0.0, None, 1.0, i
        while j < min(len(tokens), i + _MAX_WORDS):
            word = tokens[j].lower
            small = numbers.small.get(word)
            if small is None and word in numbers.ones and j == i:
                small = 1.0
            if small is not None and (current is None or (current >= 100 > small and current % 100 == 0)):
                current = (current or 0.0) + small
            elif word in numbers.joins and current and current % 10 == 0 and self._ones_at(tokens, j + 1):
                current, j = current + self._ones_at(tokens, j + 1), j + 1
            elif word in numbers.hundreds and (current is None or current < 10):
                current, scale = 100 * (current or 1.0), 100.0
            elif word in numbers.scales and not (current is None and total == 0 and numbers.scales[word] >= 1e6):
                factor = numbers.scales[word]
                total = total * factor if current is None and total else total + (current or 1.0) * factor
                current, scale = None, max(scale, factor)
            else:
                break
            j += 1
        if j == i:
            return None
        return Number(total + (current or 0.0), None, j, "words", scale)

    def _ones_at(self, tokens: list[Token], i: int) -> float:
        value = self.words.small.get(lower_at(tokens, i), 0.0)
        return value if value < 10 else 0.0

    def out_of(self, tokens: list[Token], number: Number) -> tuple[Number, tuple[int, int] | None] | None:
        """Read on to "uno de cada cinco", "un enfant sur cinq"; the tokens between are what is counted."""
        if not 1 <= number.value <= _MAX_OUT_OF or number.form not in ("digits", "words"):
            return None
        for phrase in self.words.out_of:
            length = len(phrase.split())
            for between in (0, 1) if phrase in self.words.around_noun else (0,):
                at = number.stop + between
                if " ".join(token.lower for token in tokens[at : at + length]) != phrase:
                    continue
                whole = self.read(tokens, at + length)
                if (
                    whole is not None
                    and whole.form in ("digits", "words")
                    and whole.value > number.value
                    and whole.value == int(whole.value)
                ):
                    counted = (number.stop, at) if between else None
                    return Number(number.value / whole.value, None, whole.stop, "fraction"), counted
        return None

    def ranged(self, tokens: list[Token], i: int, number: Number) -> Number | None:
        """Return the range that goes on behind `number`, or None: "50 bis 60", "entre 2 et 3 millions", "3-4"."""
        link = lower_at(tokens, number.stop)
        between = self.words.between in [lower_at(tokens, k) for k in range(max(0, i - 2), i)]
        dashed = link in ("-", "–") and tokens[number.stop].glued
        if number.form not in ("digits", "words") or not (
            link in self.words.to or link in self.words.or_ or dashed or (between and link in ("et", "y", "und"))
        ):
            return None
        second = self.read(tokens, number.stop + 1)
        if second is None or second.form not in ("digits", "words"):
            return None
        value = number.value
        if number.scale == 1 and second.scale > 1 and value < second.value / second.scale:
            value *= second.scale
        if value >= second.value or (link in self.words.or_ and second.value > value + 5):
            return None
        return Number(value, second.value, second.stop, number.form, second.scale)
