"""Reading one answer's body: decoded, and bounded by its size, its time and how much it grows while it is unpacked."""

from typing import NamedTuple

from urllib3.response import BaseHTTPResponse

from transforms.errors import StageError
from transforms.web.connections import Budget

READ_BYTES = 64 * 1024
# What we ask for, and what an answer may be in: urllib3 unpacks each with a bound on its output (brotli from 1.2).
ACCEPTED = "gzip, deflate, br, zstd"
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "identity", ""})
# News pages shrink to a fifth or a tenth, the most repetitive feeds to a hundredth; a bomb of zeros to a thousandth
# (gzip) or far less (brotli, zstd). Judged only beyond a size that no memory minds.
MAX_RATIO = 250
RATIO_FROM_BYTES = 1024 * 1024
_SMALL_BYTES = 16 * 1024  # the text of an error or a redirect that is read away, to keep the connection


class Body(NamedTuple):
    """`truncated`: only the beginning. `finished`: nothing of the answer is left on the wire."""

    data: bytes = b""
    truncated: bool = False
    finished: bool = False


def read_body(response: BaseHTTPResponse, budget: Budget, max_bytes: int, *, truncate: bool) -> Body:
    """Return the decoded body of a 2xx answer, or its beginning with `truncate`; that of any other answer is left.

    Raises `StageError`: too_large (by size, or by growing like a bomb), undecodable; and what the connection raises.
    """
    if not 200 <= response.status < 300:
        return Body(finished=_skip(response, budget))
    encodings = {name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")}
    if not encodings <= _ENCODINGS:
        raise StageError("undecodable", f"{budget.url}: answered in {sorted(encodings)}, which was not asked for")
    announced = response.headers.get("content-length", "")
    if not truncate and announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise _too_large(budget.url, max_bytes)
    budget.allow("a body", 2 * max_bytes + READ_BYTES)  # chunks of a few bytes may double it on the wire
    body = bytearray()
    while len(body) <= max_bytes:
        part = response.read(READ_BYTES, decode_content=True)
        if not part:
            return Body(bytes(body), finished=True)
        body += part
        if len(body) > RATIO_FROM_BYTES and len(body) > MAX_RATIO * budget.received:
            raise StageError(
                "too_large", f"{budget.url}: grows by more than {MAX_RATIO} while it is unpacked, as a bomb does"
            )
    if not truncate:
        raise _too_large(budget.url, max_bytes)
    return Body(bytes(body[:max_bytes]), truncated=True)


def _skip(response: BaseHTTPResponse, budget: Budget) -> bool:
    """Read a short body away; say whether the answer is over, so that its connection can serve another request."""
    if response.closed:
        return True
    announced = response.headers.get("content-length", "")
    if not announced.isdecimal() or int(announced[:20]) > _SMALL_BYTES:
        return False
    budget.allow("a body", _SMALL_BYTES)
    response.read(decode_content=False)
    return True


def _too_large(url: str, max_bytes: int) -> StageError:
    return StageError("too_large", f"{url}: more than {max_bytes} bytes; raise the limit or leave it out")
