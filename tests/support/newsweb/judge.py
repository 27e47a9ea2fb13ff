"""Judgements on a request log: was anybody hurried, was anything fetched twice. A site is the last two labels."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

from .request_log import Request


def of_site(requests: Iterable[Request], site: str) -> list[Request]:
    """Return the site's requests in order of their start."""
    return sorted((r for r in requests if r.site == site), key=lambda r: r.start)


def max_open_per_site(requests: Iterable[Request]) -> dict[str, int]:
    """Return how many requests were open at once, at most, for every site.

    Counted from starts and ends over all hosts of the site; an end at the very instant of a start comes first.
    """
    events: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for request in requests:
        events[request.site] += [(request.start, 1), (request.end, -1)]
    most = {}
    for site, changes in events.items():
        now = high = 0
        for _, change in sorted(changes):
            now += change
            high = max(high, now)
        most[site] = high
    return most


def min_start_gap_s(requests: Iterable[Request], site: str) -> float:
    """Return the shortest time between the starts of neighbouring requests; infinity for fewer than two."""
    return min((later.start - first.start for first, later in pairwise(of_site(requests, site))), default=math.inf)


def min_end_to_start_s(requests: Iterable[Request], site: str) -> float:
    """Return the shortest pause after all earlier requests have ended; negative when two overlapped."""
    ended, shortest = -math.inf, math.inf
    for request in of_site(requests, site):
        shortest = min(shortest, request.start - ended)
        ended = max(ended, request.end)
    return shortest


def fetched_more_than_once(requests: Iterable[Request], *, except_urls: Collection[str] = ()) -> dict[str, int]:
    """Return the URLs answered 200 in full more than once, with the count.

    robots.txt and `except_urls` (feeds are asked for again by right) do not count, nor an answer whose client was
    gone before its end: a killed worker may ask again.
    """
    counts = Counter(
        r.url
        for r in requests
        if r.status == 200 and not r.gone and r.path != "/robots.txt" and r.url not in except_urls
    )
    return {url: count for url, count in counts.items() if count > 1}


def after_429_s(requests: Iterable[Request]) -> list[tuple[str, float, float]]:
    """Return (site, seconds asked for, seconds kept) for each 429 or 503 with Retry-After.

    Kept is from the end of that answer to the start of the site's next request; infinity when none followed.
    """
    by_site: dict[str, list[Request]] = defaultdict(list)
    for request in sorted(requests, key=lambda r: r.start):
        by_site[request.site].append(request)
    waits = []
    for site, ordered in by_site.items():
        for request in ordered:
            if request.status in (429, 503) and request.retry_after is not None:
                later = (other.start - request.end for other in ordered if other.start > request.start)
                waits.append((site, float(request.retry_after), min(later, default=math.inf)))
    return waits
