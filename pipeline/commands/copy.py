"""`newsbeam copy`: one store's documents into another."""

import time
from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import note, print_json, print_table

if TYPE_CHECKING:
    from pipeline.copy import Copied
    from transforms.index.base import DocumentStore

INTERVAL_S = 10.0
_KINDS = ("articles", "figures", "quotes", "dead-letters", "runs", "requests", "revisions", "suppressed")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only these; may be repeated.")
@options.common
@options.as_json
def command(source: str, target: str, kinds: tuple[str, ...], as_json: bool) -> int:
    """Copy one store's documents into another. Nothing is fetched again.

    They keep their versions. FROM and TO are given as --store is; on a server #PROJECT may stand behind them. Writers
    may go on. Interrupted, run it again: what is there is not written twice. What TO was told to forget stays
    forgotten. Exits 1 when TO lacks something in the end.

    \b
    Example: newsbeam copy newsbeam.db elasticsearch
    """
    from contextlib import closing

    from pipeline.copy import ORDER, copy_documents
    from pipeline.exits import FAILED, OK
    from transforms.errors import ConfigurationError

    settings = options.load().settings
    wanted = [kind for kind in ORDER if not kinds or kind in kinds]
    if source == target:
        raise ConfigurationError(f"{source} is both FROM and TO")
    with closing(open_named(source, settings.project)) as one, closing(open_named(target, settings.project)) as two:
        found = copy_documents(one, two, wanted, progress=_Lines())
    if as_json:
        print_json({**vars(each), "differs": each.differs} for each in found)
    else:
        heads = ("kind", "read", "copied", "there already", "forgotten there", "refused", "now there")
        print_table(
            heads,
            [
                (each.kind, each.read, each.copied, each.there, each.held, each.refused, each.now_there)
                for each in found
            ],
        )
    for each in found:
        if each.differs:
            note(f"{each.kind}: {target} lacks some of what was read; {each.message or 'run it again'}")
    return FAILED if any(each.differs for each in found) else OK


class _Lines:
    """Tells of a long copy, a line every ten seconds."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, done: "Copied") -> None:
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
