"""Mentions made ready for comparison, and groups of those that name one thing."""

import re
from bisect import bisect_left, insort
from dataclasses import dataclass, field

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.crf_features import fold as fold_letters

_POSSESSIVE = re.compile(r"['’`]s?$")
_DOT_IN_ACRONYM = re.compile(r"(?<=\b[a-z])\.")
_PUNCTUATION = re.compile(r"[.,\"“”()\-]")


def fold(name: str) -> str:
    """Return the name for comparison: lower case, without accents, dots, possessive, titles' commas.

    >>> fold("the U.N.'s")
    'the u n'
    """
    folded = _POSSESSIVE.sub("", fold_letters(name.strip())).replace("’", "'")
    folded = _PUNCTUATION.sub(" ", _DOT_IN_ACRONYM.sub(" ", folded)).replace("'", "")
    return " ".join(folded.split())


def without_titles(words: list[str]) -> list[str]:
    """Return a person's words without titles before and "Jr." behind."""
    while len(words) > 1 and (words[0] in name_lists.TITLES or words[0] in ("st", "saint")):
        words = words[1:]
    while len(words) > 1 and words[-1] in name_lists.NAME_SUFFIXES:
        words = words[:-1]
    return words


class Name:
    """A mention with its folded words: titles, articles and plural endings of groups taken off."""

    __slots__ = ("key", "span", "surface", "words")

    def __init__(self, span: Span, surface: str) -> None:
        words = fold(surface).split()
        while len(words) > 1 and words[0] in ("the", "a", "an"):
            words = words[1:]
        if span.label == "PERSON":
            words = without_titles(words)
        elif span.label == "NORP" and words and len(words[-1]) > 3:
            words[-1] = words[-1].removesuffix("s")  # "Palestinians" and "Palestinian"
        self.span, self.surface, self.words, self.key = span, surface.strip(), tuple(words), " ".join(words)


@dataclass(eq=False)
class Group:
    """Mentions of one thing."""

    words: tuple[str, ...]  # of the first, longest name
    names: list[Name] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, name: Name) -> None:
        self.names.append(name)
        self.keys.add(name.key)
        insort(self.starts, name.span.start)

    def distance(self, start: int) -> tuple[bool, int]:
        """Return how far the nearest mention is, one before `start` preferred to any behind it."""
        at = bisect_left(self.starts, start)
        return (False, start - self.starts[at - 1]) if at else (True, self.starts[0] - start)
