"""`feeds check` plans as a run would: with the user's own pace."""

from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.feeds_check import check_feed
from pipeline.feeds_door import Door
from tests.support.feed_host import FeedHost, Reply
from tests.support.ledgers import SITE, SetClock
from transforms.clock import utc_now

RSS = (
    b"<rss version='2.0'><channel><title>G</title><item><title>A</title><link>http://gazette.example/a</link></item>"
    b"</channel></rss>"
)


@pytest.mark.parametrize(("poll_every", "told"), [("1h", "ask again in 1"), ("5h", "ask again in 5")])
def test_the_next_poll_is_the_users(tmp_path: Path, poll_every: str, told: str) -> None:
    with FeedHost(lambda _: Reply(RSS, headers={"ETag": '"1"'}), SetClock()) as host:
        given = {
            "ingest.poll_every": (poll_every, "--set"),
            "fetch.resolve": ({SITE: f"{host.address}:{host.port}"}, "--resolve"),
        }
        settings = load_config(None, options=given, cwd=tmp_path, environ={}).settings
        with Door(settings, sleep=lambda _: None) as door:
            check = check_feed(door, f"http://{SITE}/feed", now=utc_now())
    assert check.ok
    assert check.would[0].startswith(told)
