"""`newsbeam` against a node of the test's own: a run beside the fault, and what it must leave behind."""

import json
import os
import sqlite3
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.commands import ROOT
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, judge
from tests.support.processes import end, wait_for
from transforms.index.documents import MAX_FACTS

LIMIT_S = 600.0  # for a whole run with its fault, on a machine that has more to do


class Run:
    """A command under way, with what it prints in two files."""

    def __init__(self, folder: Path, name: str, process: "subprocess.Popen[bytes]") -> None:
        self._results, self._log = folder / f"{name}.out", folder / f"{name}.log"
        self.process = process

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    @property
    def said(self) -> str:
        """What it has printed so far, results and all."""
        return self._results.read_text() + self.log

    def says(self, *texts: str) -> None:
        """Wait until it has said all of this; fail when it ends without."""

        def said() -> bool:
            ended, log = self.process.poll() is not None, self.log
            missing = [text for text in texts if text not in log]
            assert not (ended and missing), (missing, log, self.process.returncode)
            return not missing

        wait_for(f"{texts} said", said, limit_s=LIMIT_S, words=lambda: self.log)

    def code(self) -> int:
        """Wait for its end; there is no traceback. Returns the exit code."""
        wait_for("the run's end", lambda: self.process.poll() is not None, limit_s=LIMIT_S, words=lambda: self.log)
        assert "Traceback" not in self.log, self.log
        return int(self.process.returncode)

    def report(self) -> dict[str, Any]:
        """Wait for its end, which must be a good one with books that balance; return its report."""
        assert self.code() == 0, self.log
        report: dict[str, Any] = json.loads(self._results.read_text())
        assert report["balanced"], report
        return report


@contextmanager
def running(folder: Path, *arguments: str, name: str = "run", env: Mapping[str, str] | None = None) -> Iterator[Run]:
    """Give `newsbeam ARGUMENTS` for a `with` block; it is gone afterwards."""
    with (folder / f"{name}.out").open("wb") as results, (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=results,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield Run(folder, name, process)
    finally:
        end(process)


class Node(Protocol):
    """A test's own node, or the one that all share."""

    url: str

    def client(self) -> AbstractContextManager[Elasticsearch]:
        """Give a client that may do everything."""


class SharedNode:
    """The node that all tests share: not to be killed, nor to be set up otherwise."""

    def __init__(self) -> None:
        self.url = elasticsearch_node.node_url()

    def client(self) -> AbstractContextManager[Elasticsearch]:
        """Give a client of it."""
        return elasticsearch_node.client()


@dataclass(frozen=True)
class World:
    """A folder with a configuration, the node that it names as its store, and a project of its own there."""

    folder: Path
    node: Node
    project: str

    def run(self, *arguments: str, name: str = "run") -> AbstractContextManager[Run]:
        """Give `newsbeam ARGUMENTS` in this folder for a `with` block."""
        return running(self.folder, *arguments, name=name)

    def index(self, kind: str) -> str:
        """Return the alias of a kind of documents, or of a part of the ledger."""
        return f"newsbeam-{self.project}-{kind}"

    def documents(self, kind: str) -> list[dict[str, Any]]:
        """Return all documents of a kind, none before there is an index."""
        with self.node.client() as client:
            found = client.options(ignore_status=404).indices.refresh(index=self.index(kind))
            if found.meta.status == 404:
                return []
            hits = client.search(index=self.index(kind), size=10_000)["hits"]["hits"]
            return [hit["_source"] for hit in hits]

    def wait_for_documents(self, run: Run, count: int) -> None:
        """Wait until a run under way has written that many articles."""

        def written() -> bool:
            ended = run.process.poll() is not None  # asked first: it may end while the documents are counted
            enough = len(self.documents("articles")) >= count
            assert enough or not ended, f"it ended: {run.log}"
            return enough

        wait_for(f"{count} articles", written, limit_s=LIMIT_S, words=lambda: run.log)

    def outcomes(self) -> dict[str, str]:
        """Return how each URL ended, by whichever ledger there is; pending ones end as the empty text."""
        if (self.folder / "newsbeam.db").exists():
            with closing(sqlite3.connect(self.folder / "newsbeam.db")) as db:
                return dict(db.execute("SELECT url, coalesce(outcome, '') FROM ledger_urls"))
        return {row["url"]: row.get("outcome") or "" for row in self.documents("state-urls")}

    def assert_whole(self, urls: Iterable[str], *, failed: Collection[str] = ()) -> None:
        """Assert that every page is settled as created and stored once, with its fact rows, and nothing else is there.

        `failed` are those that must be dead letters instead.
        """
        stored = Counter(set(urls) - set(failed))
        assert self.outcomes() == {**dict.fromkeys(stored, "created"), **dict.fromkeys(failed, "dead_lettered")}
        articles = self.documents("articles")
        assert Counter(article["url"]["full"] for article in articles) == stored
        for kind in ("figures", "quotes"):
            expected = {each["id"]: min(len(each.get(kind, ())), MAX_FACTS) for each in articles}
            rows = Counter(row["article"]["id"] for row in self.documents(kind))
            assert {each: rows[each] for each in expected} == expected, kind
        assert Counter(letter["url"] for letter in self.documents("dead-letters")) == Counter(failed)


def world(folder: Path, node: Node, web: NewsWeb, *, ledger: str = "file", project: str | None = None) -> World:
    """Return a world over this web whose ledger is a file, or on the node as well."""
    folder.mkdir(exist_ok=True)
    made = World(folder, node, project or f"test-{uuid.uuid4().hex[:8]}")
    Harness(folder).configure(web.resolve, list(web.feed_urls), delay="0s")
    with (folder / "newsbeam.yaml").open("a") as file:
        state = {"file": "newsbeam.db", "node": node.url}[ledger]
        file.write(f"store: {node.url}\nstate: {state}\nproject: {made.project}\n")
    return made


def fetched_once(web: NewsWeb) -> None:
    """Assert that no page was asked for twice."""
    assert judge.fetched_more_than_once(web.requests(), except_urls=list(web.feed_urls)) == {}
