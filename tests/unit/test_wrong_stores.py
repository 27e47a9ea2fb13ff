"""A store that is none, and what a search says beside its results: exit codes and remedies, as in CONTRACT.md."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.fact_lines import figure_line, quote_line
from transforms.index import open_store


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an empty store, and no address of a server around."""
    monkeypatch.chdir(tmp_path)
    for name in ("NEWSBEAM_CONFIG", "NEWSBEAM_STORE", "ES_URL", "ES_LOCAL_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "newsbeam.yaml").write_text("timezone: UTC\ncontact: desk@example.org\n")
    with closing(open_store(str(tmp_path / "newsbeam.db"))) as store:
        store.create()
    return tmp_path


def newsbeam(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="newsbeam")


def test_a_file_that_is_no_store_is_wrong_usage(folder: Path) -> None:
    (folder / "noise.db").write_bytes(b"not a database at all, " * 400)
    (folder / "empty.db").touch()
    with closing(sqlite3.connect(folder / "notes.db")) as db:
        db.execute("CREATE TABLE articles(title TEXT)")
    for name, problem in (
        ("noise.db", "it is not a SQLite file"),
        ("empty.db", "has no articles of newsbeam"),
        ("notes.db", "has no articles of newsbeam"),
    ):
        result = newsbeam("search", "--store", name)
        assert (result.exit_code, result.stdout) == (2, ""), name
        assert problem in result.stderr
        assert "--store" in result.stderr
    made = newsbeam("index", "create", "--store", "notes.db")
    assert made.exit_code == 2
    assert "belongs to another program" in made.stderr


def test_a_folder_is_told_from_a_store_that_is_not_there_yet(folder: Path) -> None:
    result = newsbeam("search", "--store", ".")
    assert result.exit_code == 2
    assert "is a folder; name a file in it" in result.stderr


@pytest.mark.parametrize("where", ["missing.db", "missing/news.db"])
def test_copy_from_or_to_a_place_that_is_not_there_is_wrong_usage(where: str) -> None:
    assert newsbeam("copy", "newsbeam.db", "missing/news.db").exit_code == 2
    assert newsbeam("copy", where, "other.db").exit_code == 2


def test_only_a_word_with_a_minus_is_told_where_words_with_a_minus_stand() -> None:
    assert "begins with a minus" in newsbeam("search", "-word").stderr
    typo = newsbeam("search", "--limits", "3")
    assert typo.exit_code == 2
    assert "begins with a minus" not in typo.stderr


def test_forget_speaks_of_what_it_did_not_reach_only_when_it_was_given_something() -> None:
    nothing = newsbeam("forget", "--query", "unheard", "--reason", "asked for")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "no article matches\n", "")
    kept_out = newsbeam("forget", "http://gazette.example/a", "--reason", "asked for")
    assert "Not reached: backups" in kept_out.stderr
    assert "Elasticsearch" not in kept_out.stderr  # the store is a file


def test_facets_of_no_article_say_so_instead_of_a_bare_heading() -> None:
    result = newsbeam("search", "--facets", "person", "unheard")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no article matches" in result.stderr


def test_a_fact_is_worded_with_its_modifier_event_place_and_source() -> None:
    figure = {"text": "12", "modifier": "at least", "subject": "people", "event": "killed", "place": "Port Ellis"}
    assert figure_line(figure) == "at least 12 people killed, Port Ellis"
    assert figure_line({"text": "Eleven", "subject": "dead", "event": "killed"}) == "Eleven dead"
    assert quote_line({"text": "We rebuild,", "speaker": None}) == 'unknown: "We rebuild,"'
