"""What a page asks of indexers: `<meta name=robots>` and the X-Robots-Tag header."""

from collections.abc import Iterable
from typing import NamedTuple

_OURS = {"robots", "newsbeam"}
# Directives with a value: their colon names no agent.
_VALUED = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}


class RobotsSignals(NamedTuple):
    """True where the page says so, None where it says nothing."""

    noindex: bool | None = None
    noarchive: bool | None = None


NO_SIGNALS = RobotsSignals()


def read_robots(metas: Iterable[str], headers: Iterable[tuple[str, str]]) -> RobotsSignals:
    """Return the signals of all witnesses together: the strictest wins. A header for another agent is not for us."""
    directives = {part.strip().lower() for content in metas for part in content.split(",")}
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            directives |= _of_header(value)
    noindex = bool(directives & {"noindex", "none"})
    return RobotsSignals(noindex or None, ("noarchive" in directives) or None)


def _of_header(value: str) -> set[str]:
    """Return directives that count for us of `noarchive, otherbot: noindex` (an agent holds until the next one)."""
    found, agent = set(), "robots"
    for part in value.lower().split(","):
        head, colon, rest = part.strip().partition(":")
        if colon and head.strip() not in _VALUED:
            agent, head = head.strip(), rest
        if agent in _OURS:
            found.add(head.strip())
    return found
