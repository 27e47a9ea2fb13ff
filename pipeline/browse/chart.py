"""Bars per day, as numbers for an SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.browse.marked_text import number_text

MAX_DAYS = 120  # more bars than that are lines
WIDTH, HEIGHT = 720, 120
_LABEL_WIDTH = 80  # of a date at 12 px, with room beside it
_GAP = 0.15  # between two bars, as a share of a day


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A day: its rectangle (units of the SVG), its value in words."""

    day: str
    value: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars from the first day to the last, days without anything included; `top` is the highest value in words."""

    bars: tuple[Bar, ...]
    top: str
    first: str
    last: str
    last_x: float  # where the last day's label ends: below its bar, and clear of the first day's
    width: int = WIDTH
    height: int = HEIGHT


def days_chart(values: Mapping[str, float]) -> Chart | None:
    """Return a chart of values by day (`2026-11-18`): the last 120 days up to the latest; None without any."""
    days = {day: value for each, value in values.items() if (day := _day(each)) is not None and value > 0}
    if not days:
        return None
    last = max(days)
    first = max(min(days), last - timedelta(days=MAX_DAYS - 1))
    count = (last - first).days + 1
    shown = [(first + timedelta(days=at)) for at in range(count)]
    top = max(days.get(day, 0.0) for day in shown)
    step = WIDTH / max(count, 20)  # a few days are no wall
    bars = []
    for at, day in enumerate(shown):
        value = days.get(day, 0.0)
        height = max(round(HEIGHT * value / top, 2), 1.0) if value else 0.0
        bars.append(
            Bar(
                day=day.isoformat(),
                value=number_text(value),
                x=round(at * step, 2),
                y=round(HEIGHT - height, 2),
                width=round(step * (1 - _GAP), 2),
                height=height,
            )
        )
    return Chart(
        bars=tuple(bars),
        top=number_text(top),
        first=first.isoformat(),
        last=last.isoformat(),
        last_x=max(round(count * step, 2), 2 * _LABEL_WIDTH),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # what a store holds was written by us, or by somebody else's program
        return None
