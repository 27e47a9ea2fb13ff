"""Which names are one thing: "Blinken" and "Antony Blinken", "IDF" and "Israel Defense Forces".

Rules over the names alone and the brackets behind them, in the manner of a careful reader: persons by family name and
compatible given name, bodies by alias, acronym, company suffix and word set, places by alias and their common words.
Every look-up is by key, so that the work is linear in the mentions.
"""

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from transforms.enrich import name_lists
from transforms.enrich.crf_features import fold as fold_letters
from transforms.enrich.document_pass import acronyms_of
from transforms.enrich.name_span import Span
from transforms.enrich.words import words

MAX_CANDIDATES = 50  # persons that share a word with a name and are compared with it; real articles have under ten
_POSSESSIVE = re.compile(r"['’`]s?$")
_DOT_IN_ACRONYM = re.compile(r"(?<=\b[a-z])\.")
_PUNCTUATION = re.compile(r"[.,\"“”()\-]")
_DEFINED = re.compile(
    r"\s*,?\s*\(\s*(?:the\s+|or\s+|known as\s+|also known as\s+)?[\"“']?([A-Z][A-Za-z.\-]{1,9})[\"”']?\s*\)"
)
_SPELLED_OUT = re.compile(r"\s*\(([^()\n]{6,80})\)")
_PLACE_WORDS_BEHIND = frozenset({"strip", "peninsula", "island", "islands"})
_PLACE_WORDS_BEFORE = frozenset({"city", "state", "republic", "town", "province", "kingdom", "district"})
_BODY_LEADERS = frozenset({"un", "us", "uk", "eu"})
_GENERIC = name_lists.ORG_WORDS | words(
    "united national international new royal federal american first state central supreme public house"
)
_DEMONYMS = frozenset(word.lower() for word in name_lists.DEMONYMS)
_COUNTRIES = frozenset(fold_letters(name).replace(".", " ").strip() for name in name_lists.COUNTRIES) | {
    "u n",
    "u s",
    "united nations",
}
_FAMILY = {"PERSON": "person", "NORP": "group"}  # the others may be confused with each other: one family


class Thing(NamedTuple):
    """One real-world thing: its fullest name, its label, its mentions in text order."""

    name: str
    label: str
    spans: tuple[Span, ...]


def fold(name: str) -> str:
    """Return the name for comparison: lower case, without accents, dots, possessive, titles' commas.

    >>> fold("the U.N.'s")
    'the u n'
    """
    folded = _POSSESSIVE.sub("", fold_letters(name.strip())).replace("’", "'")
    folded = _PUNCTUATION.sub(" ", _DOT_IN_ACRONYM.sub(" ", folded)).replace("'", "")
    return " ".join(folded.split())


def coreferent(text: str, spans: Iterable[Span]) -> list[Thing]:
    """Return the things that the spans of `text` name, in the order of their first mention."""
    names = [_Name(span, text[span.start : span.end]) for span in sorted(spans)]
    names = [name for name in names if name.words]
    groups = _persons([name for name in names if name.span.label == "PERSON"])
    groups += _others([name for name in names if name.span.label != "PERSON"], _definitions(text, names))
    return sorted((_thing(group) for group in groups), key=lambda thing: thing.spans[0].start)


class _Name:
    __slots__ = ("key", "span", "surface", "words")

    def __init__(self, span: Span, surface: str) -> None:
        words = fold(surface).split()
        while len(words) > 1 and words[0] in ("the", "a", "an"):
            words = words[1:]
        if span.label == "PERSON":
            words = _without_titles(words)
        elif span.label == "NORP" and words and len(words[-1]) > 3:
            words[-1] = words[-1].removesuffix("s")  # "Palestinians" and "Palestinian"
        self.span, self.surface, self.words, self.key = span, surface.strip(), tuple(words), " ".join(words)


@dataclass(eq=False)
class _Group:
    words: tuple[str, ...]  # of the first, longest name
    names: list[_Name] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def add(self, name: _Name) -> None:
        self.names.append(name)
        self.keys.add(name.key)
        insort(self.starts, name.span.start)

    def distance(self, start: int) -> tuple[bool, int]:
        """Return how far the nearest mention is, one before `start` preferred to any behind it."""
        at = bisect_left(self.starts, start)
        return (False, start - self.starts[at - 1]) if at else (True, self.starts[0] - start)


# --- persons ----------------------------------------------------------------------------------------------------------


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and (words[0] in name_lists.TITLES or words[0] in ("st", "saint")):
        words = words[1:]
    while len(words) > 1 and words[-1] in name_lists.NAME_SUFFIXES:
        words = words[:-1]
    return words


def _persons(names: Sequence[_Name]) -> list[_Group]:
    """Group persons, long names first; a family name alone joins the person of that name mentioned last before it."""
    groups: list[_Group] = []
    by_word: dict[str, list[_Group]] = {}
    for name in sorted(names, key=lambda n: (-len(n.words), n.span.start)):
        candidates = {
            id(g): g for word in {name.words[0], name.words[-1]} for g in by_word.get(word, ())[-MAX_CANDIDATES:]
        }
        compatible = [group for group in candidates.values() if _same_person(group.words, name.words)]
        exact = [group for group in compatible if name.key in group.keys]
        by_family = [group for group in compatible if group.words[-1] == name.words[-1]]
        pool = exact or by_family or compatible
        if pool:
            group = min(pool, key=lambda g: (*g.distance(name.span.start), g.starts[0]))
        else:
            group = _Group(name.words)
            groups.append(group)
            for word in dict.fromkeys(name.words):
                by_word.setdefault(word, []).append(group)
        group.add(name)
    return groups


def _same_person(long: tuple[str, ...], short: tuple[str, ...]) -> bool:
    if long == short:
        return True
    if len(short) == 1:
        word = short[0]
        if word == long[-1] or (word == long[0] and len(word) > 2):
            return True
        return len(word) > 3 and word in long[1:-1]
    if long[-1] != short[-1]:
        return len(long) > len(short) and long[: len(short)] == short  # Spanish: the second family name is dropped
    return set(short) <= set(long) or _same_given_name(long[0], short[0])


def _same_given_name(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    if other in name_lists.NICKNAMES.get(one, ()) or one in name_lists.NICKNAMES.get(other, ()):
        return True
    return min(len(one), len(other)) > 2 and (one.startswith(other) or other.startswith(one))


# --- bodies, places, events, groups -----------------------------------------------------------------------------------


def _definitions(text: str, names: Iterable[_Name]) -> dict[str, str]:
    """Return acronym -> long form, both folded, for "Long Form (LF)" and "LF (Long Form)"."""
    found: dict[str, str] = {}
    for name in names:
        behind = _DEFINED.match(text, name.span.end, name.span.end + 40)
        if behind and (_bare(behind[1]) in acronyms_of(name.surface) or _may_be_foreign(behind[1], name)):
            found[fold(behind[1])] = name.key
        behind = _SPELLED_OUT.match(text, name.span.end, name.span.end + 90) if name.surface.isupper() else None
        if behind and _bare(name.surface) in acronyms_of(behind[1]):
            found[name.key] = fold(behind[1]).removeprefix("the ")
    return found


def _may_be_foreign(acronym: str, name: _Name) -> bool:
    """Tell whether a bracket behind a body may hold its acronym in another language: "Emergencies Unit (UE)".

    At least half of its letters, and two, begin words of the name.
    """
    starts = {word[0] for word in name.words}
    shared = sum(letter in starts for letter in acronym.lower())
    return name.span.label == "ORG" and acronym.isupper() and shared >= max(2, len(acronym) / 2)


def _bare(acronym: str) -> str:
    return acronym.replace(".", "").replace("-", "").upper()


def _others(names: Sequence[_Name], definitions: dict[str, str]) -> list[_Group]:
    """Group everything but persons, long names first, by the keys a name of that kind may be called by."""
    groups: list[_Group] = []
    by_key: dict[tuple[str, str], _Group] = {}
    for name in sorted(names, key=lambda n: (-len(n.words), n.span.start)):
        family = _FAMILY.get(name.span.label, "other")
        canonical = _canonical(definitions.get(name.key, name.key))
        group = by_key.get((family, canonical)) or next(
            (by_key[family, key] for key in _looked_up(name) if (family, key) in by_key), None
        )
        if group is None:
            group = _Group(name.words)
            groups.append(group)
        group.add(name)
        for key in (canonical, *_offered(name)):
            by_key.setdefault((family, key), group)
    return groups


def _canonical(key: str) -> str:
    return name_lists.ALIASES.get(key, key)


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    core = tuple(word for word in words if word not in name_lists.ORG_SUFFIXES and word not in name_lists.SMALL_WORDS)
    return core or words


def _offered(name: _Name) -> list[str]:
    """Return the keys by which other names may find this longer one."""
    if name.span.label in ("LOC", "GPE"):
        return _place_keys(name)
    if name.span.label not in ("ORG", "FAC", "MISC"):
        return []
    core = _core(name.words)
    keys = ["words:" + " ".join(sorted(core))]
    keys += ["acronym:" + acronym for acronym in sorted(acronyms_of(name.surface))]
    leader = _leader(core)
    if leader and len(core) - leader >= 2:
        keys.append("words:" + " ".join(sorted(core[leader:])))  # Israeli Health Ministry: the Health Ministry
    plain = name_lists.SMALL_WORDS.isdisjoint(name.words)
    if plain and len(core) > 1 and core[-1] not in _GENERIC:
        keys += ["words:" + " ".join(sorted(core[i:])) for i in (1, 2) if i < len(core)]  # Boston Red Sox: the Red Sox
    if len(core) == 2 and core[1] in name_lists.ORG_WORDS and core[0] not in _GENERIC:
        keys.append("words:" + core[0])  # NBC News: NBC
    return keys


def _looked_up(name: _Name) -> list[str]:
    if name.span.label in ("LOC", "GPE"):
        return ["place:" + name.key]
    keys = []
    if name.surface.isupper() and 2 <= len(_bare(name.surface)) <= 8:
        keys.append("acronym:" + _bare(name.surface))
    if name.span.label in ("ORG", "FAC", "MISC"):
        core = _core(name.words)
        if len(core) > 1 or len(core) == len(name.words):
            keys.append("words:" + " ".join(sorted(core)))
    return keys


def _leader(core: tuple[str, ...]) -> int:
    """Return how many leading words say whose body it is: a demonym, a country, U.N., U.S."""
    if core[0] in _DEMONYMS or core[0] in _BODY_LEADERS:
        return 1
    return next((size for size in (3, 2, 1) if " ".join(core[:size]) in _COUNTRIES), 0)


def _place_keys(name: _Name) -> list[str]:
    words = name.words
    keys = []
    if len(words) > 1 and words[-1] in _PLACE_WORDS_BEHIND:
        keys.append("place:" + " ".join(words[:-1]))
    if len(words) > 2 and words[0] in _PLACE_WORDS_BEFORE and words[1] == "of":
        keys.append("place:" + " ".join(words[2:]))
    return keys


# --- the name of a group ----------------------------------------------------------------------------------------------


def _thing(group: _Group) -> Thing:
    spans = tuple(sorted(name.span for name in group.names))
    votes = Counter(span.label for span in spans)
    label = max(votes, key=lambda candidate: (votes[candidate], candidate))
    forms = Counter(name.surface for name in sorted(group.names, key=lambda n: n.span.start))
    words = {name.surface: name.words for name in group.names}
    if label in ("GPE", "LOC", "NORP"):  # as the article mostly calls it, written out
        best = max(forms, key=lambda form: (not form.isupper(), forms[form], len(form)))
    else:  # fullest; an acronym or a headline in capitals only for want of another
        best = max(forms, key=lambda form: (not form.isupper(), len(words[form]), forms[form], -len(form)))
    return Thing(best.removesuffix("'s").removesuffix("’s"), label, spans)
