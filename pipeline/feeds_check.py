"""`feeds check`: one poll that stores nothing, in plain words: what was seen, what would be done, what is wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.feeds_door import Door
from pipeline.plans import poll_limits
from pipeline.units import format_size
from transforms.errors import StageError, http_error
from transforms.feeds import policy, read_feed
from transforms.feeds.base import FeedDocument
from transforms.feeds.memory import FeedMemory
from transforms.feeds.policy import duration
from transforms.feeds.polling import PollLimits, Validators, conditional_headers
from transforms.web import politeness, urls
from transforms.web.challenges import is_challenge
from transforms.web.client import HttpResponse

PERMANENT = (301, 308)


@dataclass
class FeedCheck:
    """What a check found: `saw` and `would` are sentences, so are the `problems`; `ok` when it can be polled."""

    url: str
    final_url: str | None = None
    ok: bool = False
    reason: str | None = None
    format: str | None = None
    title: str | None = None
    entries: int = 0
    newest: datetime | None = None
    saw: list[str] = field(default_factory=list)
    would: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        """The check as JSON."""
        return {name: value for name, value in vars(self).items() if value not in (None, [])}


def check_feed(door: Door, url: str, *, now: datetime, every_s: float | None = None) -> FeedCheck:
    """Poll once and say what it means. Raises `ConfigurationError` for what is no feed URL."""
    check = FeedCheck(url=url)
    try:
        response = door.ask(url)
        _tell_way(check, door, response)
        if is_challenge(response.fields, response.body):
            raise StageError("challenge", f"{response.url}: asks for a browser instead of answering")
        if response.status_code >= 400:
            raise http_error(response.status_code, response.url)
        document = read_feed(response.body, url=response.url, content_type=response.header("content-type"))
    except StageError as err:
        check.reason = err.reason
        check.problems.append(err.message)
        check.would.append(_REMEDIES.get(err.reason, "record the failure, and ask again later, less often each time"))
        return check
    check.ok = True
    _tell_feed(check, document)
    _tell_plan(check, document, response, now=now, every_s=every_s, limits=poll_limits(door.settings))
    return check


_REMEDIES = {
    "bad_url": "not poll it: it is neither a URL nor the id of a feed in feeds.yaml",
    "robots_disallow": "not fetch it: the site keeps robots out of it; ask the publisher",
    "http_410": "ask once more on another day, and then stop",
    "http_401": "ask again rarely: it wants a password, and newsbeam sends none",
    "http_403": "ask again rarely: the server refuses us; `contact:` tells it who we are",
    "challenge": "ask again rarely: it wants a browser, and newsbeam does not pretend to be one",
    "not_a_feed": "record the failure; `newsbeam feeds discover` finds the feeds of a page",
    "private_address": "not fetch it; --allow-private opens addresses of your own network",
}


def _tell_way(check: FeedCheck, door: Door, response: HttpResponse) -> None:
    check.final_url = response.url
    for status, target in door.hops:
        kind = "for good" if status in PERMANENT else "for now"
        check.saw.append(f"it is moved {kind} ({status}) to {target}")
        if status in PERMANENT:
            check.problems.append(f"the feed has moved to {target}; write that into feeds.yaml")
    content_type = response.header("content-type") or "no type"
    check.saw.append(
        f"{response.status_code}, {content_type}, {format_size(len(response.body))} unpacked, "
        f"{format_size(response.wire_bytes)} on the wire, in {response.elapsed_ms:.0f} ms"
    )
    if response.url.startswith("http://"):
        check.problems.append("it is not encrypted: who stands between can change the news; try https")


def _tell_feed(check: FeedCheck, document: FeedDocument) -> None:
    check.format, check.title, check.entries = document.format, document.title, len(document.entries)
    dates = [entry.published for entry in document.entries if entry.published is not None]
    check.newest = max(dates, default=None)
    check.saw.append(f"{document.format}, {document.title or 'without a title'}: {len(document.entries)} entries")
    if dates:
        check.saw.append(f"entries from {min(dates):%Y-%m-%d %H:%M} to {max(dates):%Y-%m-%d %H:%M} UTC")
    elif document.entries:
        check.problems.append("no entry has a date that can be read")
    if not document.entries and not document.parts:
        check.problems.append("it has no entries")
    full = sum(entry.content is not None for entry in document.entries)
    if full:
        check.saw.append(f"{full} entries hold text of their own; `text: feed` would trust it")
    if document.skipped:
        check.problems.append(f"{document.skipped} entries have no usable link")
    if document.overflow:
        check.problems.append(f"{document.overflow} entries are beyond what one poll reads")
    check.problems += document.warnings


def _tell_plan(
    check: FeedCheck,
    document: FeedDocument,
    response: HttpResponse,
    *,
    now: datetime,
    every_s: float | None,
    limits: PollLimits,
) -> None:
    etag, last_modified = response.header("etag"), response.header("last-modified")
    validators = Validators(etag=etag, last_modified=last_modified, url=response.url)
    sendable = conditional_headers(validators, response.url)
    if sendable:
        check.saw.append("validators: " + ", ".join(f"{name}: {value}" for name, value in sendable.items()))
    else:
        check.problems.append("it gives no validators: each poll costs the server a whole edition")
    seen = policy.PollSeen(
        outcome="read",
        at=now,
        start=check.url,
        url=response.url,
        wishes=document.wishes,
        has_validators=bool(sendable),
        fresh_s=politeness.freshness_s(response.fields, now=now),
    )
    plan = policy.after_poll(
        FeedMemory(), seen, feed=urls.feed_id(check.url), configured=check.url, every_s=every_s,
        limits=limits,
    )  # fmt: skip
    wait = plan.next_poll_at - now
    check.would.append(f"ask again in {duration(max(wait, timedelta(0)).total_seconds())} ({plan.why})")
    if sendable:
        check.would.append(f"send {' and '.join(sendable)} then, so that nothing new costs nothing")
