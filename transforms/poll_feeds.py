"""Polling the feeds of a leased site: entries become pending rows, and then the validators are kept. Beam-free."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from transforms.elements import DeadLetter, FeedEntry
from transforms.errors import ConfigurationError, Reason, StageError, StoreError
from transforms.feeds import polling, read_feed
from transforms.state.base import DueFeed, FeedPoll, NewUrl
from transforms.turns import Turns, VisitOverError, instant, redirect_target
from transforms.web import politeness, urls
from transforms.web.client import HttpResponse

logger = logging.getLogger(__name__)

MAX_PUT_OFF = 3  # answers "too many requests" in a row before a poll counts as failed


class _Answer(NamedTuple):
    response: HttpResponse
    sent: Mapping[str, str]
    polled_at: datetime


def poll_feed(turns: Turns, feed: DueFeed) -> None:
    """Poll one feed and record what it gave, in one transaction (rule 5). Raises `VisitOverError` to end the visit."""
    polled_at = instant(turns.clock())
    turns.limit.saw_one()
    try:
        answer = _ask(turns, feed)
        if answer is not None:
            _record(turns, feed, answer)
    except StageError as err:
        if err.reason in ("connection_failed", "dns_failed", "tls_failed"):
            turns.pause_site(None, feed.failures + 1)
        _record_failure(turns, feed, err.reason, err.message, polled_at)
    except (VisitOverError, StoreError, ConfigurationError):
        raise
    except Exception as err:  # the stage border: see try_each
        turns.limit.fault(err)
        _record_failure(turns, feed, "internal_error", f"{type(err).__name__}: {err}"[:500], polled_at)


def _validators(feed: DueFeed) -> polling.Validators:
    return polling.Validators(
        etag=feed.etag, last_modified=feed.last_modified, url=feed.validators_url, body_sha256=feed.body_sha256
    )


def _ask(turns: Turns, feed: DueFeed) -> _Answer | None:
    """Ask for a feed, following redirects within the site; one to another site moves the poll there (None)."""
    url = feed.poll_url
    for _ in range(turns.settings.max_redirects + 1):
        rules = turns.robots(url)
        if not rules.reachable:
            message = (
                f"{urls.origin(url)}/robots.txt: the server failed; nothing is fetched until it answers (RFC 9309)"
            )
            raise StageError("robots_unreachable", message, retryable=True)
        if not rules.allowed(url):
            raise StageError("robots_disallow", f"{url}: robots.txt keeps us out", retryable=True)
        headers = polling.conditional_headers(_validators(feed), url)
        _, given_at = turns.take()
        response = turns.send(url, given_at, headers=headers, max_bytes=turns.settings.fetch.max_feed_bytes)
        target = redirect_target(response)
        if target is None:
            return _Answer(response, headers, instant(given_at))
        site = urls.site_key(target)
        if site != turns.lease.site:
            if feed.hops < turns.settings.max_redirects:
                at = instant(given_at)
                move = FeedPoll(feed=feed.source.id, polled_at=at, next_poll_at=at, move_to=(target, site))
                turns.state.polled(turns.lease.run_id, move, ())
                return None
            break
        url = target
    raise StageError("too_many_redirects", f"{feed.source.url}: more than {turns.settings.max_redirects} redirects")


def _record(turns: Turns, feed: DueFeed, answer: _Answer) -> None:
    response, sent, polled_at = answer
    meaning = polling.read_poll(
        response.status_code, response.fields, response.body, url=response.url, sent=sent, stored=_validators(feed)
    )
    if meaning.error is not None:
        if response.status_code in (429, 503):
            _busy(turns, feed, response, meaning, polled_at)
        _record_failure(turns, feed, meaning.error, meaning.message or "", polled_at, response=response)
        return
    entries: tuple[FeedEntry, ...] = ()
    ttl_s = None
    # An unchanged body is read again: that its entries are rows already is what the ledger says, not what we assume.
    if response.status_code == 200:
        try:
            document = read_feed(
                response.body,
                url=response.url,
                content_type=response.fields.get("content-type"),
                timezone=feed.source.timezone,
            )
        except StageError as err:
            _record_failure(turns, feed, err.reason, err.message, polled_at, response=response)
            return
        entries, ttl_s = document.entries, document.ttl_s
    poll = FeedPoll(
        feed=feed.source.id,
        polled_at=polled_at,
        next_poll_at=polling.next_poll_at(
            polled_at,
            every_s=feed.source.every_s,
            ttl_s=ttl_s,
            fresh_s=politeness.freshness_s(response.fields, now=polled_at),
            limits=turns.settings.poll_limits,
        ),
        status_code=response.status_code,
        final_url=meaning.validators.url,
        etag=meaning.validators.etag,
        last_modified=meaning.validators.last_modified,
        body_sha256=meaning.validators.body_sha256,
        entries=len(entries),
    )
    turns.state.polled(turns.lease.run_id, poll, _wanted(turns, feed, entries, polled_at))


def _busy(
    turns: Turns, feed: DueFeed, response: HttpResponse, meaning: polling.PollAnswer, polled_at: datetime
) -> None:
    """Leave the site alone for a while: the poll is put off a few times before it counts as failed."""
    until = turns.pause_site(response, feed.failures + 1)
    if feed.failures + 1 < MAX_PUT_OFF:
        poll = FeedPoll(
            feed=feed.source.id,
            polled_at=polled_at,
            next_poll_at=until,
            status_code=response.status_code,
            error=meaning.error,
            message=meaning.message,
            put_off=True,
        )
        turns.state.polled(turns.lease.run_id, poll, ())
    else:
        _record_failure(turns, feed, meaning.error or "http_429", meaning.message or "", polled_at, response=response)
    raise VisitOverError(f"{response.status_code} from {response.url}")


def _wanted(turns: Turns, feed: DueFeed, entries: tuple[FeedEntry, ...], now: datetime) -> tuple[NewUrl, ...]:
    """Return the entries as work; what is too old for a first poll enters the books as filtered."""
    first_poll = feed.body_sha256 is None
    found: dict[str, NewUrl] = {}
    for entry in entries:
        try:
            url = urls.normalize_url(entry.link)
        except StageError as err:
            logger.debug("entry of %s left out: %s", feed.source.id, err)
            continue
        too_old = first_poll and _older(entry.published, now, turns.settings.max_age_s)
        new = NewUrl(
            url=url,
            site=urls.site_key(url),
            feed=feed.source.id,
            entry=entry,
            filtered="too_old" if too_old else None,
        )
        found.setdefault(url, new)
    return tuple(found.values())


def _record_failure(
    turns: Turns,
    feed: DueFeed,
    reason: Reason,
    message: str,
    polled_at: datetime,
    *,
    response: HttpResponse | None = None,
) -> None:
    """Record a failed poll in the feed's health and as a dead letter; validators and entries stay as they were."""
    failures = feed.failures + 1
    asked_s = politeness.retry_after_s(response.fields, now=polled_at) if response is not None else None
    poll = FeedPoll(
        feed=feed.source.id,
        polled_at=polled_at,
        next_poll_at=polling.next_poll_at(
            polled_at,
            every_s=feed.source.every_s,
            failures=failures,
            retry_after_s=asked_s,
            limits=turns.settings.poll_limits,
        ),
        status_code=response.status_code if response is not None else None,
        error=reason,
        message=message,
    )
    turns.state.polled(turns.lease.run_id, poll, ())
    turns.emit(
        DeadLetter(
            stage="visit",
            reason=reason,
            message=message,
            occurred_at=polled_at,
            site=turns.lease.site,
            feed=feed.source.id,
            retryable=True,
            attempts=failures,
            version=turns.version(polled_at.timestamp()),
        )
    )


def _older(published: datetime | None, now: datetime, max_age_s: float | None) -> bool:
    return published is not None and max_age_s is not None and (now - published).total_seconds() > max_age_s
