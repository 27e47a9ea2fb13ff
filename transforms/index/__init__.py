"""Document stores. `open_store` is the way in; the backends and their libraries are imported when one is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from transforms.errors import ConfigurationError

if TYPE_CHECKING:  # a search has half a second of CPU in all: nothing is imported that it does not use
    from transforms.index.base import DocumentStore

DEFAULT_PROJECT = "default"


def open_store(spec: str, *, project: str = DEFAULT_PROJECT, base_dir: str | None = None) -> "DocumentStore":
    """Return the store that a user named: a path, `sqlite:PATH`, `memory:NAME`, `elasticsearch` or `http(s)://host`.

    A relative path counts from `base_dir` (else from the working folder). `project` prefixes the indices of a server; a
    file is a project of its own. Nothing is reached or made yet. Raises `ConfigurationError` for anything else.
    """
    scheme, colon, rest = spec.partition(":")
    if spec == "elasticsearch":
        return STORES["elasticsearch"]("", project, base_dir)
    if colon and scheme in ("http", "https"):
        return STORES["elasticsearch"](spec, project, base_dir)
    if colon and scheme in STORES and rest:
        return STORES[scheme](rest, project, base_dir)
    if not spec.strip() or "://" in spec or (colon and not rest) or "\0" in spec:
        raise ConfigurationError(
            f"store {spec!r}: give a file (news.db or sqlite:news.db), elasticsearch (its address is ES_URL), "
            "or an address such as https://host:9200"
        )
    return STORES["sqlite"](spec, project, base_dir)


def _sqlite(path: str, _project: str, base_dir: str | None) -> "DocumentStore":
    from transforms.index.sqlite.store import SqliteStore

    return SqliteStore(Path(base_dir or "") / Path(path).expanduser())


def _memory(name: str, project: str, _base_dir: str | None) -> "DocumentStore":
    from transforms.index.memory import open_memory_store

    return open_memory_store(f"{project}/{name}")


def _elasticsearch(url: str, project: str, _base_dir: str | None) -> "DocumentStore":
    from transforms.index.elasticsearch.store import ElasticsearchStore

    return ElasticsearchStore(url or None, project=project)


# scheme -> opener(what stands behind the colon, project, base_dir)
STORES: "dict[str, Callable[[str, str, str | None], DocumentStore]]" = {
    "sqlite": _sqlite,
    "memory": _memory,
    "elasticsearch": _elasticsearch,
}
