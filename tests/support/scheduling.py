"""A running `newsbeam schedule`: what it says while it runs, and its end."""

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.commands import wait_until
from tests.support.killing import Harness
from transforms.clock import epoch_s

END_S = 300.0  # of a machine that does much else


def wait_for(what: Callable[[], bool], *, limit_s: float = END_S) -> None:
    """Wait until something holds; fail when it does not come about."""
    wait_until(what, limit_s=limit_s)


class Scheduler:
    """The process, and the lines that it has printed so far."""

    def __init__(self, harness: Harness, *arguments: str) -> None:
        self.process = harness.start("schedule", *arguments)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def says(self, text: str, *, limit_s: float = END_S) -> None:
        """Wait until it has said something."""
        wait_until(lambda: any(text in line for line in list(self.lines)) or self._has_ended(), limit_s=limit_s)
        assert any(text in line for line in self.lines), self.output

    def _has_ended(self) -> bool:
        return self.process.poll() is not None and not self._reader.is_alive()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, return the exit code. There is no traceback."""
        self.process.send_signal(number)
        code = self.wait()
        assert "Traceback" not in self.output, self.output
        return code

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(END_S)
        self._reader.join(END_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@contextmanager
def scheduling(harness: Harness, *arguments: str) -> Iterator[Scheduler]:
    """Run a scheduler for a `with` block; it is killed at its end if it still runs."""
    scheduler = Scheduler(harness, *arguments)
    try:
        yield scheduler
    finally:
        if scheduler.process.poll() is None:
            scheduler.process.kill()
        scheduler.wait()


def count(folder: Path, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> int:
    """Return what a query over the store's file counts; 0 while there is no such file or table."""
    if not (folder / "newsbeam.db").exists():
        return 0
    db = sqlite3.connect(folder / "newsbeam.db", timeout=30)
    try:
        return int(db.execute(sql, values).fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def created(folder: Path) -> int:
    """Return how many pages ended as `created`."""
    return count(folder, "SELECT count(*) FROM ledger_urls WHERE outcome = 'created'")


def is_idle(folder: Path) -> bool:
    """Say whether nobody holds a site and nothing can be done, by this process's clock; false before the first run.

    What is due on a site that is left alone for longer than a minute cannot be done.
    """
    now = {"now": epoch_s(), "soon": epoch_s() + 60}
    due = "JOIN ledger_sites USING (site) WHERE due_at <= :now AND next_at <= :soon"
    return (
        count(folder, "SELECT count(*) FROM ledger_runs") > 0
        and count(folder, "SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL") == 0
        and count(folder, f"SELECT count(*) FROM ledger_urls {due} AND state = 'pending'", now) == 0
        and count(folder, f"SELECT count(*) FROM ledger_feeds {due} AND listed", now) == 0
    )
