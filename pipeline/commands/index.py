"""`newsbeam index`: the store's tables or indices."""

import click

from pipeline import options
from pipeline.commands.index_migrate import migrate
from pipeline.commands.index_prune import prune
from pipeline.output import note, print_json, print_table, print_text


@click.group()
def command() -> None:
    """Make, check and migrate the store's indices or tables.

    \b
    Example: newsbeam index check --store elasticsearch
    """


@command.command("create")
@click.option("--key", "write_key", metavar="NAME", help="Also make an API key for runs, and print it once.")
@click.option("--read-key", metavar="NAME", help="Also make an API key that can search and read only.")
@options.common
def create(write_key: str | None, read_key: str | None) -> None:
    """Make what is missing. A first write does that by itself; here it can be done beforehand.

    A key for runs writes and reads this project's indices and its ledger; it cannot make or change the indices of
    documents, so make those here first, under an account that may. Its value is the only thing on stdout.

    \b
    Examples:
      newsbeam index create --store elasticsearch
      export ES_API_KEY=$(newsbeam index create --key newsroom)
    """
    from pipeline import stores

    if write_key and read_key:
        raise click.UsageError("--key and --read-key: one at a time, so that what is printed is one key")
    with stores.documents(options.load().settings) as store:
        made = store.create()
        say = note if write_key or read_key else print_text
        for name in made:
            say(f"made  {name}")
        if not made:
            note("everything is there already")
        if wanted := write_key or read_key:
            key = store.create_key(wanted, access="write" if write_key else "read")
            note(f"API key {key.name} (id {key.id}), for {'runs' if write_key else 'reading'}; it is shown this once:")
            print_text(key.encoded)


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


command.add_command(migrate)
command.add_command(prune)
