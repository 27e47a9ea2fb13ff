"""What a feed format is, and what reading a feed gives."""

from collections.abc import Callable
from dataclasses import dataclass

from transforms.elements import FeedEntry

MAX_ENTRIES = 2000  # of one poll, as Media Cloud; the rest is counted in `overflow`


@dataclass(frozen=True, kw_only=True)
class FeedDocument:
    """One edition of a feed. `skipped` counts entries without a usable link, `overflow` those beyond the limit.

    `ttl_s` is the pause between polls that the feed asks for; `warnings` say what is wrong with it, for people.
    """

    format: str
    title: str | None = None
    language: str | None = None
    ttl_s: float | None = None
    entries: tuple[FeedEntry, ...] = ()
    skipped: int = 0
    overflow: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FeedRequest:
    """What there is to read: the body, the URL it came from (relative links hang on it), header, zone."""

    body: bytes
    url: str
    content_type: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedFormat:
    """One format: `recognises` looks at the first 4 KiB, `read` does the work and raises `StageError`."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[FeedRequest], FeedDocument]
