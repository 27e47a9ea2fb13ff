"""`newsbeam forget` while a run works: what is stored goes, what is on the wire is not stored, nothing comes back."""

import json
import threading
from pathlib import Path

import pytest

from tests.support.commands import newsbeam, wait_until
from tests.support.feed_host import Asked, FeedHost, Reply
from tests.support.killing import Harness
from tests.support.ledgers import SetClock

pytestmark = pytest.mark.slow

HOST = "gazette.example"
STORIES = ("alpha", "bravo", "hotel", "zulu")  # visited in this order
STORED, ON_THE_WIRE = "alpha", "hotel"
SENTENCES = (
    "The ferry returned to the port on Tuesday after a night at sea with a broken engine.",
    "Two tugs from the neighbouring island had towed it through a gale since the early evening.",
    "All of the passengers were well, the harbour master said, and most had slept through it.",
    "An inspector will look at the engine on Wednesday, and the line stays closed until then.",
)


def address(story: str) -> str:
    return f"http://{HOST}/news/{story}"


class Gazette:
    """A feed of four stories; one page waits until the test lets it go."""

    def __init__(self) -> None:
        self.edition, self.asked, self.go_on = 1, threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> Reply:
        if asked.target == "/feed":
            items = "".join(
                f"<item><title>Quixotic {story} {self.edition}</title><link>{address(story)}</link></item>"
                for story in STORIES
            )
            body = f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>"
            return Reply(body.encode(), headers={"Content-Type": "application/rss+xml"})
        story = asked.target.rpartition("/")[2]
        if story == ON_THE_WIRE:
            self.asked.set()
            assert self.go_on.wait(200)
        title = f"Quixotic {story} xylem{story}"
        paragraphs = "".join(f"<p>{sentence} So says xylem{story}.</p>" for sentence in SENTENCES)
        page = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}"
        return Reply(f"{page}</article></body></html>".encode(), headers={"Content-Type": "text/html"})


def stored(folder: Path) -> set[str]:
    lines = newsbeam(folder, "export", "--fields", "url.full").stdout.splitlines()
    return {json.loads(line)["url.full"].rpartition("/")[2] for line in lines}


def is_in_files(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.glob("newsbeam.db*") if path.is_file())


def test_forgotten_while_a_run_has_it_in_hand(tmp_path: Path) -> None:
    gazette = Gazette()
    with FeedHost(gazette, SetClock()) as host:
        harness = Harness(tmp_path)
        harness.configure({HOST: f"{host.address}:{host.port}"}, [f"http://{HOST}/feed"], delay="0s")
        command = harness.start("ingest", "--set", "fetch.timeout=110s", "--set", "ingest.linger=1s")
        try:
            assert gazette.asked.wait(120)
            wait_until(lambda: STORED in stored(tmp_path))
            assert is_in_files(tmp_path, f"ylem{STORED}")
            names = (address(STORED), address(ON_THE_WIRE))
            said = newsbeam(tmp_path, "forget", *names, "--reason", "asked for").stdout
            assert "1 article\n" in said
        finally:
            gazette.go_on.set()
            output, _ = command.communicate(timeout=200)
        assert command.returncode == 0, output
        assert stored(tmp_path) == set(STORIES) - {STORED, ON_THE_WIRE}

        asked = len(host.asked)
        (tmp_path / "list.txt").write_text("\n".join(names))
        said = newsbeam(tmp_path, "backfill", "list.txt", "--set", "ingest.linger=0s").stdout
        assert "2 URLs: 0 new, 0 known already, 2 forgotten and not fetched (suppressed)" in said
        gazette.edition = 2  # the feed says something else of every story, and lists them again
        newsbeam(tmp_path, "ingest", "--force", "--set", "ingest.linger=0s")
        assert [each.target for each in host.asked[asked:] if "news" in each.target] == []
        assert stored(tmp_path) == set(STORIES) - {STORED, ON_THE_WIRE}

    again = newsbeam(tmp_path, "forget", *names, "--reason", "asked for")
    assert "nothing is left" in again.stdout
    assert "Not reached: backups" in again.stderr
    for story in (STORED, ON_THE_WIRE):
        assert not is_in_files(tmp_path, f"ylem{story}")
        assert not is_in_files(tmp_path, address(story))
    assert is_in_files(tmp_path, address("zulu"))
