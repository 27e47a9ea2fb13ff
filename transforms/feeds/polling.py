"""The polling of a feed: what to ask, and what an answer means. Pure; rules of RFC 9110. When to ask: `policy`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from transforms.errors import Reason, http_error

HOUR_S = 3_600.0
DAY_S = 86_400.0
MAX_VALIDATOR_CHARS = 4_096  # sent back in every request: a longer one is a cookie in disguise
_CONDITIONAL = frozenset({"if-none-match", "if-modified-since"})


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What identifies the stored edition of a feed: opaque strings of the server, the URL they belong to, a hash.

    Never parsed, re-formatted or made up: servers compare them byte by byte.
    """

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
    body_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class PollAnswer:
    """What an answer means. `parse`: read the body, and store `validators` once its entries are stored.

    `unchanged`: nothing new, store `validators`. `failed`: store no validators; `error` is the reason. A failure never
    deletes a feed: 404 and 410 have come back to life before.
    """

    outcome: Literal["parse", "unchanged", "failed"]
    validators: Validators
    error: Reason | None = None
    message: str | None = None
    retryable: bool = False


@dataclass(frozen=True, kw_only=True)
class PollLimits:
    """Bounds in seconds: `floor_s` for feeds that are configured without a pace, and `unconditional_s` for those of
    them whose server gives nothing to ask conditionally with.

    `max_interval_s` caps what few arrivals call for, `max_asked_s` what ttl, max-age and Expires may ask for (a feed
    that says "a year" is still a feed), `max_failure_s` the doubling. Retry-After is capped where it is read, at 30
    days.
    """

    floor_s: float = HOUR_S
    unconditional_s: float = DAY_S
    max_interval_s: float = 12 * HOUR_S
    max_asked_s: float = 7 * DAY_S
    max_failure_s: float = DAY_S


def conditional_headers(validators: Validators, url: str) -> dict[str, str]:
    """Return the headers that make a request for `url` conditional; none if the validators belong to another URL.

    Both are sent where both are known: who understands ETags must ignore the date (RFC 9110 13.1.3).
    """
    if validators.url != url:
        return {}
    headers = {}
    if _is_sendable(validators.etag):
        headers["If-None-Match"] = validators.etag
    if _is_sendable(validators.last_modified):
        headers["If-Modified-Since"] = validators.last_modified
    return {name: value for name, value in headers.items() if value is not None}


def are_same(one: Validators, other: Validators) -> bool:
    """Tell whether two editions have the same ETag; the dates count where neither has one."""
    if one.etag or other.etag:
        return one.etag == other.etag
    return one.last_modified is not None and one.last_modified == other.last_modified


def read_poll(
    status_code: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    sent: Mapping[str, str],
    stored: Validators,
) -> PollAnswer:
    """Return what the answer of `url`, the last of its redirects, means. `headers` has lower-case names.

    `sent` are the headers of that request, `stored` the validators of the edition we have. Raises nothing.
    """
    if status_code == 304:
        if not _CONDITIONAL & {name.lower() for name in sent}:
            return _failed(stored, "empty_response", f"{url}: answered 304 to a request without conditions")
        return PollAnswer(
            outcome="unchanged",
            # RFC 9110 15.4.5: an absent validator stays as it is, each one by itself.
            validators=replace(
                stored,
                etag=headers.get("etag") or stored.etag,
                last_modified=headers.get("last-modified") or stored.last_modified,
            ),
        )
    if status_code >= 400:
        error = http_error(status_code, url)
        return PollAnswer(
            outcome="failed",
            validators=stored,
            error=error.reason,
            message=error.message,
            retryable=True,  # of a feed every failure is: it is asked again, less often
        )
    if 300 <= status_code < 400:
        return _failed(stored, "bad_redirect", f"{url}: answered {status_code} and leads nowhere")
    if status_code != 200:  # 206 was not asked for, 204 and 205 have no content, 1xx are no answers
        return _failed(stored, "empty_response", f"{url}: answered {status_code} instead of a feed")
    if not body.strip():
        return _failed(stored, "empty_response", f"{url}: the feed is empty")
    found = Validators(
        etag=headers.get("etag") or None,
        last_modified=headers.get("last-modified") or None,
        url=url,
        body_sha256=hashlib.sha256(body).hexdigest(),
    )
    same = found.body_sha256 == stored.body_sha256
    return PollAnswer(outcome="unchanged" if same else "parse", validators=found)


def _failed(stored: Validators, error: Reason, message: str) -> PollAnswer:
    return PollAnswer(outcome="failed", validators=stored, error=error, message=message, retryable=True)


def _is_sendable(value: str | None) -> bool:
    """Tell whether a validator may go into a header: no line breaks (they would end it), Latin-1, not endless."""
    if not value or len(value) > MAX_VALIDATOR_CHARS:
        return False
    return all(char == "\t" or " " <= char <= "~" or "\xa0" <= char <= "\xff" for char in value)
