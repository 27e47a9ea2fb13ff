"""The names that a desk declares become the article's entities: canonical, one object each, in any language."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from transforms.elements import Article, Entity, Mention, SpanField
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.naming.coreference_names import fold, without_titles
from transforms.enrich.naming.declared_names import Company, DeclaredName, DeclaredNames, key_of, meant
from transforms.enrich.naming.entity_fields import (
    FLAT_FIELDS,
    MAX_MENTIONS,
    entity_id,
    flat_names,
    most_salient,
    salience,
)
from transforms.enrich.naming.person_coreference import same_person
from transforms.enrich.naming.roles import role_before, role_behind

VERSION = "1.0"
_FAMILY = {"PERSON": "person", "NORP": "group"}  # the tagger confuses the other kinds with each other
MAX_FORMS = 20  # of one entity that are looked up; a real one has under ten


@dataclass
class _Thing:
    """An entity that an entry stands for, as it grows."""

    number: int
    entities: list[Entity] = field(default_factory=list)
    found: list[Mention] = field(default_factory=list)


def names_enricher(entries: Sequence[DeclaredName]) -> Enricher:
    """Return the enricher of these entries; it belongs behind the one that finds entities, and before all others."""
    return Enricher(
        name="names",
        version=VERSION,
        fields=("entities", *FLAT_FIELDS),
        load=lambda: declared_enrich(DeclaredNames(entries)),
    )


def digest(entries: Sequence[DeclaredName]) -> str:
    """Return a hash of all entries, for the provenance of documents."""
    text = "\n".join(repr((each.name, each.label, each.also, each.near)) for each in entries)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def declared_enrich(names: DeclaredNames) -> Enrich:
    """Return a function that gives the entities found so far their declared names, and adds those nobody found."""

    def enrich(article: Article, found: Found) -> Found:
        entities = found.get("entities", ())
        known = tuple(each for each in entities if isinstance(each, Entity)) if isinstance(entities, tuple) else ()
        named = declare(article, known, names)
        return {"entities": named, **flat_names(named)}

    return enrich


def declare(article: Article, entities: Sequence[Entity], names: DeclaredNames) -> tuple[Entity, ...]:
    """Return the article's entities, most salient first, under their declared names and labels.

    An entity has an entry's name when its own fullest form is declared, or, of a person, when one of its mentions is
    and the fullest form fits: "Antony J. Blinken" is Antony Blinken, "Alan Blinken" is not, whoever "Blinken" may be
    elsewhere. Entities of one entry become one. Declared forms that no entity has are found as they are written.
    """
    company = Company(article)
    things: dict[int, _Thing] = {}
    others: list[Entity] = []
    for entity in entities:
        number = _entry_of(entity, names, company)
        if number is None:
            others.append(entity)
        else:
            things.setdefault(number, _Thing(number)).entities.append(entity)
    others = _find_more(article, things, others, names, company)
    where = _Where(article)
    held = (things[number] for number in sorted(things) if things[number].entities or things[number].found)
    return most_salient([*others, *(_entity(thing, names, where) for thing in held)])


def _entry_of(entity: Entity, names: DeclaredNames, company: Company) -> int | None:
    numbers = [each for each in names.having(entity.name) if _may_be(entity, names.entries[each])]
    if not numbers and entity.label == "PERSON" and " " in entity.name:
        forms = list(dict.fromkeys(mention.text for mention in entity.mentions))[:MAX_FORMS]
        declared = dict.fromkeys(number for form in forms for number in names.having(form))
        numbers = [each for each in declared if _fits(names.entries[each], entity.name)]
    return meant(names, numbers, company) if numbers else None


def _may_be(entity: Entity, entry: DeclaredName) -> bool:
    """Tell whether an entity of one word may be what a form of another kind of thing says: only with company."""
    same = _FAMILY.get(entity.label, "other") == _FAMILY.get(entry.label, "other")
    return same or bool(entry.near) or " " in key_of(entity.name)


def _fits(entry: DeclaredName, name: str) -> bool:
    if entry.label != "PERSON":
        return False
    one, other = (tuple(without_titles(fold(each).split())) for each in (entry.name, name))
    return len(one) > 1 and (same_person(one, other) or same_person(other, one))


def _find_more(
    article: Article, things: dict[int, _Thing], others: list[Entity], names: DeclaredNames, company: Company
) -> list[Entity]:
    """Add declared forms that no mention covers to `things`; return the other entities without what these cover."""
    taken: dict[SpanField, list[tuple[int, int]]] = {}
    for entity in (*others, *(each for thing in things.values() for each in thing.entities)):
        for mention in entity.mentions:
            taken.setdefault(mention.field, []).append((mention.start_char, mention.end_char))
    theirs = {word for entity in others if entity.label == "PERSON" for word in fold(entity.name).split()}
    covered: set[tuple[SpanField, int, int]] = set()
    chosen: dict[tuple[int, ...], int | None] = {}  # a form may stand in a text thousands of times
    for name, text in texts(article):
        spans = _Spans(taken.get(name, ()))
        for found in names.in_text(text):
            touching = spans.touching(found.start, found.end)
            if any(start <= found.start and found.end <= end for start, end in touching):
                continue  # tagged already, or part of a longer name
            if any(start < found.start or end > found.end for start, end in touching):
                continue  # neither holds the other: the tagger has seen more than the words
            written = text[found.start : found.end]
            if _is_doubtful(written, theirs, company):
                continue
            if found.entries not in chosen:
                chosen[found.entries] = meant(names, found.entries, company)
            if (number := chosen[found.entries]) is None:
                continue
            covered.update((name, *span) for span in touching)
            mention = Mention(field=name, text=written, start_char=found.start, end_char=found.end)
            things.setdefault(number, _Thing(number)).found.append(mention)
    if not covered:
        return others
    for thing in things.values():
        thing.entities = list(_without(thing.entities, covered))
    return list(_without(others, covered))


def _is_doubtful(written: str, theirs: set[str], company: Company) -> bool:
    """Tell whether a single word may be no name ("Will he ..."), or be part of the name of somebody else."""
    if " " in written:
        return False
    return fold(written) in theirs or (written.istitle() and company.knows_lower(written))


class _Spans:
    """Spans of one field, asked for those that touch another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._at = 0

    def touching(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the spans that overlap; `start` never goes back."""
        while self._at < len(self._spans) and self._spans[self._at][1] <= start:
            self._at += 1
        found = []
        for span in self._spans[self._at :]:
            if span[0] >= end:
                break
            if span[1] > start:
                found.append(span)
        return found


def _without(entities: Iterable[Entity], covered: set[tuple[SpanField, int, int]]) -> Iterable[Entity]:
    """Yield the entities without these mentions; one that has no other is gone."""
    for entity in entities:
        kept = tuple(each for each in entity.mentions if (each.field, each.start_char, each.end_char) not in covered)
        lost = len(entity.mentions) - len(kept)
        if kept:
            yield replace(entity, mentions=kept, count=entity.count - lost) if lost else entity


class _Where:
    """Where a mention stands in the document as a whole: title, subtitle and body are read as one."""

    def __init__(self, article: Article) -> None:
        self.texts = dict(texts(article))
        self._starts: dict[SpanField, int] = {}
        self.length = 0
        for name, text in self.texts.items():
            self._starts[name] = self.length
            self.length += len(text) + 2
        self.length = max(1, self.length - 2)

    def position(self, mention: Mention) -> int:
        """Return a mention's place in the whole, in characters."""
        return self._starts.get(mention.field, 0) + mention.start_char

    def role(self, mention: Mention) -> str | None:
        """Return what the text calls the person there."""
        text = self.texts.get(mention.field, "")
        return role_before(text, mention.start_char) or role_behind(text, mention.end_char)


def _entity(thing: _Thing, names: DeclaredNames, where: _Where) -> Entity:
    entry = names.entries[thing.number]
    mentions = sorted((*(each for one in thing.entities for each in one.mentions), *thing.found), key=where.position)
    count = sum(each.count for each in thing.entities) + len(thing.found)
    in_title = any(each.in_title for each in thing.entities) or any(each.field == "title" for each in thing.found)
    role = None
    if entry.label == "PERSON":
        role = next((each.role for each in thing.entities if each.role), None)
        role = role or next((role for each in thing.found[:MAX_FORMS] if (role := where.role(each))), None)
    return Entity(
        id=entity_id(entry.label, entry.name),
        name=entry.name,
        label=entry.label,
        count=count,
        in_title=in_title,
        salience=salience(count, where.position(mentions[0]), where.length, in_title=in_title),
        confidence=max(each.confidence for each in mentions),
        role=role,
        mentions=tuple(mentions[:MAX_MENTIONS]),
    )
