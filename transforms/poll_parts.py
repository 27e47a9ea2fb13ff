"""The parts of a feed that is a list of documents (a sitemap index): each asked for conditionally, under the lease."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.feeds import arrivals, polling, read_feed
from transforms.feeds.arrivals import edition_of
from transforms.feeds.identity import identify
from transforms.feeds.memory import FeedMemory, Part
from transforms.turns import GivenUpError, Turns, VisitOverError
from transforms.web import urls

logger = logging.getLogger(__name__)


class PartsRead(NamedTuple):
    """What the parts gave. `unchanged`: at least one part has entries that are not repeated here.

    `parts` is also the order for the next time: those that this visit had no time for come first, `behind` of them.
    """

    entries: tuple[FeedEntry, ...]
    parts: tuple[Part, ...]
    unchanged: bool
    behind: int = 0


def read_parts(
    turns: Turns, wanted: Sequence[str], known: Sequence[Part], *, subject: str, timezone: str | None
) -> PartsRead:
    """Ask for each part of this lease's site, in turn. A part that fails or leads elsewhere costs itself only.

    When the visit is over before the last one, what was read counts: a list that is slow to read, or whose site asks
    for a pause, would else begin anew each time. `subject` is the feed's id, for the receipts. Parts of parts are not
    read. Raises `GivenUpError`.
    """
    remembered = {part.url: part for part in known}
    order = {url: number for number, url in enumerate(remembered)}
    queue = sorted(wanted, key=lambda url: order.get(url, -1))
    entries: list[FeedEntry] = []
    parts: list[Part] = []
    unchanged = False
    for number, url in enumerate(queue):
        part = remembered.get(url, Part(url=url))
        parts.append(part)
        try:
            if urls.site_key(url) != turns.lease.site or not turns.robots(url).allowed(url):
                continue
            found, read = _read_part(turns, part, subject=subject, timezone=timezone)
        except StageError as err:
            logger.debug("part left out: %s", err)
            continue
        except GivenUpError:
            raise
        except VisitOverError as over:
            logger.debug("parts of %s left for the next time: %s", subject, over)
            unread = tuple(remembered.get(each, Part(url=each)) for each in queue[number:])
            return PartsRead(identify(entries), (*unread, *parts[:-1]), unchanged=True, behind=len(unread))
        parts[-1] = found
        entries += read
        unchanged = unchanged or not read
    return PartsRead(identify(entries), tuple(parts), unchanged)


def read_on(
    turns: Turns, memory: FeedMemory, *, subject: str, timezone: str | None
) -> tuple[tuple[FeedEntry, ...], FeedMemory]:
    """Read the parts that an earlier visit had no time for, and not the list again; return entries and memory.

    Where the pause is about as long as a visit, a visit that began with the list would never come to its parts.
    """
    parts, others = memory.parts[: memory.behind], memory.parts[memory.behind :]
    read = read_parts(turns, [part.url for part in parts], parts, subject=subject, timezone=timezone)
    return read.entries, replace(
        memory,
        parts=(*read.parts[: read.behind], *others, *read.parts[read.behind :]),
        behind=read.behind,
        arrivals=arrivals.read_on(memory.arrivals, edition_of(read.entries)),
    )


def _read_part(turns: Turns, part: Part, *, subject: str, timezone: str | None) -> tuple[Part, tuple[FeedEntry, ...]]:
    stored = polling.Validators(etag=part.etag, last_modified=part.last_modified, url=part.url)
    headers = polling.conditional_headers(stored, part.url)
    _, given_at = turns.take(begun=True)
    max_bytes = turns.settings.fetch.max_feed_bytes
    response = turns.send(
        part.url, given_at, headers=headers, max_bytes=max_bytes, subject=subject, full_bytes=part.full_bytes
    )
    meaning = polling.read_poll(
        response.status_code, response.fields, response.body, url=part.url, sent=headers, stored=stored
    )
    if response.status_code in (429, 503):
        turns.pause_site(response, 1)
    if meaning.error is not None:
        raise StageError(meaning.error, meaning.message or "")
    if response.status_code == 304:
        return part, ()
    document = read_feed(
        response.body, url=part.url, content_type=response.fields.get("content-type"), timezone=timezone
    )
    kept = polling.Validators(url=part.url) if document.truncated else meaning.validators
    full_bytes = response.wire_bytes
    return Part(part.url, kept.etag, kept.last_modified, full_bytes), document.entries
