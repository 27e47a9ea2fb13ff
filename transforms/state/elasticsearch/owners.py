"""Who holds sites in a ledger on the network, and who of them died on this machine.

A process holds a POSIX lock on a file in this machine's temporary folder (see `owners`): neighbours find its death at
once, and the page it had in hand. Its name begins with an id of that folder, so that nobody takes another machine's
process for dead because its file is not here: there only the silence of its lease tells (`sites`).
"""

import json
import os
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from transforms.errors import ConfigurationError
from transforms.state import owners

KEPT_SIGHTINGS_S = 86_400.0  # longer than between two runs that anybody starts by cron


class Sighting(NamedTuple):
    """When this machine first saw a site's document as numbered here: seconds of the machine's monotonic clock."""

    seq_no: int
    term: int
    at: float


class Neighbours:
    """The processes of this machine that use one ledger (`ledger_id`), this one among them."""

    def __init__(self, ledger_id: str) -> None:
        base = Path(tempfile.gettempdir()) / f"newsbeam-owners-{os.getuid()}"
        base.mkdir(mode=0o700, exist_ok=True)
        if base.is_symlink() or base.stat().st_uid != os.getuid():
            raise ConfigurationError(f"{base} belongs to somebody else: remove it, or set TMPDIR to another folder")
        self._folder = base / ledger_id
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.host = _host_id(self._folder)

    @property
    def name(self) -> str:
        """This process as an owner."""
        return f"{self.host}.{owners.this_process(self._folder).name}"

    def in_hand(self, url: str | None) -> None:
        """Note the URL that this thread works on, in the owner's file."""
        owners.this_process(self._folder).in_hand(url)

    def is_here(self, name: str) -> bool:
        """Say whether an owner belongs to this machine."""
        return name.partition(".")[0] == self.host

    def is_dead(self, name: str) -> bool:
        """Say whether an owner is known to be dead. One without a file here may live: its lease will tell."""
        local = name.partition(".")[2]
        return self.is_here(name) and (self._folder / local).exists() and owners.is_dead(self._folder, local)

    def is_alive(self, name: str) -> bool:
        """Say whether an owner of this machine is known to live."""
        return (self._folder / name.partition(".")[2]).exists() and self.is_here(name) and not self.is_dead(name)

    def dead(self) -> tuple[str, ...]:
        """Return the owners of this machine that died and left their file."""
        return tuple(f"{self.host}.{local}" for local in owners.dead_names(self._folder))

    def living(self) -> tuple[str, ...]:
        """Return the owners of this machine that live, but this process."""
        return tuple(f"{self.host}.{local}" for local in owners.living_names(self._folder))

    def describe(self, name: str) -> str:
        """Return an owner in words for people."""
        return f"process {owners.pid_of(name)}" if self.is_here(name) else "a worker on another machine"

    def urls_in_hand(self, name: str) -> tuple[str, ...]:
        """Return the URLs that a dead owner of this machine was working on."""
        return owners.urls_in_hand(self._folder, name.partition(".")[2])

    def forget(self, name: str) -> None:
        """Remove a dead owner's file, after what it left is written down."""
        owners.forget(self._folder, name.partition(".")[2])

    def seen_before(self, site: str, now: Sighting) -> Sighting:
        """Return the earliest sighting of the same document by a process of this machine, which `now` may be.

        Kept in a file for other machines' leases only. Its clock is the machine's: after a restart it has less behind
        it than has passed, so that nothing seems older than it is. Lost notes only make us wait once more.
        """
        path = self._folder / ".seen"
        try:
            seen = {name: Sighting(*cells) for name, cells in json.loads(path.read_text()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            seen = {}
        known = seen.get(site)
        if known is not None and known[:2] == now[:2] and known.at <= now.at:
            return known
        recent = {name: each for name, each in seen.items() if now.at - KEPT_SIGHTINGS_S < each.at <= now.at}
        mine = self._folder / f".seen-{uuid.uuid4().hex}"
        mine.write_text(json.dumps({**recent, site: now}))
        os.replace(mine, path)
        return now


def _host_id(folder: Path) -> str:
    """Return the id of a folder of owners, made by whoever comes first. Dots keep it apart from owners' files."""
    path = folder / ".host"
    if not path.exists():
        mine = folder / f".host-{uuid.uuid4().hex}"
        mine.write_text(uuid.uuid4().hex[:12])
        with suppress(FileExistsError):
            os.link(mine, path)  # whole or not at all, and only the first
        mine.unlink()
    return path.read_text()
