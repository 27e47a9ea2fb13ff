"""The one step of trafilatura that is called alone still finds what the library finds."""

from pathlib import Path

import pytest
import trafilatura

from transforms.text.clean import clean_lines
from transforms.text.main_text import find_main_text
from transforms.text.tree import drop_chrome, drop_unseen, parse_page

FOLDER = Path(__file__).parents[1] / "golden" / "pages"
# Not those that are read in another way: nested too deeply, or empty but for their JSON-LD.
PAGES = sorted(path for path in FOLDER.glob("*.html") if path.stem not in ("nested-too-deep", "json-ld-only"))
URL = "https://gazette.example/news/story"
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


def test_page_of_too_many_elements_is_read_by_its_paragraphs() -> None:
    rows = "<div>Row of a list</div>" * 30_001
    root = parse_page(f"<html><body>{rows}<article><p>{SENTENCE * 8}</p></article></body></html>", URL)
    found = find_main_text(root)
    assert (found.extractor, found.lines) == ("paragraphs", (f"{SENTENCE * 8}".strip(),))
