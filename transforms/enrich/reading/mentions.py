"""The entities that earlier enrichers found, asked by place in the text."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from transforms.elements import Entity, SpanField
from transforms.enrich.base import Found
from transforms.enrich.reading.words import words

PLACE_LABELS = frozenset({"GPE", "LOC", "FAC"})
_PLACED_BY = words("in at near outside around across inside within throughout on from to of into toward towards off")
_MEANT = re.compile(
    r"\b[Tt]he\s(?:city|town|village|port|capital|region|area|district|province|island|camp|enclave|strip|neighborhood"
    r"|neighbourhood|territory|suburb)\b(?!\sof\s[A-Z])"  # the port of Donggala has its name
)
# Characters that a place without a preposition lies farther away: "in Gaza" is where, "Gaza's ministry" is who.
_UNPLACED_COST = 60
_SENTENCE_END = re.compile(r"[.!?”\"]\s|\n")
_LEAD_CHARS, _LEAD_WORDS = 80, 6  # before a sentence's subject: "Her deputy, the engineer Ada Novak"
_ACTS = re.compile(r"\s+(?:(?:has|have|had)\s(?!been\b)|will\b|(?!need)[a-z]+ed\b|says?\b|said\b|told\b)")


class Named(NamedTuple):
    """A mention of an entity."""

    start: int
    end: int
    name: str
    label: str


class Mentions:
    """Sorted mentions of one text field."""

    def __init__(self, found: Found, field: SpanField) -> None:
        entities = found.get("entities")
        self._all = sorted(
            Named(mention.start_char, mention.end_char, entity.name, entity.label)
            for entity in (entities if isinstance(entities, Iterable) else ())
            if isinstance(entity, Entity)
            for mention in entity.mentions
            if mention.field == field
        )
        self._roles = {
            entity.name: words((entity.role or "").lower())
            for entity in (entities if isinstance(entities, Iterable) else ())
            if isinstance(entity, Entity) and entity.label == "PERSON"
        }
        self._places = [named for named in self._all if named.label in PLACE_LABELS]

    def overlapping(self, start: int, end: int) -> list[Named]:
        """Return the mentions that overlap `start` to `end`, in order."""
        first = max(0, bisect_left(self._all, (start,)) - 1)
        found = []
        for named in self._all[first:]:
            if named.start >= end:
                break
            if named.end > start:
                found.append(named)
        return found

    def person_before(self, position: int) -> str | None:
        """Return the person named last before `position`, or None."""
        for named in reversed(self._all[: bisect_left(self._all, (position,))]):
            if named.label == "PERSON":
                return named.name
        return None

    def subject_between(self, text: str, start: int, end: int) -> str | None:
        """Return the last person between two offsets whose name stands among the first words of a sentence, or None."""
        first = bisect_left(self._all, (start,))
        for named in reversed(self._all[first : bisect_left(self._all, (end,))]):
            if named.label == "PERSON":
                lead = _SENTENCE_END.split(text[max(start, named.start - _LEAD_CHARS) : named.start])[-1]
                if len(lead.split()) <= _LEAD_WORDS:
                    return named.name
        return None

    def people_before(self, position: int) -> int:
        """Return how many persons are named before `position`."""
        before = self._all[: bisect_left(self._all, (position,))]
        return len({named.name for named in before if named.label == "PERSON"})

    def person_in_role(self, described: Iterable[str], position: int) -> str | None:
        """Return the one person named before `position` whose stated role has all these words, None for none or two."""
        wanted = frozenset(described)
        before = {named.name for named in self._all[: bisect_left(self._all, (position,))]}
        matching = [name for name, role in self._roles.items() if wanted <= role and name in before]
        return matching[0] if len(matching) == 1 else None

    def place_near(self, text: str, start: int, end: int, sentence: tuple[int, int]) -> str | None:
        """Return the place nearest to the span in its sentence, None when the sentence has none.

        A place behind a preposition goes first; one that acts ("Israel ordered") is no place. "The city" behind the
        span means the place named last before it.
        """
        meant = _MEANT.search(text, end, min(sentence[1], end + 80))
        if meant is not None:
            before = bisect_left(self._places, (meant.start(),))
            if before:
                return self._places[before - 1].name
        best: tuple[int, str] | None = None
        for named in self._places[bisect_left(self._places, (sentence[0],)) :]:
            if named.start >= sentence[1]:
                break
            cost = max(named.start - end, start - named.end, 0)
            lead = text[max(sentence[0], named.start - 24) : named.start].split()
            placed = any(word.lower() in _PLACED_BY for word in lead[-2:])
            if not placed:
                if _ACTS.match(text, named.end) and named.label != "FAC":
                    continue
                cost += _UNPLACED_COST
            if best is None or cost < best[0]:
                best = cost, named.name
        return best[1] if best else None
