"""A saved object's envelope: id, versions, references; what Kibana's import asks of every line.

The versions are the oldest whose shape we write: a line without them would run through every migration since 6.0, one
with a newer version than the Kibana knows is refused (Kibana: core/saved-objects, collect_saved_objects.ts,
document_migrator.ts).
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Type = Literal["index-pattern", "search", "lens", "map", "dashboard"]
CORE_VERSION = "8.8.0"
TYPE_VERSIONS: Mapping[str, str] = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "lens": "8.9.0",
    "map": "8.4.0",
    "dashboard": "8.9.0",
}
_MARK = re.compile(r"\[newsbeam ([0-9a-f]{12})\]$")
_DATA_VIEW_PARTS = ("title", "name", "timeFieldName", "fieldFormatMap", "fieldAttrs")

SavedObject = dict[str, Any]
Reference = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the objects go: a project's indices, a space of Kibana."""

    prefix: str
    space: str

    @property
    def label(self) -> str:
        """What titles begin with."""
        name = self.prefix.removeprefix("newsbeam-")
        return "newsbeam" if name == self.prefix else f"newsbeam {name}"

    def id(self, kind: str, key: str) -> str:
        """Return an object's id: always the same one, and another for each space and project.

        Kibana gives an object that exists in another space a new id when it is imported, so ids hold the space. Alerts
        take no id but a UUID of version 4, so all have that form.
        """
        digest = hashlib.sha256(f"{self.space}/{self.prefix}/{kind}/{key}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))


def saved_object(
    kind: Type, id: str, attributes: Mapping[str, Any], references: Iterable[Reference] = ()
) -> SavedObject:
    """Return an object as a line of an import; its description ends in a mark by which it is known again."""
    references = list(references)
    attributes = dict(attributes)
    if kind != "index-pattern":  # a data view has no description
        digest = hashlib.sha256(compact([attributes, references]).encode()).hexdigest()[:12]
        attributes["description"] = f"{attributes.get('description', '')} [newsbeam {digest}]".strip()
    return {
        "type": kind,
        "id": id,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
        "managed": False,
    }


def reference(name: str, kind: Type, id: str) -> Reference:
    """Return a reference to another object."""
    return {"name": name, "type": kind, "id": id}


def compact(value: object) -> str:
    """Return JSON without spaces: what Kibana keeps as text inside of objects."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def version_of(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """Return what tells one version of an installed object from another, None when it is none of ours.

    Kibana rewrites attributes when it migrates them, so that they cannot be compared; a description stays as it is. Of
    a data view, whose form has not changed since 8.0, the parts that we set are compared.
    """
    if kind == "index-pattern":
        return compact([attributes.get(name, "{}") for name in _DATA_VIEW_PARTS])
    found = _MARK.search(str(attributes.get("description", "")))
    return found[1] if found else None


def search_source(query: str, *, index_reference: str | None = None) -> str:
    """Return a query as Discover, dashboards and maps keep it."""
    source: dict[str, Any] = {"query": kuery(query), "filter": []}
    if index_reference:
        source["indexRefName"] = index_reference
    return compact(source)


def kuery(query: str) -> dict[str, str]:
    """Return a KQL query as Kibana keeps it."""
    return {"query": query, "language": "kuery"}
