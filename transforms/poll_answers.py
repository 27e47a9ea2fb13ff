"""What a good answer to a poll means: to the polling policy, and as work for the ledger. Beam-free and without IO."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds import moves, polling, trust
from transforms.feeds.arrivals import edition_of, new_entries
from transforms.feeds.base import FeedDocument
from transforms.feeds.identity import fingerprint
from transforms.feeds.memory import FeedMemory
from transforms.feeds.policy import PollSeen
from transforms.poll_parts import PartsRead
from transforms.state.base import DueFeed, NewUrl
from transforms.web import politeness, urls
from transforms.web.client import HttpResponse

logger = logging.getLogger(__name__)


class Answer(NamedTuple):
    """The answer that a poll ended with, the conditions that were sent, when, and by which redirects."""

    response: HttpResponse
    sent: Mapping[str, str]
    polled_at: datetime
    moves: moves.Moves


def seen_by_poll(
    answer: Answer,
    meaning: polling.PollAnswer,
    document: FeedDocument | None,
    parts: PartsRead | None,
    *,
    stored: polling.Validators,
    start: str,
    memory: FeedMemory,
) -> PollSeen:
    """Return a good answer as the policy sees it. `document` is None for a 304; `start` is where the poll began.

    `parts` is what the documents of a list gave, None for a feed that is no list.
    """
    response, sent, polled_at, _ = answer
    edition = evidence = None
    if parts is not None:
        edition = edition_of(parts.entries, is_partial=parts.unchanged)
        if document is not None:
            # Entries of the parts say nothing of the list's own 304s: a changed list is honest, whatever is new.
            same = meaning.outcome == "unchanged"
            evidence = trust.Evidence(conditional=bool(sent), same_body=same, new=int(not same))
    elif document is not None:
        edition = edition_of(document.entries)
        new = new_entries(memory.arrivals, document.entries)
        evidence = trust.Evidence(
            conditional=bool(sent),
            same_body=meaning.outcome == "unchanged",
            new=len(new),
            same_validators=polling.are_same(meaning.validators, stored),
            modified_at=_epoch(politeness.http_date(response.fields.get("last-modified"))),
            newest_new_at=max((_epoch(entry.published) or 0.0 for entry in new), default=0.0) or None,
        )
    return PollSeen(
        outcome="read" if meaning.outcome == "parse" else "unchanged",
        at=polled_at,
        start=start,
        url=response.url,
        edition=edition,
        wishes=document.wishes if document is not None else None,
        evidence=evidence,
        fresh_s=politeness.freshness_s(response.fields, now=polled_at),
        retry_after_s=politeness.retry_after_s(response.fields, now=polled_at),
    )


def wanted(
    feed: DueFeed,
    entries: Sequence[FeedEntry],
    now: datetime,
    *,
    max_age_s: float | None,
    is_list: bool = False,
    reads_on: bool = False,
) -> tuple[NewUrl, ...]:
    """Return the entries as work, each URL once; what is too old for a first poll enters the books as filtered.

    `is_list`: they come from parts, each of which may be read for the first time whenever the list is. `reads_on`: of
    the edition that the last poll began.
    """
    is_first = feed.polls == 1 if reads_on else feed.body_sha256 is None
    wants_none = is_first and feed.source.start == "now"
    asks_age = (is_list or is_first) and feed.source.start != "all"
    found: dict[str, NewUrl] = {}
    for entry in entries:
        try:
            url = urls.normalize_url(entry.link)
        except StageError as err:
            logger.debug("entry of %s left out: %s", feed.source.id, err)
            continue
        too_old = wants_none or (asks_age and _older(entry.published, now, max_age_s))
        new = NewUrl(
            url=url,
            site=urls.site_key(url),
            feed=feed.source.id,
            entry=entry,
            filtered="too_old" if too_old else None,
            fingerprint=fingerprint(entry),
        )
        found.setdefault(url, new)
    return tuple(found.values())


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None


def _older(published: datetime | None, now: datetime, max_age_s: float | None) -> bool:
    return published is not None and max_age_s is not None and (now - published).total_seconds() > max_age_s
