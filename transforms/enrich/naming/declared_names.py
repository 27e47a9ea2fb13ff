"""Names that a desk declares: the canonical one, its other forms, and what must be in an article to mean it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from transforms.elements import Article, Label
from transforms.enrich.base import texts
from transforms.enrich.naming.coreference_names import fold
from transforms.enrich.tagging.crf_features import fold as fold_letters

MAX_FORM_CHARS = 200
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"[^\S\n]?[.,'’&/–-]?[^\S\n]?|, ")  # two words of one name: "U.S.", "Ben-Gvir", "Johnson & Sons"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredName:
    """An entry of `names.yaml`. `near`: one of these words or names must be in the article; () means always."""

    name: str
    label: Label
    also: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and its other forms."""
        return (self.name, *self.also)


class FoundForm(NamedTuple):
    """A declared form in a text, `text[start:end]`, and the entries that have it, in the file's order."""

    start: int
    end: int
    entries: tuple[int, ...]


def key_of(form: str) -> str:
    """Return a form for comparison: lower case, without accents, dots, possessive and leading "the".

    >>> key_of("The U.S. State Department's")
    'u s state department'
    """
    return fold(form).removeprefix("the ")


class DeclaredNames:
    """All entries, found by form. Looking one up costs the same however many there are."""

    def __init__(self, entries: Sequence[DeclaredName]) -> None:
        self.entries = tuple(entries)
        self._by_key: dict[str, tuple[int, ...]] = {}
        self._as_written: dict[str, tuple[int, ...]] = {}  # words as written, one space between them
        self._longest: dict[str, int] = {}  # by first word: the words of the longest form that begins with it
        for number, entry in enumerate(self.entries):
            for form in dict.fromkeys(entry.forms):
                self._add(form, number)

    def _add(self, form: str, number: int) -> None:
        key, parts = key_of(form), _WORD.findall(form)
        if number not in (known := self._by_key.get(key, ())):
            self._by_key[key] = (*known, number)
        if not parts:
            return
        written = " ".join(parts)
        if number not in (known := self._as_written.get(written, ())):
            self._as_written[written] = (*known, number)
        self._longest[parts[0]] = max(self._longest.get(parts[0], 0), len(parts))

    def having(self, name: str) -> tuple[int, ...]:
        """Return the numbers of the entries that have a form, in the file's order."""
        return self._by_key.get(key_of(name), ())

    def in_text(self, text: str) -> Iterator[FoundForm]:
        """Yield the forms that stand in a text letter by letter, the longest at each place, none within another."""
        parts = list(_WORD.finditer(text))
        at = 0
        while at < len(parts):
            found = self._longest_at(text, parts, at)
            if found is None:
                at += 1
                continue
            size, entries = found
            yield FoundForm(parts[at].start(), parts[at + size - 1].end(), entries)
            at += size

    def _longest_at(self, text: str, parts: list[re.Match[str]], at: int) -> tuple[int, tuple[int, ...]] | None:
        longest = self._longest.get(parts[at][0], 0)
        size = 1
        while size < longest and at + size < len(parts):
            if not _BETWEEN.fullmatch(text, parts[at + size - 1].end(), parts[at + size].start()):
                break
            size += 1
        for count in range(min(size, longest), 0, -1):
            if entries := self._as_written.get(" ".join(part[0] for part in parts[at : at + count])):
                return count, entries
        return None


class Company:
    """What else an article says, asked by the words of `near`."""

    def __init__(self, article: Article) -> None:
        self._text = "\n".join(text for _, text in texts(article))
        self._folded = f" {' '.join(_WORD.findall(fold_letters(self._text)))} "
        self._answers: dict[str, bool] = {}  # a form may stand in a text thousands of times

    def has(self, near: Iterable[str]) -> bool:
        """Tell whether one of the words or names is in the article, in any case and with or without accents.

        One in capitals only (US) must stand there in capitals: "us" is another word.
        """
        return any(self._answer(each, self._stands) for each in near)

    def knows_lower(self, word: str) -> bool:
        """Tell whether a word stands in the article in lower case, so that its capital may be a sentence's."""
        return self._answer(word.lower(), self._as_is)

    def _answer(self, text: str, ask: Callable[[str], bool]) -> bool:
        key = f"{ask.__name__} {text}"
        if key not in self._answers:
            self._answers[key] = ask(text)
        return self._answers[key]

    def _as_is(self, word: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self._text) is not None

    def _stands(self, name: str) -> bool:
        if name.isalpha() and name.isupper():
            return self._as_is(name)
        phrase = " ".join(_WORD.findall(fold_letters(name)))
        return bool(phrase) and f" {phrase} " in self._folded


def meant(names: DeclaredNames, numbers: Iterable[int], company: Company) -> int | None:
    """Return which of several entries is meant: the first whose `near` is in the article, else the first without one.

    None when each of them asks for company that is not there.
    """
    numbers = tuple(numbers)
    near = next((number for number in numbers if company.has(names.entries[number].near)), None)
    return near if near is not None else next((each for each in numbers if not names.entries[each].near), None)
