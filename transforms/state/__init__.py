"""The ledger's backends: one file and one line each."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from transforms.state.base import StateStore


def _open_sqlite(path: str) -> StateStore:
    from transforms.state.sqlite.ledger import SqliteState

    return SqliteState(Path(path))


def _open_memory(name: str) -> StateStore:
    """A ledger for tests: a file in the temporary folder, because SQLite's own memory cannot wait for a lock."""
    return _open_sqlite(str(Path(tempfile.gettempdir()) / f"newsbeam-memory-{name}.db"))


def _open_elasticsearch(address: str) -> StateStore:
    """Open `elasticsearch` (its address is ES_URL) or an address; `#NAME` behind it is a project other than default."""
    from transforms.state.elasticsearch.ledger import ElasticsearchState

    url, _, project = address.partition("#")
    return ElasticsearchState(url or None, project=project or "default")


BACKENDS: dict[str, Callable[[str], StateStore]] = {
    "sqlite": _open_sqlite,
    "memory": _open_memory,
    "elasticsearch": _open_elasticsearch,
}


def open_state(spec: str) -> StateStore:
    """Return the ledger that a spec names. Nothing is reached or made yet. Raises `ConfigurationError`.

    A path, `sqlite:PATH`, `memory:NAME`, or shared by machines: `elasticsearch` or `http(s)://host:9200`, with
    `#project` behind it for another project than the default one.
    """
    scheme, colon, rest = spec.partition(":")
    if scheme in ("http", "https") and colon:
        return BACKENDS["elasticsearch"](spec)
    if spec.partition("#")[0] == "elasticsearch":
        return BACKENDS["elasticsearch"](spec.removeprefix("elasticsearch"))
    if colon and scheme in BACKENDS:
        return BACKENDS[scheme](rest)
    return _open_sqlite(spec)
