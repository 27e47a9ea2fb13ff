"""A real Elasticsearch node of a test's own, which it may kill, pause, restart with other settings, and must not share.

    with own_node(settings={"http.max_content_length": "1mb"}) as node:
        ...node.kill(); node.start(); node.pause(); node.resume()...

One at a time for a cache folder (`.cache` of the checkout, or NEWSBEAM_CACHE), whichever test run it belongs to: who
comes second waits. Other checkouts have nodes of their own, which are neither waited for nor touched. Process and data
are gone at the end; those of a test run that was killed are removed by the next one of the same cache folder.
"""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.elasticsearch_node import CACHE, SCRIPT
from tests.support.processes import wait_for

SLOT_LIMIT_S = 1800.0  # the other test runs of a busy machine have their turn first
_HELD = CACHE / "own-nodes"  # a locked file for each node: who gets its lock knows that its test run is dead


class OwnNode:
    """`url` stays the same over restarts. `environ` is what newsbeam needs beside the address, as ES_* variables."""

    def __init__(self, name: str, port: int, *, version: str, secure: bool, settings: Mapping[str, str]) -> None:
        self._name, self._port, self._settings = name, port, dict(settings)
        self._start("--version", version, *(["--secure"] if secure else []))

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start it again with its data, and from now on with these lines in elasticsearch.yml."""
        self._settings |= settings or {}
        self._start("--keep")

    def stop(self) -> None:
        """End it in order."""
        _script("stop", "--name", self._name)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self._signal(signal.SIGKILL)
        wait_for("the node's death", lambda: not self.is_running)

    def pause(self) -> None:
        """Stop its process where it stands: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        self._signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        return _call("status", "--name", self._name).returncode == 0

    @contextmanager
    def client(self) -> Iterator[Elasticsearch]:
        """Give a client that may do everything."""
        user, password = (self.environ.get(f"ES_{name}", "") for name in ("USERNAME", "PASSWORD"))
        elasticsearch = Elasticsearch(
            self.url,
            request_timeout=120,
            **({"basic_auth": (user, password), "ca_certs": self.environ["ES_CA_CERT"]} if user else {}),  # type: ignore[arg-type]
        )
        try:
            yield elasticsearch
        finally:
            elasticsearch.close()

    def remove(self) -> None:
        """Kill it, paused or not, and delete its data."""
        _script("remove", "--name", self._name)

    def _start(self, *options: str) -> None:
        lines = [word for key, value in self._settings.items() for word in ("--set", f"{key}={value}")]
        started = _call("start", "--name", self._name, "--port", str(self._port), *options, *lines)
        if started.returncode == 2:
            elasticsearch_node.unavailable(started.stderr.strip().splitlines()[-1])
        assert started.returncode == 0, started.stderr[-4000:]
        self.environ = dict(re.findall(r"^export (ES_\w+)=(.*)$", _script("env", "--name", self._name), re.M))
        self.url = self.environ.pop("ES_URL")
        self.pid = int(re.findall(r"pid (\d+)", _script("status", "--name", self._name))[0])

    def _signal(self, number: int) -> None:
        assert self.is_running
        os.kill(self.pid, number)


@contextmanager
def own_node(
    *, version: str = "8.19.21", secure: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[OwnNode]:
    """Give a fresh node; without what it needs skip the test, or fail it when Elasticsearch is required."""
    _HELD.mkdir(parents=True, exist_ok=True)
    name = f"test-{uuid.uuid4().hex[:8]}"
    with _slot(), (_HELD / name).open("w") as held, reserved_port() as port:
        _remove_orphans()
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield OwnNode(name, port, version=version, secure=secure, settings=settings or {})
        finally:
            _script("remove", "--name", name)
            (_HELD / name).unlink(missing_ok=True)


@contextmanager
def _slot() -> Iterator[None]:
    with (CACHE / "own-node.lock").open("w") as slot:
        end = time.monotonic() + SLOT_LIMIT_S
        while not _locked(slot):
            assert time.monotonic() < end, "another test run holds the one node of its own for too long"
            time.sleep(0.2)
        yield


def _remove_orphans() -> None:
    """Remove nodes whose test run was killed."""
    for left in _HELD.iterdir():
        with suppress(FileNotFoundError), left.open("r+") as held:
            if _locked(held):
                _script("remove", "--name", left.name)
                left.unlink(missing_ok=True)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def reserved_port() -> Iterator[int]:
    """Give a port that only servers that ask for it get: bound here, never listened on, so that it refuses while
    nobody serves it, and no connection that goes out is given it in the meantime.
    """
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        yield int(reserved.getsockname()[1])


def _call(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False)


def _script(*arguments: str) -> str:
    done = _call(*arguments)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
