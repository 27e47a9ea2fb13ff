"""`newsbeam reprocess` and `names suggest` as a user types them: an edit of names.yaml reaches what is stored."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import elasticsearch_node
from tests.support.commands import newsbeam, wait_until
from tests.support.killing import Harness
from tests.support.newsweb.saving import save_pages

pytestmark = pytest.mark.slow

BODY = (
    "Blinken met officials in Cairo on Monday, the U.S. envoy said. “We are leaving the city tonight,” Blinken told"
    " reporters. Four soldiers were killed near Rafah, according to the United Nations.\n\nMore talks are planned."
)
NAMES = "- {name: Antony Blinken, label: PERSON, also: [Blinken], near: [U.S., State Department]}\n"


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def where(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """Give the options that name an empty store."""
    if request.param == "sqlite":
        yield ()
        return
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project:
        yield ("--store", url, "--set", f"project={project}")


def test_an_edit_of_the_names_reaches_what_is_stored(where: tuple[str, ...], tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(3):
        (pages / f"{number}.txt").write_text(f"Talks in Cairo, day {number}\n\n{BODY}\n", encoding="utf-8")
    (pages / "chess.txt").write_text("Chess cup\n\nBlinken won the chess cup in Sydney. Fans cheered. " * 3, "utf-8")
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    newsbeam(tmp_path, "backfill", "pages", *where)
    assert _found(tmp_path, 'person:"Antony Blinken"', where) == []
    assert _reprocess(tmp_path, where) == {("unchanged", "same_pipeline"): 4}

    (tmp_path / "names.yaml").write_text(NAMES)
    trial = json.loads(newsbeam(tmp_path, "reprocess", "--dry-run", "--json", *where).stdout)
    assert (trial["articles"], trial["would_change"]) == (4, 4)  # the chess cup: another enricher, the same names
    assert _found(tmp_path, 'person:"Antony Blinken"', where) == []
    assert _reprocess(tmp_path, where) == {("updated", "reprocessed"): 4}
    found = _found(tmp_path, 'person:"Antony Blinken"', where)
    assert sorted(article["title"] for article in found) == [f"Talks in Cairo, day {number}" for number in range(3)]
    assert [quote["speaker"] for quote in found[0]["quotes"]] == ["Antony Blinken"]
    rows = newsbeam(tmp_path, "search", "--rows", "quotes", 'speaker:"Antony Blinken"', "--json", *where)
    assert len(rows.stdout.splitlines()) == 3
    [chess] = _found(tmp_path, "chess", where)
    assert chess["people"] == ["Blinken"]
    assert "entities" in newsbeam(tmp_path, "show", found[0]["id"], "--history", *where).stdout
    assert _reprocess(tmp_path, where) == {("unchanged", "same_pipeline"): 4}
    assert _reprocess(tmp_path, where, "--again") == {("unchanged", "same_document"): 4}

    (tmp_path / "names.yaml").unlink()
    assert _reprocess(tmp_path, where, 'title:"day 1"') == {("updated", "reprocessed"): 1}
    assert len(_found(tmp_path, 'person:"Antony Blinken"', where)) == 2


def test_interrupted_it_goes_on_next_time(tmp_path: Path) -> None:
    save_pages(tmp_path / "pages", 120)
    harness = Harness(tmp_path)
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\nrun: {flush_age: 0.1s, bulk: 5}\n")
    newsbeam(tmp_path, "backfill", "pages")
    (tmp_path / "names.yaml").write_text(NAMES)
    command = harness.start("reprocess")
    done = "SELECT count(*) FROM ledger_urls WHERE reason = 'reprocessed'"
    wait_until(lambda: harness.rows(done)[0][0] >= 5 or command.poll() is not None, limit_s=240)
    command.send_signal(signal.SIGINT)
    output, _ = command.communicate(timeout=120)
    assert command.returncode == 130, output
    assert 5 <= harness.rows(done)[0][0] < 120
    before = {name for (name,) in harness.rows("SELECT id FROM revisions")}
    outcomes = _reprocess(tmp_path, ())
    assert sum(outcomes.values()) == 120
    assert outcomes["updated", "reprocessed"] > 0
    assert outcomes["unchanged", "same_pipeline"] >= 5
    after = {name for (name,) in harness.rows("SELECT id FROM revisions")}
    assert before < after
    assert harness.rows("SELECT count(*) FROM ledger_urls WHERE state != 'settled'") == [(0,)]


def test_names_that_cannot_be_used_stop_it_before_anything_is_done(tmp_path: Path) -> None:
    save_pages(tmp_path / "pages", 1)
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    newsbeam(tmp_path, "backfill", "pages")
    (tmp_path / "names.yaml").write_text("- {name: Blinken, label: Person}\n")
    for command in (("reprocess",), ("reprocess", "--plan"), ("names", "suggest"), ("enrichers",)):
        assert "names.0.label (names.yaml:1)" in newsbeam(tmp_path, *command, code=2).stderr


def _reprocess(folder: Path, where: tuple[str, ...], *more: str) -> dict[tuple[str, str], int]:
    report = json.loads(newsbeam(folder, "reprocess", *more, "--json", *where).stdout)
    assert report["balanced"], report
    return {(row["outcome"], row["reason"]): row["count"] for row in report["outcomes"]}


def _found(folder: Path, query: str, where: tuple[str, ...]) -> list[dict[str, Any]]:
    lines = newsbeam(folder, "search", query, "--json", *where).stdout.splitlines()
    return [json.loads(line) for line in lines]
