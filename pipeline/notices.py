"""What the processes of a job tell its user while they work: that a store takes no writes, and takes them again."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

MAX_READ_BYTES = 65_536  # per look; a log that grows faster is read later
_NOTICE = re.compile(rb"^\S+ \S+ WARNING (?:transforms\.elastic\.bulk): (.{1,2000})$", re.MULTILINE)


class Notices:
    """Passes on what is worth a user's while from the log that a job's processes write, from here on."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("rb")
        self._log.seek(0, 2)
        self._rest = b""
        self.paused = False  # a store takes no writes: that nothing moves then is no hang

    def pass_on(self) -> None:
        """Log what was said since the last look."""
        for line in self._new_lines():
            if found := _NOTICE.match(line):
                said = found[1].decode("utf-8", "replace")
                self.paused = said.startswith("writing pauses")
                logger.warning("%s", said)

    def close(self) -> None:
        self._log.close()

    def _new_lines(self) -> Iterator[bytes]:
        data = self._rest + self._log.read(MAX_READ_BYTES)
        *lines, self._rest = data.split(b"\n")
        self._rest = self._rest[-MAX_READ_BYTES:]
        yield from lines
