"""Fields that all formats have in common: bounded, on one line, absolute, aware."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from transforms.errors import StageError
from transforms.web.urls import normalize_url

MAX_TITLE_CHARS = 1_000
MAX_SUMMARY_CHARS = 20_000
MAX_CONTENT_CHARS = 1_000_000
MAX_NAMES = 50  # authors, categories, images of one entry


def absolute_url(value: object, base: str) -> str | None:
    """Return an absolute http(s) URL as it was written, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        normalize_url(value, base=base)
        return urljoin(base, value.strip())
    except (StageError, ValueError):
        return None


def one_line(value: str | None, max_chars: int) -> str | None:
    """Return text with its white space as single spaces, None when nothing is left."""
    return " ".join(value[: 20 * max_chars].split())[:max_chars] or None if value else None


def distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return what is there, each once, in order, at most `MAX_NAMES`."""
    return tuple(dict.fromkeys(value for value in values if value))[:MAX_NAMES]


def iso_date(value: str | None, timezone: str | None) -> datetime | None:
    """Return a date of RFC 3339 or W3C-DTF as aware UTC, None when unreadable; one without a zone is in `timezone`."""
    if not value or len(value) > 40:
        return None
    try:
        date = datetime.fromisoformat(value.strip())
        if date.tzinfo is None:
            date = date.replace(tzinfo=ZoneInfo(timezone) if timezone else UTC)
        return date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # one bad date costs a date, not the entry
