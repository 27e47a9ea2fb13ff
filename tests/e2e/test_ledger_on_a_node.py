"""Store and ledger both on a real Elasticsearch node: books balanced, nothing twice, whoever is killed in between."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import elasticsearch_node
from tests.support.commands import newsbeam, wait_until
from tests.support.killing import Harness, kill_plan
from tests.support.newsweb import NewsWeb, Request, judge, read_log

pytestmark = [pytest.mark.slow, pytest.mark.elasticsearch]

SEED = int(os.environ.get("NEWSBEAM_SEED", "7"))
DELAY_S = 0.3
KILLS = 8


def test_the_second_run_asks_feeds_only_and_gets_304(tmp_path: Path) -> None:
    url, log = elasticsearch_node.node_url(), tmp_path / "log"
    with elasticsearch_node.project() as project, NewsWeb(slow_s=0.1, log_path=log) as web:
        feeds = [feed for feed in web.feed_urls if not any(name in feed for name in ("closed", "patient", "limited"))]
        Harness(tmp_path).configure(web.resolve, feeds, delay="0s")
        both = ("--store", url, "--state", url, "--set", f"project={project}")
        assert "not made yet" in newsbeam(tmp_path, "check", *both).stdout
        first = json.loads(newsbeam(tmp_path, "ingest", "--json", *both).stdout)
        assert (first["balanced"], first["polls"]) == (True, {"read": len(feeds)}), first
        assert first["ended"] > 0
        asked = len(read_log(log))
        again = json.loads(newsbeam(tmp_path, "ingest", "--force", "--json", *both).stdout)
        assert (again["came"], again["ended"], again["balanced"]) == (0, 0, True), again
        assert again["polls"] == {"not_modified": len(feeds)}
        assert {request.status for request in read_log(log)[asked:] if request.path != "/robots.txt"} == {304}
        assert judge.fetched_more_than_once(read_log(log), except_urls=feeds) == {}
        assert not list(tmp_path.glob("*.db"))
        assert re.search(r"reached, \d+ pages? waiting", newsbeam(tmp_path, "check", *both).stdout)
        status = json.loads(newsbeam(tmp_path, "status", "--json", *both).stdout)
        assert (status["last_run"]["id"], status["workers"]) == (again["run_id"], 0)


def test_before_the_first_run_a_server_says_what_a_file_says(tmp_path: Path) -> None:
    with elasticsearch_node.project() as project:
        Harness(tmp_path).configure({}, ["http://gazette.example/feed/"], delay="0s")
        state = ("--state", elasticsearch_node.node_url(), "--set", f"project={project}")
        for where in ((), state):
            told = newsbeam(tmp_path, "status", *where, code=2).stderr
            assert "there is no ledger" in told
            assert "`newsbeam ingest` makes it" in told
            assert "never" in newsbeam(tmp_path, "feeds", "list", *where).stdout


@pytest.mark.full
def test_killed_at_eight_points_and_run_again(tmp_path: Path) -> None:
    kills = kill_plan(SEED, KILLS)
    print(f"seed {SEED}: {kills}")
    node, log = elasticsearch_node.node_url(), tmp_path / "requests.jsonl"
    with (
        elasticsearch_node.project() as project,
        NewsWeb.big(pages=160, sites=6, log_path=log) as big,
        NewsWeb(slow_s=1.0, log_path=log) as small,
    ):
        feeds = [url for url in (*big.feed_urls, *small.feed_urls) if "closed.example" not in url]
        urls = {url for web in (big, small) for url in web.article_urls() if "closed.example" not in url}
        poison = sorted(big.article_urls())[30]
        harness = Harness(tmp_path, workers=2, poison=poison)
        harness.configure({**small.resolve, **big.resolve}, list(dict.fromkeys(feeds)), delay=f"{DELAY_S}s")
        with (tmp_path / "newsbeam.yaml").open("a") as file:
            file.write(f"store: {node}\nstate: {node}\nproject: {project}\n")
        code, output = harness.run_until_done(kills, limit_s=500)
        requests = read_log(log)
        print(output, harness.deaths, "commands killed too:", harness.parent_kills)
        assert code == 0, output
        wait_until(lambda: not harness.processes(), limit_s=30)
        rows = {row["url"]: row for row in _documents(project, "state-urls")}
        documents = _documents(project, "articles")
        feed_rows = _documents(project, "state-feeds")

    assert sum(harness.deaths.values()) >= KILLS - 3, f"too few of the kills came about: {harness.deaths}"
    stored = [document["url"]["full"] for document in documents]
    assert len(stored) == len(set(stored))
    lost = {url for url in urls - {poison} if rows.get(url, {}).get("outcome") not in ("created", "duplicate")}
    assert lost == set()
    assert [url for url, row in rows.items() if row["reason"] == "crashed"] == [poison], "an innocent page was blamed"
    assert [url for url, row in rows.items() if row["blamed"]] == []
    assert _fetched_after_settled(rows, requests) == []
    assert _validators_ahead(feed_rows, rows, requests) == []
    assert max(judge.max_open_per_site(requests).values()) == 1
    for site in {request.site for request in requests}:
        assert judge.min_start_gap_s(requests, site) >= DELAY_S * 0.8, site
    assert all(kept >= asked for _, asked, kept in judge.after_429_s(requests))


def _documents(project: str, kind: str) -> list[dict[str, Any]]:
    with elasticsearch_node.client() as client:
        index = f"newsbeam-{project}-{kind}"
        client.indices.refresh(index=index)
        return [hit["_source"] for hit in client.search(index=index, size=10_000)["hits"]["hits"]]


def _fetched_after_settled(rows: dict[str, dict[str, Any]], requests: list[Request]) -> list[str]:
    settled = {url: row["settled_at"] for url, row in rows.items() if row["state"] == "settled"}
    return [request.url for request in requests if request.url in settled and request.start > settled[request.url]]


def _validators_ahead(
    feeds: list[dict[str, Any]], rows: dict[str, dict[str, Any]], requests: list[Request]
) -> list[str]:
    """Return feeds that answered 304 although an entry of their stored edition had no row yet."""
    answered = [request for request in requests if request.status == 304]
    return [
        f"{feed['source_url']} before {url}"
        for feed in feeds
        for url in feed["edition"]
        for request in answered
        if request.url == feed["source_url"] and (url not in rows or rows[url]["first_seen"] > request.start)
    ]
