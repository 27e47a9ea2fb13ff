"""A worker process of the local runner that dies is noticed, also where the ledger has nothing to tell of it."""

from pathlib import Path

import pytest

from tests.support.killing import Harness, fetched_after_settled
from tests.support.newsweb import NewsWeb, read_log


@pytest.mark.slow
def test_a_worker_that_dies_holding_no_site_is_noticed(tmp_path: Path) -> None:
    """Its site is released, so that no row names it: the runner would wait for it until the watchdog comes."""
    log = tmp_path / "requests.jsonl"
    with NewsWeb.big(pages=3, sites=1, log_path=log) as web:
        harness = Harness(tmp_path, workers=2)
        harness.configure(web.resolve, list(web.feed_urls), delay="0s")
        code, output = harness.run_until_done([("released", 1, False)], limit_s=200)
        pages = set(web.article_urls())
    assert (code, harness.deaths) == (0, {"released": 1}), output
    assert "a worker process died" in output
    assert {url for (url,) in harness.rows("SELECT url FROM ledger_urls WHERE outcome = 'created'")} == pages
    assert fetched_after_settled(harness, read_log(log)) == []
