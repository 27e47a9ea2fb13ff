"""Where a text in another language names a date or a time of day, by the language's tables."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from transforms.enrich.languages import language

_YEAR = r"(?:1[5-9]|20)\d{2}"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_ISO = rf"(?P<iso>{_YEAR}-(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9]))(?![\w-])"
_YEARS = rf"{_YEAR}\s?[-–/]\s?(?:{_YEAR}|\d{{2}})(?!\d|\s?%)"
# A count of "ago" is a number of up to three digits or a word of the language below 100.
_MAX_COUNT_WORD = 100


class Found(NamedTuple):
    """A date as named: the kind of its pattern, its span, and the parts that the pattern caught."""

    kind: str
    start: int
    end: int
    parts: dict[str, str | None]


@cache
def _patterns(code: str) -> tuple[tuple[str, ...], re.Pattern[str], re.Pattern[str]]:
    """Return the names of the alternatives in order, the pattern of dates and the one of what has digits besides.

    Every alternative is bounded, so that the search is linear.
    """
    tables = language(code)
    dates = tables.dates
    counts = [word for word, value in tables.numbers.small.items() if 0 < value < _MAX_COUNT_WORD]
    several = [*tables.numbers.ones, *tables.numbers.several]
    lists = {
        "month": _any(dates.months),
        "weekday": _any(dates.weekdays),
        "count": rf"\d{{1,3}}|{_any([*counts, *several])}",
        "unit": _any(dates.units),
        "day": _DAY,
        "year": _YEAR,
        "last": dates.last,
        "next": dates.next,
    }
    alternatives = [
        ("day_month", dates.day_month),
        ("month_year", dates.month_year),
        ("in_month", dates.in_month),
        ("ago", dates.ago),
        *((f"turn_{k}", turn[0]) for k, turn in enumerate(dates.turns)),
        ("weekday", dates.weekday),
        ("near", _any(dates.near)),
        ("open", dates.open),
        ("in_year", dates.in_year),
    ]
    parts = [_ISO]
    for kind, pattern in alternatives:
        for name, words in lists.items():
            seen = pattern.count(f"{{{name}}}")
            for k in range(seen):  # a name may stand in several alternatives of one pattern
                pattern = pattern.replace(f"{{{name}}}", f"(?P<{kind}_{name}_{k}>{words})", 1)
        parts.append(f"(?P<{kind}>{pattern})")
    joined = "|".join(parts)
    names = ("iso", *(kind for kind, _ in alternatives))
    clock = re.compile(rf"(?<![\w.,])(?:{dates.clock}|{_YEARS})", re.IGNORECASE)
    return names, re.compile(rf"(?<![\w-])(?:{joined})(?!\w)", re.IGNORECASE), clock


def _any(words: Iterable[str]) -> str:
    return "|".join(
        re.escape(word).replace(r"\ ", r"\s") for word in sorted(words, key=lambda word: (-len(word), word))
    )


def foreign_date_matches(text: str, code: str) -> Iterator[Found]:
    """Yield the dates that `text` names, in order."""
    names, pattern, _ = _patterns(code)
    for match in pattern.finditer(text):
        kind = next(name for name in names if match[name] is not None)
        caught = match.groupdict()
        parts = {
            name: next((value for key, value in caught.items() if key.startswith(f"{kind}_{name}_") and value), None)
            for name in ("month", "weekday", "count", "unit", "day", "year", "last", "next")
        }
        yield Found(kind, match.start(), match.end(), parts | {"iso": match["iso"]})


def foreign_calendar_spans(text: str, code: str) -> list[tuple[int, int]]:
    """Return the sorted half-open spans of dates and times of day: a number inside one is no figure."""
    _, pattern, clock = _patterns(code)
    return sorted([match.span() for match in pattern.finditer(text)] + [match.span() for match in clock.finditer(text)])
