"""Dates that an article names, resolved against its day of publication."""

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

from transforms.elements import Article, DateMention
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.date_grammar import date_matches, match_kind
from transforms.enrich.language import is_english
from transforms.enrich.numbers import COUNT_WORDS

MAX_DATES = 200  # per article; the longest live blogs of a day name about a hundred
Precision = Literal["year", "month", "day"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {**COUNT_WORDS, "a": 1, "an": 1}
_TENSE = re.compile(r"\b(?:will|would|shall|is (?:due|set|scheduled|expected)|are (?:due|set|expected)|plans? to)\b")
_TENSE_WINDOW = 60  # characters before the day's name in which a future tense counts


class _When(NamedTuple):
    date: date
    precision: Precision

    def iso(self) -> str:
        text = self.date.isoformat()
        return {"year": text[:4], "month": text[:7], "day": text}[self.precision]


def find_dates(article: Article) -> tuple[DateMention, ...]:
    """Return the dates named in title and body, in order, at most `MAX_DATES`.

    `date` is ISO 8601 of the stated precision. A day without a year is the one nearest to the day of publication; a
    bare weekday is the latest such day up to it, or the next one behind a future tense. Without a day of publication
    only dates with a year resolve. The day is the one at the publisher, where `published_local` says it. Empty for an
    article in another language.
    """
    today = _day_of_publication(article)
    found: list[DateMention] = []
    if not is_english(article):
        return ()
    for field, text in texts(article, ("title", "body")):
        for match in date_matches(text):
            if len(found) == MAX_DATES:
                return tuple(found)
            kind = match_kind(match)
            when = _resolve(kind, match, text, today)
            found.append(
                DateMention(
                    field=field,
                    text=match.group(),
                    start_char=match.start(),
                    end_char=match.end(),
                    date=when.iso() if when else None,
                    precision=when.precision if when else None,
                    relative=kind in ("ago", "weekday", "part", "turn", "near"),
                )
            )
    return tuple(found)


def _day_of_publication(article: Article) -> date | None:
    if article.published_local:
        try:
            return date.fromisoformat(article.published_local[:10])
        except ValueError:
            pass  # not ISO: the UTC day is near enough
    return article.published.date() if article.published else None


def _resolve(kind: str, match: re.Match[str], text: str, today: date | None) -> _When | None:
    if kind == "iso":
        return _day(match.group("iso"))
    if kind in ("dmy", "mdy"):
        month, day, year = (match.group(f"{kind}_{part}") for part in "mdy")
        if year:
            return _day(f"{year}-{_month(month):02d}-{int(day):02d}")
        return _nearest_day(_month(month), int(day), today) if today else None
    if kind == "my":
        return _When(date(int(match.group("my_y")), _month(match.group("my_m")), 1), "month")
    if kind == "in_year":
        return _When(date(int(match.group("in_y")), 1, 1), "year")
    if today is None:
        return None
    try:
        return _relative(kind, match, text, today)
    except OverflowError:  # 999 decades before the year one
        return None


def _relative(kind: str, match: re.Match[str], text: str, today: date) -> _When | None:
    if kind == "in_month":
        return _nearest_month(_month(match.group("in_m")), today)
    if kind == "weekday":
        before = text[max(0, match.start() - _TENSE_WINDOW) : match.start()]
        return _When(_weekday(match.group("day_name"), match.group("way"), before, today), "day")
    if kind == "ago":
        return _ago(match.group("ago_n"), match.group("ago_u").lower(), today)
    if kind == "part":
        return _shifted(match.group("part_u").lower(), 0, today)
    if kind == "turn":
        step = {"last": -1, "this": 0, "next": 1}[match.group("turn_w").lower()]
        return _shifted(match.group("turn_u").lower(), step, today)
    word = (match.group("near_w") or "").lower()
    step_d = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}.get(word)
    return None if step_d is None else _When(today + timedelta(days=step_d), "day")


def _day(iso: str) -> _When | None:
    try:
        return _When(date.fromisoformat(iso), "day")
    except ValueError:  # February 30
        return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _nearest_day(month: int, day: int, today: date) -> _When | None:
    days = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            days.append(date(year, month, day))
        except ValueError:  # February 29 of a common year
            continue
    return _When(min(days, key=lambda candidate: abs(candidate - today)), "day") if days else None


def _nearest_month(month: int, today: date) -> _When:
    months = [date(today.year + step, month, 1) for step in (-1, 0, 1) if 1 <= today.year + step <= 9999]
    return _When(min(months, key=lambda candidate: abs((candidate - today).days + 15)), "month")


def _weekday(name: str, way: str | None, before: str, today: date) -> date:
    back = (today.weekday() - _WEEKDAYS.index(name.lower())) % 7
    way = (way or "").lower()
    if way in ("next", "coming", "this") or (not way and _TENSE.search(before)):
        return today + timedelta(days=(7 - back) % 7 or (7 if way == "next" else 0))
    return today - timedelta(days=back or (7 if way in ("last", "past") else 0))


def _ago(count: str, unit: str, today: date) -> _When | None:
    n = int(count) if count.isdigit() else _COUNTS.get(count.lower())
    if n is None:  # a few days ago
        return None
    if unit in ("day", "week"):
        return _When(today - timedelta(days=n * (7 if unit == "week" else 1)), "day")
    return _shifted(unit, -n, today)


def _shifted(unit: str, step: int, today: date) -> _When | None:
    """Return the week (its Monday), month or year that lies `step` units from today's; a weekend is its Saturday."""
    if unit in ("week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return _When(monday + timedelta(days=5) if unit == "weekend" else monday, "day")
    if unit == "month":
        months = today.year * 12 + today.month - 1 + step
        year, month = months // 12, months % 12 + 1
    else:
        year, month = today.year + step * (10 if unit == "decade" else 1), 1
    if not 1 <= year <= 9999:
        return None
    return _When(date(year, month, 1), "month" if unit == "month" else "year")


def _load() -> Enrich:
    def enrich(article: Article, found: Found) -> Found:  # noqa: ARG001 (dates need no earlier enrichment)
        return {"dates": find_dates(article)}

    return enrich


ENRICHER = Enricher(name="dates", version="1.0", fields=("dates",), load=_load, languages=("en",))
