"""The day a page was published, searched in its markup and text. The one file that knows htmldate."""

import logging
from copy import deepcopy
from datetime import datetime

import htmldate
from lxml.html import HtmlElement

logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def find_day(root: HtmlElement, *, url: str, latest: datetime) -> str | None:
    """Return the day (ISO 8601) that the page's markup gives, None when there is none.

    The fast search: the extensive one finds dates of other things on a tenth of pages without a date of their own.
    """
    try:
        # htmldate removes nodes from the tree it is given.
        found = htmldate.find_date(
            deepcopy(root), url=url, original_date=True, extensive_search=False, max_date=latest.strftime("%Y-%m-%d")
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return str(found) if found else None
