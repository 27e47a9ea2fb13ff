"""What is made of entities once they are known: their ids, how salient they are, the flat fields of their names."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

from transforms.elements import Entity, Label
from transforms.enrich.naming.coreference_names import fold

MAX_ENTITIES = 300  # of one article, the most salient; a real one has under 60
MAX_MENTIONS = 200  # kept of one entity, the first; `count` counts all
FLAT_FIELDS: dict[str, frozenset[str]] = {
    "people": frozenset({"PERSON"}),
    "organizations": frozenset({"ORG"}),
    "groups": frozenset({"NORP"}),
    "other_names": frozenset({"EVENT", "WORK", "PRODUCT"}),
    "names": frozenset(get_args(Label)),
}


def entity_id(label: str, name: str) -> str:
    """Return the id of an entity within its article.

    >>> entity_id("PERSON", "Antony Blinken")
    'person:antony-blinken'
    """
    return f"{label.lower()}:{fold(name).replace(' ', '-')}"


def salience(count: int, first: int, length: int, *, in_title: bool) -> float:
    """Return 0.45 x frequency + 0.35 x position + 0.2 if the title names it, in 0..1.

    Frequency is n / (n + 3) for n mentions; position falls from 1 at the document's start to 0 at its end (`first`
    and `length` in characters).
    """
    return round(0.45 * count / (count + 3) + 0.35 * (1 - first / length) + 0.2 * in_title, 3)


def flat_names(entities: Sequence[Entity]) -> dict[str, tuple[str, ...]]:
    """Return the names by flat field, each once, in the entities' order."""
    return {
        name: tuple(dict.fromkeys(entity.name for entity in entities if entity.label in labels))
        for name, labels in FLAT_FIELDS.items()
    }


def most_salient(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the most salient entities first, ties as they were, each with an id of its own."""
    seen: dict[str, int] = {}
    found = []
    for entity in sorted(entities, key=lambda entity: -entity.salience)[:MAX_ENTITIES]:
        seen[entity.id] = number = seen.get(entity.id, 0) + 1
        found.append(entity if number == 1 else replace(entity, id=f"{entity.id}~{number}"))
    return tuple(found)
