"""The whole line into a real Elasticsearch node: the same articles, the same hits, the same books as with SQLite."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import elasticsearch_node
from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb, judge, read_log

pytestmark = [pytest.mark.slow, pytest.mark.elasticsearch]

QUERIES = [
    "",
    "killed:>=10",
    '"paint store"',
    "injured:>=30 -gdansk",
    "lang:de",
    "site:gazette.example",
    "kind:money",
    "publisher:gazette",
]


def test_ingest_search_export_and_check(tmp_path: Path) -> None:
    url = elasticsearch_node.node_url()
    log = tmp_path / "log"
    with elasticsearch_node.project() as project, NewsWeb(slow_s=0.1, log_path=log) as web:
        harness = Harness(tmp_path)
        feeds = [feed for feed in web.feed_urls if not any(name in feed for name in ("closed", "patient", "limited"))]
        harness.configure(web.resolve, feeds, delay="0s")
        store = ("--store", url, "--set", f"project={project}")
        assert "no indices yet" in newsbeam(tmp_path, "check", *store).stdout
        report = json.loads(newsbeam(tmp_path, "ingest", "--json", *store).stdout)
        assert report["balanced"], report
        assert "reached, as expected" in newsbeam(tmp_path, "check", *store).stdout
        assert (tmp_path / "newsbeam-state.db").exists()
        again = json.loads(newsbeam(tmp_path, "ingest", "--force", "--json", *store).stdout)
        assert (again["came"], again["ended"], again["balanced"]) == (0, 0, True)
        assert judge.fetched_more_than_once(read_log(log), except_urls=feeds) == {}

        newsbeam(tmp_path, "ingest", "--json", "--state", "sqlite-state.db", "--store", "newsbeam.db")
        for query in QUERIES:
            ours, theirs = (_hits(tmp_path, query, *where) for where in ((), store))
            assert ours == theirs, query
        assert _hits(tmp_path, "killed:>=10", *store)

        rows = newsbeam(tmp_path, "export", "", "--rows", "figures", "--format", "jsonl", *store).stdout.splitlines()
        assert {json.loads(row)["kind"] for row in rows} >= {"count", "money"}
        newsbeam(tmp_path, "index", "check", *store)


def _hits(folder: Path, query: str, *where: str) -> list[tuple[Any, ...]]:
    found = newsbeam(folder, "search", query, "--json", "--limit", "50", *where).stdout.splitlines()
    return sorted((hit["title"], hit["published"], hit["url"]["full"]) for hit in map(json.loads, found))


def test_a_document_that_the_index_refuses_is_a_dead_letter(tmp_path: Path) -> None:
    """Somebody's index under our alias, where `word_count` is a boolean: each article is refused, none is lost."""
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as project, NewsWeb(slow_s=0.1) as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:1], delay="0s")
        store = ("--store", url, "--set", f"project={project}")
        newsbeam(tmp_path, "index", "create", *store)
        alias = f"newsbeam-{project}-articles"
        with elasticsearch_node.client() as client:
            [index] = client.indices.get_alias(name=alias)
            mapping = client.indices.get_mapping(index=index)[index]["mappings"]
            mapping["properties"]["word_count"] = {"type": "boolean"}
            client.indices.delete(index=index)
            client.indices.create(index=index, mappings=mapping, aliases={alias: {"is_write_index": True}})
        report = json.loads(newsbeam(tmp_path, "ingest", "--json", *store, code=3).stdout)
        assert report["balanced"]
        assert {(row["outcome"], row["reason"]) for row in report["outcomes"]} == {
            ("dead_lettered", "mapping_conflict")
        }
        letters = newsbeam(tmp_path, "dead-letters", "list", "--json", *store).stdout.splitlines()
        assert "word_count" in json.loads(letters[0])["message"]
        newsbeam(tmp_path, "index", "check", *store, code=4)
