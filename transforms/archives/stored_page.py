"""One page of an archive: where it lies, and its bytes."""

import gzip
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from transforms.errors import StageError

READ_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """A saved page. `url` is what the archive's index says, None when the page must tell; `name` its relative path."""

    path: str
    name: str
    url: str | None = None

    @property
    def content_type(self) -> str:
        """What the name promises: plain text for `.txt`, else HTML."""
        return "text/plain" if self.name.endswith((".txt", ".txt.gz")) else "text/html"

    @property
    def saved_at(self) -> datetime:
        """When the file was last written."""
        return datetime.fromtimestamp(Path(self.path).stat().st_mtime, UTC)


def printable(name: str) -> str:
    """Return a file's name as text that can be stored: bytes that are not UTF-8 are spelled out in hexadecimal."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_page(page: PageFile, *, max_bytes: int) -> bytes:
    """Return a saved page's bytes, unpacked. Raises `StageError`: unreadable_file, too_large (also for a gzip bomb)."""
    try:
        if not page.name.endswith(".gz"):
            with open(page.path, "rb") as file:
                body = file.read(max_bytes + 1)
        else:
            with gzip.open(page.path) as file:
                body = b""
                while len(body) <= max_bytes and (chunk := file.read(READ_BYTES)):
                    body += chunk
    except (OSError, EOFError, zlib.error) as err:
        raise StageError("unreadable_file", f"cannot read {page.name}: {err}") from err
    if len(body) > max_bytes:
        raise StageError("too_large", f"{page.name} holds more than {max_bytes} bytes")
    return body
