"""The grammar of numbers: digits with scales, number words, vague amounts, fractions and ordinals."""

from typing import NamedTuple

from transforms.enrich.amounts.not_figures import is_discipline
from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words

_SMALL = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()  # noqa: SIM905 (a list of twenty strings reads worse)
    )
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES: dict[str, float] = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "lakh": 1e5,
    "lakhs": 1e5,
    "crore": 1e7,
    "crores": 1e7,
    "mln": 1e6,
    "bln": 1e9,
    "trn": 1e12,
}
_LETTER_SCALES: dict[str, float] = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}
_ROUND: dict[str, float] = {"dozen": 12, "hundred": 100, **_SCALES}
_PLURAL_ROUND: dict[str, float] = {
    "tens": 10,
    "dozens": 12,
    "scores": 20,
    "hundreds": 100,
    "thousands": 1e3,
    "millions": 1e6,
    "billions": 1e9,
    "trillions": 1e12,
}
VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125, "⅜": 0.375, "⅝": 0.625, "⅞": 0.875}
_PARTS = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_ORDINALS = {
    word: value
    for value, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split(),  # noqa: SIM905
        start=1,
    )
}
# What is said with a word for an unknown number: lower and upper bound, in units of what follows.
_FEW = (2.0, 5.0)
_SEVERAL = (3.0, 9.0)
_MAX_DIGITS = 15  # every integer of so many digits is exact in a float, and no news counts further
_MAX_WORDS = 12  # "nine hundred and ninety-nine thousand nine hundred and ninety-nine" has ten

# Words that may start a number; with the digits this is the cheap test whether a sentence has one at all.
NUMBER_WORDS = frozenset({*_SMALL, *_TENS, *_PLURAL_ROUND, *_ORDINALS, *_PARTS, *_ROUND}) | words("several few couple")


_COMPARED_BY = words("since from on in over compared against to")

# The values of the words for single numbers, as "seventeen years ago" needs them.
COUNT_WORDS = {**_SMALL, **_TENS}


class Number(NamedTuple):
    """A number as read: tokens up to `stop` (exclusive). `scale` is the factor that scale words gave it."""

    value: float
    value_max: float | None
    stop: int
    form: str  # "digits", "words", "vague", "fraction" or "ordinal"
    scale: float = 1.0


def read_number(tokens: list[Token], i: int, *, joins_and: bool = True, money: bool = False) -> Number | None:
    """Return the number that starts at token `i`, or None.

    `joins_and` is false behind "between", where "and" separates two numbers. `money` says that a currency sign stands
    before, so that a following "m" means million, never metre.
    """
    if i >= len(tokens):
        return None
    if tokens[i].kind == "number":
        return _digits(tokens, i, money=money)
    if tokens[i].text in VULGAR:
        return _scaled(tokens, Number(VULGAR[tokens[i].text], None, i + 1, "fraction"), money=money)
    if tokens[i].kind != "word":
        return None
    return _vague(tokens, i) or _fraction(tokens, i) or _words(tokens, i, joins_and=joins_and)


def read_ordinal(tokens: list[Token], i: int) -> Number | None:
    """Return the ordinal at token `i` ("first", "21st", "twenty-first"), or None."""
    token = tokens[i]
    if token.kind == "number":
        after = _lower(tokens, i + 1)
        if after in ("st", "nd", "rd", "th") and tokens[i + 1].glued and token.text.isdigit() and len(token.text) < 5:
            return Number(float(token.text), None, i + 2, "ordinal")
        return None
    if token.lower in _ORDINALS:
        return Number(float(_ORDINALS[token.lower]), None, i + 1, "ordinal")
    if token.lower in _TENS and _lower(tokens, i + 1) == "-" and _ORDINALS.get(_lower(tokens, i + 2), 99) < 10:
        return Number(float(_TENS[token.lower] + _ORDINALS[_lower(tokens, i + 2)]), None, i + 3, "ordinal")
    return None


def _lower(tokens: list[Token], i: int) -> str:
    return tokens[i].lower if 0 <= i < len(tokens) else ""


def _digits(tokens: list[Token], i: int, *, money: bool) -> Number | None:
    plain = tokens[i].text.replace(",", "").replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if len(plain.partition(".")[0]) > _MAX_DIGITS:
        return None
    value = float(plain[: 2 * _MAX_DIGITS])
    stop = i + 1
    form = "digits"
    if _lower(tokens, stop) in VULGAR:
        value += VULGAR[tokens[stop].text]
        stop += 1
    elif _is_slash_fraction(tokens, stop):  # 2 1/2
        value += float(tokens[stop].text) / float(tokens[stop + 2].text)
        stop += 3
    elif _is_slash_fraction(tokens, i) and not _glued_number_before(tokens, i):  # 1/3
        value /= float(tokens[i + 2].text)
        stop, form = i + 3, "fraction"
    elif [_lower(tokens, stop + k) for k in range(3)] == ["and", "a", "half"]:
        value += 0.5
        stop += 3
    return _scaled(tokens, Number(value, None, stop, form), money=money)


def _glued_number_before(tokens: list[Token], i: int) -> bool:
    return i > 0 and tokens[i].glued and tokens[i - 1].kind != "word"


def _is_slash_fraction(tokens: list[Token], i: int) -> bool:
    """Tell whether 1/2, 2/3, 3/4 ... stands at token `i`: a proper fraction of small numbers, not 9/11 or 24/7."""
    if i + 2 >= len(tokens) or tokens[i + 1].text != "/" or not (tokens[i + 1].glued and tokens[i + 2].glued):
        return False
    upper, lower = tokens[i].text, tokens[i + 2].text
    return upper.isdigit() and lower in ("2", "3", "4", "5", "8", "10") and 0 < int(upper[:3]) < int(lower)


def _scaled(tokens: list[Token], number: Number, *, money: bool) -> Number:
    """Return `number` times the scale words behind it ("1.2 billion", "5bn", "12 lakh crore", "3 dozen")."""
    value, stop, scale = number.value, number.stop, number.scale
    for _ in range(2):
        at = stop + 1 if _lower(tokens, stop) == "-" and tokens[stop].glued else stop
        word = _lower(tokens, at)
        if word in _ROUND and (scale == 1 or word in ("crore", "lakh", "million", "billion")):
            factor = _ROUND[word]
        elif scale == 1 and at == stop and word in _LETTER_SCALES and _letter_scale(tokens, at, money=money):
            factor = _LETTER_SCALES[word]
        else:
            break
        value, scale, stop = value * factor, scale * factor, at + 1
    return Number(value, None, stop, number.form, scale)


def _letter_scale(tokens: list[Token], at: int, *, money: bool) -> bool:
    word, glued = tokens[at].lower, tokens[at].glued
    if word in ("bn", "mn", "tn"):
        return True
    # "12m people" are millions, "12m high" and "12m" alone are metres; "5k" is a number, "5 k" is not.
    following = _lower(tokens, at + 1)
    if word == "m" and is_discipline(tokens, at + 1) and not money:
        return False
    return glued and (
        money or word == "k" or (word == "m" and len(following) > 3 and following.endswith(("s", "people")))
    )


def _vague(tokens: list[Token], i: int) -> Number | None:
    """Read "dozens", "tens of thousands", "several hundred", "a few", "a couple of"."""
    word = tokens[i].lower
    if word in _PLURAL_ROUND:
        factor, stop = _PLURAL_ROUND[word], i + 1
        if word in ("scores", "tens") and _lower(tokens, stop) != "of":
            return None  # "he scores", "she scores"
        if _lower(tokens, stop) == "of" and _lower(tokens, stop + 1) in ("thousands", "millions", "billions"):
            factor *= _PLURAL_ROUND[tokens[stop + 1].lower]
            stop += 2
        elif word == "tens":
            return None
        return Number(2 * factor, _below_ten(factor, word), stop, "vague", factor)
    bounds, stop = None, i
    if word == "several":
        bounds, stop = _SEVERAL, i + 1
    elif word == "few" or (word == "a" and _lower(tokens, i + 1) == "few"):
        bounds, stop = _FEW, i + 1 + (word == "a")
    elif word == "a" and _lower(tokens, i + 1) == "couple":
        bounds, stop = (2.0, 2.0), i + 2
    if bounds is None:
        return None
    factor = _ROUND.get(_lower(tokens, stop), 1.0)
    if factor > 1:
        stop += 1
    upper = bounds[1] * factor
    if bounds == _SEVERAL and factor >= 100:
        upper = 10 * factor - 1
    return Number(bounds[0] * factor, upper if upper > bounds[0] * factor else None, stop, "vague", factor)


def _below_ten(factor: float, word: str) -> float:
    """Return the most that "hundreds" (999) or "dozens" (99) can mean."""
    return 99.0 if word in ("dozens", "scores") else 10 * factor - 1


def _fraction(tokens: list[Token], i: int) -> Number | None:
    """Read "half of", "a third of", "two-thirds", "three quarters"; "half a million" is a number, not a part."""
    word, after = tokens[i].lower, _lower(tokens, i + 1)
    if word == "half":
        at = i + 2 if after in ("a", "an", "-") else i + 1
        if at > i + 1 and _lower(tokens, at) in _ROUND:
            factor = _ROUND[tokens[at].lower]
            return Number(factor / 2, None, at + 1, "words", factor)
        if (at > i + 1 and after != "-") or after in ("of", "the", "its", "their", "all", "his", "her", "our"):
            return Number(0.5, None, i + 1 + (after in ("a", "an")), "fraction")
        return None
    upper = 1 if word in ("a", "one") else _SMALL.get(word, 0)
    at = i + 2 if after == "-" and tokens[i + 1].glued else i + 1
    part = _lower(tokens, at)
    if not upper or (part not in _PARTS and part[:-1] not in _PARTS) or (part == "half" and upper > 1):
        return None
    plural = part not in _PARTS
    if (upper > 1 and not plural) or (upper == 1 and plural):
        return None
    hyphen = at == i + 2
    changed = any(_lower(tokens, i - k) in ("by", "down", "up") for k in (1, 2))  # by almost a tenth
    closed = at + 1 == len(tokens) or tokens[at + 1].kind == "symbol" or tokens[at + 1].lower in _COMPARED_BY
    if upper == 1 and changed and closed:
        return Number(1 / _PARTS[part], None, at + 1, "fraction")  # shrank by a third, down a quarter since January
    if not (plural or hyphen) and _lower(tokens, at + 1) not in ("of", "off", "more", "less", "fewer"):
        return None  # "a third suspect", "one quarter earlier"
    return Number(upper / _PARTS[part[:-1] if plural else part], None, at + 1, "fraction")


def _words(tokens: list[Token], i: int, *, joins_and: bool) -> Number | None:
    """Read number words from token `i`: "four", "twenty-five", "two hundred and fifty thousand", "a dozen"."""
    total, current, scale, j = 0.0, None, 1.0, i
    last_scale = float("inf")
    if tokens[i].lower in ("a", "an"):
        if _lower(tokens, i + 1) not in _ROUND:
            return None
        current, j = 1.0, i + 1
    while j < min(len(tokens), i + _MAX_WORDS):
        at = j
        if j > i and tokens[j].text == "-" and tokens[j].glued and j + 1 < len(tokens) and tokens[j + 1].glued:
            at = j + 1
        elif j > i and tokens[j].lower == "and":
            if [_lower(tokens, j + k) for k in (1, 2)] == ["a", "half"] and current is not None:
                current, j = current + 0.5, j + 3
                continue
            if not joins_and or not _and_joins(tokens, j, current, total):
                break
            at = j + 1
        word = _lower(tokens, at)
        room = current is None or (current >= 100 and current % 100 == 0)
        if word in _SMALL and (room or (_is_tens(current) and 0 < _SMALL[word] < 10)):
            current = (current or 0.0) + _SMALL[word]
        elif word in _TENS and room:
            current = (current or 0.0) + _TENS[word]
        elif word == "hundred" and current is not None and 0 < current < 100:
            current *= 100
            scale = 100.0
        elif word == "dozen" and current is not None and 0 < current < 100:
            current, j, scale = current * 12, at + 1, 12.0
            break
        elif word in _SCALES and current and _SCALES[word] < last_scale:
            last_scale = scale = _SCALES[word]
            total, current = total + current * last_scale, None
        else:
            break
        j = at + 1
    if j == i or (current is None and not total):
        return None
    return Number(total + (current or 0.0), None, j, "words", scale)


def _is_tens(current: float | None) -> bool:
    return current is not None and 20 <= current % 100 <= 90 and current % 10 == 0


def _and_joins(tokens: list[Token], j: int, current: float | None, total: float) -> bool:
    """Tell whether "and" goes on with the number: two hundred and six, not "three and four"."""
    following = _lower(tokens, j + 1)
    small = following in _SMALL or following in _TENS
    return small and (
        (current is not None and current >= 100 and current % 100 == 0) or (current is None and total > 0)
    )
