"""Nothing lost, nothing twice, nobody hurried: `kill -9` at ten points spread over all stages, then the judges."""

import os
from pathlib import Path

import pytest

from tests.support.commands import wait_until
from tests.support.killing import Harness, fetched_after_settled, kill_plan, validators_ahead
from tests.support.newsweb import NewsWeb, judge, read_log

SEED = int(os.environ.get("NEWSBEAM_SEED", "7"))
DELAY_S = 0.3
KILLS = 10

pytestmark = [pytest.mark.full, pytest.mark.slow]


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_ten_points_and_run_again(workers: int, tmp_path: Path) -> None:
    kills = kill_plan(SEED + workers, KILLS)
    print(f"seed {SEED + workers}: {kills}")
    log = tmp_path / "requests.jsonl"
    with NewsWeb.big(pages=320, sites=8, log_path=log) as big, NewsWeb(slow_s=3.0, log_path=log) as small:
        feeds = [url for url in (*big.feed_urls, *small.feed_urls) if "closed.example" not in url]
        urls = {url for web in (big, small) for url in web.article_urls() if "closed.example" not in url}
        poison = sorted(url for url in big.article_urls())[50]
        harness = Harness(tmp_path, workers=workers, poison=poison)
        harness.configure({**small.resolve, **big.resolve}, list(dict.fromkeys(feeds)), delay=f"{DELAY_S}s")
        code, output = harness.run_until_done(kills, limit_s=400)
    requests = read_log(log)
    print(output, harness.deaths, "commands killed too:", harness.parent_kills)

    assert code == 0, output
    wait_until(lambda: not harness.processes(), limit_s=30)
    assert sum(harness.deaths.values()) >= KILLS - 3, f"too few of the kills came about: {harness.deaths}"
    documents = [url for (url,) in harness.rows("SELECT json_extract(source, '$.url.full') FROM articles")]
    rows = dict(harness.rows("SELECT url, outcome FROM ledger_urls"))
    assert len(documents) == len(set(documents))
    assert {url for url in urls - {poison} if rows.get(url) not in ("created", "duplicate")} == set()
    assert rows[poison] == "dead_lettered"
    crashed = harness.rows("SELECT url FROM ledger_urls WHERE reason = 'crashed'")
    assert crashed == [(poison,)], "an innocent page was blamed"
    assert harness.rows("SELECT count(*) FROM ledger_urls WHERE blamed") == [(0,)]
    assert fetched_after_settled(harness, requests) == []
    assert validators_ahead(harness, requests) == []
    assert max(judge.max_open_per_site(requests).values()) == 1
    for site in {request.site for request in requests}:
        assert judge.min_start_gap_s(requests, site) >= DELAY_S * 0.8, site
    assert all(kept >= asked for _, asked, kept in judge.after_429_s(requests))
