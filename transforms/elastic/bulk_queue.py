"""The encoded actions that still have to be sent, in chunks by count and bytes."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from transforms.elastic.bulk_actions import BulkAction


@dataclass(frozen=True, kw_only=True)
class Line:
    """An action as it travels, and where its result belongs."""

    position: int
    action: BulkAction
    data: bytes = field(repr=False)


class Queue:
    """Lines that wait. Several threads may take and put back."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = deque(lines)
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def take(self, max_actions: int, max_bytes: int) -> list[Line]:
        """Return the next chunk, empty at the end; a document of more than `max_bytes` travels alone."""
        chunk: list[Line] = []
        size = 0
        with self._lock:
            while self._lines and len(chunk) < max_actions:
                size += len(self._lines[0].data)
                if chunk and size > max_bytes:
                    break
                chunk.append(self._lines.popleft())
        return chunk

    def put_back(self, lines: Sequence[Line]) -> None:
        """Put lines in front, in their order."""
        with self._lock:
            self._lines.extendleft(reversed(lines))


def waves(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield groups to send one after the other: a document without an external version is in each once at most.

    Elasticsearch applies the items of a request in order, but one that is rejected and sent again would come after its
    successor: an older `index` over a newer one, or a `delete` undone. External versions need no such care.
    """
    found: list[list[Line]] = []
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        wave = 0
        if line.action.id is not None and line.action.version is None:
            key = (line.action.index, line.action.id)
            wave = seen[key] = seen.get(key, -1) + 1
        while len(found) <= wave:
            found.append([])
        found[wave].append(line)
    yield from found
