"""Everything hostile, one after the other, in one process: its memory stays where one good page left it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.newsweb import HOSTILE_PATHS, ODD_PATHS, NewsWeb

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MAX_GROWTH_MB = 120  # the bodies are limited to 5 MB, and parsing 5 MB of markup takes some ten times that

READER = """
import resource, sys
from datetime import UTC, datetime
from transforms.articles import article_of, warm_up
from transforms.elements import RawPage
from transforms.errors import StageError
from transforms.feeds import read_feed
from transforms.settings import ArticleSettings
from transforms.text.settings import ExtractSettings
from transforms.web.client import FetchSettings, HttpClient

host, port, *paths = sys.argv[1:]
settings = ArticleSettings(text=ExtractSettings(languages=("en",)), state=None, generation=1)
fetch = FetchSettings(resolve=(("odd.example", None, host, int(port)),), timeout_s=3)
warm_up(settings)


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def read(client, path):
    url = f"http://odd.example{path}"
    feed = path.startswith("/feed")
    response = client.get(url, max_bytes=fetch.max_feed_bytes if feed else fetch.max_page_bytes)
    if feed:
        read_feed(response.body, url=url)
    elif response.status_code == 200:
        at = datetime.now(UTC)
        article_of(RawPage(url=url, final_url=url, site="odd.example", body=response.body, fetched_at=at, version=1,
                           content_type=response.header("content-type")), settings)


with HttpClient(fetch) as client:
    read(client, "/page")
    before, reasons = peak_mb(), []
    for path in paths:
        try:
            read(client, path)
            reasons.append("ok")
        except StageError as err:
            reasons.append(err.reason)
print(len(reasons), peak_mb() - before)
"""


def test_memory_stays_flat_over_everything_a_server_can_send() -> None:
    paths = [path for path in (ODD_PATHS | HOSTILE_PATHS) if not path.startswith(("/redirect", "/status"))]
    with NewsWeb() as web:
        host, _, port = web.address.partition(":")
        done = subprocess.run(
            [sys.executable, "-c", READER, host, port, *paths],
            cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    read, growth_mb = map(int, done.stdout.split())
    assert read == len(paths)
    assert growth_mb < MAX_GROWTH_MB
    print(f"{read} hostile answers: the peak grew by {growth_mb} MB")
