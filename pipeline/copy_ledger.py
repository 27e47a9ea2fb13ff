"""`copy` of the ledger: what was fetched, polled and forgotten, so that a run on the copy fetches nothing again.

It is resumed by running it again, as the copy of documents is: the newer row stands. Nobody may work on either ledger
meanwhile: a site that is asked here would be free there.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline import stores
from pipeline.config import DEFAULT_LEDGER, Config
from pipeline.setting_checks import check_state, scheme_of
from transforms.errors import ConfigurationError, StoreError
from transforms.state import open_state
from transforms.state.base import StateStore
from transforms.state.exchange import ROW_KINDS
from transforms.state.rows import Cells, RowKind

BATCH = 500


@dataclass(kw_only=True)
class RowsCopied:
    """What became of the rows of a kind. `there`: as they are or newer; `held`: forgotten there."""

    kind: RowKind
    read: int = 0
    copied: int = 0
    there: int = 0
    held: int = 0


def copy_ledger(
    source: StateStore, target: StateStore, *, progress: Callable[[RowsCopied], None]
) -> tuple[RowsCopied, ...]:
    """Copy all rows and return what became of each kind. Raises `StoreError` while somebody works on either ledger."""
    target.create()
    refuse_work(source, target)
    before = source.status()["last_run"]
    found = tuple(_copy_kind(source, target, kind, progress) for kind in ROW_KINDS)
    if source.status()["last_run"] != before:
        raise StoreError("a run worked on the ledger while it was copied: when it has ended, copy again")
    refuse_work(source, target)
    return found


def open_ledgers(
    config: Config,
    documents: tuple[str, str],
    given: tuple[str | None, str | None],
    stack: ExitStack,
    *,
    tell: Callable[[str], None],
) -> tuple[StateStore, StateStore] | None:
    """Open the ledgers of two document stores, made where there is none; None, told, where there is nothing to copy.

    Raises `ConfigurationError` for what cannot be a ledger's address, or is not there.
    """
    source, target = (ledger_of(config, store, ledger) for store, ledger in zip(documents, given, strict=True))
    path = stores.file_of(source)
    if source == target:
        tell(f"{source} is the ledger of both, and stays it")
        return None
    if path is not None and not path.is_file():
        if given[0] is not None:
            raise ConfigurationError(f"--from-state: there is no ledger {path}")
        tell(f"{documents[0]} has no ledger ({path}): its documents alone are copied")
        return None
    one, two = (stack.enter_context(closing(open_state(name))) for name in (source, target))
    if path is not None:
        one.create()  # a store's file may have no ledger in it, or one of an older version
    two.create()
    return one, two


def ledger_of(config: Config, documents: str, given: str | None) -> str:
    """Return the address of a document store's ledger: given, configured, its own file, or beside the configuration."""
    if given is not None:
        try:
            address = check_state(given)
        except ValueError as err:
            raise ConfigurationError(f"{given!r}: valid: {err}") from err
        project = documents.partition("#")[2] or config.settings.project
        is_whole = not _is_server(address) or "#" in address or project == "default"
        return _resolved(address if is_whole else f"{address}#{project}")
    if _resolved(documents) == _resolved(config.settings.store):
        return config.settings.state
    if not _is_server(documents):
        return _resolved(documents)
    base = config.file.parent if config.file is not None else Path()
    return _resolved(str(base / DEFAULT_LEDGER))


def _is_server(spec: str) -> bool:
    return scheme_of(spec)[0] in ("elasticsearch", "http", "https")


def _resolved(spec: str) -> str:
    path = stores.file_of(spec)
    return spec if path is None else str(path.expanduser().absolute())


def _copy_kind(
    source: StateStore, target: StateStore, kind: RowKind, progress: Callable[[RowsCopied], None]
) -> RowsCopied:
    done = RowsCopied(kind=kind)
    for batch in _batches(source.rows(kind)):
        taken = target.take_rows(kind, batch)
        done.read += len(batch)
        done.copied += taken.written
        done.there += taken.there
        done.held += taken.held
        progress(done)
    return done


def refuse_work(source: StateStore, target: StateStore) -> None:
    """Raise `StoreError` while somebody works on either ledger."""
    for name, ledger in (("FROM", source), ("TO", target)):
        if working := ledger.at_work():
            raise StoreError(
                f"the ledger of {name} is worked on by {', '.join(working)}: stop the run or the scheduler, or wait "
                "for its end, then copy again (what another machine held that is gone, the next run frees)"
            )


def _batches(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
