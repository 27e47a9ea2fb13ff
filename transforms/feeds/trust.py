"""Whether a server's 304 is to be believed: rare clean polls find those that lie. Pure.

Each poll with validators trusts the server to compare them rightly. Some answer 304 for good, whatever has changed; no
conditional poll can find out. A probe is a poll without conditions, with nothing else unusual about it.
"""

from dataclasses import dataclass, replace

DAY_S = 86_400.0
PROBE_AFTER_S = 7 * DAY_S  # of nothing but 304
PROBE_EARLIER_S = DAY_S  # ... when the feed's own rate says that much should have come
EXPECTED = 12.0  # entries: e^-12 is the chance that a feed of that rate had none
MIN_NOT_MODIFIED = 3  # 304s in a row; a feed polled less often than daily would else be asked for the whole each time
DISTRUST_S = 30 * DAY_S
BACKDATED_S = 3_600.0  # entries are published some time after the date they carry
WASTED = 3  # whole bodies with nothing new in answer to our validators, before the validators count as useless


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What is remembered of a server's validators; instants in epoch seconds.

    `proven`: a 304 or the same bytes came once, so a poll can be cheap. `wasted` counts conditional polls in a row that
    gave other bytes and nothing new. `per_hour` is the rate of new entries when the last whole edition came: while a
    server says 304 the feed's own rate falls, and would excuse it.
    """

    proven: bool = False
    wasted: int = 0
    full_at: float | None = None  # the last whole edition
    per_hour: float | None = None
    not_modified_at: float | None = None
    not_modified: int = 0  # in a row
    distrust_until: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What an answer with a whole edition says of the 304s before it. `modified_at` is its Last-Modified, as a date.

    `newest_new_at` is the date of the newest entry that is new.
    """

    conditional: bool
    same_body: bool
    new: int
    same_validators: bool = False
    modified_at: float | None = None
    newest_new_at: float | None = None


def is_distrusted(trust: Trust, *, now: float) -> bool:
    """Tell whether the server was caught with a false 304 not long ago."""
    return trust.distrust_until is not None and now < trust.distrust_until


def may_be_conditional(trust: Trust, *, now: float) -> bool:
    """Tell whether the next poll sends validators: not to a server that lied, and not when a probe is due."""
    if is_distrusted(trust, now=now):
        return False
    if trust.full_at is None or trust.not_modified < MIN_NOT_MODIFIED:
        return True
    quiet_s = now - trust.full_at
    expected = (trust.per_hour or 0.0) * quiet_s / 3600
    return quiet_s < PROBE_AFTER_S and not (quiet_s >= PROBE_EARLIER_S and expected >= EXPECTED)


def is_useless(trust: Trust) -> bool:
    """Tell whether validators have never made a poll cheap though there was nothing new."""
    return not trust.proven and trust.wasted >= WASTED


def not_modified(trust: Trust, *, at: float) -> Trust:
    """Return what is remembered after a 304."""
    return replace(trust, proven=True, wasted=0, not_modified_at=at, not_modified=trust.not_modified + 1)


def whole_edition(trust: Trust, evidence: Evidence, *, at: float) -> Trust:
    """Return what is remembered after a whole edition; one that contradicts the 304s before it ends the trust."""
    wasted = trust.wasted
    if evidence.same_body or evidence.new:
        wasted = 0
    elif evidence.conditional:
        wasted += 1
    lied = not evidence.conditional and _contradicts(trust, evidence)
    return replace(
        trust,
        proven=trust.proven or evidence.same_body,
        wasted=wasted,
        full_at=at,
        not_modified=0,
        distrust_until=at + DISTRUST_S if lied else trust.distrust_until,
    )


def _contradicts(trust: Trust, evidence: Evidence) -> bool:
    """Tell whether new entries had been there when the server said "not modified".

    Other validators alone prove nothing: the feed may have changed this very minute.
    """
    if not evidence.new or not trust.not_modified or trust.not_modified_at is None:
        return False
    if evidence.same_validators:
        return True
    if evidence.modified_at is not None and evidence.modified_at < trust.not_modified_at:
        return True
    return evidence.newest_new_at is not None and evidence.newest_new_at < trust.not_modified_at - BACKDATED_S
