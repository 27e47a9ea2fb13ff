"""How users write durations (`20s 30m 6h 7d 3y`), sizes (`5MB`) and moments (`7d`, `2024-05-01`)."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "y": 365 * 86_400}
BYTES = {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
DURATION_CHOICES = "a duration: number and unit, such as 20s, 30m, 6h, 7d, 3y"
SIZE_CHOICES = "a size: number and unit, such as 500KB, 5MB, 1GB"
MOMENT_CHOICES = "a duration back from now (7d), a date (2024-05-01) or an ISO 8601 time (2024-05-01T06:30+02:00)"

_NUMBER_UNIT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]{1,2})", re.ASCII)
_LONGEST_S = 1_000 * SECONDS["y"]  # keeps every moment computed from it inside what datetime can hold


def parse_duration(text: object) -> float:
    """Return seconds. Raises `ValueError` with the valid choices; a bare number is refused: its unit is a guess.

    >>> parse_duration("30m"), parse_duration("0.5s")
    (1800.0, 0.5)
    """
    match = _NUMBER_UNIT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or match[2] not in SECONDS:
        raise ValueError(DURATION_CHOICES)
    seconds = float(match[1]) * SECONDS[match[2]]
    if seconds > _LONGEST_S:
        raise ValueError(f"{DURATION_CHOICES}; at most 1000y")
    return seconds


def format_duration(seconds: float) -> str:
    """Return a duration as users write it, in the largest unit that keeps it whole.

    >>> format_duration(1800), format_duration(90), format_duration(0.25)
    ('30m', '90s', '0.25s')
    """
    if seconds != int(seconds):
        return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"
    whole = int(seconds)
    unit = next((unit for unit in "ydhm" if whole and whole % SECONDS[unit] == 0), "s")
    return f"{whole // SECONDS[unit]}{unit}"


def parse_size(text: object) -> int:
    """Return bytes, decimal as disks and networks count. Raises `ValueError` with the valid choices.

    >>> parse_size("5MB"), parse_size("1.5 kB")
    (5000000, 1500)
    """
    match = _NUMBER_UNIT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or match[2].lower() not in BYTES:
        raise ValueError(SIZE_CHOICES)
    return round(float(match[1]) * BYTES[match[2].lower()])


def format_size(size_bytes: int) -> str:
    """Return a size as users write it, in the largest unit that keeps it whole.

    >>> format_size(5_000_000), format_size(1_536)
    ('5MB', '1536B')
    """
    unit = next((unit for unit in ("gb", "mb", "kb") if size_bytes and size_bytes % BYTES[unit] == 0), "b")
    return f"{size_bytes // BYTES[unit]}{unit.upper()}"


def counted(number: int, word: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "feed"), counted(10_000, "feed")
    ('1 feed', '10000 feeds')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"


def parse_moment(text: str, *, now: datetime, zone: tzinfo, end_of_day: bool = False) -> datetime:
    """Return an instant (aware UTC) from a duration back from `now`, a date or an ISO 8601 time.

    A date or time without a zone is in `zone`. A date means its first instant, or with `end_of_day` the first instant
    after it, so that "until 2024-05-01" takes in that whole day. Raises `ValueError` with the valid choices.
    """
    text = text.strip()
    if text[-1:] in SECONDS:
        try:
            return now.astimezone(UTC) - timedelta(seconds=parse_duration(text))
        except (ValueError, OverflowError) as err:
            raise ValueError(MOMENT_CHOICES) from err
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _parse_time(text, zone)
    try:
        return datetime.combine(day + timedelta(days=end_of_day), time(), tzinfo=zone).astimezone(UTC)
    except OverflowError as err:
        raise ValueError(MOMENT_CHOICES) from err


def _parse_time(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise ValueError(MOMENT_CHOICES) from err
