"""A site's own promotion, which no phrase file has: kept by the first run, dropped by the second, and told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from tests.support.newsweb.responses import html
from tests.support.newsweb.world import SCRIPTED
from tests.support.sibling_pages import NAMES, PROMOTIONS, sibling, story

pytestmark = pytest.mark.slow

ODD = "http://odd.example"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewsWeb]:
    for name in NAMES:
        page = html(sibling(name, url=f"{ODD}/{name}"))
        monkeypatch.setitem(SCRIPTED, f"/{name}", lambda page=page: page)
    with NewsWeb(slow_s=0.1) as web:
        yield web


def backfill(folder: Path, web: NewsWeb, *names: str, options: tuple[str, ...] = ()) -> None:
    Harness(folder).configure(web.resolve, [], delay="0s")
    (folder / "urls.txt").write_text("".join(f"{ODD}/{name}\n" for name in names))
    newsbeam(folder, "backfill", "urls.txt", *options)


def shown(folder: Path, name: str) -> dict[str, Any]:
    [document] = map(json.loads, newsbeam(folder, "show", f"{ODD}/{name}", "--json").stdout.splitlines())
    assert isinstance(document, dict)
    return document


def learned(folder: Path) -> dict[str, Any] | None:
    lines = newsbeam(folder, "boilerplate", "www.odd.example", "--json").stdout.splitlines()
    return json.loads(lines[0]) if lines else None


def test_the_second_run_drops_what_the_first_one_saw_in_every_article(tmp_path: Path, web: NewsWeb) -> None:
    backfill(tmp_path, web, *NAMES[:5])
    before = shown(tmp_path, NAMES[0])
    assert [line for line in PROMOTIONS if line in before["body"]] == list(PROMOTIONS), "no phrase file knows them"
    assert "site_profile" not in before["pipeline"]

    known = learned(tmp_path)
    assert known is not None
    assert (known["site"], known["version"], known["articles"]) == ("odd.example", 1, 5)
    assert sorted((each["text"], each["articles"]) for each in known["lines"]) == sorted((p, 5) for p in PROMOTIONS)
    assert {each[end] for each in known["lines"] for end in ("first", "last")} <= {
        shown(tmp_path, name)["id"] for name in NAMES[:5]
    }
    table = newsbeam(tmp_path, "boilerplate", f"{ODD}/any/page")
    assert "5 of 5" in table.stdout
    assert "odd.example: version 1, made " in table.stderr

    backfill(tmp_path, web, NAMES[5])
    after = shown(tmp_path, NAMES[5])
    assert after["body"] == "\n\n".join(story(NAMES[5]))
    assert after["pipeline"]["site_profile"] == 1
    assert after["content"]["raw_sha256"] != after["content"]["sha256"]
    removed = [
        json.loads(line)
        for line in newsbeam(tmp_path, "show", f"{ODD}/{NAMES[5]}", "--removed", "--json").stdout.splitlines()
    ]
    assert [each["text"] for each in removed if each["rule"] == "learned"] == list(PROMOTIONS)
    assert "learned" in newsbeam(tmp_path, "show", f"{ODD}/{NAMES[5]}", "--removed").stdout
    counted = learned(tmp_path)
    assert counted is not None
    assert (counted["version"], counted["articles"]) == (1, 6), "what is dropped goes on being counted"


def test_a_forgotten_article_leaves_no_line_in_the_ledger(tmp_path: Path, web: NewsWeb) -> None:
    backfill(tmp_path, web, *NAMES[:4])
    for name in NAMES[:4]:
        newsbeam(tmp_path, "forget", f"{ODD}/{name}", "--reason", "asked for")
    assert "or all of them were forgotten" in newsbeam(tmp_path, "boilerplate", "odd.example").stderr
    assert PROMOTIONS[0].encode() not in (tmp_path / "newsbeam.db").read_bytes()


def test_switched_off_nothing_is_learned_and_nothing_dropped(tmp_path: Path, web: NewsWeb) -> None:
    backfill(tmp_path, web, *NAMES[:5], options=("--set", "extract.learn_boilerplate=false"))
    assert learned(tmp_path) is None
    backfill(tmp_path, web, NAMES[5])
    assert PROMOTIONS[0] in shown(tmp_path, NAMES[5])["body"]
    assert "no article of it" not in newsbeam(tmp_path, "boilerplate", "odd.example").stderr


def test_what_is_no_site_is_told(tmp_path: Path, web: NewsWeb) -> None:
    backfill(tmp_path, web, NAMES[0])
    assert "1 article so far" in newsbeam(tmp_path, "boilerplate", "odd.example").stderr
    assert "is no site" in newsbeam(tmp_path, "boilerplate", "http://", code=2).stderr
