"""Bringing a project's indices to this version: in place where Elasticsearch allows it, else by a new generation.

A new generation is filled beside the old one while writers go on with the old: a copy, then what has changed since,
again and again until little is left. For the rest the old one takes no writes (writers of newsbeam wait for a block to
be lifted, and `add_block` for what is under way); the alias moves in one step, and writers go on with the new one. The
old one stays as it was, blocked and without alias.

What has been reached stands in the mapping of the index itself, so that whoever comes after a kill goes on there. Two
at once do each other's work again, and no harm: what only the new one has is deleted only as it was held before a look
that found the alias still at the old one.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from transforms.elastic.faults import RefusalError
from transforms.errors import StoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, Kind, Step, StepAction
from transforms.index.elasticsearch import mapping
from transforms.index.elasticsearch.changes import Plan, plan
from transforms.index.elasticsearch.copying import Copier
from transforms.index.elasticsearch.indices import MIGRATION, Generation, Indices

FEW = 500  # documents that changed during a pass: copied in less than a second, so writers may wait for the rest
MAX_PASSES = 10
NOTED_EVERY = 10_000  # documents: a note is a change of the cluster's state

Tell = Callable[[Step], None]


class Migration:
    """One pass over all kinds. `steps` are those made, or, in a dry run, those that would be."""

    def __init__(self, indices: Indices, *, dry_run: bool, tell: Tell) -> None:
        self._indices = indices
        self._dry_run = dry_run
        self._tell = tell
        self.steps: list[Step] = []

    def run(self) -> None:
        """Bring every kind up to date. Raises `SchemaVersionError` for a newer one, `StoreError` for what fails."""
        existing = self._indices.existing(older=True)
        differing = {each.index for each in self._indices.templates.check() or ()}
        if differing and self._step(_listed(sorted(differing)), "template"):
            self._indices.templates.put(tuple(differing))
        for kind in KINDS:
            if kind in existing:
                self._bring_up(kind, existing[kind])
            elif self._step(self._indices.names.alias(kind), "create"):
                self._indices.create_kind(kind)

    def _bring_up(self, kind: Kind, index: str) -> None:
        body = self._indices.describe(index)
        expected = mapping.expected_state(kind)
        needs = plan(list(mapping.differences(index, expected, mapping.live_state(body))), expected)
        if mapping.version_of(body) != SCHEMA_VERSION:
            self._copy_anew(kind, index, f"schema version {mapping.version_of(body)}")
        elif needs.anew:
            self._copy_anew(kind, index, f"other definition of {_listed(needs.anew)}")
        else:
            self._change(kind, index, needs, body["mappings"].get("_meta", {}).get(MIGRATION))

    # --- in place

    def _change(self, kind: Kind, index: str, needs: Plan, note: dict[str, Any] | None) -> None:
        """Change settings and mapping; where stored documents lack a new sub-field, write them again as they are."""
        body = mapping.component_body(kind)["template"]
        if needs.settings and self._step(index, "change", _listed(needs.settings)):
            wanted = {**mapping.component_body("settings")["template"]["settings"], **body["settings"]}
            settings = {name: wanted[name] for name in needs.settings}
            self._indices.connection.ask(lambda client: client.indices.put_settings(index=index, settings=settings))
        fields = [each for each in needs.fields if each != "mapping _meta"]
        unfilled = note is not None and "fill" in note
        if fields and self._step(index, "change", _listed(fields)):
            if needs.fill and not unfilled:
                note = {"fill": ""}  # before the fields are there: afterwards nothing would tell that they are empty
                self._indices.note(kind, index, note)
            given = {name: value for name, value in body["mappings"].items() if name != "_meta"}
            self._indices.connection.ask(lambda client: client.indices.put_mapping(index=index, **given))
        if needs.fill or unfilled:
            self._fill(kind, index, (note or {}).get("fill") or None)
        elif "mapping _meta" in needs.fields and self._step(index, "finish"):
            self._indices.note(kind, index, None)

    def _fill(self, kind: Kind, index: str, after: str | None) -> None:
        self._indices.refresh(index)
        if self._step(index, "fill", "so that new fields find old documents", self._indices.count(index)):
            Copier(self._indices.connection, index, index).copy(after, self._noting(kind, index, {}, "fill"))
            self._indices.note(kind, index, None)

    # --- a new generation

    def _copy_anew(self, kind: Kind, old: str, why: str) -> None:
        self._indices.refresh(old)
        documents = self._indices.count(old)
        new, after = self._new_generation(kind, old)
        if not self._step(new, "copy", f"from {old}: {why}", documents):
            self._step(old, "swap", "the alias; writes wait for the last of it")
            return
        copier = Copier(self._indices.connection, old, new)
        if after is not None:
            copier.copy(after or None, self._noting(kind, new, {"from": old}, "after"))
            self._indices.note(kind, new, {"from": old, "copied": True})
        changed = documents
        for _ in range(MAX_PASSES):
            self._step(new, "catch up", f"with {old}")
            self._indices.refresh(old, new)
            before, changed = changed, copier.copy_unequal(copier.unequal())
            if changed <= FEW or changed >= before:  # few, or never fewer: writers wait for the rest
                break
        self._take_over(kind, old, new, copier)
        self._step(new, "finish", f"{old} is kept")
        self._indices.note(kind, new, None)

    def _new_generation(self, kind: Kind, old: str) -> tuple[str, str | None]:
        """Return the index to fill, begun before or new, and after which id to go on (None: all is copied)."""
        generations = self._indices.generations(kind)
        for each in generations:
            note = each.migration or {}
            if note.get("from") == old and each.version == SCHEMA_VERSION and not self._differs(kind, each):
                return each.index, None if note.get("copied") else str(note.get("after", ""))
        new = self._indices.names.index(kind, max((each.number for each in generations), default=0) + 1)
        if not self._dry_run:
            for each in generations:
                if each.migration and "from" in each.migration and not each.has_alias:  # begun for another schema
                    self._indices.drop((each.index,))
            self._indices.templates.put_for(kind)
            meta = {**mapping.component_body(kind)["template"]["mappings"]["_meta"], MIGRATION: {"from": old}}
            try:
                self._indices.connection.ask(lambda client: client.indices.create(index=new, mappings={"_meta": meta}))
            except RefusalError as refused:
                if refused.type != "resource_already_exists_exception":
                    raise
                return self._new_generation(kind, old)  # another migration has begun it meanwhile
        return new, ""

    def _differs(self, kind: Kind, begun: Generation) -> bool:
        found = self._indices.differences(kind, begun.index)
        return any(each.field != "mapping _meta" for each in found)

    def _take_over(self, kind: Kind, old: str, new: str, copier: Copier) -> None:
        """Move the alias when the old index has nothing any more that the new one has not."""
        self._step(old, "block", "writers wait")
        self._block(old)
        try:
            self._indices.refresh(old, new)
            copier.copy_unequal(copier.unequal(partial(self._still, kind, old)))
            self._indices.refresh(new)
            counts = self._indices.count(old), self._indices.count(new)
            if counts[0] != counts[1]:
                raise StoreError(
                    f"{new} has {counts[1]:,} documents, {old} {counts[0]:,}: nothing was changed, migrate again"
                )
            alias = self._indices.names.alias(kind)
            self._step(new, "swap", f"{alias} moves here from {old}", counts[1])
            actions: list[Mapping[str, Any]] = [
                {"remove": {"index": old, "alias": alias, "must_exist": True}},
                {"add": {"index": new, "alias": alias}},
            ]
            self._indices.connection.ask(lambda client: client.indices.update_aliases(actions=actions))
        except BaseException as err:
            if self._indices.existing(older=True).get(kind) == old:  # writers shall not wait for somebody who gave up
                unblocked = {mapping.WRITE_BLOCK: None}
                self._indices.connection.ask(lambda client: client.indices.put_settings(index=old, settings=unblocked))
                raise
            if not isinstance(err, RefusalError):
                raise
            # Moved already: by us, with an answer that was lost, or by another migration at the same time.
        # Had another one given up meanwhile and lifted the block, something could have come in at the very end.
        self._block(old)
        self._indices.refresh(old, new)
        copier.copy_unequal(copier.unequal())

    def _block(self, index: str) -> None:
        self._indices.connection.ask(lambda client: client.indices.add_block(index=index, block="write"))

    def _still(self, kind: Kind, old: str) -> None:
        if self._indices.existing(older=True).get(kind) != old:
            raise StoreError(f"{old} was replaced meanwhile by another migration: run it again for what is left")

    # --- steps

    def _step(self, index: str, action: StepAction, detail: str = "", documents: int = 0) -> bool:
        """Tell a step that begins, and say whether to make it."""
        step = Step(index=index, action=action, detail=detail, documents=documents)
        self.steps.append(step)
        self._tell(step)
        return not self._dry_run

    def _noting(self, kind: Kind, index: str, note: dict[str, Any], name: str) -> Callable[[str, int], None]:
        """Return what keeps the id that a copy has reached, now and then."""
        noted = 0

        def reached(id: str, copied: int) -> None:
            nonlocal noted
            if copied - noted >= NOTED_EVERY:
                noted = copied
                self._indices.note(kind, index, {**note, name: id})

        return reached


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
