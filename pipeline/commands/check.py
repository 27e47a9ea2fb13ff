"""`newsbeam check`: is everything in place for a run?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import print_json, print_table
from pipeline.units import counted

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from transforms.index.base import Difference


@click.command()
@options.common
@options.polite
@options.as_json
def command(as_json: bool) -> int:
    """Validate the configuration, reach the store, print versions.

    Polls nothing. Exits 2 for a configuration that cannot be used, 1 for a store that cannot be reached, 4 for one
    that differs from what this version expects.

    \b
    Example: newsbeam check --store elasticsearch
    """
    from pipeline import stores
    from pipeline.exits import DIFFERENCES
    from pipeline.feeds_file import read_feeds, require_contact
    from pipeline.names_file import read_names

    config = options.load()
    settings = config.settings
    sources = read_feeds(settings.feeds)
    require_contact(settings.contact, sources)
    names = read_names(settings)
    found, differences = "not made yet", 0
    path = stores.file_of(settings.store)
    if path is None or path.is_file():
        with stores.documents(settings) as store:
            found, differences = _found(store.check())
    rows = [
        ("configuration", "ok", str(config.file or "packaged defaults")),
        ("feeds", "ok" if sources else "none", f"{len(sources)} in {settings.feeds}"),
        ("names", "ok" if names else "none", f"{len(names)} in {settings.names}"),
        ("contact", "ok" if settings.contact else "none", settings.contact or "up to three hosts can be polled"),
        ("store", "differs" if differences else "ok", f"{settings.store}: {found}"),
        ("ledger", "ok", _ledger(settings)),
        *((name, "ok", version) for name, version in _versions()),
    ]
    if as_json:
        print_json({"part": part, "state": state, "detail": detail} for part, state, detail in rows)
    else:
        print_table(("part", "state", "detail"), rows)
    return DIFFERENCES if differences else 0


def _found(differences: "Sequence[Difference]") -> tuple[str, int]:
    """Return what to say of a store that answers, and in how many ways it differs; one without indices is no worse."""
    from transforms.index.base import KINDS

    indices = [each for each in differences if each.field == "alias" and each.found == "absent"]
    if len(indices) == len(KINDS) == len(differences):
        return "reached, no indices yet; the first write makes them", 0
    count = len(differences)
    return (
        f"reached, {counted(count, 'difference')} (newsbeam index check)" if count else "reached, as expected"
    ), count


def _ledger(settings: "Settings") -> str:
    """Return what to say of the ledger; one on a server is reached. Raises `StoreError`, `SchemaVersionError`."""
    from contextlib import closing

    from pipeline import stores
    from transforms.state import open_state
    from transforms.state.base import NoLedgerError

    if stores.file_of(settings.state) is not None:
        return settings.state
    with closing(open_state(settings.state)) as state:
        try:
            pending = state.status()["pending"]
        except NoLedgerError:
            return f"{settings.state}: reached, not made yet; the first run makes it"
    return f"{settings.state}: reached, {counted(pending, 'page')} waiting"


def _versions() -> list[tuple[str, str]]:
    import importlib.metadata
    import platform
    import sqlite3

    packages = ("newsbeam", "apache-beam", "elasticsearch", "trafilatura")
    return [
        *((package, importlib.metadata.version(package)) for package in packages),
        ("python", platform.python_version()),
        ("sqlite", sqlite3.sqlite_version),
    ]
