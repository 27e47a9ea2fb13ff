"""Files that are gzip themselves, whatever the header said: `sitemap.xml.gz` is served with and without decoding."""

import zlib

from transforms.errors import StageError

MAX_BYTES = 50 * 1024 * 1024  # the largest sitemap that sitemaps.org allows
_GZIP = b"\x1f\x8b"


def inflate(body: bytes, url: str) -> bytes:
    """Return the body, decompressed once if it is gzip. Raises `StageError`: undecodable, too_large.

    Once: gzip in gzip is a bomb or a mistake, and no format recognises it.
    """
    if not body.startswith(_GZIP):
        return body
    try:
        stream = zlib.decompressobj(31)
        found = stream.decompress(body, MAX_BYTES + 1)
    except zlib.error as err:
        raise StageError("undecodable", f"{url}: is not the gzip file that it looks like ({err})") from err
    if len(found) > MAX_BYTES:
        raise StageError("too_large", f"{url}: more than {MAX_BYTES} bytes when decompressed")
    return found
