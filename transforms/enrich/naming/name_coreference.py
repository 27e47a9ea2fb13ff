"""Which names are one thing: "Blinken" and "Antony Blinken", "IDF" and "Israel Defense Forces".

Rules over the names alone and the brackets behind them, in the manner of a careful reader: persons by family name and
compatible given name, bodies by alias, acronym, company suffix and word set, places by alias and their common words.
Every look-up is by key, so that the work is linear in the mentions.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from transforms.enrich.locating.gazetteer import fold as fold_place
from transforms.enrich.locating.gazetteer import load_gazetteer
from transforms.enrich.naming.coreference_names import Group, Name, fold
from transforms.enrich.naming.document_pass import acronyms_of
from transforms.enrich.naming.person_coreference import persons
from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.crf_features import fold as fold_letters

_DEFINED = re.compile(
    r"\s*,?\s*\(\s*(?:the\s+|or\s+|known as\s+|also known as\s+)?[\"“']?([A-Z][A-Za-z.\-]{1,9})[\"”']?\s*\)"
)
_SPELLED_OUT = re.compile(r"\s*\(([^()\n]{6,80})\)")
MAX_BODIES = 20  # of one noun (ministry, court) that are compared; real articles have under five
_PLACE_WORDS_BEHIND = frozenset({"strip", "peninsula", "island", "islands"})
_PLACE_WORDS_BEFORE = frozenset({"city", "state", "republic", "town", "province", "kingdom", "district"})
_BODY_LEADERS = frozenset({"un", "us", "uk", "eu"})
_GENERIC = name_lists.ORG_WORDS | words(
    "united national international new royal federal american first state central supreme public house"
)
# "the Church", "the Supreme Court": short for the one body of the article whose name holds these words.
_BODY_NOUNS = name_lists.ORG_WORDS | words(
    "church supreme high constitutional central national federal state tribunal school hospital museum supreme reserve"
)
_STATES = frozenset(fold_letters(name) for name in name_lists.US_STATES) | {"quebec"}
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


def coreferent(text: str, spans: Iterable[Span]) -> list[Thing]:
    """Return the things that the spans of `text` name, in the order of their first mention."""
    names = [Name(span, text[span.start : span.end]) for span in sorted(spans)]
    names = [name for name in names if name.words]
    groups = persons([name for name in names if name.span.label == "PERSON"])
    groups += _others([name for name in names if name.span.label != "PERSON"], _definitions(text, names))
    return sorted((_thing(group) for group in groups), key=lambda thing: thing.spans[0].start)


# --- bodies, places, events, groups -----------------------------------------------------------------------------------


def _definitions(text: str, names: Iterable[Name]) -> dict[str, str]:
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


def _may_be_foreign(acronym: str, name: Name) -> bool:
    """Tell whether a bracket behind a body may hold its acronym in another language: "Emergencies Unit (UE)".

    At least half of its letters, and two, begin words of the name.
    """
    starts = {word[0] for word in name.words}
    shared = sum(letter in starts for letter in acronym.lower())
    return name.span.label == "ORG" and acronym.isupper() and shared >= max(2, len(acronym) / 2)


def _bare(acronym: str) -> str:
    return acronym.replace(".", "").replace("-", "").upper()


def _others(names: Sequence[Name], definitions: dict[str, str]) -> list[Group]:
    """Group everything but persons, long names first, by the keys a name of that kind may be called by."""
    groups: list[Group] = []
    by_key: dict[tuple[str, str], Group] = {}
    bodies: dict[str, list[Group]] = {}  # by each noun for a body in the name
    for name in sorted(names, key=lambda n: (-len(n.words), n.span.start)):
        family = _FAMILY.get(name.span.label, "other")
        canonical = _canonical(definitions.get(name.key, name.key))
        group = by_key.get((family, canonical)) or next(
            (by_key[family, key] for key in _looked_up(name) if (family, key) in by_key), None
        )
        if group is None and name.span.label == "ORG" and _BODY_NOUNS.issuperset(name.words):
            group = _only_body(bodies.get(name.words[-1], ()), name.words)
        if group is None:
            group = Group(name.words)
            groups.append(group)
            if name.span.label == "ORG" and len(name.words) > 1:
                for word in _BODY_NOUNS.intersection(name.words):
                    bodies.setdefault(word, []).append(group)
        group.add(name)
        for key in (canonical, *_offered(name)):
            by_key.setdefault((family, key), group)
    return groups


def _only_body(groups: Sequence[Group], words: tuple[str, ...]) -> Group | None:
    """Return the one body whose name holds these words side by side, None if there are more."""
    phrase = f" {' '.join(words)} "
    holding = [group for group in groups[:MAX_BODIES] if phrase in f" {' '.join(group.words)} "]
    return holding[0] if len(holding) == 1 and len(groups) <= MAX_BODIES else None


def _nation(name: Name) -> str | None:
    """Return the country code of a body that is called after a nation: a team, "Belgium" and "the Belgians"."""
    if name.span.label != "ORG" or len(name.words) > 2:
        return None
    gazetteer = load_gazetteer()
    key = fold_place(name.surface)
    countries = [place.country for place in gazetteer.candidates(key) if place.kind == "country"]
    return countries[0] if countries else gazetteer.country_of_people(key)


def _canonical(key: str) -> str:
    return name_lists.ALIASES.get(key, key)


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    core = tuple(word for word in words if word not in name_lists.ORG_SUFFIXES and word not in name_lists.SMALL_WORDS)
    return core or words


def _offered(name: Name) -> list[str]:
    """Return the keys by which other names may find this longer one."""
    if name.span.label in ("LOC", "GPE"):
        return _place_keys(name)
    if name.span.label not in ("ORG", "FAC", "MISC"):
        return []
    core = _core(name.words)
    keys = ["words:" + " ".join(sorted(core))]
    if nation := _nation(name):
        keys.append("nation:" + nation)
    if "of" in name.words[2:]:  # the Comic Corps of Canada: the Comic Corps
        keys.append("words:" + " ".join(sorted(_core(name.words[: name.words.index("of", 2)]))))
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


def _looked_up(name: Name) -> list[str]:
    if name.span.label in ("LOC", "GPE"):
        return ["place:" + name.key]
    keys = []
    if nation := _nation(name):
        keys.append("nation:" + nation)
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


def _place_keys(name: Name) -> list[str]:
    words = name.words
    keys = []
    if len(words) > 1 and words[-1] in _PLACE_WORDS_BEHIND:
        keys.append("place:" + " ".join(words[:-1]))
    city = " ".join(words[:-1])
    if len(words) > 1 and words[-1] == "city" and city not in _COUNTRIES and city not in _STATES:
        keys.append("place:" + city)  # Taipei City, but not Mexico City
    if len(words) > 2 and words[0] in _PLACE_WORDS_BEFORE and words[1] == "of":
        keys.append("place:" + " ".join(words[2:]))
    return keys


# --- the name of a group ----------------------------------------------------------------------------------------------


def _thing(group: Group) -> Thing:
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
