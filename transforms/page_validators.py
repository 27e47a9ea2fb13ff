"""What identifies the stored edition of a page: one text, opaque to the ledger, with which a revisit asks."""

import orjson

from transforms.elements import History
from transforms.feeds.polling import Validators, conditional_headers
from transforms.settings import GENERATION_BITS
from transforms.web.client import HttpResponse


def validators_of(response: HttpResponse) -> str | None:
    """Return what is to be kept of a page's answer, None where the server gives nothing to ask with."""
    kept = Validators(etag=response.header("etag"), last_modified=response.header("last-modified"), url=response.url)
    if not conditional_headers(kept, response.url):
        return None
    cells = {"url": kept.url, "etag": kept.etag, "last_modified": kept.last_modified, "bytes": response.wire_bytes}
    return orjson.dumps({name: cell for name, cell in cells.items() if cell is not None}).decode()


def conditions(history: History, url: str, *, generation: int) -> tuple[dict[str, str], int | None]:
    """Return the headers that make a request for `url` conditional, and the bytes that a 304 would spare.

    None where the stored document is of another generation (the same page would give another document), of another URL
    (a redirect leads elsewhere now), or where nothing was kept.
    """
    if not history.version or history.validators is None:
        return {}, None
    if history.version % (1 << GENERATION_BITS) != generation:
        return {}, None
    try:
        cells = orjson.loads(history.validators)
        kept = Validators(etag=cells.get("etag"), last_modified=cells.get("last_modified"), url=cells.get("url"))
    except (orjson.JSONDecodeError, AttributeError):  # of another newsbeam
        return {}, None
    headers = conditional_headers(kept, url)
    return headers, cells.get("bytes") if headers else None
