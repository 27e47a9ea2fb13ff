"""Runs `newsbeam` as a user does, kills it at named points, and judges what it left by web log, ledger and store."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.newsweb import Request
from transforms.crash_points import POINTS

OFTEN = {
    "begun",
    "fetched",
    "extracted",
    "enriched",
    "buffered",
}  # passed once per page, the others per bulk, feed or site
EARLY, LATE, ONCE = {"entries_written", "polled"}, {"released"}, {"leased", "released"}
ARM_PATIENCE_S = 20.0


@dataclass
class Harness:
    """A working folder with a configuration; `run_until_done` starts the command again until it ends by itself."""

    folder: Path
    workers: int = 1
    poison: str | None = None
    deaths: Counter[str] = field(default_factory=Counter)
    parent_kills: int = 0

    @property
    def plan(self) -> Path:
        """Where the next kill is armed."""
        return self.folder / "plan.json"

    def configure(self, resolve: dict[str, str], feeds: list[str], *, delay: str) -> None:
        """Write newsbeam.yaml and feeds.yaml."""
        hosts = "".join(f'    {host}: "{address}"\n' for host, address in sorted(resolve.items()))
        (self.folder / "newsbeam.yaml").write_text(
            f"contact: desk@example.org\ningest:\n  max_age: 20y\n  linger: 20s\n"
            f"run:\n  bulk: 10\n  flush_age: 0.5s\n  grace: 5s\n"
            f"enrich:\n  enable: [figures, quotes]\nfetch:\n  delay: {delay}\n  resolve:\n{hosts}"
        )
        (self.folder / "feeds.yaml").write_text("feeds:\n" + "".join(f"  - url: {url}\n" for url in feeds))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the command in a session of its own."""
        environment = {**os.environ, "NEWSBEAM_CRASH_PLAN": str(self.plan)}
        if self.poison:
            environment["NEWSBEAM_CRASH_URL"] = self.poison
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments, "--workers", str(self.workers)],
            cwd=self.folder,
            env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run_until_done(self, kills: list[tuple[str, int, bool]], *, limit_s: float) -> tuple[int, str]:
        """Run, with a kill at each (point, nth, the whole command too?) one after the other; return code and output."""
        end = time.monotonic() + limit_s
        waiting, armed = list(kills), None
        command = self.start("ingest")
        while time.monotonic() < end:
            if command.poll() is not None:
                output = _output(command)
                if command.returncode >= 0:
                    self.plan.unlink(missing_ok=True)
                    return command.returncode, output
                command = self.start("ingest")
            if armed is None and waiting:
                armed = (*waiting.pop(0), time.monotonic(), len(waiting))
                self.plan.write_text(json.dumps({"id": armed[4], "point": armed[0], "nth": armed[1]}))
            elif armed is not None and not self.plan.exists():
                self.deaths[armed[0]] += 1
                if armed[2]:
                    self._kill_all(command)
                armed = None
            elif armed is not None and time.monotonic() - armed[3] > ARM_PATIENCE_S:
                self.plan.unlink(missing_ok=True)  # this point is not passed any more
                armed = None
            time.sleep(0.02)
        self._kill_all(command)
        raise AssertionError(f"not done after {limit_s} s; kills so far {dict(self.deaths)}")

    def _kill_all(self, command: "subprocess.Popen[str]") -> None:
        """Kill the command itself as well; its job sees its input close and ends, or is found dead."""
        with suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
        _output(command)
        self.parent_kills += 1

    def processes(self) -> list[int]:
        """Return the processes that still work in this folder, the command's, its job's or its workers'."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and (entry / "cwd").resolve() == self.folder.resolve():
                    found.append(int(entry.name))
        return found

    def change(self, sql: str) -> None:
        """Change the store's file, as time or a hand would."""
        db = sqlite3.connect(self.folder / "newsbeam.db")
        with db:
            db.execute(sql)
        db.close()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the store's file, which holds the ledger too."""
        db = sqlite3.connect(self.folder / "newsbeam.db")
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()


def _output(command: "subprocess.Popen[str]") -> str:
    """Return what an ended command printed, and close the pipe; empty when that was done before."""
    if command.stdout is None or command.stdout.closed:
        return ""
    output, _ = command.communicate()
    return output


def kill_plan(seed: int, count: int) -> list[tuple[str, int, bool]]:
    """Return kills spread over all stages: (point, at its how-manieth passing, kill the command too).

    The seed decides which points, when, and in which order, but that polls come first and releases last, as they do
    in a run: a kill armed after the last poll would never come about.
    """
    rng = random.Random(seed)
    chosen = rng.sample(POINTS, len(POINTS))[:count]
    chosen.sort(key=lambda point: (point not in EARLY, point in LATE))
    return [
        (point, rng.randint(1, 6 if point in OFTEN else 2 - (point in ONCE)), rng.random() < 0.4) for point in chosen
    ]


def fetched_after_settled(harness: Harness, requests: list[Request]) -> list[str]:
    """Return URLs that were asked for again after they had been settled."""
    settled = dict(harness.rows("SELECT url, settled_at FROM ledger_urls WHERE state = 'settled'"))
    return [request.url for request in requests if request.url in settled and request.start > settled[request.url]]


def validators_ahead(harness: Harness, requests: list[Request]) -> list[str]:
    """Return feeds that answered 304 although an entry of their stored edition had no row yet."""
    rows = harness.rows(
        "SELECT json_extract(f.source, '$.url'), e.value, u.first_seen FROM ledger_feeds f, json_each(f.edition) e"
        " LEFT JOIN ledger_urls u ON u.url = e.value"
    )
    not_modified = [request for request in requests if request.status == 304]
    return [
        f"{feed} before {url}"
        for feed, url, first_seen in rows
        for request in not_modified
        if request.url == feed and (first_seen is None or first_seen > request.start)
    ]
