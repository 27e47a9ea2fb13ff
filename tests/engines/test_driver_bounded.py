"""Bounded runs on every engine: the same documents as on the local runner, and nothing left behind."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.driving import harness, nothing_is_left, polite, run, world
from tests.support.engines import Engine, engine_environment
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, read_log
from tests.support.newsweb.saving import save_pages

pytestmark = [pytest.mark.engines, pytest.mark.full]

PAGES = 50
Documents = dict[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Documents]:
    """Return what the local runner makes of it: `ingest` or `backfill`."""
    return cache(lambda command: runs[command](tmp_path_factory.mktemp(command), "local"))


def documents(made: Harness) -> Documents:
    """Return what counts of every document by URL: not when it was fetched, or by which run."""
    rows = made.rows(
        "SELECT json_extract(source, '$.url.full'), id, json_extract(source, '$.title'),"
        " json_extract(source, '$.body'), json_extract(source, '$.figures'), json_extract(source, '$.published')"
        " FROM articles"
    )
    return {row[0]: row[1:] for row in rows}


def ingest(folder: Path, runner: str) -> Documents:
    """Poll the feeds of the news web once."""
    with NewsWeb(slow_s=0.2, log_path=folder / "web.jsonl") as web:
        feeds, urls = world(web)
        made = harness(folder, web, feeds)
        assert "Books balance" in run(made, "ingest", "--runner", runner, "--workers", "2")
        polite(read_log(folder / "web.jsonl"), feeds)
    found = documents(made)
    assert {url for url in urls if "limited" not in url} <= found.keys()
    nothing_is_left(made)
    # Whoever answers "too many requests" decides how far a run gets.
    return {url: document for url, document in found.items() if "limited" not in url}


def backfill(folder: Path, runner: str) -> Documents:
    """Read a folder of saved pages."""
    save_pages(folder / "pages", PAGES)
    made = Harness(folder)
    made.configure({}, ["http://unused.example/feed"], delay="1s")
    said = run(made, "backfill", "pages", "--runner", runner, "--workers", "2")
    assert "Books balance" in said
    nothing_is_left(made)
    found = documents(made)
    assert len(found) == PAGES
    return found


runs: dict[str, Callable[[Path, str], Documents]] = {"ingest": ingest, "backfill": backfill}


@pytest.mark.parametrize("command", runs)
@pytest.mark.parametrize("engine", ["prism", "flink", "spark"])
def test_an_engine_gives_the_documents_of_the_local_runner(
    engine: Engine, command: str, local: Callable[[str], Documents], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in engine_environment(engine).items():
        monkeypatch.setenv(name, value)
    assert runs[command](tmp_path, engine) == local(command)
