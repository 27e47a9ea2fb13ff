"""From the tagger's labels to the document's: GPE and LOC told apart, facilities, events, works, products by words."""

import re
from collections.abc import Collection, Iterable, Mapping

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.name_cues import facility_follows, is_title_case, landform_follows

# Confidence of a name whose kind only its words give away: annotators disagree on these kinds, too.
BY_WORDS = 0.6
_MODEL_NAME = re.compile(r"(?:\w+[ -])?[A-Z]{1,4}-?\d{1,4}\w?|[A-Z][a-z]+ \d{2,4}[A-Z]?|i[A-Z]\w+")
_PRODUCT_HEADS = words(
    """windows android chrome firefox missile rocket drone vaccine tank jet phone galaxy console app browser"""
)
_QUOTES = frozenset("\"“”‘’«»'")
_FEASTS = words("christmas easter ramadan thanksgiving hanukkah passover")


def label_spans(text: str, spans: Iterable[Span], known: Mapping[str, str]) -> list[Span]:
    """Return the spans with the document's labels; a MISC name of no known kind is left out.

    `known` maps a lower-case name to its kind; `region` is LOC, `body` ORG, every other GPE. A place that no list
    knows is FAC if "crossing", "camp" ... follows it somewhere, LOC if "river" ... does or it has a landform's or a
    direction's word, else GPE.
    """
    spans = list(spans)
    facilities = {
        surface
        for span in spans
        if " " in (surface := text[span.start : span.end]) and facility_follows(text, span.end)
    }
    landforms = {text[span.start : span.end] for span in spans if landform_follows(text, span.end)}
    found = []
    for span in spans:
        surface = text[span.start : span.end]
        if span.label in ("LOC", "FAC"):
            found.append(_place(span, surface, known, facilities, landforms))
        elif span.label in ("MISC", "EVENT"):
            label = _other(text, span, surface)
            if label:
                sure = span.confidence if label == span.label else min(span.confidence, BY_WORDS)
                found.append(span._replace(label=label, confidence=sure))
        else:
            found.append(span)
    return found


def _place(
    span: Span, surface: str, known: Mapping[str, str], facilities: Collection[str], landforms: Collection[str]
) -> Span:
    kind = known.get(surface.lower())
    if kind == "body" and " " in surface:  # of one word it may be a place all the same: Liverpool
        return span._replace(label="ORG")
    if kind not in (None, "body"):
        return span._replace(label="LOC" if kind == "region" else "GPE")
    parts = [word.lower() for word in re.split(r"[\s-]+", surface)]
    if len(parts) > 1 and parts[-1] in name_lists.FACILITY_HEADS:
        return span._replace(label="FAC")
    if span.label == "FAC":
        return span
    if surface in facilities:
        return span._replace(label="FAC", confidence=min(span.confidence, BY_WORDS))
    is_land = surface in landforms or (len(parts) > 1 and not name_lists.LANDFORM_WORDS.isdisjoint(parts))
    return span._replace(label="LOC" if is_land else "GPE")


def _other(text: str, span: Span, surface: str) -> str | None:
    """Return the kind of a MISC or EVENT name by its own words and the marks around it, None if they say nothing."""
    parts = surface.split()
    head, several = parts[-1].lower(), len(parts) > 1
    if span.label == "EVENT":
        return "EVENT"
    if is_title_case(parts) and _is_quoted(text, span):
        return "WORK"
    if several and head in name_lists.FACILITY_HEADS:
        return "FAC"
    if (several and head in name_lists.EVENT_HEADS) or parts[0].lower() in name_lists.STORM_WORDS:
        return "EVENT"
    if surface.lower() in _FEASTS:
        return "EVENT"
    if surface[0].islower():
        return None
    if _MODEL_NAME.fullmatch(surface) or head in _PRODUCT_HEADS:
        return "PRODUCT"
    return "WORK" if not name_lists.WORK_HEADS.isdisjoint((head, _governing(parts))) else None


def _is_quoted(text: str, span: Span) -> bool:
    behind = text[span.end : span.end + 2].lstrip(",.")[:1]
    return span.start > 0 and text[span.start - 1] in _QUOTES and behind in _QUOTES


def _governing(parts: list[str]) -> str:
    """Return the word before "of", "on", "for" in lower case ("Treaty of Lisbon": treaty), "" without one."""
    return next((parts[i].lower() for i, word in enumerate(parts[1:]) if word in ("of", "on", "for")), "")
