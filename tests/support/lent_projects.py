"""Empty projects on the real node, lent to one test after the other: making one takes 3 s, emptying one 0.3 to 0.7.

What a test leaves behind is not trusted to be anything. An index that was ever written to (its sequence number tells,
also when all was deleted), or that is not as it was made (settings, mapping, aliases), is deleted and made anew, and so
is one that was not there; a project whose templates have changed is given up. What is lent is compared once more.
"""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from transforms.index import open_store

_OF_THE_MOMENT = ("index.uuid", "index.creation_date")  # settings in which two equal indices differ
_NEVER_WRITTEN = -1


class _State(NamedTuple):
    """All that there is of a project: what each index, component and index template is like."""

    indices: dict[str, Any]
    templates: list[Any]


class _Project(NamedTuple):
    name: str
    as_made: _State


_free: list[_Project] = []


@contextmanager
def lent_project() -> Iterator[str]:
    """Give the name of a project that is as just created, of this process alone until the end of the block."""
    project = _emptied(_free.pop()) if _free else _new()
    try:
        yield project.name
    finally:
        _free.append(project)


def _new() -> _Project:
    _create(name := _made().enter_context(elasticsearch_node.project()))
    with elasticsearch_node.client() as client:
        return _Project(name, _state(client, name))


@cache
def _made() -> ExitStack:
    """Return what deletes the projects when this process ends, before the node is stopped if a test has started it."""
    elasticsearch_node.node_url()
    stack = ExitStack()
    atexit.register(stack.close)
    return stack


def _emptied(project: _Project) -> _Project:
    """Return it as it was made, or another one where that cannot be."""
    with elasticsearch_node.client() as client:
        state = _state(client, project.name)
        if state.templates != project.as_made.templates:
            return _new()
        changed = {name for name, each in state.indices.items() if each != project.as_made.indices.get(name)}
        if used := changed | _written(client, project.name):
            client.indices.delete(index=",".join(sorted(used)))
        if used or state.indices.keys() != project.as_made.indices.keys():
            _create(project.name)
        return project if _state(client, project.name) == project.as_made else _new()


def _create(name: str) -> None:
    with closing(open_store(elasticsearch_node.node_url(), project=name)) as store:
        store.create()


def _state(client: Elasticsearch, name: str) -> _State:
    mine = f"newsbeam-{name}-*"
    indices = client.indices.get(index=mine, expand_wildcards="all", flat_settings=True).body
    for each in indices.values():
        each["settings"] = {key: value for key, value in each["settings"].items() if key not in _OF_THE_MOMENT}
    forgiving = client.options(ignore_status=404)
    components = forgiving.cluster.get_component_template(name=mine).body
    templates = forgiving.indices.get_index_template(name=mine).body
    return _State(indices, [components, templates])


def _written(client: Elasticsearch, name: str) -> set[str]:
    stats = client.indices.stats(
        index=f"newsbeam-{name}-*", level="shards", filter_path="indices.*.shards.*.seq_no.max_seq_no"
    )
    return {
        index
        for index, each in stats.get("indices", {}).items()
        for copies in each["shards"].values()
        for copy in copies
        if copy["seq_no"]["max_seq_no"] != _NEVER_WRITTEN
    }
