"""The page that the documents show before and after: what they say of it is what the two extractors give today."""

import difflib
import re
from pathlib import Path

import trafilatura

from tests.support.golden import PAGES, article_of

ROOT = Path(__file__).parents[2]
NAME = "newsletter-and-app"
WIDTH = 100


def before_and_after() -> list[str]:
    """Return trafilatura's lines, cut to `WIDTH`, each marked "-" where newsbeam's body does not have it."""
    page = (PAGES / f"{NAME}.html").read_text(encoding="utf-8")
    before = (trafilatura.extract(page, include_comments=False) or "").split("\n")
    after = article_of(NAME).body.split("\n\n")
    marked = (line for line in difflib.ndiff(before, after) if not line.startswith("?"))
    return [line if len(line) <= WIDTH else f"{line[: WIDTH - 4].rstrip()} ..." for line in marked]


def test_newsbeam_only_takes_lines_away() -> None:
    marks = [line[:2] for line in before_and_after()]
    assert marks.count("  ") == 6
    assert set(marks) == {"  ", "- "}


def test_architecture_quotes_each_line_that_goes() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = re.search(rf"`tests/golden/pages/{NAME}\.html`\):(.*?)\n\n", text, re.DOTALL)
    assert told is not None
    quoted = [quote.removesuffix(" ...") for quote in re.findall(r'"([^"]+)"', " ".join(told[1].split()))]
    gone = [line[2:] for line in before_and_after() if line.startswith("- ")]
    assert len(quoted) == len(gone)
    assert all(line.startswith(quote) for line, quote in zip(gone, quoted, strict=True))


def test_readme_shows_the_two_as_they_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [block.rstrip("\n").split("\n") for block in re.findall(r"```diff\n(.*?)```", text, re.DOTALL)]
    assert all([line.rstrip() for line in block] == [line.rstrip() for line in before_and_after()] for block in shown)
