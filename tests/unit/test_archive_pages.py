"""Saved pages: whatever a file is called or holds, it is a page or a dead letter, never the end of the run."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, plan
from transforms import archive_pages
from transforms.archives.saved_pages import list_pages
from transforms.archives.stored_page import PageFile
from transforms.elements import DeadLetter, RawPage, Tick
from transforms.errors import StageError
from transforms.index.documents import dead_letter_write
from transforms.index.sqlite.store import SqliteStore
from transforms.settings import ArchiveSettings
from transforms.state.base import Settlement
from transforms.state.sqlite.ledger import SqliteState


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    yield state
    state.close()


def settings(**changes: object) -> ArchiveSettings:
    values: dict[str, object] = {"run_id": RUN, "state": "", "generation": 1, "max_page_bytes": 1_000, **changes}
    return ArchiveSettings(**values)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take no such names")
def test_a_file_name_that_is_no_utf_8_is_a_page_and_can_be_a_dead_letter(state: SqliteState, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, body in ((b"caf\xe9.html", b"<p>A page.</p>"), (b"caf\xe8.html", b"x" * 2_000)):
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_bytes(body)
    large, page = (archive_pages.raw_page(file, state, settings()) for file in list_pages(folder))
    assert isinstance(page, RawPage)
    assert page.url == "file:caf%5Cxe9.html"
    assert isinstance(large, DeadLetter)
    store = SqliteStore(tmp_path / "store.db")
    store.create()
    assert [result.status for result in store.bulk([dead_letter_write(large, run_id=RUN)])] == ["written"]
    store.close()


def test_a_fault_in_reading_a_page_is_a_dead_letter(
    state: SqliteState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.html"
    file.write_text("<p>A page.</p>")

    def odd(*_: object, **__: object) -> bytes:
        raise ValueError("an odd page")

    monkeypatch.setattr(archive_pages, "read_page", odd)
    letter = archive_pages.raw_page(PageFile(path=str(file), name="a.html"), state, settings())
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.url) == ("internal_error", "file:a.html")


def test_a_page_is_read_until_it_is_settled(state: SqliteState, tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text("<p>A page.</p>")
    saved = PageFile(path=str(file), name="a.html", url="http://gazette.example/a")
    page = archive_pages.raw_page(saved, state, settings())
    assert isinstance(page, RawPage)
    assert isinstance(archive_pages.raw_page(saved, state, settings()), RawPage)  # interrupted: read again
    state.settle(RUN, [Settlement(url=page.url, outcome="filtered", reason="noindex", version=page.version)])
    assert isinstance(archive_pages.raw_page(saved, state, settings()), Tick)


def test_an_unusable_url_in_urls_csv_is_a_dead_letter(state: SqliteState, tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text("<p>A page.</p>")
    with pytest.raises(StageError):
        archive_pages.page_url(PageFile(path=str(file), name="a.html", url="nonsense://"), b"")
    letter = archive_pages.raw_page(PageFile(path=str(file), name="a.html", url="nonsense://"), state, settings())
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.url) == ("bad_url", "file:a.html")
