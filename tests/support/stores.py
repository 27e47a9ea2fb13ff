"""The document stores that the contract suite runs over: one line per backend.

A backend gives a fresh, empty store for a test, and the same one opened again by another object (as another process
would). It skips the test itself where its server is not there.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support import elasticsearch_node
from tests.support.lent_projects import lent_project
from transforms.index import open_store
from transforms.index.base import DocumentStore


class StoreUnderTest(NamedTuple):
    """An empty store, created; `reopen` gives another object over the same data."""

    store: DocumentStore
    reopen: Callable[[], DocumentStore]


@contextmanager
def sqlite(folder: Path) -> Iterator[StoreUnderTest]:
    """Give a store in a new file."""
    yield from _opened(lambda: open_store("sqlite:contract.db", base_dir=str(folder)))


@contextmanager
def memory(folder: Path) -> Iterator[StoreUnderTest]:
    """Give a new named store."""
    name = uuid.uuid4().hex
    yield from _opened(lambda: open_store(f"memory:{name}"))


@contextmanager
def elasticsearch(_folder: Path) -> Iterator[StoreUnderTest]:
    """Give an empty project on a real node."""
    url = elasticsearch_node.node_url()
    with lent_project() as project:
        yield from _opened(lambda: open_store(url, project=project))


def _opened(open_it: Callable[[], DocumentStore]) -> Iterator[StoreUnderTest]:
    opened: list[DocumentStore] = []

    def opening() -> DocumentStore:
        opened.append(open_it())
        return opened[-1]

    try:
        store = opening()
        store.create()
        yield StoreUnderTest(store, opening)
    finally:
        for store in opened:
            store.close()


# name -> context manager over a temporary folder; a backend that needs a mark of pytest has it in MARKS
BACKENDS = {"sqlite": sqlite, "memory": memory, "elasticsearch": elasticsearch}
MARKS = {"elasticsearch": "elasticsearch"}
