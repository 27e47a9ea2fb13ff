"""Dates that an article names, resolved against its day of publication."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from transforms.elements import Article, DateMention
from transforms.enrich.amounts.date_grammar import date_matches, match_kind
from transforms.enrich.amounts.date_steps import (
    When,
    ago,
    coming_weekday,
    day_of,
    day_of_publication,
    latest_weekday,
    nearest_day,
    nearest_month,
    shifted,
)
from transforms.enrich.amounts.numbers import COUNT_WORDS
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.foreign.dates import foreign_dates
from transforms.enrich.languages import LANGUAGES
from transforms.enrich.reading.language import language_of

MAX_DATES = 200  # per article; the longest live blogs of a day name about a hundred

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {**COUNT_WORDS, "a": 1, "an": 1}
_TENSE = re.compile(r"\b(?:will|would|shall|is (?:due|set|scheduled|expected)|are (?:due|set|expected)|plans? to)\b")
_TENSE_WINDOW = 60  # characters before the day's name in which a future tense counts
_RELATIVE = frozenset({"ago", "weekday", "part", "turn", "season", "near"})


def find_dates(article: Article) -> tuple[DateMention, ...]:
    """Return the dates named in title and body, in order, at most `MAX_DATES`.

    `date` is ISO 8601 of the stated precision. A day without a year is the one nearest to the day of publication; a
    bare weekday is the latest such day up to it, or the next one behind a future tense. Without a day of publication
    only dates with a year resolve. The day is the one at the publisher, where `published_local` says it. English,
    German, French and Spanish; empty for an article in another language.
    """
    today = day_of_publication(article)
    language = language_of(article)
    found: list[DateMention] = []
    if language not in ("en", *LANGUAGES):
        return ()
    for field, text in texts(article, ("title", "body")):
        for start, end, when, relative in (
            _english_dates(text, today) if language == "en" else foreign_dates(text, today, language)
        ):
            if len(found) == MAX_DATES:
                return tuple(found)
            found.append(
                DateMention(
                    field=field,
                    text=text[start:end],
                    start_char=start,
                    end_char=end,
                    date=when.iso() if when else None,
                    precision=when.precision if when else None,
                    relative=relative,
                )
            )
    return tuple(found)


def _english_dates(text: str, today: date | None) -> Iterator[tuple[int, int, When | None, bool]]:
    for match in date_matches(text):
        kind = match_kind(match)
        yield match.start(), match.end(), _resolve(kind, match, text, today), kind in _RELATIVE


def _resolve(kind: str, match: re.Match[str], text: str, today: date | None) -> When | None:
    if kind == "iso":
        return day_of(*map(int, match.group("iso").split("-")))
    if kind in ("dmy", "mdy"):
        month, day, year = (match.group(f"{kind}_{part}") for part in "mdy")
        if year:
            return day_of(int(year), _month(month), int(day))
        return nearest_day(_month(month), int(day), today) if today else None
    if kind == "my":
        return When(date(int(match.group("my_y")), _month(match.group("my_m")), 1), "month")
    if kind == "in_year":
        return When(date(int(match.group("in_y")), 1, 1), "year")
    if today is None or kind == "season":  # half a year apart on the two halves of the globe
        return None
    try:
        return _relative(kind, match, text, today)
    except OverflowError:  # 999 decades before the year one
        return None


def _relative(kind: str, match: re.Match[str], text: str, today: date) -> When | None:
    if kind == "in_month":
        return nearest_month(_month(match.group("in_m")), today)
    if kind == "weekday":
        before = text[max(0, match.start() - _TENSE_WINDOW) : match.start()]
        return When(_weekday(match.group("day_name"), match.group("way"), before, today), "day")
    if kind == "ago":
        count = match.group("ago_n")
        n = int(count) if count.isdigit() else _COUNTS.get(count.lower())  # None: a few days ago
        return None if n is None else ago(n, match.group("ago_u").lower(), today)
    if kind == "part":
        return shifted(match.group("part_u").lower(), 0, today)
    if kind == "turn":
        step = {"last": -1, "this": 0, "next": 1}[match.group("turn_w").lower()]
        return shifted(match.group("turn_u").lower(), step, today)
    word = (match.group("near_w") or "").lower()
    if word.endswith("weekend"):
        return When(latest_weekday(_WEEKDAYS.index("saturday"), today, last=False), "day")
    step_d = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}.get(word)
    return None if step_d is None else When(today + timedelta(days=step_d), "day")


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _weekday(name: str, way: str | None, before: str, today: date) -> date:
    weekday, way = _WEEKDAYS.index(name.lower()), (way or "").lower()
    if way in ("next", "coming", "this") or (not way and _TENSE.search(before)):
        return coming_weekday(weekday, today, after=way == "next")
    return latest_weekday(weekday, today, last=way in ("last", "past"))


def _load() -> Enrich:
    def enrich(article: Article, found: Found) -> Found:  # noqa: ARG001 (dates need no earlier enrichment)
        return {"dates": find_dates(article)}

    return enrich


ENRICHER = Enricher(name="dates", version="1.2", fields=("dates",), load=_load, languages=("en", *LANGUAGES))
