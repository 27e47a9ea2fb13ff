"""Rows of an export: articles, or one row per figure, quote or entity, each with its article."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pipeline.problems import nearest
from transforms.elements import Entity
from transforms.errors import ConfigurationError
from transforms.index.base import Document, DocumentStore, SearchRequest
from transforms.index.elasticsearch.mapping import component_body

Column = Literal["text", "number", "integer", "flag", "time", "list"]

_ARTICLE: dict[str, Column] = {
    "article.id": "text", "@timestamp": "time", "title": "text", "url.full": "text", "publisher.name": "text",
    "language": "text",
}  # fmt: skip

# Columns of csv and parquet where the user names none, in this order, with their types.
COLUMNS: dict[str, dict[str, Column]] = {
    "articles": {
        "id": "text", "@timestamp": "time", "published": "time", "title": "text", "subtitle": "text", "summary": "text",
        "body": "text", "url.full": "text", "url.registered_domain": "text", "publisher.name": "text",
        "publisher.country": "text", "authors": "list", "section": "text", "language": "text", "tags": "list",
        "feeds": "list", "people": "list", "organizations": "list", "places": "list", "countries": "list",
        "word_count": "integer", "content.revision": "integer", "fetched_at": "time",
    },
    "figures": {
        **_ARTICLE, "kind": "text", "text": "text", "value": "number", "value_max": "number", "comparator": "text",
        "vague": "flag", "unit": "text", "value_base": "number", "unit_base": "text", "subject": "text",
        "event": "text", "place": "text",
        "attribution": "text", "sentence": "text", "field": "text", "start_char": "integer",
        "end_char": "integer", "confidence": "number",
    },
    "quotes": {
        **_ARTICLE, "speaker": "text", "speaker_role": "text", "verb": "text", "text": "text", "partial": "flag",
        "sentence": "text", "field": "text", "start_char": "integer", "end_char": "integer", "confidence": "number",
    },
    "entities": {
        **_ARTICLE, "id": "text", "name": "text", "label": "text", "count": "integer", "in_title": "flag",
        "salience": "number", "confidence": "number", "role": "text", "country": "text", "location.lat": "number",
        "location.lon": "number",
    },
}  # fmt: skip
TYPES: dict[str, Column] = {name: kind for columns in COLUMNS.values() for name, kind in columns.items()}


def rows_of(store: DocumentStore, rows: str, request: SearchRequest, *, after: str | None = None) -> Iterator[Document]:
    """Yield the rows of all articles that match (`after`: behind that article), ordered by id, without a cap."""
    if rows == "figures":
        return (stored.source for stored in store.scan("figures", request, after=after))
    if rows == "quotes":
        return (stored.source for stored in store.scan("quotes", request, after=after))
    articles = (stored.source for stored in store.scan("articles", request, after=after))
    if rows == "entities":
        return (row for article in articles for row in _entity_rows(article))
    return articles


def check_fields(rows: str, names: Sequence[str]) -> None:
    """Refuse names that no row can have. Raises `ConfigurationError` naming the nearest."""
    known = _known(rows)
    for name in names:
        if name not in known:
            meant = nearest(name, known)
            hint = f"did you mean {meant}? " if meant else ""
            raise ConfigurationError(f"--fields: received {name!r}; {hint}valid: {', '.join(COLUMNS[rows])}, ...")


def _known(rows: str) -> tuple[str, ...]:
    """Return what the index's mapping names (the same for every store); of an entity, its element."""
    if rows == "entities":
        entity = (field.name for field in dataclasses.fields(Entity))
        return (*COLUMNS["entities"], *entity, "article", "url", "publisher", "tags")
    return tuple(_paths(component_body(rows)["template"]["mappings"]["properties"]))


def _paths(properties: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, field in properties.items():
        yield f"{before}{name}"
        if field.get("type") == "geo_point":
            yield from (f"{before}{name}.lat", f"{before}{name}.lon")
        yield from _paths(field.get("properties", {}), f"{before}{name}.")


def article_of(row: Document) -> str:
    """Return the id of the article that a row is, or belongs to."""
    return str(row["article"]["id"] if "article" in row else row["id"])


def field_of(row: Document, name: str) -> object:
    """Return the value under a dotted name, None where there is none."""
    value: object = row
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _entity_rows(article: Document) -> Iterator[Document]:
    context: Document = {"article": {"id": article.get("id")}}
    context |= {key: article[key] for key in ("@timestamp", "title", "language", "tags") if key in article}
    context["url"] = {"full": field_of(article, "url.full")}
    context["publisher"] = {"name": field_of(article, "publisher.name")}
    for entity in article.get("entities", []):
        yield context | entity
