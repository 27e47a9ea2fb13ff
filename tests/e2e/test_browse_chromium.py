"""`newsbeam browse` in a real browser: a search, a facet, the map, an article; and nothing hostile runs."""

from collections.abc import Iterator

import pytest

pytest.importorskip("datasette", reason="the extra `browse` is not installed")

from tests.support.browsing import Browse, browsing, hostile_writes, news, write_news
from tests.support.webdriver import Chromium, chromium, missing_browser
from transforms.index import open_store

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing_browser() is not None, reason=str(missing_browser()))]
HITS = "//section[@class='hits']//h2"


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browse]:
    folder = tmp_path_factory.mktemp("browse")
    write_news(folder / "newsbeam.db", news())
    store = open_store(str(folder / "newsbeam.db"))
    store.bulk(hostile_writes())
    store.close()
    with browsing(folder) as server:
        yield server


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium")) as opened:
        opened.resize(1200, 1600)
        yield opened


def test_a_person_searches_narrows_and_reads(browse: Browse, window: Chromium) -> None:
    window.open(browse.url)
    window.type("//input[@name='q']", "killed:>=13\n")
    assert window.texts(HITS) == ["Strike in Rafah kills 14", "Strike in Rafah kills 13"]
    window.click("//aside//a[text()='Ada Noor']")
    assert window.texts("//p[@class='count']") == ["2 articles"]
    window.click(f"{HITS}/a")
    assert window.texts("//h1") == ["Strike in Rafah kills 14"]
    assert window.texts("//div[@class='body']//mark[@class='figure']") == ["14 people"]
    colour = window.run("return getComputedStyle(document.querySelector('mark.figure')).backgroundColor")
    assert colour not in ("rgba(0, 0, 0, 0)", "transparent")  # the style sheet passed the policy
    assert window.texts("//table[@id='removed']//td") == ["phrase:en", "Sign up for our letter"]


def test_a_bar_of_the_chart_and_a_circle_of_the_map_can_be_clicked(browse: Browse, window: Chromium) -> None:
    window.open(f"{browse.url}/?q=rafah")
    window.click("(//*[local-name()='rect'])[1]")
    assert window.texts(HITS) == ["Strike in Rafah kills 12"]
    window.open(f"{browse.url}/map?q=lang:de")
    assert window.run("return document.querySelector('svg.map').getBoundingClientRect().height") > 200
    window.click("//*[local-name()='circle']")
    assert window.texts("//p[@class='count']") == ["3 articles"]


def test_nothing_hostile_runs_and_nothing_is_asked_of_anybody_else(browse: Browse, window: Chromium) -> None:
    paths = ("/", "/article/a1bad", "/map", "/charts", "/dead-letters", "/newsbeam/articles", "/newsbeam/dead_letters")
    for path in paths:
        window.open(f"{browse.url}{path}")
        assert "owned" not in window.title().replace("document.title='owned'", ""), path
        asked = window.run("return performance.getEntriesByType('resource').map(each => each.name)")
        assert [url for url in asked if not url.startswith((browse.url, "data:"))] == [], path
    window.open(f"{browse.url}/article/a1bad")
    assert window.run("return document.querySelectorAll('script, img').length") == 0
