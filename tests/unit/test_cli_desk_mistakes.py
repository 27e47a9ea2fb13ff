"""What a desk does wrong with names.yaml, copy, boilerplate and reprocess, and what it is told."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.commands.boilerplate import site_of
from pipeline.report import run_report
from pipeline.supervise import JobEnd
from tests.support import elasticsearch_node
from tests.support.elements import make_article, make_enriched
from transforms.index import open_store
from transforms.index.documents import article_writes
from transforms.state.base import Books

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store of one article."""
    monkeypatch.chdir(tmp_path)
    for name in ("NEWSBEAM_CONFIG", "NEWSBEAM_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    store = open_store("newsbeam.db")
    store.create()
    article = make_enriched(make_article("Dam", "Repairs began on Monday."))
    store.bulk(article_writes(article, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOW))
    store.close()
    return tmp_path


def newsbeam(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


def test_check_reads_the_names(desk: Path) -> None:
    assert _parts()["names"] == ("none", f"0 in {desk / 'names.yaml'}")
    (desk / "names.yaml").write_text("- {name: Antony Blinken, label: PERSON, also: [Blinken]}\n")
    assert _parts()["names"] == ("ok", f"1 in {desk / 'names.yaml'}")
    (desk / "names.yaml").write_text("- {name: Antony Blinken, label: PERSONS}\n")
    checked = newsbeam("check")
    assert checked.exit_code == 2
    assert "names.0.label (names.yaml:1): received 'PERSONS'" in checked.stderr


def _parts() -> dict[str, tuple[str, str]]:
    rows = [json.loads(line) for line in newsbeam("check", "--json").stdout.splitlines()]
    return {row["part"]: (row["state"], row["detail"]) for row in rows}


@pytest.mark.parametrize("other", ["./newsbeam.db", "sqlite:newsbeam.db", "link.db"])
def test_a_store_is_not_copied_onto_itself(desk: Path, other: str) -> None:
    (desk / "link.db").symlink_to(desk / "newsbeam.db")
    copied = newsbeam("copy", "newsbeam.db", other)
    assert copied.exit_code == 2
    assert "are one store" in copied.stderr


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("nope.db", "b.db", "FROM: there is no store nope.db"),
        ("pages", "b.db", "FROM: pages is a folder"),
        ("newsbeam.db", "pages", "TO: pages is a folder"),
        ("newsbeam.db", "none/b.db", "TO: none/b.db: the folder none does not exist"),
    ],
)
def test_a_wrong_path_is_told_by_its_place_and_nothing_is_made(desk: Path, source: str, target: str, told: str) -> None:
    (desk / "pages").mkdir()
    before = sorted(desk.iterdir())
    copied = newsbeam("copy", source, target)
    assert copied.exit_code == 2
    assert told in copied.stderr
    assert len(copied.stderr.splitlines()) == 1
    assert sorted(desk.iterdir()) == before


@pytest.mark.parametrize("text", ["", "not a site", "https://", "../etc"])
def test_what_is_no_site_is_told_once(desk: Path, text: str) -> None:
    asked = newsbeam("boilerplate", text)
    assert asked.exit_code == 2
    assert asked.stderr == f"newsbeam: {text!r} is no site; give a domain, such as gazette.example, or a URL on it\n"


@pytest.mark.parametrize("text", ["gazette", "https://gazette/a", "127.0.0.1"])
def test_a_host_without_dots_is_shown_without_its_port(desk: Path, text: str) -> None:
    newsbeam("boilerplate", "gazette.example")
    assert ":443" not in newsbeam("boilerplate", text).stderr
    assert site_of(text).endswith(":443")


def test_an_interrupted_run_does_not_say_that_there_was_nothing_to_do() -> None:
    end = JobEnd(end="interrupted")
    report = run_report(
        Books(run_id="r", came=0, carried=0, ended=0, deferred=0),
        end,
        disagreements=(),
        max_failed_ratio=0.5,
        feeds=0,
        elapsed_s=1,
        noun="stored article",
    )
    assert report.exit_code == 130
    assert report.lines == (
        "0 stored articles: nothing done yet. Books balance. 1 s",
        "Interrupted. What was done is kept; run it again to go on.",
    )


def test_a_plan_counts_in_words_that_fit_the_number(desk: Path) -> None:
    planned = newsbeam("reprocess", "--plan")
    assert planned.stdout.splitlines()[0] == (
        "1 stored article to enrich again; 0 written by this version, configuration and names"
        " (--again takes those, too)"
    )


@pytest.mark.elasticsearch
def test_reprocess_makes_no_index_where_there_is_none(desk: Path) -> None:
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project:
        for _ in range(2):
            asked = newsbeam("reprocess", "--store", url, "--set", f"project={project}")
            assert asked.exit_code == 2, asked.output
            assert "there is no store" in asked.stderr
