"""Where a feed is polled: a permanent redirect is believed after repeated proof over days. Pure.

301 and 308 are often slips: a login page, a maintenance page, a domain that was sold. Believed at once, the feed would
be lost (RFC 9110 15.4.2 allows to re-link, and does not ask for it).
"""

from dataclasses import dataclass, replace

PROOFS = 5  # polls in a row that ended at the same place through permanent redirects only
PROOF_S = 7 * 86_400.0  # from the first of them to the last; Feedbin waits 6 days, news-crawl 14


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What is remembered of redirects. `home` is the believed address; the configured one stays its alias.

    `permanent` is of a poll under way: whether all its hops so far were permanent, None without any.
    """

    to: str | None = None
    since: float | None = None
    times: int = 0
    home: str | None = None
    home_failed: bool = False
    permanent: bool | None = None


def start_of(moves: Moves, configured: str) -> str:
    """Return where to begin: the believed address, or the configured one when the last poll of that failed."""
    return moves.home if moves.home is not None and not moves.home_failed else configured


def hop(moves: Moves, status_code: int) -> Moves:
    """Return what is remembered after one redirect."""
    return replace(moves, permanent=status_code in (301, 308) and moves.permanent is not False)


def arrived_at(moves: Moves, url: str, *, start: str, configured: str, at: float) -> Moves:
    """Return what is remembered after a poll from `start` that found the feed at `url`."""
    settled = replace(moves, permanent=None)
    if url == start or not moves.permanent:
        # Without a redirect, or by a temporary one: what had been proven before is over.
        settled = replace(settled, to=None, since=None, times=0)
        return replace(settled, home=None, home_failed=False) if start == configured else settled
    if url != moves.to or moves.since is None:
        return replace(settled, to=url, since=at, times=1)
    settled = replace(settled, times=moves.times + 1)
    if settled.times >= PROOFS and at - moves.since >= PROOF_S:
        return replace(settled, home=url, home_failed=False, to=None, since=None, times=0)
    return settled


def failed(moves: Moves) -> Moves:
    """Return what is remembered after a failed poll: the other address has its turn next, and the proof starts anew."""
    turn = not moves.home_failed if moves.home is not None else False
    return replace(moves, permanent=None, to=None, since=None, times=0, home_failed=turn)
