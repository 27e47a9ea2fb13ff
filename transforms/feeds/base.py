"""What a feed format is, and what reading a feed gives."""

from collections.abc import Callable
from dataclasses import dataclass

from transforms.elements import FeedEntry
from transforms.feeds.memory import Wishes

MAX_ENTRIES = 2000  # of one poll, as Media Cloud; the rest is counted in `overflow`


@dataclass(frozen=True, kw_only=True)
class FeedDocument:
    """One edition of a feed. `skipped` counts entries without a usable link, `overflow` those beyond the limit.

    `wishes` are the pauses that the feed asks for; `warnings` say what is wrong with it, for people. `truncated`: the
    body ends too early. `parts` are further documents that belong to it (a sitemap index), to be read the same way.
    """

    format: str
    title: str | None = None
    language: str | None = None
    wishes: Wishes = Wishes()
    entries: tuple[FeedEntry, ...] = ()
    skipped: int = 0
    overflow: int = 0
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    parts: tuple[str, ...] = ()

    @property
    def ttl_s(self) -> float | None:
        """The pause between polls that the feed asks for, in seconds."""
        return self.wishes.ttl_s


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
