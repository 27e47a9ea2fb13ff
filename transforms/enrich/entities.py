"""Who and what an article names: people, bodies, places, groups, events, works, one object per real-world thing."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, cast

from transforms.elements import Article, Entity, Label, Mention, SpanField
from transforms.enrich.base import Enrich, Enricher, Found, texts
from transforms.enrich.naming.document_pass import document_pass
from transforms.enrich.naming.entity_fields import (
    FLAT_FIELDS,
    MAX_MENTIONS,
    entity_id,
    flat_names,
    most_salient,
    salience,
)
from transforms.enrich.naming.name_coreference import Thing, coreferent
from transforms.enrich.naming.roles import role_before, role_behind
from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.crf_model import load_model
from transforms.enrich.tagging.entity_labels import label_spans
from transforms.enrich.tagging.headline import plausible_in_headline
from transforms.enrich.tagging.known_names import known_names
from transforms.enrich.tagging.spacy_engine import check_engine, load_spacy

Tagger = Callable[[str], Sequence[Span]]


class _Part(NamedTuple):
    field: SpanField
    start: int  # in the joined text
    end: int


def load(engine: str = "crf") -> Enrich:
    """Return the enricher's function with this process's tagger behind it."""
    return entity_enrich(load_tagger(engine), known_names())


def load_tagger(engine: str) -> Tagger:
    """Return the tagger of `crf` (ours), `spacy` (the one English pipeline that is installed) or `spacy:PIPELINE`.

    Raises `ConfigurationError` for another engine, and when spaCy or the pipeline is missing.
    """
    check_engine(engine)
    if engine == "crf":
        return load_model().spans
    return load_spacy(engine.partition(":")[2]).spans


def with_engine(engine: str) -> Enricher:
    """Return this enricher with that engine; its version says so, since another one finds other names."""
    if engine == "crf":
        return ENRICHER
    return replace(ENRICHER, version=f"{ENRICHER.version}+{engine}", load=partial(load, engine))


def entity_enrich(tagger: Tagger, known: Mapping[str, str]) -> Enrich:
    """Return a function that finds an article's entities with `tagger`; `known`: lower-case name -> kind."""

    def enrich(article: Article, found: Found) -> Found:
        del found  # entities come first
        entities = find_entities(article, tagger, known) if _is_english(article) else ()
        return {"entities": entities, **flat_names(entities)}

    return enrich


def find_entities(article: Article, tagger: Tagger, known: Mapping[str, str]) -> tuple[Entity, ...]:
    """Return the article's entities, most salient first.

    Title, subtitle and body are read as one document, so that the body explains the title's short names.
    Confidence is that of the entity's surest mention; how salience is reckoned stands in `entity_fields`.
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
    return most_salient(entities)  # ties stay in text order


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
    name = _as_written(re.sub(r"\s+", " ", thing.name), known)
    return Entity(
        id=entity_id(thing.label, name),
        name=name,
        label=cast(Label, thing.label),
        count=count,
        in_title=in_title,
        salience=salience(count, thing.spans[0].start, len(text), in_title=in_title),
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


ENRICHER = Enricher(
    name="entities",
    version="1.2",
    fields=("entities", *FLAT_FIELDS),
    load=load,
    languages=("en",),
    choose=with_engine,
)
