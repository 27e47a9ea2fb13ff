"""`newsbeam index create`, `check` and `migrate` as a user types them, over the embedded store."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.support.commands import newsbeam


def change(folder: Path, *statements: str) -> None:
    db = sqlite3.connect(folder / "news.db")
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert "made  articles" in newsbeam(tmp_path, "index", "create", "--store", "news.db").stdout
    return tmp_path


def test_what_check_finds_migrate_puts_right(folder: Path) -> None:
    newsbeam(folder, "index", "check", "--store", "news.db")
    change(folder, "ALTER TABLE articles DROP COLUMN language", "ALTER TABLE articles ADD COLUMN language TEXT")
    found = newsbeam(folder, "index", "check", "--store", "news.db", "--json", code=4)
    assert json.loads(found.stdout)["field"] == "language"

    planned = newsbeam(folder, "index", "migrate", "--store", "news.db", "--dry-run")
    assert "nothing was changed" in planned.stderr
    newsbeam(folder, "index", "check", "--store", "news.db", code=4)
    done = newsbeam(folder, "index", "migrate", "--store", "news.db")

    assert done.stdout == planned.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["keep", "copy", "fill"]
    assert "news.db.bak-v1" in done.stderr
    newsbeam(folder, "index", "check", "--store", "news.db")
    dropped = newsbeam(folder, "index", "migrate", "--store", "news.db", "--drop-old")
    assert "as this version expects" in dropped.stderr
    assert not list(folder.glob("*.bak-*"))


def test_a_store_of_an_older_schema_names_the_command_that_helps(folder: Path) -> None:
    change(folder, "UPDATE newsbeam_store SET value = '0' WHERE key = 'schema_version'")
    refused = newsbeam(folder, "search", "talks", "--store", "news.db", code=2)
    assert "`newsbeam index migrate` brings it up to date" in refused.stderr

    newsbeam(folder, "index", "migrate", "--store", "news.db")

    newsbeam(folder, "search", "talks", "--store", "news.db")
    assert [each.name for each in folder.glob("*.bak-*")] == ["news.db.bak-v0"]


def test_a_file_has_no_keys_and_two_keys_at_once_are_refused(folder: Path) -> None:
    refused = newsbeam(folder, "index", "create", "--store", "news.db", "--key", "desk", code=2)
    assert "is a file and has no keys" in refused.stderr
    assert refused.stdout == ""
    newsbeam(folder, "index", "create", "--store", "news.db", "--key", "a", "--read-key", "b", code=2)
