"""A document is what was fetched, not what its page claims: front pages, foreign claims, slugs, shorteners, AMP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from tests.support.newsweb.behaviours import page, to
from tests.support.newsweb.responses import Response, html
from tests.support.newsweb.world import SCRIPTED

pytestmark = pytest.mark.slow

ODD = "http://odd.example"
TARGET = "http://patient.example/news/windhoek-solar-farm"


def claiming(path: str, canonical: str, *, more: str = "") -> Response:
    """Return the article of a path that claims another URL as its own."""
    text = page(path).replace(f"{ODD}{path}", canonical)
    return html(text.replace("</p>", f"</p>{more}", 1))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewsWeb]:
    with NewsWeb(slow_s=0.1) as web:
        yield web


def backfill(folder: Path, web: NewsWeb, *urls: str) -> Harness:
    harness = Harness(folder)
    harness.configure(web.resolve, [], delay="0s")
    (folder / "urls.txt").write_text("".join(f"{url}\n" for url in urls))
    newsbeam(folder, "backfill", "urls.txt", code=0)
    return harness


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Return every article by the URL it was asked for under."""
    lines = newsbeam(folder, "export", "--format", "jsonl", code=0).stdout.splitlines()
    return {document["url"]["requested"]: document for document in map(json.loads, lines)}


def test_a_page_that_claims_another_publishers_article_neither_takes_nor_loses_anything(
    tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCRIPTED, "/thief", lambda: claiming("/thief", TARGET))
    backfill(tmp_path, web, f"{ODD}/thief", TARGET)
    found = documents(tmp_path)
    assert found[TARGET]["url"]["full"] == TARGET
    assert "claimed" not in found[TARGET]["url"]
    thief = found[f"{ODD}/thief"]
    assert (thief["url"]["full"], thief["url"]["claimed"]) == (f"{ODD}/thief", TARGET)
    assert thief["id"] != found[TARGET]["id"]


def test_articles_that_all_claim_the_front_page_or_their_section_stay_apart(
    tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = {
        "/front-1": f"{ODD}/",
        "/front-2": f"{ODD}/",
        "/news/2026/one-1": f"{ODD}/news",
        "/news/2026/two-2": f"{ODD}/news",
    }
    for path, claim in claims.items():
        monkeypatch.setitem(SCRIPTED, path, lambda path=path, claim=claim: claiming(path, claim))
    backfill(tmp_path, web, *(f"{ODD}{path}" for path in claims))
    found = documents(tmp_path)
    assert {url: document["url"]["full"] for url, document in found.items()} == {
        f"{ODD}{path}": f"{ODD}{path}" for path in claims
    }
    assert len({document["id"] for document in found.values()}) == len(claims)


def test_one_canonical_url_of_different_articles_is_given_to_the_first_only(
    tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ("/story-1-a", "/story-2-b")
    for path in paths:
        monkeypatch.setitem(SCRIPTED, path, lambda path=path: claiming(path, f"{ODD}/the-2026-story"))
    backfill(tmp_path, web, *(f"{ODD}{path}" for path in paths))
    full = sorted(document["url"]["full"] for document in documents(tmp_path).values())
    assert len(full) == 2
    assert sum(url == f"{ODD}/the-2026-story" for url in full) == 1


def test_a_changed_slug_updates_the_document_instead_of_doubling_it(
    tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCRIPTED, "/slug", lambda: claiming("/slug", f"{ODD}/2026/first-slug-1"))
    harness = backfill(tmp_path, web, f"{ODD}/slug")
    [before] = documents(tmp_path).values()
    new = "<p>The council corrected its own numbers on Tuesday and named a new date.</p>"
    monkeypatch.setitem(SCRIPTED, "/slug", lambda: claiming("/slug", f"{ODD}/2026/second-slug-2", more=new))
    harness.change("UPDATE ledger_urls SET state = 'pending', due_at = 0, attempts = 0")
    newsbeam(tmp_path, "backfill", "urls.txt", code=0)
    [after] = documents(tmp_path).values()
    assert (after["id"], after["content"]["revision"]) == (before["id"], 2)
    assert after["url"]["full"] == f"{ODD}/2026/second-slug-2"


def test_shorteners_and_trackers_end_at_the_article_itself(
    tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCRIPTED, "/s1", to("/s2?utm_source=short"))
    monkeypatch.setitem(SCRIPTED, "/s2", to(f"{TARGET}?utm_medium=social&fbclid=abc#top", 301))
    backfill(tmp_path, web, f"{ODD}/s1", f"{TARGET}?utm_campaign=x&gclid=1", TARGET)
    found = documents(tmp_path)
    assert list(found) == [TARGET]
    assert found[TARGET]["url"]["full"] == TARGET


def test_an_amp_page_is_its_article(tmp_path: Path, web: NewsWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    def amp() -> Response:
        return html(page("/page-2026-a").replace("<html", "<html amp", 1))

    monkeypatch.setitem(SCRIPTED, "/page-2026-a", lambda: html(page("/page-2026-a")))
    monkeypatch.setitem(SCRIPTED, "/page-2026-a/amp", amp)
    harness = backfill(tmp_path, web, f"{ODD}/page-2026-a", f"{ODD}/page-2026-a/amp")
    [document] = documents(tmp_path).values()
    assert document["url"]["full"] == f"{ODD}/page-2026-a"
    assert sorted(outcome for (outcome,) in harness.rows("SELECT outcome FROM ledger_urls")) == ["created", "duplicate"]
