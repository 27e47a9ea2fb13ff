"""What each difference of an index means for a migration: a change in place, a copy into a new index, or nothing.

Elasticsearch adds fields and sub-fields to a live mapping and takes a few parameters of existing ones; whatever else a
field says, and what `_source` leaves out, is fixed when the index is made.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.index.base import Difference
from transforms.index.elasticsearch.mapping import WRITE_BLOCK
from transforms.index.elasticsearch.search_fields import FIELD

# Elasticsearch, "Update mapping API" and the page of each mapping parameter.
UPDATABLE = {"ignore_above", "ignore_malformed", "coerce", "eager_global_ordinals", "search_analyzer", "dynamic"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an index needs. `settings` and `fields` can be changed in place, `anew` cannot.

    `fill`: sub-fields that stored documents have no values in until they are written again. `left`: what is there
    beside ours and harms nobody.
    """

    settings: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def plan(differences: Sequence[Difference], expected: dict[str, str]) -> Plan:
    """Sort the differences of one index; `expected` is `mapping.expected_state` of its kind."""
    found: dict[str, list[str]] = {name: [] for name in ("settings", "fields", "fill", "anew", "left")}
    for each in differences:
        for name in _places(each, expected):
            found[name].append(each.field)
    return Plan(**{name: tuple(names) for name, names in found.items()})


def _places(each: Difference, expected: dict[str, str]) -> tuple[str, ...]:
    if each.field == WRITE_BLOCK:
        return ("left",)  # somebody's choice, or ours while a copy is being finished
    if each.field.startswith("index."):
        return ("settings",)
    if each.field == "mapping _source":
        return ("anew",)
    if each.field.startswith("mapping "):
        return ("fields",)
    if each.expected == "absent":
        in_the_way = any(name.startswith(f"{each.field}.") for name in expected)
        return ("anew",) if in_the_way else ("left",)
    if each.found == "absent":
        above = _read(expected.get(each.field.rpartition(".")[0], "{}"))
        # Made of documents that are there: a sub-field by the server, what is beside them (`search_fields.py`) by us.
        derived = above.get("type", "object") not in ("object", "nested") or each.field.startswith(f"{FIELD}.")
        return ("fields", "fill") if derived else ("fields",)
    return ("fields",) if _fixed(each.expected) == _fixed(each.found) else ("anew",)


def _fixed(field: str) -> dict[str, Any]:
    return {name: value for name, value in _read(field).items() if name not in UPDATABLE}


def _read(field: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(field)
    return read
