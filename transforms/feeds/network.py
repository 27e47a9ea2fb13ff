"""Whether it is our own network that is down: many sites that cannot be reached, and none that can."""

import threading

from transforms.errors import Reason

UNREACHED: tuple[Reason, ...] = ("connection_failed", "dns_failed", "tls_failed", "timeout")
MIN_SITES = 3  # that failed in a row, with no answer of any site between
WITHIN_S = 900.0  # older failures say nothing about now


class Network:
    """What the polls of one process saw of the network. Thread-safe. `now` is in epoch seconds."""

    def __init__(self, *, min_sites: int = MIN_SITES, within_s: float = WITHIN_S) -> None:
        self._min_sites, self._within_s = min_sites, within_s
        self._failed_at: dict[str, float] = {}
        self._is_down = False
        self._guard = threading.Lock()

    def answered(self) -> None:
        """Note that a site answered: the failures before it were the sites' own."""
        with self._guard:
            self._failed_at.clear()
            self._is_down = False

    def failed(self, site: str, *, now: float) -> bool:
        """Note that a site could not be reached; tell whether that looks like our own outage.

        It does when several failed shortly after each other, and then until a site answers.
        """
        with self._guard:
            self._failed_at[site] = now
            self._failed_at = {name: at for name, at in self._failed_at.items() if abs(now - at) <= self._within_s}
            self._is_down = self._is_down or len(self._failed_at) >= self._min_sites
            return self._is_down
