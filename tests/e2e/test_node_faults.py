"""A node that dies, hangs or takes no writes in mid-run: the run waits and goes on, nothing is lost or doubled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.support.newsweb import NewsWeb
from tests.support.own_node import OwnNode, own_node
from tests.support.own_node_runs import World, fetched_once, world
from tests.support.processes import wait_for

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]

PATIENCE_S = 40.0  # newsbeam waits for 60 s; on a busy machine a node may need longer to start
HANG_S = 5.0
PAGES = 24

FULL_DISK = {
    "cluster.info.update.interval": "10s",
    "cluster.routing.allocation.disk.threshold_enabled": True,
    "cluster.routing.allocation.disk.watermark.low": "100tb",
    "cluster.routing.allocation.disk.watermark.high": "99tb",
    "cluster.routing.allocation.disk.watermark.flood_stage": "98tb",
}


@pytest.fixture(scope="module")
def node() -> Iterator[OwnNode]:
    with own_node() as made:
        yield made


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    """Pages that take a second each, six in a row, until `hurry`: a fault falls into the middle on any machine."""
    with NewsWeb.big(pages=PAGES, sites=4, delay_s=1.0) as made:
        yield made


def hurry(web: NewsWeb) -> None:
    """Answer at once from now on."""
    web.delay_s = 0.0


@pytest.fixture(autouse=True)
def whole_node(node: OwnNode) -> Iterator[None]:
    """Leave the node as it was, whatever a test did to it, also when it failed."""
    yield
    if node.is_running:
        node.resume()
    else:
        node.start()
    with node.client() as client:
        client.cluster.put_settings(persistent=dict.fromkeys([*FULL_DISK, "cluster.blocks.read_only"]))


@pytest.mark.parametrize("ledger", ["file", "node"])
def test_a_node_that_is_killed_is_waited_for(ledger: str, node: OwnNode, web: NewsWeb, tmp_path: Path) -> None:
    here = world(tmp_path, node, web, ledger=ledger)
    with here.run("ingest", "--json") as run:
        here.wait_for_documents(run, 3)
        killed_at = time.monotonic()
        node.kill()
        node.start()
        hurry(web)
        if time.monotonic() - killed_at < PATIENCE_S or run.code() == 0:
            assert run.report()["ended"] == PAGES
            fetched_once(web)
        else:  # the pages that it had in hand are fetched again
            assert run.code() == 1
            with here.run("ingest", "--json", name="again") as again:
                again.report()
    here.assert_whole(web.article_urls())


def test_a_node_that_is_away_costs_no_request_and_says_how_to_find_it(
    node: OwnNode, web: NewsWeb, tmp_path: Path
) -> None:
    here = world(tmp_path, node, web)
    hurry(web)
    node.kill()
    with here.run("ingest", name="away") as away:
        assert away.code() == 1
        assert f"Elasticsearch at {node.url} cannot be reached" in away.log
        assert "is it running, and is the address right?" in away.log
    assert web.requests() == []
    node.start()
    with here.run("ingest", "--json") as run:
        run.report()
    here.assert_whole(web.article_urls())


def test_a_node_that_hangs_is_waited_for(node: OwnNode, web: NewsWeb, tmp_path: Path) -> None:
    here = world(tmp_path, node, web, ledger="node")
    with here.run("ingest", "--json") as run:
        here.wait_for_documents(run, 3)
        node.pause()
        time.sleep(HANG_S)  # the fault itself: whatever is under way meanwhile waits
        node.resume()
        hurry(web)
        assert run.report()["ended"] == PAGES
    here.assert_whole(web.article_urls())
    fetched_once(web)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("index.blocks.write", "FORBIDDEN/8/index write (api)"),
        ("index.blocks.read_only", "FORBIDDEN/5/index read-only (api)"),
    ],
)
def test_a_block_pauses_the_run_until_it_is_lifted(
    block: str, said: str, node: OwnNode, web: NewsWeb, tmp_path: Path
) -> None:
    here = world(tmp_path, node, web)
    with here.run("ingest", "--json") as run, node.client() as client:
        here.wait_for_documents(run, 3)
        client.indices.put_settings(index=here.index("*"), settings={block: True})
        hurry(web)
        run.says("writing pauses", said, "lift the block")
        client.indices.put_settings(index=here.index("*"), settings={block: None})
        run.says("takes writes again")
        assert run.report()["ended"] == PAGES
    here.assert_whole(web.article_urls())
    fetched_once(web)


def test_a_ledger_behind_a_block_ends_the_run_and_the_next_one_goes_on(
    node: OwnNode, web: NewsWeb, tmp_path: Path
) -> None:
    here = world(tmp_path, node, web, ledger="node")
    with here.run("ingest", "--json") as run, node.client() as client:
        here.wait_for_documents(run, 3)
        client.cluster.put_settings(persistent={"cluster.blocks.read_only": True})
        hurry(web)
        assert run.code() == 1
        assert "FORBIDDEN/6/cluster read-only (api)" in run.said
        assert "lift the block and run again" in run.said
        client.cluster.put_settings(persistent={"cluster.blocks.read_only": None})
    with here.run("ingest", "--json", name="again") as again:
        again.report()
    here.assert_whole(web.article_urls())


def test_a_full_disk_pauses_the_run_until_there_is_room(node: OwnNode, web: NewsWeb, tmp_path: Path) -> None:
    here = world(tmp_path, node, web)
    hurry(web)
    with here.run("index", "create", name="create") as create:
        assert create.code() == 0
    with node.client() as client:
        client.cluster.put_settings(persistent=FULL_DISK)
        wait_for("the flood stage", lambda: _is_flooded(client, here))
        with here.run("ingest", "--json") as run:
            run.says("writing pauses", "is full", "flood-stage watermark")
            assert here.documents("articles") == []
            client.cluster.put_settings(persistent=dict.fromkeys(FULL_DISK))
            run.says("takes writes again")
            assert run.report()["ended"] == PAGES
    here.assert_whole(web.article_urls())
    fetched_once(web)


def _is_flooded(client: Elasticsearch, here: World) -> bool:
    found = client.indices.get_settings(index=here.index("articles"), flat_settings=True)
    return all("index.blocks.read_only_allow_delete" in each["settings"] for each in found.values())
