"""Runs of capitalised words, and what a document's runs say of a word wherever it stands."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

MAX_NAME_WORDS = 8  # a longer run is a headline in Title Case and says nothing of its words
_INSIDE = frozenset({"of", "for", "and", "the", "&", "-", "de", "al"})
_WHERE = frozenset({"in", "at", "near", "from"})


class RunWord(Protocol):
    """What is asked of a word."""

    @property
    def lower(self) -> str: ...
    @property
    def capital(self) -> bool: ...
    @property
    def is_title(self) -> bool: ...
    @property
    def is_say_verb(self) -> bool: ...
    @property
    def is_body_word(self) -> bool: ...
    @property
    def is_first_name(self) -> bool: ...


def capital_runs(facts: Sequence[RunWord]) -> Iterator[tuple[int, int]]:
    """Yield first and last index of each run of capitalised words; "of", "and" ... between two are bridged. Linear."""
    size, at = len(facts), 0
    while at < size:
        if not facts[at].capital:
            at += 1
            continue
        end = at
        while True:
            if end + 1 < size and facts[end + 1].capital:
                end += 1
            elif end + 2 < size and facts[end + 1].lower in _INSIDE and facts[end + 2].capital:
                end += 2
            else:
                break
        yield at, end
        at = end + 1


def about_names(sentences: Sequence[Sequence[RunWord]], written_lower: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Return word in lower case -> marks, for words that stand in two runs of a document or more.

    A mark is a fact of any of these runs: a title or a preposition of place stands before, a verb of saying behind,
    a given name or a body's word is in it. So "Netanyahu said" is a person's where "Benjamin Netanyahu" stands above.
    The first word of a sentence counts only if the document never writes it in lower case.
    """
    runs: Counter[str] = Counter()
    marks: dict[str, dict[str, None]] = {}  # dicts as ordered sets: the tagger's sums depend on the order
    for facts in sentences:
        for first, end in capital_runs(facts):
            if first == 0 and facts[0].lower in written_lower:
                first = next((i for i in range(1, end + 1) if facts[i].capital), end + 1)
            if not 0 <= end - first < MAX_NAME_WORDS:
                continue
            found = _marks(facts, first, end)
            for word in {fact.lower: None for fact in facts[first : end + 1] if fact.capital}:
                runs[word] += 1
                marks.setdefault(word, {}).update(found)
    return {word: [*marks[word], "D-n"] for word, count in runs.items() if count > 1}


def _marks(facts: Sequence[RunWord], first: int, end: int) -> dict[str, None]:
    several = end > first
    marks = {
        "D-ttl": (first > 0 and facts[first - 1].is_title) or (several and facts[first].is_title),
        "D-in": first > 0 and facts[first - 1].lower in _WHERE,
        "D-say": end + 1 < len(facts) and facts[end + 1].is_say_verb,
        "D-org": facts[end].is_body_word,
        "D-fnm": several and end - first < 4 and facts[first].is_first_name,
        "D-multi": several,
    }
    return {mark: None for mark, holds in marks.items() if holds}
