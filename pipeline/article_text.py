"""One article as people read it: who, where, how many, who said it, what was removed, and the text."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from pipeline.fact_lines import figure_line, quote_line
from pipeline.history import Change
from pipeline.hits import local_time, publisher_of
from pipeline.output import line
from transforms.index.base import Document

_LABELS = {
    "people": ("PERSON",),
    "bodies": ("ORG",),
    "places": ("GPE", "LOC", "FAC"),
    "others": ("NORP", "EVENT", "WORK", "PRODUCT"),
}
_HEAD_CHARS = 10
MAX_WIDTH = 110  # characters of a line; longer ones are hard to read
MIN_WIDTH = 40


def article_text(document: Document, *, zone: tzinfo, width: int = MAX_WIDTH) -> str:
    """Return an article as text in lines of `width` characters; instants are those of `zone`. No terminal commands."""
    width = min(max(width, MIN_WIDTH), MAX_WIDTH)
    section = partial(_section, width=width)
    parts = [line(document.get("title")), *_under_the_title(document, zone), ""]
    entities = document.get("entities", [])
    for heading, labels in _LABELS.items():
        parts += section(heading, [_entity(entity) for entity in entities if entity.get("label") in labels])
    parts += section("figures", map(figure_line, document.get("figures", [])))
    parts += section("quotes", map(quote_line, document.get("quotes", [])))
    parts += section("dates", [_date(each) for each in document.get("dates", []) if each.get("date")])
    removed = document.get("content", {}).get("removed", [])
    parts += section("removed", [", ".join(f'"{line(each.get("text"))}"' for each in removed)] if removed else [])
    parts += section("warnings", map(line, document.get("pipeline", {}).get("warnings", [])))
    for paragraph in str(document.get("body", "")).split("\n\n"):
        parts += ["", *(textwrap.wrap(line(paragraph), width, break_long_words=False) or [""])]
    return "\n".join(parts)


def history_text(changes: Sequence[Change], *, zone: tzinfo) -> str:
    """Return the versions of an article, oldest first: when it was fetched, the fields and the sentences it changed."""
    parts: list[str] = []
    for number, change in enumerate(changes, 1):
        what = ", ".join(map(line, change.changed)) or ("first kept" if number == 1 else "nothing that readers see")
        parts.append(f"{number}  {local_time(change.fetched_at, zone)} {zone}  {what}")
        for name, lines in change.texts.items():
            parts += [f"   {name}", *(f"     {line(each)}" for each in lines)]
    return "\n".join(parts)


def removed_text(removed: Sequence[Mapping[str, Any]]) -> str:
    """Return what was stripped, a line each with its rule."""
    if not removed:
        return "nothing was removed"
    width = max(len(line(each.get("rule"))) for each in removed)
    return "\n".join(f"{line(each.get('rule')):{width}}  {line(each.get('text'))}" for each in removed)


def _under_the_title(document: Document, zone: tzinfo) -> list[str]:
    time = local_time(document.get("@timestamp"), zone)
    where = [publisher_of(document), f"{time} {zone}", document.get("language"), document.get("section")]
    authors = ", ".join(map(line, document.get("authors", [])))
    lines = [
        line(document.get("subtitle")),
        "  ".join(line(each) for each in where if each),
        authors and f"by {authors}",
    ]
    lines += [line(document.get("url", {}).get("full")), f"id {line(document['id'])}" if document.get("id") else ""]
    return [each for each in lines if each]


def _section(heading: str, items: Iterable[str], *, width: int) -> list[str]:
    lines: list[str] = []
    for item in dict.fromkeys(items):
        lines += textwrap.wrap(item, width - _HEAD_CHARS, subsequent_indent="  ", break_long_words=False)
    return [f"{heading if number == 0 else '':{_HEAD_CHARS}}{text}" for number, text in enumerate(lines)]


def _entity(entity: Mapping[str, Any]) -> str:
    role, country, count = line(entity.get("role")), line(entity.get("country")), entity.get("count", 1)
    name = line(entity.get("name")) + (f" ({role})" if role else "") + (f", {country}" if country else "")
    return f"{name} {count}" if count != 1 else name


def _date(date: Mapping[str, Any]) -> str:
    text, value = line(date.get("text")), line(date.get("date"))
    return text if text == value else f"{text} = {value}"
