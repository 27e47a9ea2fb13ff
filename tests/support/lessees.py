"""Worker processes that lease, visit and settle without a web, one request after the other, until nothing is left.

Each visit holds a lock file of its site for as long as a request would take, so that two at once would be seen.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.ledgers import RUN, ledger_at
from transforms.state.base import Settlement, SiteLease, StateStore

REQUEST_S = 0.002


@dataclass(frozen=True)
class Fetch:
    """A request that was made: `busy` when somebody else was asking the same site."""

    url: str
    by: str
    busy: bool


class Lessee:
    """A worker process in a folder; `home` stands for the machine it runs on."""

    def __init__(self, address: str, folder: Path, name: str, *, home: Path, lease_s: float) -> None:
        home.mkdir(exist_ok=True)
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.lessees", address, str(folder), name, str(lease_s)],
            env={**os.environ, "TMPDIR": str(home)},
            cwd=Path(__file__).parents[2],
        )

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def wait(self, limit_s: float) -> int:
        """Return its exit code."""
        return self._process.wait(limit_s)


def fetches(folder: Path) -> list[Fetch]:
    """Return the requests that were made so far."""
    path = folder / "fetches"
    return [Fetch(*json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def _work(state: StateStore, folder: Path, name: str) -> None:
    while True:
        leases = state.lease(RUN, limit=3, slice_s=60)
        for at, lease in enumerate(leases):
            state.renew(leases[at:])  # what a heartbeat does
            _visit(state, lease, folder, name)
        if not leases:
            if state.work_at(RUN) is None:
                return
            time.sleep(0.1)


def _visit(state: StateStore, lease: SiteLease, folder: Path, name: str) -> None:
    started: set[str] = set()
    todo = list(lease.urls)
    while todo:
        fetched = [due.url for due in todo if due.url not in started and _fetch(state, lease, due.url, folder, name)]
        started.update(due.url for due in todo)
        _settle(state, fetched)
        todo = [due for due in state.more(lease, limit=20) if due.url not in started]
    state.release(lease.site, lease.epoch, datetime.now(UTC))


def _fetch(state: StateStore, lease: SiteLease, url: str, folder: Path, name: str) -> bool:
    while (turn := state.begin(lease, url)).answer == "wait":
        time.sleep(max(0.0, turn.at - time.time()))
    if turn.answer != "go":
        return False
    with open(folder / f"{lease.site}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            busy = False
        except BlockingIOError:
            busy = True
        time.sleep(REQUEST_S)
    log = os.open(folder / "fetches", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, (json.dumps([url, name, busy]) + "\n").encode())
    os.close(log)
    return True


def _settle(state: StateStore, urls: Sequence[str]) -> None:
    version = int(time.time() * 1000)
    done = [
        Settlement(url=url, outcome="stored", reason="", version=version, document_id=f"a1{url[-6:]}", raw_sha256="raw")
        for url in urls
    ]
    if done:
        state.settle(RUN, done)


if __name__ == "__main__":
    address, folder, name, lease_s = sys.argv[1:]
    _work(ledger_at(address, clock=time.time, lease_s=float(lease_s)), Path(folder), name)
