"""Days, months and years counted from the day of publication, in any language."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from transforms.elements import Article

Precision = Literal["year", "month", "day"]


class When(NamedTuple):
    """A date with its precision; the first day of a month or year stands for the whole."""

    date: date
    precision: Precision

    def iso(self) -> str:
        """Return ISO 8601 as precise as the date is."""
        text = self.date.isoformat()
        return {"year": text[:4], "month": text[:7], "day": text}[self.precision]


def day_of_publication(article: Article) -> date | None:
    """Return the day at the publisher, where `published_local` says it, else the UTC day, None when unknown."""
    if article.published_local:
        try:
            return date.fromisoformat(article.published_local[:10])
        except ValueError:
            pass  # not ISO: the UTC day is near enough
    return article.published.date() if article.published else None


def day_of(year: int, month: int, day: int) -> When | None:
    """Return a day, None when the calendar has none such (February 30)."""
    try:
        return When(date(year, month, day), "day")
    except ValueError:
        return None


def nearest_day(month: int, day: int, today: date) -> When | None:
    """Return the day of the year that makes it the nearest to today; None for February 30."""
    days = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            days.append(date(year, month, day))
        except ValueError:  # February 29 of a common year
            continue
    return When(min(days, key=lambda candidate: abs(candidate - today)), "day") if days else None


def nearest_month(month: int, today: date) -> When:
    """Return the month of the year that makes its middle the nearest to today."""
    months = [date(today.year + step, month, 1) for step in (-1, 0, 1) if 1 <= today.year + step <= 9999]
    return When(min(months, key=lambda candidate: abs((candidate - today).days + 15)), "month")


def latest_weekday(weekday: int, today: date, *, last: bool) -> date:
    """Return the latest such day (Monday is 0) up to today; with `last`, before today."""
    back = (today.weekday() - weekday) % 7
    return today - timedelta(days=back or (7 if last else 0))


def coming_weekday(weekday: int, today: date, *, after: bool) -> date:
    """Return the first such day from today on; with `after`, behind today."""
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead or (7 if after else 0))


def ago(n: int, unit: str, today: date) -> When | None:
    """Return the day, month or year `n` units ("day", "week", "month", "year", "decade") before today."""
    if unit in ("day", "week"):
        return When(today - timedelta(days=n * (7 if unit == "week" else 1)), "day")
    return shifted(unit, -n, today)


def shifted(unit: str, step: int, today: date) -> When | None:
    """Return the week (its Monday), month or year that lies `step` units from today's; a weekend is its Saturday."""
    if unit in ("week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return When(monday + timedelta(days=5) if unit == "weekend" else monday, "day")
    if unit == "month":
        months = today.year * 12 + today.month - 1 + step
        year, month = months // 12, months % 12 + 1
    else:
        year, month = today.year + step * (10 if unit == "decade" else 1), 1
    if not 1 <= year <= 9999:
        return None
    return When(date(year, month, 1), "month" if unit == "month" else "year")
