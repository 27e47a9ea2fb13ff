"""Where quotation marks open and close: curly, straight, German and French, over paragraphs."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARK = re.compile(r"[“”\"„«»‘’']")
_PARAGRAPH = re.compile(r"[^\n]+")
# Opening mark -> the marks that close it.
_CLOSERS = {"“": "”", '"': '"', "„": "“”", "«": "»", "»": "«", "‘": "’", "'": "'"}
MAX_QUOTE_CHARS = 4_000  # a longer one is a mark that was never closed


class Quotation(NamedTuple):
    """What stands between two marks, white space stripped; `outer` includes the marks.

    `continues` says that the quotation goes on from the paragraph before, which had no closing mark.
    """

    start: int
    end: int
    outer: tuple[int, int]
    continues: bool


def find_quotations(text: str) -> list[Quotation]:
    """Return the outermost quotations of `text` in order, one per paragraph of a quotation that goes on.

    Apostrophes, inches and marks that find no partner are left alone. A paragraph that opens and does not close counts
    when the next one opens again (the custom of the press). Linear in the length of the text.
    """
    found: list[Quotation] = []
    pending: tuple[int, int, str] | None = None  # (start of the quotation, end of its paragraph, mark)
    for paragraph in _PARAGRAPH.finditer(text):
        opens = _opens_with(text, paragraph.start(), paragraph.end())
        if not text[paragraph.start() : paragraph.end()].strip():
            continue
        continues = pending is not None and opens == pending[2]
        if pending is not None and continues:
            found += _quotation(text, pending[0], pending[1], pending[1], continues=_follows(found, pending[0]))
        position = _scan(text, paragraph.start(), paragraph.end(), found, continues=continues)
        pending = None if position is None else (position[0], paragraph.end(), position[1])
    return found


def _follows(found: list[Quotation], start: int) -> bool:
    """Tell whether the paragraph's quotation at `start` itself went on from the one before (three paragraphs)."""
    return bool(found) and found[-1].end == found[-1].outer[1] and found[-1].outer[1] < start


def _opens_with(text: str, start: int, end: int) -> str:
    while start < end and text[start].isspace():
        start += 1
    return text[start] if start < end else ""


def _scan(text: str, start: int, end: int, found: list[Quotation], *, continues: bool) -> tuple[int, str] | None:
    """Append the quotations of a paragraph; return position and mark of one that stays open, or None."""
    open_at, mark = -1, ""
    for match in _MARK.finditer(text, start, end):
        character, position = match.group(), match.start()
        if open_at >= 0 and character in _CLOSERS[mark] and _may_close(text, position, end, mark):
            first = not found or found[-1].outer[0] < start
            found += _quotation(text, open_at, position, position + 1, continues=continues and first)
            open_at = -1
        elif character in _CLOSERS and (open_at < 0 or character == mark) and _may_open(text, position, start, end):
            open_at, mark = position, character
    return (open_at, mark) if open_at >= 0 else None


def _may_open(text: str, position: int, start: int, end: int) -> bool:
    before = text[position - 1] if position > start else " "
    after = text[position + 1] if position + 1 < end else " "
    character = text[position]
    if character in "“„":
        return not after.isspace()
    if character == "«":
        return True
    if character in "‘'":
        return (before.isspace() or before in "([—–") and after.isalpha()
    # A straight mark, or a » that opens: white space or a bracket before, a word behind (12" is inches).
    return (before.isspace() or before in "([—–-/") and not after.isspace()


def _may_close(text: str, position: int, end: int, mark: str) -> bool:
    after = text[position + 1] if position + 1 < end else " "
    if mark == "‘":  # ’ is an apostrophe inside a word, and at the end of a plural
        plural = (
            text[position - 1] == "s" and after == " " and text.find("’", position + 1, min(end, position + 400)) > 0
        )
        return not after.isalnum() and not plural
    if mark == "'":  # an apostrophe, too: only behind the mark that ends what was said
        return text[position - 1] in ",.!?…—" and not after.isalnum()
    if mark == '"':
        before = text[position - 1]
        return not (before.isspace() and not after.isspace())
    return True


def _quotation(text: str, open_at: int, close_at: int, outer_end: int, *, continues: bool) -> Iterator[Quotation]:
    start, end = open_at + 1, close_at
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end and end - start <= MAX_QUOTE_CHARS:
        yield Quotation(start, end, (open_at, outer_end), continues)
