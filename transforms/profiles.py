"""What was learned of sites, read from the ledger when a page of the site is at hand. Beam-free."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from transforms.elements import SiteProfile
from transforms.state.base import StateStore

KEPT = 2_000  # profiles in memory, of 100 keys at most: below 20 MB


class Profiles:
    """The profiles of a ledger. A version never changes, so each is read once; thread-safe."""

    def __init__(self, state: StateStore) -> None:
        self._state, self._lock = state, Lock()
        self._kept: OrderedDict[tuple[str, datetime], SiteProfile | None] = OrderedDict()

    def get(self, site: str, *, before: datetime) -> SiteProfile | None:
        """Return the newest profile of a site that was made before an instant, None where there is none."""
        asked = (site, before)
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
                return self._kept[asked]
        profile = self._state.profile(site, before=before)
        with self._lock:
            self._kept[asked] = profile
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return profile


def whole_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour: in an endless job, the same profile for a page however often it is tried."""
    return moment.replace(minute=0, second=0, microsecond=0)
