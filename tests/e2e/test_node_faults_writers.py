"""Several writers of one store: runs beside each other, an older version behind a newer, a field nobody declared."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.newsweb import NewsWeb
from tests.support.own_node_runs import SharedNode, World, fetched_once, world

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]


@pytest.fixture
def node() -> SharedNode:
    return SharedNode()


@pytest.fixture
def project(node: SharedNode) -> Iterator[str]:
    with elasticsearch_node.project() as name:
        yield name


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb.big(pages=30, sites=3, delay_s=0.05) as made:
        yield made


def test_two_runs_of_one_ledger_share_the_work(node: SharedNode, project: str, web: NewsWeb, tmp_path: Path) -> None:
    here, there = (world(tmp_path / name, node, web, ledger="node", project=project) for name in ("here", "there"))
    with here.run("ingest", "--json") as one, there.run("ingest", "--json") as other:
        reports = [one.report(), other.report()]
    assert sum(report["ended"] for report in reports) >= 30
    here.assert_whole(web.article_urls())
    fetched_once(web)


def test_two_runs_with_ledgers_of_their_own_leave_each_article_once(
    node: SharedNode, project: str, web: NewsWeb, tmp_path: Path
) -> None:
    here, there = (world(tmp_path / name, node, web, project=project) for name in ("here", "there"))
    with here.run("ingest", "--json") as one, there.run("ingest", "--json") as other:
        for run in (one, other):
            assert run.report()["balanced"]
    here.assert_whole(web.article_urls())
    there.assert_whole(web.article_urls())


def test_an_older_version_does_not_overwrite_a_newer_one(
    node: SharedNode, project: str, web: NewsWeb, tmp_path: Path
) -> None:
    here = world(tmp_path / "here", node, web, project=project)
    with here.run("ingest", "--json") as run:
        run.report()
    articles = here.index("articles")
    with node.client() as client:
        [hit] = client.search(index=articles, size=1, version=True)["hits"]["hits"]
        newer = {**hit["_source"], "title": "Written by a later version"}
        version = hit["_version"] + 2**50
        client.index(index=articles, id=hit["_id"], document=newer, version=version, version_type="external_gte")
        there = world(tmp_path / "there", node, web, project=project)
        with there.run("ingest", "--json") as again:
            assert again.report()["balanced"]  # ours was older, and was ignored
        assert client.get(index=articles, id=hit["_id"])["_source"]["title"] == "Written by a later version"
        assert client.count(index=articles)["count"] == 30


def test_of_a_field_of_another_type_only_its_documents_are_dead_letters(
    node: SharedNode, project: str, tmp_path: Path
) -> None:
    with NewsWeb(slow_s=0.05) as web:
        first = world(tmp_path / "first", node, web, project=f"{project}-first")
        with first.run("ingest", "--json") as run:
            run.report()
        documents = first.documents("articles")
        having = Counter(name for document in documents for name in document)
        field = min(having, key=lambda name: (having[name], name))
        assert 0 < having[field] < len(documents)

        here = world(tmp_path / "here", node, web, project=project)
        with here.run("index", "create", name="create") as create:
            assert create.code() == 0
        _make_again_with_another_type(field, here)
        with here.run("ingest", "--json", name="run") as run:
            run.report()
        refused = {document["url"]["requested"] for document in documents if field in document}
        letters = [letter for letter in here.documents("dead-letters") if letter["stage"] == "index"]
        assert {letter["url"] for letter in letters} == refused
        for letter in letters:
            assert letter["reason"] == "mapping_conflict"
            assert f"failed to parse field [{field}] of type [ip]" in letter["message"]
        assert {document["id"] for document in here.documents("articles")} == {
            document["id"] for document in documents if field not in document
        }


def _make_again_with_another_type(field: str, here: World) -> None:
    """Make the index of articles again as somebody might have by hand. (What is missing, a write adds.)"""
    with here.node.client() as client:
        [(index, found)] = client.indices.get(index=here.index("articles")).items()
        found["mappings"]["properties"][field] = {"type": "ip"}
        settings = {
            name: found["settings"]["index"][name] for name in ("analysis",) if name in found["settings"]["index"]
        }
        client.indices.delete(index=index)
        client.indices.delete_index_template(name=here.index("articles"))  # of ours would hold the index to its types
        client.indices.create(index=index, mappings=found["mappings"], aliases=found["aliases"], settings=settings)
