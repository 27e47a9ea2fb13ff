"""The indices of a project: their names, what they are made of (`configs/index/*.json`), and how a live one differs.

`newsbeam-articles` is an alias of `newsbeam-articles-v1-000001`, so that a new generation can be filled beside it and
take its place in one step. Templates of ours hold the settings and mappings; the index is made from them. The alias is
in none of them: a generation that is being filled has no part in what is read.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from transforms.elastic.names import prefix_of
from transforms.errors import SchemaVersionError, StoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, Difference, Kind
from transforms.index.elasticsearch.languages import language_fields
from transforms.index.elasticsearch.search_fields import FIELD, is_searched

Body = dict[str, Any]

# The operator's choice: other values are no difference.
TUNABLE = ("index.number_of_shards", "index.auto_expand_replicas", "index.refresh_interval", "index.codec")
WRITE_BLOCK = "index.blocks.write"


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of a project's indices, aliases and templates; the project `default` has no part of its own."""

    project: str

    def __post_init__(self) -> None:
        prefix_of(self.project)

    @property
    def prefix(self) -> str:
        return prefix_of(self.project)

    def alias(self, kind: Kind) -> str:
        """What is read and written, and what Kibana sees."""
        return f"{self.prefix}-{kind}"

    def index(self, kind: Kind, generation: int = 1) -> str:
        """An index of this version behind the alias; the number rises with every copy."""
        return f"{self.alias(kind)}-v{SCHEMA_VERSION}-{generation:06}"

    def generation_of(self, kind: Kind, index: str) -> int | None:
        """Return the number of an index of this kind, of whatever version; None for one that is none of ours."""
        found = re.fullmatch(rf"{re.escape(self.alias(kind))}-v\d{{1,9}}-(\d{{6,12}})", index)
        return int(found[1]) if found else None

    def component(self, name: str) -> str:
        """The component template made of `configs/index/<name>.json`."""
        return f"{self.prefix}-{name}-v{SCHEMA_VERSION}"


@cache
def component_body(name: str) -> Body:
    """Return the body of a component template: a kind's, or that of `settings`, which all kinds share."""
    text = resources.files("configs").joinpath("index", f"{name}.json").read_text(encoding="utf-8")
    body: Body = json.loads(text)
    if is_searched(name):  # the one part that is not written out: a hundred fields that differ in their analyzer
        body["template"]["mappings"]["properties"][FIELD]["properties"] |= language_fields(name)
    return body


def index_template(names: Names, kind: Kind) -> Body:
    """Return the index template of a kind: any index of this version gets its settings and mapping."""
    return {
        "index_patterns": [f"{names.alias(kind)}-v{SCHEMA_VERSION}-*"],
        "priority": 500,  # above what comes with Elasticsearch (100 to 200)
        "composed_of": [names.component("settings"), names.component(kind)],
        "_meta": component_body(kind)["_meta"],
    }


def aliased(names: Names, live: Mapping[str, Body], *, older: bool = False) -> dict[Kind, str]:
    """Return the index behind the alias of each kind that has one; `live` is the answer of `GET <aliases>`.

    Raises `SchemaVersionError` for an index of another schema version (with `older`, only for one of a newer one),
    `StoreError` when an alias is no alias of ours.
    """
    found: dict[Kind, str] = {}
    for kind in KINDS:
        alias = names.alias(kind)
        if alias in live:
            raise StoreError(
                f"{alias} is an index, but newsbeam needs an alias of that name: something else wrote to it before; "
                "rename or delete it, or choose another project"
            )
        behind = sorted(index for index, body in live.items() if alias in body.get("aliases", {}))
        if len(behind) > 1:
            raise StoreError(f"{alias} stands for several indices ({', '.join(behind)}): leave one, then run again")
        if behind:
            version = version_of(live[behind[0]])
            if not (older and isinstance(version, int) and version < SCHEMA_VERSION):
                _check_version(alias, version)
            found[kind] = behind[0]
    return found


def version_of(body: Body) -> object:
    """Return the schema version that an index says it has."""
    return body.get("mappings", {}).get("_meta", {}).get("schema_version")


def _check_version(alias: str, version: object) -> None:
    if version == SCHEMA_VERSION:
        return
    if isinstance(version, int) and version < SCHEMA_VERSION:
        remedy = "`newsbeam index migrate` brings it up to date, and keeps the old index"
    elif isinstance(version, int):
        remedy = "use a newer newsbeam, or choose another project"
    else:
        remedy = "newsbeam did not make it; choose another project"
    raise SchemaVersionError(f"{alias} has schema version {version}, this newsbeam has {SCHEMA_VERSION}: {remedy}")


def expected_state(kind: Kind) -> dict[str, str]:
    """Return what a live index of a kind has to have: a flat name each, with its value as JSON."""
    settings = {**component_body("settings")["template"]["settings"], **component_body(kind)["template"]["settings"]}
    return state_of(settings, component_body(kind)["template"]["mappings"])


def fields_of(kind: Kind, names: Sequence[str]) -> Body:
    """Return the mapping's properties of some fields of a kind, with what is above them."""
    properties: Body = {}
    for name in names:
        wanted, found = component_body(kind)["template"]["mappings"], {"properties": properties}
        for part in name.split("."):
            wanted, above = wanted["properties"][part], found.setdefault("properties", {})
            found = above.setdefault(part, {key: value for key, value in wanted.items() if key != "properties"})
    return properties


def live_state(body: Body) -> dict[str, str]:
    """Return the same of an index as `GET <index>?flat_settings` describes it; of its settings only those we set."""
    set_by_us = {name for kind in KINDS for name in expected_state(kind) if name.startswith("index.")} | {WRITE_BLOCK}
    settings = {name: value for name, value in body.get("settings", {}).items() if name in set_by_us}
    return state_of(settings, body.get("mappings", {}))


def differences(index: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    """Yield each name whose value differs; what is missing on a side is `absent`."""
    for name in sorted(expected.keys() | found.keys()):
        left, right = expected.get(name, "absent"), found.get(name, "absent")
        if left != right:
            yield Difference(index=index, field=name, expected=left, found=right)


def state_of(settings: Mapping[str, Any], mappings: Mapping[str, Any]) -> dict[str, str]:
    """Return flat names with their values as JSON: settings (but for `TUNABLE`), the mapping's own, and each field."""
    state = {name: _shown(value) for name, value in settings.items() if name not in TUNABLE}
    state |= {f"mapping {name}": _shown(value) for name, value in mappings.items() if name != "properties"}
    return state | dict(_fields(mappings.get("properties", {}), ""))


def _fields(properties: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, field in properties.items():
        path = f"{above}{name}"
        own = {key: value for key, value in field.items() if key not in ("properties", "fields")}
        if own:
            yield path, _shown(own)
        yield from _fields(field.get("properties", {}), f"{path}.")
        yield from _fields(field.get("fields", {}), f"{path}.")


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
