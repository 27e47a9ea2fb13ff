"""A project on the real node as a test takes it apart: its store opened again, and only the kind that it looks at."""

from collections.abc import Callable
from typing import Any

from tests.support import elasticsearch_node
from transforms.index.elasticsearch import indices, migrate, templates
from transforms.index.elasticsearch.mapping import Names
from transforms.index.elasticsearch.store import ElasticsearchStore


def opened(names: Names) -> ElasticsearchStore:
    """Return another object over a project, as another process would open it; close it."""
    return ElasticsearchStore(elasticsearch_node.node_url(), project=names.project, environ={})


def only_articles(change: Callable[[Any, str, Any], None]) -> None:
    """So that a test does not make the indices of seven kinds that it does not look at; `change` is a `setattr`."""
    for module in (indices, migrate, templates):
        change(module, "KINDS", ("articles",))
