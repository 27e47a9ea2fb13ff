"""The indices of a project on a server: which there are, what they are like, and making those that are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.errors import StoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, Difference, Kind
from transforms.index.elasticsearch import mapping
from transforms.index.elasticsearch.changes import plan
from transforms.index.elasticsearch.mapping import Body, Names
from transforms.index.elasticsearch.search_fields import FIELD
from transforms.index.elasticsearch.templates import Templates

MIGRATION = "migration"  # in `_meta` of a mapping: what has begun and is not finished


@dataclass(frozen=True, kw_only=True)
class Generation:
    """An index of a kind, with or without the alias. `migration` is the note of a migration that has not ended."""

    index: str
    number: int
    version: object
    has_alias: bool
    migration: Mapping[str, Any] | None


class Indices:
    """What can be asked of and done to the indices of one project."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self.connection = connection
        self.names = names
        self.templates = Templates(connection, names)

    def existing(self, *, older: bool = False) -> dict[Kind, str]:
        """Return the index behind each alias that exists; raise for one of another schema version (see `aliased`)."""
        aliases = ",".join(self.names.alias(kind) for kind in KINDS)
        live = self.connection.ask(
            lambda client: client.indices.get(
                index=aliases, ignore_unavailable=True, filter_path="*.aliases,*.mappings._meta"
            )
        )
        return mapping.aliased(self.names, live, older=older)

    def create(self) -> tuple[str, ...]:
        """Make what is missing, and return the names of the indices, and of templates that had been lost."""
        existing = self.existing()
        put = self.templates.put_missing()
        new = [kind for kind in KINDS if kind not in existing]
        made = [index for kind in new if (index := self._make(kind)) is not None]
        come_with_them = {name for kind in new for name in (self.names.component(kind), self.names.alias(kind))}
        return (*(name for name in put if existing and name not in come_with_them), *made)

    def create_kind(self, kind: Kind) -> str | None:
        """Make a kind's index and templates; None when another process was faster."""
        self.templates.put_for(kind)
        return self._make(kind)

    def _make(self, kind: Kind) -> str | None:
        """Make an index from the templates that are there, or give the alias back to the one that lost it."""
        alias = self.names.alias(kind)
        generations = self.generations(kind)
        if any(each.has_alias for each in generations):
            return None  # made meanwhile
        if left := [each for each in generations if each.version == SCHEMA_VERSION and not each.migration]:
            index = max(left, key=lambda each: each.number).index
            self.connection.ask(lambda client: client.indices.put_alias(index=index, name=alias))
            return f"{alias} -> {index}"
        index = self.names.index(kind)
        try:
            self.connection.ask(lambda client: client.indices.create(index=index, aliases={alias: {}}))
        except RefusalError as refused:
            if refused.type != "resource_already_exists_exception":
                raise
            return None
        return index

    def check(self) -> tuple[Difference, ...]:
        """Compare aliases, settings, mappings and templates with `configs/index/`; `mapping.TUNABLE` may differ."""
        existing = self.existing()
        found: list[Difference] = []
        for kind in KINDS:
            if kind in existing:
                found += self.differences(kind, existing[kind])
            else:
                alias = self.names.alias(kind)
                found.append(Difference(index=alias, field="alias", expected="an index", found="absent"))
        if existing:
            found += self.templates.check() or ()
        return tuple(found)

    def differences(self, kind: Kind, index: str) -> list[Difference]:
        """Compare one index with what its kind is to be."""
        return list(mapping.differences(index, mapping.expected_state(kind), mapping.live_state(self.describe(index))))

    def complete(self, kind: Kind) -> None:
        """Give a kind's index the fields that came after it was made and that no stored document has values for.

        It is strict, and would refuse every document that has one. What `search_fields` adds is `migrate`'s business.
        Raises `StoreError` when our key may not; an index that is not there yet lacks nothing.
        """
        alias, expected = self.names.alias(kind), mapping.expected_state(kind)
        try:
            live = self.connection.ask(lambda client: client.indices.get_mapping(index=alias))
        except RefusalError as refused:
            if refused.status in (403, 404):
                return
            raise
        for index, body in live.items():
            needs = plan(list(mapping.differences(index, expected, mapping.live_state(body))), expected)
            absent = expected.keys() - mapping.live_state(body).keys() - set(needs.fill)
            added = [each for each in needs.fields if each in absent and not each.startswith(("mapping ", f"{FIELD}."))]
            try:
                if added:
                    self._put_fields(index, mapping.fields_of(kind, added))
            except RefusalError as refused:
                if refused.status != 403:
                    raise
                raise StoreError(
                    f"{index} lacks {', '.join(added)}, which this version writes, and this key may not add fields: "
                    "run `newsbeam index migrate` with one that may"
                ) from refused

    def _put_fields(self, index: str, properties: Body) -> None:
        self.connection.ask(lambda client: client.indices.put_mapping(index=index, properties=properties))

    def describe(self, index: str) -> Body:
        """Return settings, mapping and aliases of an index, settings with flat names."""
        described = self.connection.ask(lambda client: client.indices.get(index=index, flat_settings=True))
        body: Body = described[index]
        return body

    def generations(self, kind: Kind) -> list[Generation]:
        """Return all indices of a kind, of every schema version, by their numbers."""
        alias = self.names.alias(kind)
        live = self.connection.ask(
            lambda client: client.indices.get(index=f"{alias}-v*", filter_path="*.aliases,*.mappings._meta")
        )
        found = [
            Generation(
                index=index,
                number=number,
                version=mapping.version_of(body),
                has_alias=alias in body.get("aliases", {}),
                migration=body.get("mappings", {}).get("_meta", {}).get(MIGRATION),
            )
            for index, body in live.items()
            if (number := self.names.generation_of(kind, index)) is not None
        ]
        return sorted(found, key=lambda each: each.number)

    def note(self, kind: Kind, index: str, migration: Mapping[str, Any] | None) -> None:
        """Keep in an index what a migration has reached, or take the note out when it has ended."""
        meta = dict(mapping.component_body(kind)["template"]["mappings"]["_meta"])
        if migration is not None:
            meta[MIGRATION] = dict(migration)
        self.connection.ask(lambda client: client.indices.put_mapping(index=index, meta=meta))

    def left_behind(self, *kinds: Kind) -> tuple[str, ...]:
        """Return what migrations have left, of all kinds: indices without the alias, older than the one that has it."""
        found: list[str] = []
        for kind in kinds or KINDS:
            generations = self.generations(kind)
            current = max((each.number for each in generations if each.has_alias), default=0)
            found += (each.index for each in generations if each.number < current and not each.has_alias)
        return tuple(found)

    def drop(self, indices: tuple[str, ...]) -> tuple[str, ...]:
        """Delete indices and return their names."""
        for index in indices:
            self.connection.ask(partial(_delete, index))
        return indices

    def refresh(self, *indices: str) -> None:
        self.connection.ask(lambda client: client.indices.refresh(index=",".join(indices)))

    def count(self, index: str) -> int:
        """Return how many documents a search sees, the hidden ones of nested fields not counted."""
        return int(self.connection.ask(lambda client: client.count(index=index))["count"])


def _delete(index: str, client: Any) -> Any:
    return client.indices.delete(index=index)
