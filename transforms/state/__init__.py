"""The ledger's backends: one file and one line each."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from transforms.errors import ConfigurationError
from transforms.state.base import StateStore


def _open_sqlite(path: str) -> StateStore:
    from transforms.state.sqlite import SqliteState

    return SqliteState(Path(path))


def _open_memory(name: str) -> StateStore:
    """A ledger for tests: a file in the temporary folder, because SQLite's own memory cannot wait for a lock."""
    return _open_sqlite(str(Path(tempfile.gettempdir()) / f"newsbeam-memory-{name}.db"))


BACKENDS: dict[str, Callable[[str], StateStore]] = {"sqlite": _open_sqlite, "memory": _open_memory}


def open_state(spec: str) -> StateStore:
    """Return the ledger that a spec names: a path, `sqlite:PATH` or `memory:NAME`. Raises `ConfigurationError`."""
    scheme, colon, rest = spec.partition(":")
    if colon and scheme in BACKENDS:
        return BACKENDS[scheme](rest)
    if spec.startswith(("http://", "https://")) or spec == "elasticsearch":
        raise ConfigurationError(
            f"--state {spec!r}: the ledger is kept in SQLite; give a path such as newsbeam-state.db"
        )
    return _open_sqlite(spec)
