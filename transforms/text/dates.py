"""When an article was published: reading what pages write, and choosing the evidence that wins."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Precision = Literal["second", "minute", "day"]

# A page's marks come from one database and do not confirm each other.
_CONFIRMS = ("feed", "url", "text")

# Clocks differ: what lies this far ahead of our fetch is "now", anything later is not a time of publication.
MAX_AHEAD = timedelta(hours=24)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web; epochs of 0 and templates' 1970 are not dates

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,12})?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?(?:\[[\w/+-]{1,40}\])?",
    re.I,
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?Z?)?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_URL_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?!\d)")


class Evidence(NamedTuple):
    """A date as somebody gave it: text from a page, an instant from a feed."""

    source: str
    value: str | datetime | None


class Published(NamedTuple):
    """The instant in UTC, `local` as ISO 8601 with the offset it was given in, the evidence and its precision.

    `guessed`: a midnight of 1 January that nobody else confirms. Programs that know a year only write that.
    """

    at: datetime
    local: str | None
    source: str
    precision: Precision
    guessed: bool = False


class Moment(NamedTuple):
    """A date that was read: aware, in its own zone."""

    at: datetime
    precision: Precision
    has_offset: bool


def choose_published(evidence: Iterable[Evidence], *, zone: ZoneInfo, fetched_at: datetime) -> Published | None:
    """Return the first evidence that can be read and is not in the future; None when there is none.

    A time without a zone is read in `zone`. Day precision sits at 12:00 UTC, or at `fetched_at` where that is earlier.
    A midnight of 1 January gives way to any other time of that year; `guessed` when neither feed nor URL has it too.
    """
    guess: Published | None = None
    year = 0  # of the guess, in its own zone
    for source, value in evidence:
        moment = read_moment(value, zone)
        if moment is None or not EARLIEST <= moment.at <= fetched_at + MAX_AHEAD:
            continue
        at = min(moment.at.astimezone(UTC), fetched_at)
        local = moment.at.isoformat(timespec="seconds") if moment.precision != "day" and at == moment.at else None
        found = Published(at, local, source, moment.precision, guessed=_says_a_year_only(moment))
        if guess is None and found.guessed:
            guess, year = found, moment.at.year
        elif guess is None or (moment.at.year == year and not found.guessed):
            return found
        elif moment.at.year == year and source in _CONFIRMS:
            return guess._replace(guessed=False)
    return guess


def _says_a_year_only(moment: Moment) -> bool:
    at = moment.at
    midnight = moment.precision == "day" or (at.hour, at.minute, at.second) == (0, 0, 0)
    return (at.month, at.day) == (1, 1) and midnight


def read_moment(value: str | datetime | None, zone: ZoneInfo) -> Moment | None:
    """Return what a value says, None when it is no date in a form that leaves no doubt.

    ISO 8601 with its common slips, RFC 5322, compact digits, epoch seconds and milliseconds. Never `03/04/2024`.
    """
    if isinstance(value, datetime):
        return Moment(value if value.tzinfo else value.replace(tzinfo=zone), "second", value.tzinfo is not None)
    if not value or len(value) > 80:
        return None
    text = " ".join(value.split())
    try:
        if match := _ISO.fullmatch(text):
            return _from_iso(match, zone)
        if _EPOCH.fullmatch(text):
            return Moment(datetime.fromtimestamp(int(text[:10]), UTC), "second", True)
        if match := _COMPACT.fullmatch(text):
            return _from_compact(match, zone)
        if re.search(r"\d{1,2}:\d{2}", text):
            at = parsedate_to_datetime(text)
            return Moment(at if at.tzinfo else at.replace(tzinfo=zone), "second", at.tzinfo is not None)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return None


def url_day(url: str) -> str | None:
    """Return the day a URL names (`/2024/05/13/`, `-20240513`), as ISO 8601."""
    match = _URL_DAY.search(url)
    return "-".join(match.groups()) if match else None


def zone_of(*names: str | None) -> ZoneInfo:
    """Return the first time zone that exists, UTC when none does."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def _from_iso(match: re.Match[str], zone: ZoneInfo) -> Moment:
    if match["hour"] is None:
        return _whole_day(date.fromisoformat(match["day"]))
    offset = (match["zone"] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
    clock = f"{int(match['hour']):02}:{match['minute']}:{match['second'] or '00'}"
    at = datetime.fromisoformat(f"{match['day']}T{clock}{offset}")
    precision: Precision = "second" if match["second"] else "minute"
    return Moment(at if at.tzinfo else at.replace(tzinfo=zone), precision, at.tzinfo is not None)


def _from_compact(match: re.Match[str], zone: ZoneInfo) -> Moment:
    day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    if match["H"] is None:
        return _whole_day(day)
    at = datetime.combine(day, time(int(match["H"]), int(match["M"]), int(match["S"] or 0)))
    utc = match[0].endswith("Z")
    return Moment(at.replace(tzinfo=UTC if utc else zone), "second" if match["S"] else "minute", utc)


def _whole_day(day: date) -> Moment:
    return Moment(datetime.combine(day, time(12), UTC), "day", False)
