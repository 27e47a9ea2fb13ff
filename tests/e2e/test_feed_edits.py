"""An edit of a published article arrives as a revision, and its disappearance as `gone`; driven by its feed alone."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.changing_feeds import MovedClock
from tests.support.commands import newsbeam
from tests.support.feed_host import Asked, FeedHost, Reply
from tests.support.killing import Harness
from tests.support.ledgers import SetClock

pytestmark = pytest.mark.slow

HOST = "gazette.example"
SENTENCES = (
    "The ferry returned to the port on Tuesday after a night at sea with a broken engine.",
    "Two tugs from the neighbouring island had towed it through a gale since the early evening.",
    "All of the passengers were well, the harbour master said, and most had slept through it.",
    "The company said that it would pay for hotels and for the journey home by train.",
    "An inspector will look at the engine on Wednesday, and the line stays closed until then.",
)


class Gazette:
    """One feed with one story, which is corrected and later withdrawn."""

    def __init__(self) -> None:
        self.edition, self.rewrites = 1, 0

    def __call__(self, asked: Asked) -> Reply:
        title = f"Ferry returns to port, report {self.edition}"
        if asked.target == "/feed":
            title += " (again)" * self.rewrites
            item = f"<item><title>{title}</title><link>http://{HOST}/news/ferry-returns-to-port</link><guid>1</guid></item>"
            body = f"<rss version='2.0'><channel><title>Gazette</title>{item}</channel></rss>".encode()
            etag = f'"{self.edition}-{self.rewrites}"'
            return Reply(body, headers={"ETag": etag, "Content-Type": "application/rss+xml"})
        if self.edition == 3:
            return Reply(b"withdrawn", status=410)
        etag = f'W/"page {self.edition}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        paragraphs = "".join(f"<p>{sentence}</p>" for sentence in (*SENTENCES, f"This is report {self.edition}."))
        head = f"<html lang='en'><head><title>{title}</title></head>"
        page = f"{head}<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        return Reply(page.encode(), headers={"Content-Type": "text/html; charset=utf-8", "ETag": etag})


def documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in newsbeam(folder, "export", "--format", "jsonl").stdout.splitlines()]


def requests(folder: Path, why: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "newsbeam.db")) as db:
        rows = [json.loads(source) for (source,) in db.execute("SELECT source FROM requests")]
    return sorted((row for row in rows if row["why"] == why), key=lambda row: row["@timestamp"])


def test_a_feed_that_only_rewrites_its_entry_costs_a_304_and_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MovedClock(tmp_path / "clock")
    monkeypatch.setenv("NEWSBEAM_CLOCK", str(clock.file))
    gazette = Gazette()
    with FeedHost(gazette, SetClock()) as host:
        harness = Harness(tmp_path)
        harness.configure({HOST: f"{host.address}:{host.port}"}, [f"http://{HOST}/feed"], delay="0s")
        newsbeam(tmp_path, "ingest")
        [first] = documents(tmp_path)
        [fetched] = requests(tmp_path, "page")
        for gazette.rewrites in (1, 2):
            clock.move(7_200)
            newsbeam(tmp_path, "ingest")
            assert documents(tmp_path) == [first]
    one, two = requests(tmp_path, "revisit")
    assert (one["status_code"], one["if_none_match"]) == (304, 'W/"page 1"')
    assert one["saved_bytes"] == fetched["wire_bytes"] - one["wire_bytes"] > 500
    # A 304 is believed once: the next visit asks for the page itself.
    assert (two["status_code"], two["conditional"]) == (200, False)


def test_an_edit_is_a_revision_and_a_withdrawal_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MovedClock(tmp_path / "clock")
    monkeypatch.setenv("NEWSBEAM_CLOCK", str(clock.file))
    gazette = Gazette()
    with FeedHost(gazette, SetClock()) as host:
        harness = Harness(tmp_path)
        harness.configure({HOST: f"{host.address}:{host.port}"}, [f"http://{HOST}/feed"], delay="0s")
        newsbeam(tmp_path, "ingest")
        [first] = documents(tmp_path)
        assert (first["title"], first["content"]["revision"]) == ("Ferry returns to port, report 1", 1)

        gazette.edition = 2
        clock.move(7_200)
        newsbeam(tmp_path, "ingest")
        [second] = documents(tmp_path)
        assert (second["id"], second["title"]) == (first["id"], "Ferry returns to port, report 2")
        assert (second["content"]["revision"], second["status"]) == (2, "live")

        gazette.edition = 3
        clock.move(7_200)
        newsbeam(tmp_path, "ingest")
        [third] = documents(tmp_path)
        assert (third["id"], third["status"], third["title"]) == (first["id"], "gone", second["title"])
        assert third["gone_at"] > second["fetched_at"]
        pages = [asked.target for asked in host.asked if asked.target != "/feed"]
        assert pages == ["/news/ferry-returns-to-port"] * 3
