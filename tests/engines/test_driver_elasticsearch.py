"""A stream on Prism with ledger and documents in Elasticsearch, as with SQLite."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.driving import driving, harness, indexed, polite
from tests.support.engines import engine_environment
from tests.support.newsweb import NewsWeb, read_log
from tests.support.processes import wait_for
from transforms.state import open_state

pytestmark = [pytest.mark.engines, pytest.mark.elasticsearch, pytest.mark.full]


def test_nothing_is_lost_or_left_and_a_second_start_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBEAM_PRISM", engine_environment("prism")["NEWSBEAM_PRISM"])
    log, url = tmp_path / "web.jsonl", elasticsearch_node.node_url()
    with elasticsearch_node.project() as project, NewsWeb.big(pages=40, sites=4, log_path=log) as web:
        urls, made = set(web.article_urls()), harness(tmp_path, web, list(web.feed_urls))
        where = ("--store", url, "--state", url, "--set", f"project={project}")
        for name, enough in (("first", 5), ("second", len(urls))):
            with driving(made, "schedule", "--runner", "prism", *where, log=f"{name}.log") as driver:
                wait_for(f"{enough} documents", lambda: len(indexed(url, project)) >= enough, words=driver.said)  # noqa: B023
                assert driver.stop() == 0, driver.said()
                assert "Traceback" not in driver.said()
            wait_for("no process in the folder", lambda: not made.processes(), limit_s=60)
            with closing(open_state(f"{url}#{project}")) as state:
                assert state.status()["workers"] == 0, "a site is still held"
        assert indexed(url, project) == urls
        polite(read_log(log), list(web.feed_urls))
        assert list((tmp_path / "newsbeam.engines").glob("*.json")) == []
