"""What the checker finds, under the names of its rules, and what its parts know of the pack they look at."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.kibana.fields import Field, fields_of
from pipeline.kibana.kql import KqlError, fields_in, parse_kql
from pipeline.kibana.objects import SavedObject
from transforms.index.base import KINDS, Kind

RULES: Mapping[str, str] = {
    "size": "an import has at most 10,000 lines and 26,214,400 bytes",
    "type": "an object has one of the five types of the pack",
    "id": "an id is a UUID of version 4, and no type has it twice",
    "version": "an object states the version of its shape, in today's form",
    "attributes": "attributes are those of Kibana's schema, of its types, and complete",
    "title": "a title is there, and no other object of the type has it",
    "json": "attributes that hold JSON as text can be read",
    "reference": "references have names of their own, lead to an object of the pack, and are used",
    "search-source": "a query names its data view by reference, never by id",
    "field": "a field that is named exists in the mapping",
    "charted": "a field that is charted, sorted or chosen from can be: no text, not nested, with doc values",
    "time": "what time is read from is a date",
    "operation": "an operation fits the type of its field",
    "layer": "a chart's layer has its data view, and its columns in order: buckets, then values",
    "column": "columns of a drawing and of an order exist, and every column is drawn",
    "kql": "queries parse, and ask for fields that are indexed and not nested",
    "grid": "panels lie on the grid without overlap",
    "panel": "a panel's reference leads to an object of its type",
    "control": "a control's field is one of every panel below it",
    "rule": "an alert is off, without actions, over a data view of the pack, and as Kibana's schema has it",
}


_LONGEST_FIRST: tuple[Kind, ...] = tuple(sorted(KINDS, key=len, reverse=True))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that Kibana would refuse, or that would show nothing."""

    rule: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text} [{self.rule}]"


class Context:
    """The objects of a pack by type and id, and the fields that their data views have."""

    def __init__(self, objects: Sequence[SavedObject]) -> None:
        self.objects = objects
        self.by_id = {(each["type"], each["id"]): each for each in objects}

    def kind_of(self, view_id: str | None) -> Kind | None:
        """Return the index behind a data view of the pack."""
        view = self.by_id.get(("index-pattern", view_id or ""))
        title = str(view["attributes"].get("title", "")) if view else ""
        return next((kind for kind in _LONGEST_FIRST if title.endswith(f"-{kind}")), None)

    def fields(self, view_id: str | None) -> Mapping[str, Field]:
        """Return the fields of a data view, none for one that is not of the pack."""
        kind = self.kind_of(view_id)
        return fields_of(kind) if kind else {}


def name_of(each: SavedObject) -> str:
    """Return how a finding names an object."""
    return f"{each.get('type')} {each.get('attributes', {}).get('title') or each.get('id')}"


def layers_of(chart: SavedObject) -> Mapping[str, Any]:
    """Return the layers of a chart by id, none where its state has another form."""
    layers = chart["attributes"]["state"].get("datasourceStates", {}).get("formBased", {}).get("layers", {})
    return layers if isinstance(layers, dict) else {}


def referred(each: SavedObject, name: str) -> str | None:
    """Return the id behind a reference's name."""
    return next((one["id"] for one in each["references"] if one["name"] == name), None)


def loaded(text: object) -> Any:
    """Return the value of JSON in an attribute; None for what cannot be read, which another rule reports."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def check_field(where: str, fields: Mapping[str, Field], name: str, *, charted: bool) -> Iterator[Finding]:
    """Find what is wrong with the use of a field in a list (`charted=False`), a chart, a sort or a control."""
    field = fields.get(name)
    if field is None:
        yield Finding(rule="field", where=where, text=f"there is no field {name}")
    elif charted and not field.charted:
        why = f"inside of {field.nested}, which is nested" if field.nested else f"of type {field.type}"
        yield Finding(rule="charted", where=where, text=f"{name} is {why}")


def check_query(where: str, fields: Mapping[str, Field], query: object) -> Iterator[Finding]:
    """Find what is wrong with a query of the form `{query, language}`."""
    if not isinstance(query, dict) or query.get("language") != "kuery" or not isinstance(query.get("query"), str):
        yield Finding(rule="kql", where=where, text=f"{query!r} is no query in KQL")
        return
    try:
        asked = list(fields_in(parse_kql(query["query"])))
    except KqlError as err:
        yield Finding(rule="kql", where=where, text=str(err))
        return
    for name, compared in asked:
        field = fields.get(name)
        if field is None:
            yield Finding(rule="field", where=where, text=f"the query asks for {name}, which is no field")
        elif field.nested or not field.searched:
            yield Finding(rule="kql", where=where, text=f"the query asks for {name}, which is nested or not indexed")
        elif compared and field.kibana_type not in ("number", "date"):
            yield Finding(rule="kql", where=where, text=f"the query compares {name}, which is of type {field.type}")
