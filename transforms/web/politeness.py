"""How long to stay away: what servers ask for, and what failures teach. Pure arithmetic in seconds."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY_S = 86_400.0
MAX_RETRY_AFTER_S = 30 * DAY_S  # shorter caps break the contract with the server; longer ones are typing errors
FIRST_BACK_OFF_S = 60.0
MAX_BACK_OFF_S = DAY_S
FORGIVEN_AFTER_S = 1_800.0  # of quiet after a pause, its failures count no more (stormcrawler#1984 has the same)

_SECONDS = re.compile(r"[0-9]{1,12}")  # more digits are nobody's intention
_MAX_AGE = re.compile(r"(?i)(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,12})(?![0-9])")


def http_date(value: str | None) -> datetime | None:
    """Return an HTTP date (RFC 9110 5.6.7, all three forms) as aware UTC, None when absent or unreadable."""
    if not value or len(value) > 64:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None  # the parser of the standard library answers odd strings with any of these


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for, at most 30 days; None when absent, malformed, zero or past.

    A date counts from the answer's own Date, so that a server with a wrong clock is still understood (RFC 9110
    10.2.3). `headers` has lower-case names.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        seconds = float(value)
    else:
        until = http_date(value)
        if until is None:
            return None
        seconds = (until - (http_date(headers.get("date")) or now)).total_seconds()
    return min(seconds, MAX_RETRY_AFTER_S) if seconds > 0 else None


def freshness_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return for how many more seconds the answer says it is fresh, None when it does not say or is stale.

    max-age less Age, else Expires less Date (RFC 9111 4.2.1 and 4.2.3). `headers` has lower-case names.
    """
    max_age = _MAX_AGE.search(headers.get("cache-control", ""))
    if max_age:
        age = headers.get("age", "").strip()
        seconds = float(max_age[1]) - (float(age) if _SECONDS.fullmatch(age) else 0.0)
    else:
        expires = http_date(headers.get("expires"))
        if expires is None:
            return None
        seconds = (expires - (http_date(headers.get("date")) or now)).total_seconds()
    return seconds if seconds > 0 else None


def back_off_s(failures: int, *, retry_after_s: float | None = None) -> float:
    """Return how long to stay away after that many failures in a row (1 or more): 60 s, doubled, up to a day.

    What the server asked for replaces it when it is longer, and is not capped again.
    """
    # The exponent is bounded before the power is taken: a feed may fail for years.
    own_s = min(FIRST_BACK_OFF_S * 2.0 ** min(max(failures - 1, 0), 32), MAX_BACK_OFF_S)
    return max(own_s, retry_after_s or 0.0)


def jittered_s(pause_s: float, chance: float) -> float:
    """Return a pause of our own choosing, up to a tenth longer: not all sites of a farm come back in one second.

    `chance` is in 0..1.
    """
    return pause_s * (1.0 + 0.1 * chance)


def smoothed_s(before_s: float, elapsed_s: float, *, only_up: bool) -> float:
    """Return how long a site takes to answer, by its last answers: half of what was, half of the new one.

    An error comes fast and says nothing of how the site is: with `only_up` it cannot make us faster.

    >>> smoothed_s(1.0, 3.0, only_up=True), smoothed_s(1.0, 0.0, only_up=True), smoothed_s(1.0, 0.0, only_up=False)
    (2.0, 1.0, 0.5)
    """
    after_s = (before_s + elapsed_s) / 2
    return max(before_s, after_s) if only_up else after_s


def site_delay_s(configured_s: float, crawl_delay_s: float | None, *, max_crawl_delay_s: float = 300.0) -> float:
    """Return the pause between the starts of two requests to a site: the longer of ours and what robots.txt asks.

    A Crawl-delay beyond the cap counts as the cap: we go slower than usual and never faster than configured.
    """
    return max(configured_s, min(crawl_delay_s or 0.0, max_crawl_delay_s))
