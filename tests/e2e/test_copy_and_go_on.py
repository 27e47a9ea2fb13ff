"""`newsbeam copy` with the ledger: a run on the copy asks for nothing that was fetched, and its books balance."""

import json
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.commands import newsbeam, wait_until
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, read_log

pytestmark = pytest.mark.slow


def ingest(folder: Path, *arguments: str) -> dict[str, object]:
    report: dict[str, object] = json.loads(newsbeam(folder, "ingest", "--force", "--json", *arguments).stdout)
    return report


def copy(folder: Path, *arguments: str) -> dict[str, int]:
    """Copy and return how many were copied, by kind."""
    lines = newsbeam(folder, "copy", *arguments, "--json").stdout.splitlines()
    return {each["kind"]: each["copied"] for each in map(json.loads, lines)}


def test_a_run_on_the_copy_fetches_nothing_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with NewsWeb.big(pages=12, sites=2, log_path=log) as web:
        Harness(tmp_path).configure(web.resolve, web.feed_urls[:2], delay="0s")
        assert ingest(tmp_path)["ended"] == 12
        asked = len(read_log(log))
        assert copy(tmp_path, "newsbeam.db", "copy.db")["urls"] == 12
        there = ("--store", "copy.db")
        report = ingest(tmp_path, *there)
        again = [request.url for request in read_log(log)[asked:]]
        assert sorted(again) == sorted(web.feed_urls[:2])  # the feeds alone, and they had not changed
        assert (report["came"], report["ended"], report["balanced"]) == (0, 0, True)
        assert report["polls"] == {"not_modified": 2}
        assert set(copy(tmp_path, "newsbeam.db", "copy.db").values()) == {0}
    stored = newsbeam(tmp_path, "export").stdout
    assert newsbeam(tmp_path, "export", *there).stdout == stored
    assert stored.count("\n") == 12


@pytest.mark.elasticsearch
def test_from_a_file_to_a_server_and_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project, NewsWeb.big(pages=6, sites=1, log_path=log) as web:
        Harness(tmp_path).configure(web.resolve, web.feed_urls[:1], delay="0s")
        assert ingest(tmp_path)["ended"] == 6
        asked = len(read_log(log))
        there = f"{server}#{project}"
        assert copy(tmp_path, "newsbeam.db", there, "--to-state", server)["urls"] == 6
        on_server = ("--store", server, "--set", f"project={project}", "--state", server)
        report = ingest(tmp_path, *on_server)
        assert (report["came"], report["ended"], report["balanced"]) == (0, 0, True)
        assert copy(tmp_path, there, "back.db", "--from-state", server)["urls"] == 6
        report = ingest(tmp_path, "--store", "back.db")
        assert (report["came"], report["ended"], report["balanced"]) == (0, 0, True)
        assert {request.url for request in read_log(log)[asked:]} == set(web.feed_urls[:1])
    assert newsbeam(tmp_path, "export", "--store", "back.db").stdout == newsbeam(tmp_path, "export").stdout


def test_refused_while_a_run_works(tmp_path: Path) -> None:
    with NewsWeb.big(pages=30, sites=1, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="1s")
        command = harness.start("ingest")
        try:
            wait_until(lambda: (tmp_path / "newsbeam.db.owners").is_dir() and bool(harness.rows(
                "SELECT 1 FROM ledger_sites WHERE owner IS NOT NULL"
            )))  # fmt: skip
            said = newsbeam(tmp_path, "copy", "newsbeam.db", "copy.db", code=1).stderr
            assert "the ledger of FROM is worked on by process" in said
            assert "stop the run or the scheduler" in said
        finally:
            command.terminate()
            command.communicate(timeout=120)
    newsbeam(tmp_path, "copy", "newsbeam.db", "copy.db")
