"""The templates of a project: what an index of ours is made from, and how those on a server differ."""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.index.base import KINDS, Difference, Kind
from transforms.index.elasticsearch.mapping import (
    TUNABLE,
    Body,
    Names,
    component_body,
    differences,
    index_template,
    state_of,
)

logger = logging.getLogger(__name__)

SHARED = "settings"  # the component that all kinds have


class Templates:
    """Component templates and index templates, compared and put."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names

    def check(self) -> tuple[Difference, ...] | None:
        """Return how they differ, a missing one by its field `template`; None when our key may not look at them."""
        try:
            components, templates = self._live()
        except RefusalError as refused:
            if refused.status != 403:
                raise
            logger.debug("templates are not compared: %s", refused)
            return None
        found: list[Difference] = []
        for name in (SHARED, *KINDS):
            found += _compared(self._names.component(name), _component_state(component_body(name)), components)
        for kind in KINDS:
            found += _compared(self._names.alias(kind), _template_state(index_template(self._names, kind)), templates)
        return tuple(found)

    def put_missing(self) -> tuple[str, ...]:
        """Put those that are missing and return their names; one that differs is `migrate`'s business."""
        missing = tuple(each.index for each in self.check() or () if each.field == "template")
        self.put(missing)
        return missing

    def put(self, wanted: tuple[str, ...]) -> None:
        """Put the templates of these names, components first: an index template names them."""
        for name in (SHARED, *KINDS):
            if self._names.component(name) in wanted:
                self._put_component(name)
        for kind in KINDS:
            if self._names.alias(kind) in wanted:
                self._put_template(kind)

    def put_for(self, kind: Kind) -> None:
        """Put all that an index of a kind is made from."""
        self.put((self._names.component(SHARED), self._names.component(kind), self._names.alias(kind)))

    def _put_component(self, name: str) -> None:
        body = component_body(name)
        template = {**body["template"], "settings": {**body["template"]["settings"], **self._tuned(name)}}
        self._connection.ask(
            lambda client: client.cluster.put_component_template(
                name=self._names.component(name), template=template, meta=body["_meta"]
            )
        )

    def _tuned(self, name: str) -> Body:
        """Return what the operator has chosen for settings that are his to choose."""
        try:
            live = self._component(name)
        except RefusalError as refused:
            if refused.status not in (403, 404):
                raise
            return {}
        settings: Body = live["component_template"]["template"].get("settings", {})
        return {setting: value for setting, value in settings.items() if setting in TUNABLE}

    def _component(self, name: str) -> Body:
        answer = self._connection.ask(
            lambda client: client.cluster.get_component_template(name=self._names.component(name), flat_settings=True)
        )
        found: Body = answer["component_templates"][0]
        return found

    def _put_template(self, kind: Kind) -> None:
        template = index_template(self._names, kind)
        meta = template.pop("_meta")
        self._connection.ask(
            lambda client: client.indices.put_index_template(name=self._names.alias(kind), meta=meta, **template)
        )

    def _live(self) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
        """Return the states of the component templates and of the index templates that there are, by name."""
        mine = f"{self._names.prefix}-*"
        components = self._connection.ask(
            lambda client: client.options(ignore_status=404).cluster.get_component_template(
                name=mine, flat_settings=True
            )
        )
        templates = self._connection.ask(
            lambda client: client.options(ignore_status=404).indices.get_index_template(name=mine)
        )
        return (
            {
                each["name"]: _component_state(each["component_template"])
                for each in components.get("component_templates", ())
            },
            {each["name"]: _template_state(each["index_template"]) for each in templates.get("index_templates", ())},
        )


def _compared(name: str, expected: Mapping[str, str], live: Mapping[str, Mapping[str, str]]) -> Iterator[Difference]:
    if name not in live:
        yield Difference(index=name, field="template", expected="a template", found="absent")
        return
    yield from differences(name, expected, live[name])


def _component_state(body: Mapping[str, Any]) -> dict[str, str]:
    template = body["template"]
    state = state_of(template.get("settings", {}), template.get("mappings", {}))
    return {f"template {name}": value for name, value in state.items()}


def _template_state(body: Mapping[str, Any]) -> dict[str, str]:
    state = {name: body.get(name) for name in ("index_patterns", "priority", "composed_of", "_meta")}
    state["aliases"] = sorted(body.get("template", {}).get("aliases", {}))
    return {f"template {name}": json.dumps(value, sort_keys=True) for name, value in state.items()}
