"""What the user says of a feed, for its pages: as the settings say, or as the ledger says now. Beam-free."""

import time
from collections.abc import Callable, Iterable

from transforms.elements import FeedSource
from transforms.settings import Sources
from transforms.state.base import StateStore

FRESH_S = 60.0  # a change in feeds.yaml reaches every worker within this time, at one read of the ledger per feed


class LedgerSources:
    """The feeds as the ledger has them, each kept for a minute: a job that runs for months learns of new ones."""

    def __init__(self, state: StateStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._state, self._clock = state, clock
        self._kept: dict[str, tuple[float, FeedSource | None]] = {}

    def get(self, feed: str, /) -> FeedSource | None:
        """Return a feed by its id, None when it was never configured."""
        now = self._clock()
        at, source = self._kept.get(feed, (None, None))
        if at is None or now - at > FRESH_S:
            source = self._state.source(feed)
            self._kept[feed] = (now, source)
        return source


def first_source(feeds: Iterable[str], sources: Sources | None) -> FeedSource | None:
    """Return the first of these feeds that is known."""
    if sources is None:
        return None
    return next((source for feed in feeds if (source := sources.get(feed)) is not None), None)
