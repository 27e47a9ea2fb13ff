"""Which names are one person: family name and compatible given name."""

from collections.abc import Sequence

from transforms.enrich.naming.coreference_names import Group, Name
from transforms.enrich.reading import name_lists

MAX_CANDIDATES = 50  # persons that share a word with a name and are compared with it; real articles have under ten


def persons(names: Sequence[Name]) -> list[Group]:
    """Group persons, long names first; a family name alone joins the person of that name mentioned last before it."""
    groups: list[Group] = []
    by_word: dict[str, list[Group]] = {}
    for name in sorted(names, key=lambda n: (-len(n.words), n.span.start)):
        candidates = {
            id(g): g for word in {name.words[0], name.words[-1]} for g in by_word.get(word, ())[-MAX_CANDIDATES:]
        }
        compatible = [group for group in candidates.values() if same_person(group.words, name.words)]
        exact = [group for group in compatible if name.key in group.keys]
        by_family = [group for group in compatible if group.words[-1] == name.words[-1]]
        pool = exact or by_family or compatible
        if pool:
            group = min(pool, key=lambda g: (*g.distance(name.span.start), g.starts[0]))
        else:
            group = Group(name.words)
            groups.append(group)
            for word in dict.fromkeys(name.words):
                by_word.setdefault(word, []).append(group)
        group.add(name)
    return groups


def same_person(long: tuple[str, ...], short: tuple[str, ...]) -> bool:
    """Tell whether the folded words of a shorter name may name the person of a longer one."""
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
