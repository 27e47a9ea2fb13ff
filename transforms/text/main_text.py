"""The main text of a page. The one file that knows trafilatura.

One call at a time per process: upstream has open reports of crashes when threads extract at once.
"""

import logging
from collections.abc import Sequence
from copy import copy
from functools import cache
from importlib.metadata import version
from itertools import chain, islice, zip_longest
from threading import Lock
from typing import NamedTuple

import trafilatura
from lxml import html
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from transforms.text.clean import clean_lines, fold
from transforms.text.tree import text_chars, unwrap_marks

# The rules alone are equal to the full cascade on easy pages, at a third of its price. These two triggers keep the F1
# of the full cascade within 0.0005 on three sets, and fire on 2 to 5 % of pages.
MIN_FAST_CHARS = 500
MIN_FAST_SHARE = 0.15
# Larger pages are read with less: the cascade, then the rules, would take seconds. The largest of 261 has 1,505.
MAX_CASCADE_ELEMENTS = 10_000
MAX_ELEMENTS = 30_000
CLUE_WORDS = 8
MAX_CLUE_CHARS = 300
VERBATIM_CHARS = 80

_one_at_a_time = Lock()
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs every page it finds nothing in


class MainText(NamedTuple):
    """Clean lines of the main text (a paragraph, heading, list item or table row each) and what found them."""

    lines: tuple[str, ...]
    extractor: str

    @property
    def chars(self) -> int:
        """Characters of text."""
        return sum(map(len, self.lines))


@cache
def _options(fast: bool) -> Extractor:
    # Comments off: 0.7 points of F1, and almost all comment forms gone. Without `with_metadata` it reads none.
    return Extractor(output_format="python", fast=fast, comments=False)


@cache
def _name(fast: bool) -> str:
    return f"trafilatura{'-fast' if fast else ''}@{version('trafilatura')}"


def find_main_text(root: html.HtmlElement, *, clues: Sequence[str] = ()) -> MainText:
    """Return the main text of a page without chrome and comments; no lines when there is none. The tree stays.

    `clues` are texts that other witnesses give as this article's (description, feed summary, pieces of a JSON-LD body).
    trafilatura's rules go first, alone. Its full cascade follows when their text is short or a small share of the page;
    and when it lacks a clue that is a paragraph of the page: then the rules may have stopped at a wrong block, and the
    full text is taken if it has more of the clues.
    """
    unwrap_marks(root)
    elements = len(list(islice(root.iter(), MAX_ELEMENTS + 1)))
    if elements > MAX_ELEMENTS:
        return _by_paragraphs(root)
    found = _by_rules(root)
    if elements > MAX_CASCADE_ELEMENTS:
        return found if found.lines else _by_paragraphs(root)
    if found.chars < MIN_FAST_CHARS or _is_small_share(found, root):
        full = _by_cascade(root)
        return full if full.lines else found
    if missing := _missing_clues(found, root, clues):
        full = _by_cascade(root)
        return full if len(_missing_clues(full, root, clues)) < len(missing) else found
    return found


def _is_small_share(found: MainText, root: html.HtmlElement) -> bool:
    # All text with its white space is counted in no time, and mostly enough to say no.
    return found.chars < MIN_FAST_SHARE * len(root.find("body").text_content()) and found.chars < (
        MIN_FAST_SHARE * text_chars(root)
    )


def _by_rules(root: html.HtmlElement) -> MainText:
    """Return what the first step of trafilatura's fast mode finds.

    The mode itself copies the tree twice more, prunes comments that are gone already and measures the page for a rescue
    that our own triggers replace: the same lines, in twice the time.
    """
    options = _options(fast=True)
    with _one_at_a_time:
        body, _ = extract_content(convert_tags(tree_cleaning(copy(root), options), options), options)
        text = xmltotxt(body, False)
    return MainText(tuple(clean_lines(text)), _name(fast=True))


def _by_cascade(root: html.HtmlElement) -> MainText:
    with _one_at_a_time:
        document = trafilatura.bare_extraction(root, options=_options(fast=False))
    text = document.text if document is not None and not isinstance(document, dict) else None
    return MainText(tuple(clean_lines(text or "")), _name(fast=False))


def _by_paragraphs(root: html.HtmlElement) -> MainText:
    lines = chain.from_iterable(clean_lines(paragraph.text_content()) for paragraph in root.iter("p"))
    return MainText(tuple(lines), "paragraphs")


def _missing_clues(found: MainText, root: html.HtmlElement, clues: Sequence[str]) -> list[str]:
    """Return the clues that begin a paragraph of the page, but stand nowhere in the text found, like the next one.

    A missing paragraph that the text found follows is its standfirst, and no sign of a wrong block: 25 of 261 pages
    have one, and on none of them the cascade found more.
    """
    said = " ".join(found.lines)
    unsaid = [clue for clue in clues if clue[:VERBATIM_CHARS] not in said]  # mostly none, and folding is dear
    text = fold(said) if unsaid else ""
    missing = [opening for clue in unsaid if (opening := _opening(clue)) and opening not in text]
    if not missing:
        return []
    # Paragraphs only: JSON-LD inside the body repeats the description too.
    openings = (fold(paragraph.text_content()[:MAX_CLUE_CHARS]) for paragraph in root.find("body").iter("p"))
    paragraphs = [opening for opening in openings if opening.count(" ") >= CLUE_WORDS - 1]
    return [
        opening
        for opening in missing
        if any(
            paragraph.startswith(opening) and (_opening(after) or opening) not in text
            for paragraph, after in zip_longest(paragraphs, paragraphs[1:], fillvalue="")
        )
    ]


def _opening(clue: str) -> str | None:
    """Return the first words of a clue; None when they are too few to recognise a text by."""
    words = fold(clue).split()[:CLUE_WORDS]
    return " ".join(words) if len(words) >= CLUE_WORDS else None
