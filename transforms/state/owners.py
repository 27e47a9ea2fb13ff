"""Who is alive on this machine: every process that takes leases holds a lock on a file that says so.

The kernel drops the lock when the process dies, however it dies. So whoever can take it knows that the owner is dead:
no process id to compare, no boot id, no waiting for a lease to expire. POSIX locks, not `flock`: a forked child would
keep a `flock` alive after its parent was killed. A process must never open its own file a second time, because closing
that descriptor would drop the lock.

The file also names the URL in hand, per thread, written without a transaction: it survives `kill -9` and names the
culprit.
"""

import fcntl
import os
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path

SLOT_BYTES = 2_300  # a URL of at most 2,048 characters (urls.MAX_URL_CHARS), percent-encoded ASCII
MAX_SLOTS = 64


@dataclass
class Owner:
    """This process in one owners' folder. Get it by `this_process`, never directly."""

    folder: Path
    name: str
    descriptor: int
    slots: dict[int, int] = field(default_factory=dict)

    def in_hand(self, url: str | None) -> None:
        """Note the URL that this thread is about to work on; None when it is done."""
        slot = self.slots.setdefault(threading.get_ident(), len(self.slots) % MAX_SLOTS)
        os.pwrite(self.descriptor, (url or "").encode()[:SLOT_BYTES].ljust(SLOT_BYTES), slot * SLOT_BYTES)


_owners: dict[tuple[str, int], Owner] = {}
_guard = threading.Lock()


def this_process(folder: Path) -> Owner:
    """Return this process's owner in a folder, made on first use and kept until the process ends."""
    with _guard:
        key = (str(folder), os.getpid())
        if key not in _owners:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{uuid.uuid4().hex[:12]}-{os.getpid()}"
            # The name appears with its lock held: unlocked for a moment, it would be found dead and taken away.
            unnamed = folder / f".{name}"
            descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
            os.rename(unnamed, folder / name)
            _owners[key] = Owner(folder, name, descriptor)
        return _owners[key]


def is_dead(folder: Path, name: str) -> bool:
    """Say whether no living process holds this name."""
    if any(owner.name == name for owner in list(_owners.values())):
        return False
    try:
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def urls_in_hand(folder: Path, name: str) -> tuple[str, ...]:
    """Return the URLs that a dead owner was working on when it died."""
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        return ()
    slots = (data[at : at + SLOT_BYTES] for at in range(0, len(data), SLOT_BYTES))
    return tuple(url for slot in slots if (url := slot.decode(errors="replace").strip("\0 ")))


def dead_names(folder: Path) -> tuple[str, ...]:
    """Return the owners that left a file and live no more."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return ()
    return tuple(name for name in names if not name.startswith(".") and is_dead(folder, name))


def living_names(folder: Path) -> tuple[str, ...]:
    """Return the owners that live, but this process."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return ()
    mine = {owner.name for owner in list(_owners.values())}
    return tuple(name for name in names if not name.startswith(".") and name not in mine and not is_dead(folder, name))


def pid_of(name: str) -> str:
    """Return the process id that an owner's name ends in, for people: nothing depends on it."""
    return name.rpartition("-")[2]


def forget(folder: Path, name: str) -> None:
    """Remove a dead owner's file, after what it had in hand is written down."""
    (folder / name).unlink(missing_ok=True)
