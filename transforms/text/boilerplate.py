"""The line filter: what stays of an extracted text, and what was taken out of it by which rule.

It takes whole lines only, and never the text's bulk: over-eager filters cost up to seven points of F1, these rules
earn 0.7 to 1.3 on two sets of real news pages.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from transforms.elements import Removed
from transforms.text.authors import is_byline
from transforms.text.clean import fold
from transforms.text.line_rules import (
    is_address_on,
    is_contact,
    is_copyright,
    is_date,
    is_separator,
    is_table_rule,
    pull_quotes,
)
from transforms.text.phrases import MAX_LINE_CHARS, Phrases

HEADLINE_LINES = 3  # a headline is repeated on top of the text; further down a line like it is the author's
EDGE_LINES = 4  # who wrote it and when stands at the top and at the end
MAX_BIO_CHARS = 600
MIN_CAPTION_WORDS = 4
FIELD_REACH = 4  # lines between a comment form's sentence and its field labels ("Name", "Email", "Website")

# After the author's name: "is a reporter who ...", "covers the port", "ist Redakteurin".
_BIO_VERBS = {"is", "was", "covers", "writes", "reports", "joined", "works", "ist", "arbeitet", "schreibt", "est", "es"}


class PageClues(NamedTuple):
    """What the page says of itself: its headline's forms, subtitle, authors, captions, `story_links`, host and site."""

    headlines: Collection[str] = ()
    subtitle: str | None = None
    authors: Collection[str] = ()
    captions: Collection[str] = ()
    links: Collection[str] = ()
    host: str = ""
    site: str | None = None


class FilteredLines(NamedTuple):
    """The lines that stay, in order, and those that went with their rule."""

    lines: tuple[str, ...]
    removed: tuple[Removed, ...]


def filter_lines(lines: Sequence[str], *, clues: PageClues, phrases: Phrases, language: str | None) -> FilteredLines:
    """Return `lines` without headline, byline, biography, captions, links to other stories and boilerplate phrases."""
    known = _Known(
        headlines={fold(headline) for headline in clues.headlines} - {""},
        subtitle=fold(clues.subtitle or ""),
        authors={fold(author) for author in clues.authors} - {""},
        captions={fold(caption) for caption in clues.captions if len(caption.split()) >= MIN_CAPTION_WORDS},
        links=frozenset(clues.links),
        quotes=pull_quotes(lines),
        host=clues.host,
    )
    rules = [
        _rule_of_form(line, number, len(lines), known) or phrases.rule_of(line, language, clues.site)
        for number, line in enumerate(lines)
    ]
    _settle_fields(rules)
    pairs = list(zip(lines, rules, strict=True))
    kept = tuple(line for line, rule in pairs if rule is None)
    return FilteredLines(kept, tuple(Removed(text=line, rule=rule) for line, rule in pairs if rule is not None))


class _Known(NamedTuple):
    headlines: set[str]
    subtitle: str
    authors: set[str]
    captions: set[str]
    links: frozenset[str]
    quotes: frozenset[int]
    host: str


def _rule_of_form(line: str, number: int, count: int, known: _Known) -> str | None:
    """Return the rule that takes line `number` of `count` for what it is and where it stands."""
    near_top, near_end = number < EDGE_LINES, number >= count - EDGE_LINES
    if is_copyright(line):
        return "copyright"
    if is_table_rule(line) or (number in (0, count - 1) and is_separator(line)):
        return "separator"
    if number < HEADLINE_LINES and _repeats(line, known.headlines):
        return "headline"
    if near_top and is_byline(line):
        return "byline"
    if number in known.quotes:
        return "pull-quote"
    if len(line) > MAX_BIO_CHARS:
        return None
    folded = fold(line)
    if (near_top or near_end) and folded in known.authors:
        return "byline"
    if number < HEADLINE_LINES and folded and folded == known.subtitle:
        return "subtitle"
    if folded in known.captions:
        return "caption"
    if folded in known.links:
        return "story-link"
    if (near_top or near_end) and is_date(line):
        return "date"
    if near_end and number > 0 and (is_contact(line) or _is_bio(folded, known.authors)):
        return "author-bio"
    return "link" if known.host and is_address_on(line, known.host) else None


def _repeats(line: str, headlines: set[str]) -> bool:
    """Say whether `line` is a headline, or one that is a little longer or shorter than the page's own."""
    if len(line) > MAX_LINE_CHARS:
        return False
    folded = fold(line)
    if folded in headlines:
        return True
    if len(folded.split()) < 4:
        return False
    return any(
        (headline.startswith(folded) and len(folded) > 0.6 * len(headline))
        or (folded.startswith(headline) and len(headline.split()) >= 4 and len(folded) < 1.5 * len(headline))
        for headline in headlines
    )


def _is_bio(folded: str, authors: set[str]) -> bool:
    """Say whether a line tells who the author is: the full name, then a verb of `_BIO_VERBS`."""
    return any(
        " " in author and folded.startswith(f"{author} ") and folded[len(author) :].split()[0] in _BIO_VERBS
        for author in authors
    )


def _settle_fields(rules: list[str | None]) -> None:
    """Take a form's field labels for boilerplate only beside another line of the form."""
    forms = [number for number, rule in enumerate(rules) if rule == "comment-form"]
    for number, rule in enumerate(rules):
        if rule == "comment-field" and not any(abs(number - form) <= FIELD_REACH for form in forms):
            rules[number] = None
