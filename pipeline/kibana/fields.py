"""The fields of our indices as Kibana sees them, read from `configs/index/*.json`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from transforms.index.base import Kind

# Elasticsearch's types by what Kibana makes of them (Kibana: kbn-field-types).
KIBANA_TYPES = {
    "keyword": "string",
    "text": "string",
    "date": "date",
    "boolean": "boolean",
    "geo_point": "geo_point",
    "byte": "number",
    "short": "number",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a mapping. `charted`: a chart, a sort and a control can use it; `searched`: a query can.

    A field inside of nested objects can be neither charted nor, without its own syntax, be asked for, though
    `_field_caps` says that it can be aggregated (elastic/kibana#150158).
    """

    name: str
    type: str
    nested: str | None
    doc_values: bool
    indexed: bool

    @property
    def charted(self) -> bool:
        return self.nested is None and self.doc_values and self.type not in ("text", "object")

    @property
    def searched(self) -> bool:
        return self.indexed and self.type in KIBANA_TYPES

    @property
    def kibana_type(self) -> str:
        return KIBANA_TYPES.get(self.type, "unknown")


@cache
def fields_of(kind: Kind) -> Mapping[str, Field]:
    """Return the fields of an index by name."""
    text = resources.files("configs").joinpath("index", f"{kind}.json").read_text(encoding="utf-8")
    return {field.name: field for field in _fields(json.loads(text)["template"]["mappings"]["properties"], "", None)}


def _fields(properties: Mapping[str, Any], above: str, nested: str | None) -> Iterator[Field]:
    for name, entry in properties.items():
        path = f"{above}{name}"
        kind = entry.get("type", "object")
        if kind in ("object", "nested"):
            yield from _fields(entry.get("properties", {}), f"{path}.", path if kind == "nested" else nested)
            continue
        yield _field(path, kind, entry, nested)
        for sub, part in entry.get("fields", {}).items():
            yield _field(f"{path}.{sub}", part["type"], part, nested)


def _field(name: str, kind: str, entry: Mapping[str, Any], nested: str | None) -> Field:
    return Field(
        name=name, type=kind, nested=nested, doc_values=entry.get("doc_values", True), indexed=entry.get("index", True)
    )
