"""The graph as a whole, in process: documents come out while pages are still fetched, and books balance."""

from pathlib import Path

import pytest

from pipeline.report import compare_with_store
from tests.support.jobs import bench
from tests.support.newsweb import NewsWeb, judge, read_log

pytestmark = pytest.mark.slow


def test_the_first_document_is_indexed_before_the_third_page_is_fetched(tmp_path: Path) -> None:
    """DESIGN 1.4: with bulk 1, one thread and one site nothing waits for the end of the source."""
    log = tmp_path / "requests.jsonl"
    with NewsWeb.big(pages=4, sites=1, log_path=log) as web:
        feeds, article_urls = web.feed_urls[:1], set(web.article_urls())
        with bench(
            tmp_path,
            web,
            feeds,
            run__bulk=1,
            run__threads=1,
            run__flush_age="0s",
            fetch__delay="1s",
            enrich__enable="[]",
        ) as made:
            run_id = made.run()
            rows = [made.state.lookup(url) for url, _, _ in made.state.stored_by(run_id)]
    settled = sorted(row["settled_at"].timestamp() for row in rows if row is not None)
    pages = [
        request.start for request in sorted(read_log(log), key=lambda each: each.start) if request.url in article_urls
    ]
    assert len(settled) == 4
    assert settled[0] < pages[2], "the first document waited for later pages"


def test_a_run_over_real_feeds_balances_and_a_second_one_fetches_nothing(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with NewsWeb(slow_s=0.2, log_path=log) as web:
        feeds = [url for url in web.feed_urls if not url.startswith(("http://closed", "http://patient"))]
        with bench(tmp_path, web, feeds, enrich__enable="[figures, quotes, dates]") as made:
            first = made.run()
            books = made.state.books(first)
            assert books.unbalanced == ()
            assert compare_with_store(made.state, made.store, first) == ()
            created = sum(count for outcome, _, count in books.outcomes if outcome == "created")
            assert created >= 18
            before = len(read_log(log))
            second = made.run()
            again = read_log(log)[before:]
            assert {request.status for request in again if not request.path.endswith("robots.txt")} <= {304, 429}
            assert made.state.books(second).ended == 0
    requests = read_log(log)
    assert max(judge.max_open_per_site(requests).values()) == 1
    assert judge.fetched_more_than_once(requests, except_urls=feeds) == {}
