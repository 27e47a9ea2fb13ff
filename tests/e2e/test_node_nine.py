"""Elasticsearch 9: the whole line, on a node of 9.5.3."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import newsbeam
from tests.support.newsweb import NewsWeb
from tests.support.own_node import OwnNode, own_node
from tests.support.own_node_runs import fetched_once, world

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]


@pytest.fixture(scope="module")
def node() -> Iterator[OwnNode]:
    """A node of 9.5.3; it needs Java 21 or newer."""
    with own_node(version="9.5.3") as made:
        yield made


@pytest.mark.parametrize("ledger", ["file", "node"])
def test_ingest_search_and_check(ledger: str, node: OwnNode, tmp_path: Path) -> None:
    with NewsWeb.big(pages=20, sites=2) as web:
        here = world(tmp_path, node, web, ledger=ledger)
        with here.run("ingest", "--json") as run:
            assert run.report()["ended"] == 20
        here.assert_whole(web.article_urls())
        with here.run("ingest", "--force", "--json", name="again") as again:
            assert again.report()["came"] == 0
        fetched_once(web)
    newsbeam(tmp_path, "index", "check")
    assert "reached, as expected" in newsbeam(tmp_path, "check").stdout
    [some] = newsbeam(tmp_path, "search", "", "--json", "--limit", "1").stdout.splitlines()
    title = json.loads(some)["title"]
    hits = newsbeam(tmp_path, "search", f'title:"{title}"', "--json").stdout.splitlines()
    assert title in [json.loads(hit)["title"] for hit in hits]
