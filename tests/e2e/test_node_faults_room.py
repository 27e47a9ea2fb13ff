"""A node without room: little memory for indexing, requests of 1 MB at most, a write queue of one. All arrives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.newsweb import NewsWeb
from tests.support.own_node import OwnNode, own_node
from tests.support.own_node_runs import fetched_once, world

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]

MEMORY = {"indexing_pressure.memory.limit": "300kb"}
REQUEST = {"http.max_content_length": "1mb"}
QUEUE = {"thread_pool.write.size": "1", "thread_pool.write.queue_size": "1"}
LARGE = ("--set", "run.bulk=200", "--set", "run.flush_age=20s")  # one bulk of all pages, far past each limit
SMALL = ("--set", "run.bulk=4")  # many bulks


@pytest.fixture(scope="module")
def node() -> Iterator[OwnNode]:
    with own_node(settings=MEMORY) as made:
        yield made


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb.big(pages=30, sites=3) as made:
        yield made


def test_requests_that_are_too_large_for_the_nodes_memory_come_again_smaller(
    node: OwnNode, web: NewsWeb, tmp_path: Path
) -> None:
    here = world(tmp_path, node, web)
    with here.run("ingest", "--json", *LARGE) as run:
        assert run.report()["ended"] == 30
    assert _stats(node, "indexing_pressure")["memory"]["total"]["coordinating_rejections"] > 0
    here.assert_whole(web.article_urls())


def test_of_what_is_too_large_for_a_request_only_the_one_document_fails(
    node: OwnNode, web: NewsWeb, tmp_path: Path
) -> None:
    node.stop()
    node.start({**REQUEST, "indexing_pressure.memory.limit": "50mb"})
    here = world(tmp_path, node, web)
    with here.run("ingest", "--json", *LARGE) as run:
        assert run.report()["ended"] == 30
    here.assert_whole(web.article_urls())
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(5):
        words = "The council met again and heard what the harbour would cost. " * (20 if number else 25_000)
        (pages / f"page{number}.txt").write_text(f"Harbour report {number}\n\n{number} boats. {words}")
    with here.run("backfill", "--json", "pages", *LARGE, name="backfill") as backfill:
        report = backfill.report()
    assert {each["outcome"]: each["count"] for each in report["outcomes"]} == {"created": 4, "dead_lettered": 1}
    [letter] = here.documents("dead-letters")
    assert letter["reason"] == "document_too_large"
    assert "bytes are more than the server takes in one request" in letter["message"]
    assert len(here.documents("articles")) == 34


@pytest.mark.parametrize("ledger", ["file", "node"])
def test_a_write_queue_of_one_costs_nothing_but_time(ledger: str, node: OwnNode, web: NewsWeb, tmp_path: Path) -> None:
    """A bulk goes to the shards of several indices, so it fills the queue by itself; another run is in its way."""
    node.stop()
    node.start({**QUEUE, "indexing_pressure.memory.limit": "50mb"})
    with NewsWeb.big(pages=30, sites=3) as another:
        webs = {"one": web, "other": another}
        worlds = [world(tmp_path / name, node, each, ledger=ledger) for name, each in webs.items()]
        with worlds[0].run("ingest", "--json", *SMALL) as run, worlds[1].run("ingest", "--json", *SMALL) as beside:
            for each in (run, beside):
                assert each.report()["ended"] == 30
                assert "rejected" not in each.said  # what was sent again is nobody's business
        assert _stats(node, "thread_pool")["write"]["rejected"] > 0
        for here, pages in zip(worlds, webs.values(), strict=True):
            here.assert_whole(pages.article_urls())
            fetched_once(pages)


def _stats(node: OwnNode, metric: str) -> dict[str, Any]:
    with node.client() as client:
        [stats] = client.nodes.stats(metric=metric)["nodes"].values()
        found: dict[str, Any] = stats[metric]
        return found
