"""Who and what an article names: people, bodies, places, groups, events, works, one object per real-world thing."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast, get_args

from transforms.elements import Article, Entity, Label, Mention, SpanField
from transforms.enrich import name_lists
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.coreference_names import fold
from transforms.enrich.crf_model import load_model
from transforms.enrich.document_pass import document_pass
from transforms.enrich.entity_labels import label_spans
from transforms.enrich.headline import plausible_in_headline
from transforms.enrich.known_names import known_names
from transforms.enrich.name_coreference import Thing, coreferent
from transforms.enrich.name_span import Span
from transforms.enrich.roles import role_before, role_behind

MAX_ENTITIES = 300  # of one article, the most salient; a real one has under 60
MAX_MENTIONS = 200  # kept of one entity, the first; `count` counts all
_LABELS: frozenset[str] = frozenset(get_args(Label))
_FLAT: dict[str, frozenset[str]] = {
    "people": frozenset({"PERSON"}),
    "organizations": frozenset({"ORG"}),
    "groups": frozenset({"NORP"}),
    "other_names": frozenset({"EVENT", "WORK", "PRODUCT"}),
    "names": _LABELS,
}
Tagger = Callable[[str], Sequence[Span]]


class _Part(NamedTuple):
    field: SpanField
    start: int  # in the joined text
    end: int


def load() -> Enrich:
    """Return the enricher's function with this process's model behind it."""
    return entity_enrich(load_model().spans, known_names())


def entity_enrich(tagger: Tagger, known: Mapping[str, str]) -> Enrich:
    """Return a function that finds an article's entities with `tagger`; `known`: lower-case name -> kind."""

    def enrich(article: Article, found: Found) -> Found:
        del found  # entities come first
        entities = find_entities(article, tagger, known) if _is_english(article) else ()
        flat = {
            name: tuple(dict.fromkeys(entity.name for entity in entities if entity.label in labels))
            for name, labels in _FLAT.items()
        }
        return {"entities": entities, **flat}

    return enrich


def find_entities(article: Article, tagger: Tagger, known: Mapping[str, str]) -> tuple[Entity, ...]:
    """Return the article's entities, most salient first.

    Title, subtitle and body are read as one document, so that the body explains the title's short names.
    Salience is 0.45 x frequency + 0.35 x position + 0.2 if the title names it, where frequency is n / (n + 3) for n
    mentions and position falls from 1 at the document's start to 0 at its end. Confidence is that of the entity's
    surest mention.
    """
    parts, text = _joined(article)
    if not text:
        return ()
    spans = document_pass(text, tagger(text))
    spans = plausible_in_headline(text, spans, [(part.start, part.end) for part in parts if part.field == "title"])
    things = coreferent(text, label_spans(text, spans, known))
    entities = []
    for thing in things:
        mentions = [mention for span in thing.spans if (mention := _mention(text, span, parts)) is not None]
        if mentions:
            entities.append(_entity(thing, mentions, text, known))
    entities.sort(key=lambda entity: -entity.salience)  # stable: ties stay in text order
    return _with_unique_ids(entities[:MAX_ENTITIES])


def _is_english(article: Article) -> bool:
    return article.language is None or article.language.lower().split("-")[0] == "en"


def _joined(article: Article) -> tuple[list[_Part], str]:
    parts: list[_Part] = []
    pieces: list[str] = []
    at = 0
    for field, text in texts(article):
        parts.append(_Part(field, at, at + len(text)))
        pieces.append(text)
        at += len(text) + 2
    return parts, "\n\n".join(pieces)


def _mention(text: str, span: Span, parts: Iterable[_Part]) -> Mention | None:
    for part in parts:
        if part.start <= span.start and span.end <= part.end:
            return Mention(
                field=part.field,
                text=text[span.start : span.end],
                start_char=span.start - part.start,
                end_char=span.end - part.start,
                confidence=span.confidence,
            )
    return None  # a name cannot lie in two fields


def _entity(thing: Thing, mentions: list[Mention], text: str, known: Mapping[str, str]) -> Entity:
    count = len(mentions)
    in_title = any(mention.field == "title" for mention in mentions)
    position = 1 - thing.spans[0].start / len(text)
    salience = 0.45 * count / (count + 3) + 0.35 * position + 0.2 * in_title
    name = _as_written(re.sub(r"\s+", " ", thing.name), known)
    return Entity(
        id=f"{thing.label.lower()}:{fold(name).replace(' ', '-')}",
        name=name,
        label=cast(Label, thing.label),
        count=count,
        in_title=in_title,
        salience=round(salience, 3),
        confidence=max(mention.confidence for mention in mentions),
        role=_role(thing, text) if thing.label == "PERSON" else None,
        mentions=tuple(mentions[:MAX_MENTIONS]),
    )


def _as_written(name: str, known: Mapping[str, str]) -> str:
    """Return a place that only a dateline names (WASHINGTON) as it is written elsewhere; other names as they are."""
    if len(name) < 5 or not name.isupper() or known.get(name.lower(), "body") == "body":
        return name
    lowered = name.lower().split(" ")
    return " ".join(word if word in name_lists.NAME_PARTICLES else word.capitalize() for word in lowered)


def _role(thing: Thing, text: str) -> str | None:
    """Return the first title before one of the person's names, else the first description behind one."""
    spans = thing.spans[:MAX_MENTIONS]
    before = next((role for span in spans if (role := role_before(text, span.start))), None)
    return before or next((role for span in spans if (role := role_behind(text, span.end))), None)


def _with_unique_ids(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    seen: dict[str, int] = {}
    found = []
    for entity in entities:
        seen[entity.id] = number = seen.get(entity.id, 0) + 1
        found.append(entity if number == 1 else replace(entity, id=f"{entity.id}~{number}"))
    return tuple(found)


ENRICHER = Enricher(
    name="entities",
    version="1.1",
    fields=("entities", *_FLAT),
    load=load,
    languages=("en",),
)
