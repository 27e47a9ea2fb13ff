"""What a job's log holds for the user is told once, and nothing else of it."""

import logging
from pathlib import Path

import pytest

from pipeline.notices import Notices

PAUSED = "2026-11-24 15:59:13,001 WARNING transforms.elastic.bulk: writing pauses, for 900 s at most: a write block\n"
GOES_ON = "2026-11-24 16:00:13,001 WARNING transforms.elastic.bulk: Elasticsearch at http://a:9200 takes writes again\n"


def test_pauses_of_the_store_are_told_as_they_come(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = tmp_path / "log"
    log.write_text(PAUSED)  # of an attempt before
    notices = Notices(log)
    told: list[tuple[list[str], bool]] = []
    with log.open("a") as file:
        for text in ("", "2026-11-24 15:59:13,001 WARNING apache_beam: noise\n", PAUSED[:40], PAUSED[40:], GOES_ON):
            file.write(text)
            file.flush()
            caplog.clear()
            notices.pass_on()
            told.append((caplog.messages, notices.paused))
    notices.close()
    assert told == [
        ([], False),
        ([], False),
        ([], False),
        (["writing pauses, for 900 s at most: a write block"], True),
        (["Elasticsearch at http://a:9200 takes writes again"], False),
    ]


def test_a_line_without_end_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = tmp_path / "log"
    log.touch()
    notices = Notices(log)
    log.write_bytes(b"x" * 200_000)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            notices.pass_on()
    notices.close()
    assert caplog.messages == []
