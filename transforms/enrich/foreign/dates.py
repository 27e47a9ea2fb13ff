"""Dates named in German, French and Spanish, resolved against the day of publication."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from transforms.enrich.amounts.date_steps import (
    When,
    ago,
    coming_weekday,
    day_of,
    latest_weekday,
    nearest_day,
    nearest_month,
    shifted,
)
from transforms.enrich.foreign.date_grammar import Found, foreign_date_matches
from transforms.enrich.languages import language
from transforms.enrich.languages.tables import Language

_TENSE_BEFORE, _TENSE_BEHIND = 60, 24  # characters around the day's name in which a future tense counts


def foreign_dates(text: str, today: date | None, code: str) -> Iterator[tuple[int, int, When | None, bool]]:
    """Yield start, end, the date (None when it cannot be resolved) and whether it is said relative to today."""
    tables = language(code)
    for found in foreign_date_matches(text, code):
        try:
            when = _resolve(found, text, today, tables, code)
        except OverflowError:  # 999 weeks before the year one
            when = None
        yield found.start, found.end, when, found.kind.startswith(("ago", "turn", "weekday", "near", "open"))


@cache
def _future(code: str) -> re.Pattern[str]:
    return re.compile(language(code).dates.future)


def _resolve(found: Found, text: str, today: date | None, tables: Language, code: str) -> When | None:
    parts = found.parts
    month = tables.dates.months.get((parts["month"] or "").lower(), 0)
    year = int(parts["year"]) if parts["year"] else None
    if parts["iso"]:
        return day_of(*map(int, parts["iso"].split("-")))
    if found.kind == "day_month" and year:
        return day_of(year, month, int(parts["day"] or 0))
    if found.kind == "month_year" and year:
        return When(date(year, month, 1), "month")
    if found.kind == "in_year" and year:
        return When(date(year, 1, 1), "year")
    if today is None:
        return None
    if found.kind == "day_month":
        return nearest_day(month, int(parts["day"] or 0), today)
    if found.kind == "in_month":
        return nearest_month(month, today)
    if found.kind == "near":
        said = text[found.start : found.end].lower()
        return When(today + timedelta(days=tables.dates.near[said]), "day")
    if found.kind == "weekday":
        weekday = tables.dates.weekdays[(parts["weekday"] or "").lower()]
        coming = parts["next"] or (not parts["last"] and _future(code).search(_around(text, found)))
        if coming:
            return When(coming_weekday(weekday, today, after=bool(parts["next"])), "day")
        return When(latest_weekday(weekday, today, last=bool(parts["last"])), "day")
    if found.kind == "ago":
        n = _count((parts["count"] or "").lower(), tables)
        return None if n is None else ago(n, tables.dates.units[(parts["unit"] or "").lower()], today)
    if found.kind.startswith("turn_"):
        _, unit, step = tables.dates.turns[int(found.kind.removeprefix("turn_"))]
        return shifted(unit, step, today)
    return None


def _around(text: str, found: Found) -> str:
    return text[max(0, found.start - _TENSE_BEFORE) : found.end + _TENSE_BEHIND]


def _count(said: str, tables: Language) -> int | None:
    if said.isdigit():
        return int(said)
    if said in tables.numbers.ones:
        return 1
    value = tables.numbers.small.get(said)
    return int(value) if value is not None and value == int(value) else None  # a few days ago: None
