"""The stores that a configuration names, opened for looking or for writing."""

from contextlib import closing
from pathlib import Path

from pipeline.setting_checks import scheme_of
from pipeline.settings import Settings
from transforms.errors import ConfigurationError
from transforms.index.base import DocumentStore
from transforms.state.base import StateStore


def file_of(spec: str) -> Path | None:
    """Return the file behind a store's address, None when it is not one."""
    scheme, rest = scheme_of(spec)
    return Path(rest) if scheme in ("", "sqlite") else None


def documents(settings: Settings) -> "closing[DocumentStore]":
    """Open the document store for a `with` block. Raises `StoreError` when it cannot be reached."""
    from transforms.index import open_store

    return closing(open_store(settings.store, project=settings.project))


def stored_documents(settings: Settings) -> "closing[DocumentStore]":
    """Open a store that must be there already: a search makes no empty one. Raises `ConfigurationError`."""
    _must_exist(settings.store, "store", "store")
    return documents(settings)


def stored_ledger(settings: Settings) -> "closing[StateStore]":
    """Open a ledger that must be there already. Raises `ConfigurationError`, `SchemaVersionError`."""
    from transforms.state import open_state

    _must_exist(settings.state, "ledger", "state")
    state = open_state(settings.state)
    if file_of(settings.state) is not None:
        state.create()  # a store's file may have no ledger in it yet
    return closing(state)  # on a server, the first question finds out


def has_ledger(settings: Settings) -> bool:
    """Say whether there is a ledger to look into."""
    path = file_of(settings.state)
    return path is None or path.is_file()


def _must_exist(spec: str, what: str, option: str) -> None:
    path = file_of(spec)
    if path is not None and path.is_dir():
        raise ConfigurationError(f"--{option}: {path} is a folder; name a file in it, such as {path / 'newsbeam.db'}")
    if path is not None and not path.is_file():
        raise ConfigurationError(
            f"there is no {what} {path} yet; `newsbeam ingest` makes it, --config or --{option} names another"
        )
