"""The one step of trafilatura that is called alone still finds what the library finds."""

from pathlib import Path

import pytest
import trafilatura
from lxml.html import HtmlElement

from transforms.text import main_text
from transforms.text.clean import clean_lines
from transforms.text.main_text import find_main_text
from transforms.text.tree import drop_chrome, drop_unseen, parse_page

FOLDER = Path(__file__).parents[1] / "golden" / "pages"
# Not those that are read in another way: nested too deeply, or empty but for their JSON-LD.
PAGES = sorted(path for path in FOLDER.glob("*.html") if path.stem not in ("nested-too-deep", "json-ld-only"))
URL = "https://gazette.example/news/story"
NAMES = [f"Councillor {name}" for name in ("Berg", "Lee", "Roe", "Ito", "Mora", "Novak", "Silva", "Weiss", "Blanc")]
SENTENCE = "The council met on Tuesday to talk about the harbour, the ferry and the long quarrel over the fish market. "


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_rules_alone_find_what_the_fast_mode_finds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    root = parse_page(text, URL)
    drop_unseen(root)
    drop_chrome(root)
    found = find_main_text(root)
    if not found.extractor.startswith("trafilatura-fast"):
        return  # a short page: the cascade read it
    document = trafilatura.bare_extraction(text, fast=True, include_comments=False)
    assert document is not None
    assert set(clean_lines(document.text or "")) == set(found.lines)


def test_tree_stays_for_the_next_reader() -> None:
    root = parse_page(f"<html><body><article><p>{SENTENCE * 8}</p></article></body></html>", URL)
    assert find_main_text(root).lines == find_main_text(root).lines != ()


def test_cascade_reads_a_page_whose_rules_find_too_little() -> None:
    short = parse_page(f"<html><body><article><p>{SENTENCE}</p></article></body></html>", URL)
    long = parse_page(f"<html><body><article><p>{SENTENCE * 8}</p></article></body></html>", URL)
    assert find_main_text(short).extractor.startswith("trafilatura@")
    assert find_main_text(long).extractor.startswith("trafilatura-fast@")


def _page_with_a_box(description: str) -> HtmlElement:
    """Return a page whose rules stop at a box that is called the article's content; the text stands beside it."""
    box = "".join(f"<p>{name} said that the talks about the ferry had been long and hard.</p>" for name in NAMES)
    text = "".join(f"<p>Part {number} of the story. {SENTENCE}</p>" for number in range(1, 30))
    return parse_page(
        f"<html><body><p>{description}</p><div class='article-content'>{box}</div><div>{text}</div></body></html>", URL
    )


def test_cascade_reads_a_page_whose_rules_stopped_at_the_wrong_block() -> None:
    opening = f"Part 1 of the story. {SENTENCE}"
    root = _page_with_a_box("By our own correspondent")
    rules, full = find_main_text(root), find_main_text(root, clues=(opening,))
    assert rules.extractor.startswith("trafilatura-fast@")
    assert opening.strip() not in rules.lines
    assert full.extractor.startswith("trafilatura@")
    assert opening.strip() in full.lines


def test_standfirst_before_the_text_calls_no_cascade(monkeypatch: pytest.MonkeyPatch) -> None:
    standfirst = "After three years of talks the council has a plan for the harbour that few people like."
    monkeypatch.setattr(main_text, "_by_cascade", lambda _: pytest.fail("the cascade was called"))
    assert find_main_text(_page_with_a_box(standfirst), clues=(standfirst,)).lines


def test_page_of_too_many_elements_is_read_by_its_paragraphs() -> None:
    rows = "<div>Row of a list</div>" * 30_001
    root = parse_page(f"<html><body>{rows}<article><p>{SENTENCE * 8}</p></article></body></html>", URL)
    found = find_main_text(root)
    assert (found.extractor, found.lines) == ("paragraphs", (f"{SENTENCE * 8}".strip(),))
