"""One visit of one leased site: its feeds, then its pages; the lease's end follows behind them. Beam-free."""

import logging

from transforms.elements import SiteDone
from transforms.fetch_pages import fetch_pages
from transforms.poll_feeds import poll_feed
from transforms.turns import Turns, VisitOverError, instant

logger = logging.getLogger(__name__)


def visit_site(turns: Turns) -> None:
    """Visit until nothing is due, the slice ends or the lease does; then `SiteDone`, behind the last page."""
    lease = turns.lease
    try:
        for feed in lease.feeds:
            poll_feed(turns, feed)
        fetch_pages(turns)
    except VisitOverError as over:
        logger.debug("visit of %s over: %s", lease.site, over)
    turns.emit(SiteDone(site=lease.site, epoch=lease.epoch, next_at=instant(turns.next_at)))
