"""`newsbeam index`: the store's tables or indices."""

import click

from pipeline import options
from pipeline.output import note, print_json, print_table, print_text


@click.group()
def command() -> None:
    """Make and check the store's indices or tables.

    \b
    Example: newsbeam index check --store elasticsearch
    """


@command.command("create")
@options.common
def create(**_: object) -> None:
    """Make what is missing. A first write does that by itself; here it can be done beforehand.

    \b
    Example: newsbeam index create --store elasticsearch
    """
    from pipeline import stores

    with stores.documents(options.load().settings) as store:
        made = store.create()
    for name in made:
        print_text(f"made  {name}")
    if not made:
        note("everything is there already")


@command.command("check")
@options.common
@options.as_json
def check(as_json: bool) -> int:
    """Compare the store with what this version expects.

    Field by field. Exits 4 when they differ.

    \b
    Example: newsbeam index check --json
    """
    from dataclasses import asdict

    from pipeline import stores
    from pipeline.exits import DIFFERENCES

    with stores.stored_documents(options.load().settings) as store:
        differences = store.check()
    if as_json:
        print_json(map(asdict, differences))
    elif differences:
        rows = [(each.index, each.field, each.expected, each.found) for each in differences]
        print_table(("index", "field", "expected", "found"), rows)
    else:
        note("the store is as this version expects")
    return DIFFERENCES if differences else 0
