"""`newsbeam` on an engine, as a user starts it, over the local news web; and what it must leave behind."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, Request, judge
from tests.support.processes import end, spawn, wait_for
from transforms.errors import StoreError
from transforms.index import open_store

DELAY_S = 0.2
ROOT = Path(__file__).parents[2]
QUICK = ("engines.tick=1s", "engines.seat=3s", "enrich.enable=[figures]", "ingest.linger=3s", "run.grace=20s")


def world(web: NewsWeb) -> tuple[list[str], set[str]]:
    """Return the feeds and the article URLs of a web that can be had: `closed.example` keeps everybody out."""
    feeds = [url for url in web.feed_urls if "closed.example" not in url]
    return feeds, {url for url in web.article_urls() if "closed.example" not in url}


def harness(folder: Path, web: NewsWeb, feeds: list[str]) -> Harness:
    """Return a folder with a configuration for these feeds of the web."""
    made = Harness(folder)
    made.configure(web.resolve, feeds, delay=f"{DELAY_S}s")
    return made


def command(*arguments: str) -> list[str]:
    """Return the command line of `newsbeam`; what stands behind `--` stays there."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    quick = [word for key in QUICK for word in ("--set", key)]
    return [sys.executable, "-m", "pipeline", *arguments[:at], *quick, *arguments[at:]]


@contextmanager
def driving(harness: Harness, *arguments: str, log: str = "driver.log") -> Iterator["Driver"]:
    """Give `newsbeam ARGUMENTS` for a `with` block; nothing of it is left afterwards."""
    path = harness.folder / log
    process = spawn(command(*arguments), path, env={"PYTHONPATH": str(ROOT)}, cwd=harness.folder)
    try:
        yield Driver(harness, process, path)
    finally:
        end(process)
        for pid in harness.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def run(harness: Harness, *arguments: str, log: str = "run.log") -> str:
    """Run `newsbeam ARGUMENTS` to its end, which must be a good one; return what it printed."""
    with driving(harness, *arguments, log=log) as driver:
        assert driver.code() == 0, driver.said()
        return driver.said()


class Driver:
    """A command under way."""

    def __init__(self, harness: Harness, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.harness, self.process, self._log = harness, process, log

    def said(self) -> str:
        """Return what it has printed so far."""
        return self._log.read_text()

    def wait_for_documents(self, urls: set[str]) -> None:
        """Wait until all of these are in the store; fail with its words when it ends before."""

        def done() -> bool:
            assert self.process.poll() is None, f"it ended: {self.said()}"
            return urls <= stored(self.harness)

        wait_for("documents", done, words=lambda: f"{urls - stored(self.harness)} are missing\n{self.said()}")

    def stop(self) -> int:
        """Ask it to stop, as systemd does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.code()

    def code(self) -> int:
        """Wait for its end; return its exit code."""
        wait_for("the command's end", lambda: self.process.poll() is not None, words=self.said)
        return int(self.process.returncode)

    def processes(self, name: str) -> list[int]:
        """Return the processes in the folder whose command line holds this."""
        return [pid for pid in self.harness.processes() if name in command_line(pid)]

    def kill(self, name: str) -> None:
        """Kill -9 the processes in the folder whose command line holds this; there must be one."""
        found = self.processes(name)
        assert found, [command_line(pid) for pid in self.harness.processes()]
        for pid in found:
            os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> str:
    """Return a process's command line, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def stored(harness: Harness) -> set[str]:
    """Return the URLs of the documents in the store's file, none while it is not there; each is in it once."""
    if not (harness.folder / "newsbeam.db").exists():
        return set()
    try:
        urls = [url for (url,) in harness.rows("SELECT json_extract(source, '$.url.full') FROM articles")]
    except sqlite3.OperationalError:  # its tables are being made
        return set()
    assert len(urls) == len(set(urls))
    return set(urls)


def indexed(url: str, project: str) -> set[str]:
    """Return the URLs of the documents in Elasticsearch, none before there is an index; each is there once."""
    try:
        with closing(open_store(url, project=project)) as store:
            store.refresh()
            found = [document.source["url"]["full"] for document in store.scan("articles")]
    except StoreError:
        return set()
    assert len(found) == len(set(found))
    return set(found)


def make_due(harness: Harness) -> None:
    """Let every feed fall due, as time does."""
    harness.change("UPDATE ledger_feeds SET due_at = 0 WHERE due_at > 0")


def nothing_is_left(harness: Harness) -> None:
    """Assert that no process works in the folder, no site is held and no record of a job is left."""
    wait_for("no process in the folder", lambda: not harness.processes(), limit_s=60)
    assert harness.rows("SELECT site FROM ledger_sites WHERE owner IS NOT NULL") == []
    assert list((harness.folder / "newsbeam.db.engines").glob("*.json")) == []


def polite(requests: list[Request], feeds: list[str], *, deaths: int = 0) -> None:
    """Assert that no site was asked twice at once or too soon, and no page twice but for what a death cut off."""
    assert max(judge.max_open_per_site(requests).values()) == 1
    for site in {request.site for request in requests}:
        assert judge.min_start_gap_s(requests, site) >= DELAY_S * 0.8, site
    again = judge.fetched_more_than_once(requests, except_urls=feeds)
    assert deaths or again == {}
