"""World bodies, parties, media, companies and teams that a list knows and the tagger missed or took for something else.

The list (`data/bodies.txt`) is wider than the one that the tagger's weights were trained with, and grows without it.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from transforms.enrich.locating.gazetteer import fold, load_gazetteer
from transforms.enrich.reading import name_lists
from transforms.enrich.reading.marked_text import MarkedText
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.crf_model import load_lexicon

SURE = 0.9  # a tagger's confidence from which on a list does not correct it
# Of one word, and as often something else: these count only when the tagger saw a name there.
_ORDINARY = words(
    """apple target visa orange shell ford total labour greens time fortune forbes guardian sun independent dawn
    telegraph mirror express globe vox labor congress parliament senate treasury patriots lakers celtic rangers wolves
    marvel oasis nirvana quad alphabet puma gap sprint zoom oracle adobe continental leonardo vale metro fed
    conservatives tories beatles steelers packers cubs mets diet majlis economist emirates wagner vanguard
    fidelity meta capitol rte corinthians louvre yale bp msc ard"""
)
_CAPITALISED = re.compile(r"(?<![\w’'&@-])[^\W_a-zß-öø-ÿ][\w’'.&/!+-]*")


def find_listed_bodies(document: MarkedText) -> None:
    """Mark bodies by list: of several words wherever no longer name stands, of one word where no person or place is
    called so.
    """
    for start, end in _names(document.text):
        surface = document.text[start:end]
        span = document.at(start, end)
        if span is None and document.taken(start, end):
            inside = document.covered(start, end)
            if inside and len(surface.split()) > 2 and not document.continues(end):
                document.replace(inside, start, end, "ORG")  # the World Health Organization, of which World was tagged
            continue
        if span is not None and (span.label in ("ORG", "NORP") or span.confidence >= SURE):
            continue
        if document.continues(end) or document.continued_from(start) or not _is_body(surface, tagged=span is not None):
            continue
        if span is None:
            document.add(start, end, "ORG")
        else:
            document.relabel(span, "ORG")


def _is_body(surface: str, *, tagged: bool) -> bool:
    key = fold(surface)
    if load_gazetteer().candidates(key) or surface in name_lists.DEMONYMS:
        return False
    if " " in surface:
        return True
    lexicon = load_lexicon()
    if key in lexicon.first_names or key in lexicon.last_names:
        return False
    return tagged or surface.lower() not in _ORDINARY


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the longest listed name at each capitalised word, without overlaps."""
    by_first, done = _bodies(), 0
    for match in _CAPITALISED.finditer(text):
        start = match.start()
        if start < done:
            continue
        word = match[0].removesuffix("’s").removesuffix("'s").rstrip(".")
        for name in by_first.get(word, ()):
            end = start + len(name)
            if text.startswith(name, start) and not text[end : end + 1].isalnum():
                yield start, end
                done = end
                break


@cache
def _bodies() -> dict[str, tuple[str, ...]]:
    """Return the listed names by their first word, longest first."""
    text = (resources.files("transforms.enrich") / "data" / "bodies.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for name in sorted(text.splitlines(), key=lambda name: (-len(name), name)):
        found.setdefault(name.partition(" ")[0].rstrip("."), []).append(name)
    return {first: tuple(names) for first, names in found.items()}
