"""Entries worth declaring, from what is stored: names that seem to be one, as YAML to be read, cut and pasted."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from transforms.enrich.naming.coreference_names import fold
from transforms.enrich.naming.declared_names import MAX_FORM_CHARS, DeclaredName, DeclaredNames, key_of
from transforms.index.base import Document

MAX_NAMES = 200_000  # different ones that are counted, of the newest articles; 100,000 articles have about as many
MAX_EXAMPLES = 3
MIN_ARTICLES = 2  # that have the full name; what one article alone says may be its mistake
MAX_NEAR = 3
ALIKE = 0.84  # of letters in order: Zelensky and Zelenskyy 0.94, Zelenskiy 0.94, Hussein and Hossein 0.86
LABELS = ("PERSON", "ORG", "GPE", "LOC", "FAC", "EVENT")
_CAPITALS = re.compile(r"[A-Z][A-Z.&-]{1,9}")


@dataclass
class Seen:
    """A name of one label: in how many articles, some of them, and who is beside it there."""

    name: str
    label: str
    articles: int = 0
    examples: list[str] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)


class Variant(NamedTuple):
    """Another form of a name, why it seems to be one, and in how many articles it stands alone."""

    name: str
    why: str
    articles: int
    examples: tuple[str, ...]


class Suggestion(NamedTuple):
    """A name with its other forms; `rivals`: other names that a form may stand for."""

    seen: Seen
    variants: tuple[Variant, ...]
    near: tuple[str, ...]
    rivals: tuple[str, ...]


def count_names(documents: Iterable[Document]) -> dict[tuple[str, str], Seen]:
    """Return what the articles name, by (label, name)."""
    found: dict[tuple[str, str], Seen] = {}
    for document in documents:
        entities = [each for each in document.get("entities", ()) if each["label"] in LABELS]
        beside = [each["name"] for each in entities[:5]]
        for entity in entities:
            key = entity["label"], entity["name"]
            seen = found.get(key)
            if seen is None:
                if len(found) >= MAX_NAMES:
                    continue
                seen = found[key] = Seen(name=entity["name"], label=entity["label"])
            seen.articles += 1
            if len(seen.examples) < MAX_EXAMPLES:
                seen.examples.append(document["id"][:10])
            seen.beside.update(name for name in beside if name != entity["name"])
    return found


def suggestions(
    found: dict[tuple[str, str], Seen], declared: Sequence[DeclaredName], *, limit: int
) -> list[Suggestion]:
    """Return entries that nothing declares yet, those of most articles first.

    A full name that several articles have gains the names that stand alone elsewhere and may be it: a family name,
    an acronym, another spelling.
    """
    known = DeclaredNames(declared)
    fresh = [seen for seen in found.values() if _may_stand(seen.name) and not known.having(seen.name)]
    families: dict[str, list[Seen]] = defaultdict(list)
    for seen in found.values():
        if seen.label == "PERSON" and len(parts := fold(seen.name).split()) > 1:
            families[parts[-1]].append(seen)
    by_key: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for seen in fresh:
        for key in _found_by(seen):
            by_key[seen.label, key].append(seen)
    made: list[Suggestion] = []
    taken: set[tuple[str, str]] = set()
    for seen in sorted(fresh, key=lambda each: (-each.articles, -len(each.name.split()), each.name)):
        if (seen.label, seen.name) in taken or seen.articles < MIN_ARTICLES or not _is_full(seen):
            continue
        variants = [each for each in _variants(seen, by_key) if (seen.label, each.name) not in taken]
        if not variants:
            continue
        taken.add((seen.label, seen.name))
        rivals = sorted({each.name for variant in variants for each in _rivals(seen, variant, families)})
        taken.update((seen.label, each.name) for each in variants if each.why == "another spelling")
        near = tuple(name for name, _ in seen.beside.most_common(MAX_NEAR)) if rivals else ()
        made.append(Suggestion(seen, tuple(variants), near, tuple(rivals[:MAX_EXAMPLES])))
    made.sort(key=lambda each: (-each.seen.articles - sum(v.articles for v in each.variants), each.seen.name))
    return made[:limit]


def _may_stand(name: str) -> bool:
    """Tell whether a name can be read back from a file."""
    return bool(key_of(name)) and len(name) <= MAX_FORM_CHARS and name.isprintable()


def _is_full(seen: Seen) -> bool:
    return " " in seen.name or seen.label not in ("PERSON", "ORG")


def _found_by(seen: Seen) -> Iterator[str]:
    """Yield the keys under which a full name looks for its variants."""
    parts = fold(seen.name).split()
    if len(parts) == 1:
        yield f"alone:{parts[0]}"
    if _CAPITALS.fullmatch(seen.name):
        yield f"acronym:{seen.name.replace('.', '').lower()}"
    yield f"sounds:{_skeleton(parts)}"


def _skeleton(parts: Sequence[str]) -> str:
    """Return what most spellings of one name share: the first letter of each word and the consonants of the last."""
    last = re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouy]", "", parts[-1].translate(_SOUNDS)))
    return "".join(part[0] for part in parts[:-1]).translate(_SOUNDS) + " " + last


_SOUNDS = str.maketrans({"q": "k", "c": "k", "z": "s", "j": "g", "v": "w", "h": None, "'": None, "’": None})


def _variants(seen: Seen, by_key: dict[tuple[str, str], list[Seen]]) -> Iterator[Variant]:
    parts = fold(seen.name).split()
    own = {key_of(seen.name)}
    looked_up: list[tuple[str, str]] = []
    if seen.label == "PERSON" and len(parts) > 1:
        looked_up.append((f"alone:{parts[-1]}", "family name alone"))
    initials = "".join(part[0] for part in parts if part not in ("of", "the", "for", "and", "in"))
    if seen.label != "PERSON" and len(initials) > 2:
        looked_up.append((f"acronym:{initials}", "acronym"))
    looked_up.append((f"sounds:{_skeleton(parts)}", "another spelling"))
    for key, why in looked_up:
        for other in by_key.get((seen.label, key), ()):
            if key_of(other.name) in own or (why == "another spelling" and not _is_alike(seen, other)):
                continue
            own.add(key_of(other.name))
            yield Variant(other.name, why, other.articles, tuple(other.examples))


def _is_alike(seen: Seen, other: Seen) -> bool:
    """Tell whether two names may be spellings of one; the more frequent one is asked."""
    if len(other.name.split()) != len(seen.name.split()) or other.articles > seen.articles:
        return False
    one, two = fold(seen.name), fold(other.name)
    if min(len(one), len(two)) < 5 or any(char.isdigit() for char in one + two):
        return False
    firsts = zip(one.split()[:-1], two.split()[:-1], strict=True)
    if any(SequenceMatcher(None, a, b, autojunk=False).ratio() < ALIKE for a, b in firsts):
        return False  # Ann and Anton Novak
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE


def _rivals(seen: Seen, variant: Variant, families: dict[str, list[Seen]]) -> list[Seen]:
    """Return other full names that a family name may stand for."""
    if variant.why != "family name alone":
        return []
    others = families.get(fold(variant.name), ())
    return [other for other in others if other.name != seen.name and not _is_alike(seen, other)]


def as_yaml(found: Sequence[Suggestion]) -> str:
    """Return the entries as a file's text: each with a comment that says where it comes from.

    >>> seen = Seen(name="Antony Blinken", label="PERSON", articles=2, examples=["a1b2"])
    >>> print(as_yaml([Suggestion(seen, (Variant("Blinken", "family name alone", 1, ("a1c3",)),), (), ())]))
    # Antony Blinken: 2 articles (a1b2); Blinken, family name alone: 1 (a1c3)
    - {name: "Antony Blinken", label: PERSON, also: ["Blinken"]}
    """
    lines: list[str] = []
    for each in found:
        seen = each.seen
        parts = [f"{seen.name}: {_articles(seen.articles)} ({', '.join(seen.examples)})"]
        parts += [f"{one.name}, {one.why}: {one.articles} ({', '.join(one.examples)})" for one in each.variants]
        lines.append("# " + _one_line("; ".join(parts)))
        if each.rivals:
            lines.append("# " + _one_line(f"may also be {', '.join(each.rivals)}: check `near`"))
        also = ", ".join(_quoted(one.name) for one in each.variants)
        near = f", near: [{', '.join(map(_quoted, each.near))}]" if each.near else ""
        lines.append(f"- {{name: {_quoted(seen.name)}, label: {seen.label}, also: [{also}]{near}}}")
    return "\n".join(lines)


def _articles(count: int) -> str:
    return f"{count:,} article{'' if count == 1 else 's'}"


def _quoted(text: str) -> str:
    """Return a strangers' text as a YAML scalar; JSON's strings are."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def as_json(each: Suggestion) -> dict[str, object]:
    """Return an entry and its reasons for programs."""
    return {
        "name": each.seen.name,
        "label": each.seen.label,
        "also": [one.name for one in each.variants],
        "near": list(each.near),
        "articles": each.seen.articles,
        "examples": each.seen.examples,
        "why": [one._asdict() for one in each.variants],
        "may_also_be": list(each.rivals),
    }
