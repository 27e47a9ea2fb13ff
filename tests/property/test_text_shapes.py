"""Seventeen hostile shapes of pages: each ends in a bounded article or in a reason, within seconds of CPU."""

import resource
import subprocess
import sys

import pytest

from tests.support.hostile_pages import SHAPES

# CPU seconds of the child, imports and all. The slowest shape takes 1.2 s; the limit is far off, so that only a page
# without bound meets it, on any machine.
CPU_LIMIT_S = 60

_CHILD = """
import sys
from datetime import UTC, datetime
from tests.support.hostile_pages import SHAPES
from transforms.articles import article_of
from transforms.elements import Article, RawPage
from transforms.errors import StageError
from transforms.settings import ArticleSettings
from transforms.text.settings import ExtractSettings

url = "https://gazette.example/news/shape"
page = RawPage(url=url, final_url=url, site="gazette.example", body=SHAPES[sys.argv[1]](), content_type="text/html",
               fetched_at=datetime(2026, 1, 1, tzinfo=UTC), version=1)
settings = ArticleSettings(text=ExtractSettings(), state=None, generation=1)
try:
    found = article_of(page, settings)
except StageError as err:
    print(err.reason)
else:
    assert isinstance(found, Article), found
    assert len(found.body) <= settings.text.max_body_chars
    assert "\\x00" not in found.body
    assert len(found.removed) <= 5000
    print("article")
"""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_shape_ends_in_an_article_or_a_reason(shape: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD, shape], capture_output=True, text=True, preexec_fn=_limit, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.strip() in ("article", "no_text", "too_short", "not_html", "undecodable")


def test_there_are_seventeen_shapes() -> None:
    assert len(SHAPES) == 17
