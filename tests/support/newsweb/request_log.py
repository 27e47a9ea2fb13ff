"""The request log: one JSON line per request answered, the judge of every test about manners.

A line is written by one `os.write` to a file opened for appending, so lines of many threads stay whole.
"""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as the server saw it. `start` and `end` are `time.time()`; `open` counts the requests that were
    open for this host when it started, itself included; `gone` means that the client left before the end.
    """

    start: float
    end: float
    host: str
    path: str
    status: int
    open: int
    retry_after: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    user_agent: str | None = None
    gone: bool = False

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"

    @property
    def site(self) -> str:
        return site_of(self.host)


def site_of(host: str) -> str:
    """The last two labels: enough here, where every host ends in `.example`."""
    return ".".join(host.split(".")[-2:])


class RequestLog:
    """Appends requests to a file; without a path it keeps them in memory alone."""

    def __init__(self, path: Path | None) -> None:
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._file = None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, request: Request) -> None:
        with self._lock:
            if self._file is None:
                self.requests.append(request)
            else:
                os.write(self._file, (json.dumps(asdict(request)) + "\n").encode())

    def close(self) -> None:
        """Close the file; a request that ends later is kept in memory."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def read_log(path: Path) -> list[Request]:
    """Return the requests of a log in the order in which they started."""
    with open(path, encoding="utf-8") as lines:
        return sorted((Request(**json.loads(line)) for line in lines), key=lambda request: request.start)
