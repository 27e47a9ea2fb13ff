"""`newsbeam copy`: one store's documents, and its ledger, into another."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import note, print_json, print_table

if TYPE_CHECKING:
    from pipeline.copy import Copied
    from pipeline.copy_ledger import RowsCopied
    from transforms.index.base import DocumentStore

INTERVAL_S = 10.0
LEDGER = "ledger"
_KINDS = ("articles", "figures", "quotes", "dead-letters", "runs", "requests", "revisions", "suppressed", LEDGER)


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only these; may be repeated.")
@click.option("--from-state", metavar="LEDGER", help="The ledger of FROM, given as --state is.")
@click.option("--to-state", metavar="LEDGER", help="The ledger of TO, given as --state is.")
@options.common
@options.as_json
def command(
    source: str, target: str, kinds: tuple[str, ...], from_state: str | None, to_state: str | None, as_json: bool
) -> int:
    """Copy one store's documents, and its ledger, into another. Nothing is fetched again.

    FROM and TO are given as --store is; on a server #PROJECT may stand behind them. Documents keep their versions.
    Interrupted, run it again: what is there is not written twice, and what is newer there stays. Documents may be
    written meanwhile.

    What FROM was told to forget (--kind suppressed) goes first: TO deletes what it had of that. What TO was told to
    forget does not come back.

    The ledger has every URL and how it ended, the feeds with their validators, claims, robots.txt, pauses and runs. It
    is the store's own file, or what is configured for that store; for a server newsbeam-state.db. No run and no
    scheduler may work on either ledger meanwhile.

    Exits 1 when TO lacks something in the end; the ledger is then not copied.

    \b
    Example: newsbeam copy newsbeam.db elasticsearch
             newsbeam copy newsbeam.db elasticsearch --to-state elasticsearch
    """
    from contextlib import ExitStack, closing

    from pipeline.copy import ORDER, copy_documents
    from pipeline.copy_ledger import copy_ledger, open_ledgers, refuse_work
    from pipeline.exits import FAILED, OK

    config = options.load()
    settings = config.settings
    wanted = [kind for kind in ORDER if not kinds or kind in kinds]
    refuse_paths(source, target)
    rows: Sequence[RowsCopied] = ()
    with ExitStack() as stack:
        one, two = (stack.enter_context(closing(open_named(name, settings.project))) for name in (source, target))
        ledgers = None
        if not kinds or LEDGER in kinds:
            ledgers = open_ledgers(config, (source, target), (from_state, to_state), stack, tell=note)
        if ledgers is not None:
            refuse_work(*ledgers)
        found = copy_documents(one, two, wanted, progress=_Lines())
        lacking = [each for each in found if each.differs]
        if ledgers is not None and not lacking:
            rows = copy_ledger(*ledgers, progress=_Lines())
    if as_json:
        print_json([*({**vars(each), "differs": each.differs} for each in found), *map(vars, rows)])
    else:
        print_table(
            ("kind", "read", "copied", "there already", "forgotten there", "refused", "now there"),
            [
                *((it.kind, it.read, it.copied, it.there, it.held, it.refused, it.now_there) for it in found),
                *((f"ledger: {row.kind}", row.read, row.copied, row.there, row.held, 0, "") for row in rows),
            ],
        )
    for each in lacking:
        note(f"{each.kind}: {target} lacks some of what was read; {each.message or 'run it again'}")
    return FAILED if lacking else OK


def refuse_paths(source: str, target: str) -> None:
    """Raise `ConfigurationError` for a FROM that is not there, a TO that cannot be, and for one store by two names."""
    from pipeline import stores
    from transforms.errors import ConfigurationError

    one, two = stores.file_of(source), stores.file_of(target)
    for place, path in (("FROM", one), ("TO", two)):
        if path is not None and path.is_dir():
            raise ConfigurationError(f"{place}: {path} is a folder; name a file in it, such as {path / 'newsbeam.db'}")
    if one is not None and not one.expanduser().is_file():
        raise ConfigurationError(f"FROM: there is no store {one}")
    if two is not None and not two.expanduser().parent.is_dir():
        raise ConfigurationError(f"TO: {two}: the folder {two.parent} does not exist; make it, or correct the path")
    if source == target or (one and two and one.expanduser().resolve() == two.expanduser().resolve()):
        raise ConfigurationError(f"{source} and {target} are one store; name another as TO")


class _Lines:
    """Tells of a long copy, a line every ten seconds."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, done: "Copied | RowsCopied") -> None:
        if time.monotonic() - self._told_at >= INTERVAL_S:
            self._told_at = time.monotonic()
            note(f"{done.kind}: {done.read:,} read, {done.copied:,} copied")


def open_named(spec: str, project: str) -> "DocumentStore":
    """Open a store as --store names it, with `#PROJECT` behind the address of a server for another project."""
    from pipeline.setting_checks import check_project, check_store, scheme_of
    from transforms.errors import ConfigurationError
    from transforms.index import open_store

    address, mark, other = spec.partition("#")
    on_a_server = scheme_of(spec)[0] in ("elasticsearch", "http", "https")
    try:
        check_store(address if on_a_server else spec)
        if on_a_server and mark:
            return open_store(address, project=check_project(other))
    except ValueError as err:
        raise ConfigurationError(f"{spec!r}: valid: {err}") from err
    return open_store(spec, project=project)
