"""A text with the names marked so far: what the steps of the document pass work on."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span

RULE_CONFIDENCE = 0.8  # of a mention that a list or another mention's label put there

_NEXT_WORD = re.compile(r"[ -]([^\W\d_][\w’'-]*)")
_WORD_BEFORE = re.compile(r"([^\W\d_][\w’'.-]*) \Z")


class MarkedText:
    """A text with non-overlapping spans that grows."""

    def __init__(self, text: str, spans: Iterable[Span]) -> None:
        self.text = text
        self.written_lower = {word for word in re.findall(r"[^\W\d_]+", text) if word.islower()}
        self._by_start: dict[int, Span] = {}
        self._starts: list[int] = []
        for span in sorted(spans, key=lambda s: (s.start, -s.end)):
            if not self.taken(span.start, span.end):
                self._by_start[span.start] = span
                self._starts.append(span.start)

    def spans(self) -> list[Span]:
        return [self._by_start[start] for start in self._starts]

    def at(self, start: int, end: int) -> Span | None:
        """Return the span that lies exactly there."""
        span = self._by_start.get(start)
        return span if span is not None and span.end == end else None

    def taken(self, start: int, end: int) -> bool:
        at = bisect_left(self._starts, end)
        return at > 0 and self._by_start[self._starts[at - 1]].end > start

    def add(self, start: int, end: int, label: str) -> None:
        insort(self._starts, start)
        self._by_start[start] = Span(start, end, label, RULE_CONFIDENCE)

    def relabel(self, span: Span, label: str) -> None:
        self._by_start[span.start] = span._replace(label=label, confidence=max(span.confidence, RULE_CONFIDENCE))

    def looks_named(self, word: str) -> bool:
        """Tell whether a neighbouring word may belong to the name: capitalised, and not a common word that a headline
        or a sentence's start has capitalised.
        """
        return (
            word[0].isupper() and word not in name_lists.COMMON_CAPITALISED and word.lower() not in self.written_lower
        )

    def continues(self, end: int) -> bool:
        following = _NEXT_WORD.match(self.text, end, end + 40)
        return following is not None and self.looks_named(following[1])

    def continued_from(self, start: int) -> bool:
        before = _WORD_BEFORE.search(self.text[max(0, start - 25) : start])
        if before is None or before[1].lower().rstrip(".") in name_lists.TITLES:
            return False
        return before[1] not in name_lists.DEMONYMS and self.looks_named(before[1])

    def covered(self, start: int, end: int) -> list[Span]:
        """Return the spans that lie within `start` to `end`, in order; none if one reaches out of it."""
        first, stop = bisect_left(self._starts, start), bisect_left(self._starts, end)
        if first > 0 and self._by_start[self._starts[first - 1]].end > start:
            return []
        inside = [self._by_start[at] for at in self._starts[first:stop]]
        return inside if inside and inside[-1].end <= end else []

    def replace(self, spans: Iterable[Span], start: int, end: int, label: str) -> None:
        """Put one span in the place of those it covers."""
        for span in spans:
            del self._starts[bisect_left(self._starts, span.start)]
            del self._by_start[span.start]
        self.add(start, end, label)
