"""Configuration and feed list of a running scheduler: edits are taken over, broken ones told once and left."""

import os
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.live_settings import LiveSettings
from transforms.errors import ConfigurationError

FEEDS = "feeds:\n  - url: http://gazette.example/rss\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    return tmp_path


def live_in(folder: Path) -> LiveSettings:
    return LiveSettings(lambda: load_config(environ={}, cwd=folder))


def replace(path: Path, text: str) -> None:
    """Replace a file as editors do: another file takes its name."""
    path.with_suffix(".new").write_text(text)
    os.replace(path.with_suffix(".new"), path)


def test_nothing_is_told_while_nothing_changes(folder: Path) -> None:
    live = live_in(folder)
    assert (live.look(), live.look()) == ((), ())


def test_a_new_feed_is_taken_over(folder: Path) -> None:
    live = live_in(folder)
    replace(folder / "feeds.yaml", FEEDS + "  - url: http://courier.example/rss\n")
    assert live.look() == ("the feed list was read again: 2 feeds, 1 new",)
    assert [feed.id for feed in live.feeds] == ["gazette.example/rss", "courier.example/rss"]
    assert live.look() == ()


def test_a_changed_configuration_is_taken_over_but_for_what_needs_a_restart(folder: Path) -> None:
    live = live_in(folder)
    replace(
        folder / "newsbeam.yaml",
        "contact: news@example.org\nstore: other.db\nfetch: {delay: 3s}\nrun: {runner: prism, workers: 2}\n",
    )
    read, waits = live.look()
    assert read == "the configuration was read again: contact, fetch.delay, run.workers changed"
    assert waits.startswith("a restart is needed for run.runner, state, store;")
    now = live.settings
    assert (now.contact, now.fetch.delay_s, now.run.workers) == ("news@example.org", 3.0, 2)
    assert (Path(now.store).name, Path(now.state).name, now.run.runner) == ("newsbeam.db", "newsbeam.db", "local")


def test_a_configuration_that_names_another_feed_list_follows_it(folder: Path) -> None:
    live = live_in(folder)
    (folder / "more.yaml").write_text("feeds:\n  - url: http://herald.example/rss\n")
    replace(folder / "newsbeam.yaml", "contact: desk@example.org\nfeeds: more.yaml\n")
    assert "the feed list was read again: 1 feed, 1 new, 1 gone" in live.look()
    replace(folder / "more.yaml", FEEDS)
    assert live.look() == ("the feed list was read again: 1 feed, 1 new, 1 gone",)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("feeds.yaml", "feeds:\n  - url: gopher://gazette.example\n", "gopher"),
        ("feeds.yaml", "feeds: []\n", "lists no feeds"),
        ("newsbeam.yaml", "contact: desk@example.org\nfetch: {dellay: 1s}\n", "dellay"),
        ("newsbeam.yaml", "contact: [", "newsbeam.yaml"),
    ],
)
def test_a_broken_edit_is_told_once_and_mended_when_it_is(folder: Path, name: str, text: str, told: str) -> None:
    live, good = live_in(folder), (folder / name).read_text()
    before = (live.settings, live.feeds)
    replace(folder / name, text)
    [line] = live.look()
    assert line.startswith("an edit was not taken over, configuration and feeds stay as they were: ")
    assert told in line
    assert live.look() == ()
    assert (live.settings, live.feeds) == before
    replace(folder / name, good)
    assert live.look() == ("configuration and feeds were read again: nothing changed",)


@pytest.mark.parametrize("name", ["feeds.yaml", "newsbeam.yaml"])
def test_a_file_that_is_gone_changes_nothing(folder: Path, name: str) -> None:
    """An editor may be between two steps; and without the file the packaged defaults have another store."""
    live = live_in(folder)
    before = (live.settings, live.feeds)
    (folder / name).rename(folder / "away")
    assert len(live.look()) == 1
    assert live.look() == ()
    assert (live.settings, live.feeds) == before
    (folder / "away").rename(folder / name)
    assert len(live.look()) == 1


def test_an_edit_that_needs_a_contact_for_more_hosts_is_not_taken_over(folder: Path) -> None:
    live = live_in(folder)
    replace(folder / "newsbeam.yaml", "contact:\n")
    replace(folder / "feeds.yaml", "feeds:\n" + "".join(f"  - url: http://s{n}.example/rss\n" for n in range(4)))
    assert "contact" in live.look()[0]
    assert len(live.feeds) == 1


def test_it_does_not_start_with_a_broken_configuration(folder: Path) -> None:
    (folder / "feeds.yaml").write_text("feeds: []\n")
    with pytest.raises(ConfigurationError, match="lists no feeds"):
        live_in(folder)
