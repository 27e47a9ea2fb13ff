"""Lines that a site repeats in many articles: what an article shows of them, and an article without them.

No phrase file knows a publisher's own promotions, notes on the author and separators. An article leaves numbers only:
keys of its lines, and a sketch by which a second copy of the same text is known (`recurring.py` counts both).
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest

from transforms.elements import Article, Observed, Removed, SiteProfile
from transforms.text.clean import fold, join_lines, text_sha256
from transforms.text.line_rules import DATE_NAMES, is_separator

RULE = "learned"
MAX_SHARE = 0.3  # of a text's characters: a page that seems to consist of its site's lines is mostly its own after all
# Shorter lines are headings that a site's stories have in common ("What we know"); longer ones were never boilerplate.
LINE_CHARS = (20, 600)
MAX_SEPARATOR_CHARS = 40
FIRST_LINES, LAST_LINES = 10, 30  # of an article, that are observed: 87 % of news pages are not longer
SKETCH_SIZE = 32
SHINGLE_WORDS = 4
LONG_WORD = 7  # characters
MAX_SKETCH_WORDS = 2_000

_TIME = re.compile(r"\b\d{1,2}(?::\d{2}){1,2}(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}h\d{2}\b", re.I)
_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}(?:T[\d:.]+Z?)?|\b\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})\b")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th|er|º)?")
_SOME_DATE = "0"


def line_key(line: str) -> int | None:
    """Return what identifies a line that could be a site's own, None for one that never is.

    Case, punctuation, dates and times do not count. Other numbers do: rows of results and of prices say the same words
    every day, and are the article. Rows of tables have no key.

    >>> line_key("Updated at 14:35 on 3 May 2026, London") == line_key("Updated at 9:05 on Monday 4 June 2026, London")
    True
    >>> line_key("Brent crude rose 2 percent today") == line_key("Brent crude rose 3 percent today")
    False
    """
    if line.startswith("|"):
        return None
    if is_separator(line):
        return _number(line) if len(line) <= MAX_SEPARATOR_CHARS else None
    shortest, longest = LINE_CHARS
    if not shortest <= len(line) <= longest:
        return None
    return _number(_without_dates(line))


def observe(body: str) -> Observed:
    """Return what a body shows of its site: at most 40 keys, and the sketch of its first 2,000 words."""
    lines = _lines(body)
    edges = lines if len(lines) <= FIRST_LINES + LAST_LINES else (*lines[:FIRST_LINES], *lines[-LAST_LINES:])
    keys = dict.fromkeys(key for line in edges if (key := line_key(line)) is not None)
    return Observed(lines=tuple(keys), sketch=sketch_of(body))


def sketch_of(text: str) -> tuple[int, ...]:
    """Return the 32 smallest hashes of the text's 4-word shingles: two texts share as many as they have in common.

    Only shingles that begin with a long word are hashed: the same ones in every copy, for a quarter of the price.
    """
    words = text[: 20 * MAX_SKETCH_WORDS].casefold().split()[:MAX_SKETCH_WORDS]
    starts = [at for at, word in enumerate(words) if len(word) >= LONG_WORD] or range(len(words))
    hashes = {zlib.crc32(" ".join(words[at : at + SHINGLE_WORDS]).encode()) for at in starts}
    return tuple(nsmallest(SKETCH_SIZE, hashes))


def without_learned(article: Article, profile: SiteProfile) -> Article:
    """Return the article without the lines of its site's profile, and with the profile's version.

    From the end, where most of them stand, and never more than 30 % of the text. `raw_sha256` stays: what is learned
    later makes no page new.
    """
    lines = _lines(article.body)
    dropped = frozenset(_dropped(lines, profile.lines))
    if not dropped:
        return replace(article, site_profile=profile.version)
    body = join_lines([line for number, line in enumerate(lines) if number not in dropped])
    return replace(
        article,
        body=body,
        sha256=text_sha256(article.title, body),
        removed=(*article.removed, *(Removed(text=lines[number], rule=RULE) for number in sorted(dropped))),
        site_profile=profile.version,
    )


def _dropped(lines: Sequence[str], learned: frozenset[int]) -> Iterator[int]:
    """Yield the numbers of the lines that go."""
    left = MAX_SHARE * sum(map(len, lines))
    for number in range(len(lines) - 1, -1, -1):
        if len(lines[number]) <= left and line_key(lines[number]) in learned:
            left -= len(lines[number])
            yield number


def _lines(body: str) -> list[str]:
    return [line for line in body.split("\n") if line]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _without_dates(line: str) -> str:
    """Return the folded words of a line; a date or a time, however it is written, is one word."""
    if not any(map(str.isdigit, line)):  # most lines, for a fifth of the price
        return fold(line)
    words = fold(_DATE.sub(" 2000 ", _TIME.sub(" 2000 ", line))).split()
    certain = [word in DATE_NAMES or _YEAR.fullmatch(word) is not None for word in words]
    kept: list[str] = []
    for number, word in enumerate(words):
        beside = any(certain[max(0, number - 1) : number + 2])
        is_date = certain[number] or (beside and _DAY.fullmatch(word) is not None)
        if not is_date or kept[-1:] != [_SOME_DATE]:
            kept.append(_SOME_DATE if is_date else word)
    return " ".join(kept)
