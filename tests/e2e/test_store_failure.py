"""A store that fails in the middle of a run ends the run; nothing is lost, no page is blamed, the next run goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from transforms.state import open_state

pytestmark = [pytest.mark.full, pytest.mark.slow]

REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON articles BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END"


def execute(path: Path, sql: str) -> None:
    db = sqlite3.connect(path)
    db.execute(sql)
    db.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_store_ends_the_run_and_blames_no_page(workers: int, tmp_path: Path) -> None:
    with NewsWeb.big(pages=80, sites=8, log_path=tmp_path / "requests.jsonl") as web:
        harness = Harness(tmp_path, workers=workers)
        harness.configure(web.resolve, list(web.feed_urls), delay="0s")
        newsbeam(tmp_path, "index", "create")
        execute(tmp_path / "newsbeam.db", REFUSE)
        code, output = harness.run_until_done([], limit_s=120)
        assert (code, "the disk is gone" in output, "restart" in output, "Traceback" in output) == (
            1, True, False, False,
        ), output  # fmt: skip
        with closing(open_state(str(tmp_path / "newsbeam.db"))) as state:
            state.bury_dead()
        assert harness.rows("SELECT url FROM ledger_urls WHERE blamed") == []
        execute(tmp_path / "newsbeam.db", "DROP TRIGGER refuse")
        harness.start("ingest").communicate(timeout=120)
    assert harness.rows("SELECT outcome, count(*) FROM ledger_urls GROUP BY 1") == [("created", 80)]
