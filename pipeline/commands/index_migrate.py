"""`newsbeam index migrate`: bring a store to this version's schema."""

from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import note, print_json, print_text

if TYPE_CHECKING:
    from transforms.index.base import Step


@click.command("migrate")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and with how many documents; change nothing.")
@click.option("--drop-old", is_flag=True, help="Delete for good what earlier migrations have kept.")
@options.common
@options.as_json
def migrate(dry_run: bool, drop_old: bool, as_json: bool) -> None:
    """Bring the store to what this version expects.

    New fields are added in place. For other changes Elasticsearch gets a new index: filled while runs go on, it takes
    the old one's place in one step, for which runs wait a moment. Runs of an older newsbeam are to be stopped first. A
    file is changed in one transaction. The old index or file is kept; what is forgotten later still is in it.

    Interrupted, run it again: it goes on where it was.

    \b
    Example: newsbeam index migrate --dry-run
    """
    from dataclasses import asdict

    from pipeline import stores

    def tell(step: "Step") -> None:
        if as_json:
            print_json([asdict(step)])
        else:
            print_text(_line(step))

    with stores.stored_documents(options.load().settings) as store:
        steps = store.migrate(dry_run=dry_run, tell=tell)
        old = store.old_generations()
        if drop_old and not dry_run:
            store.drop_old_generations()
            note(f"deleted: {', '.join(old)}" if old else "nothing old was kept")
        elif old:
            note(f"kept: {', '.join(old)}; `newsbeam index migrate --drop-old` deletes what is no longer needed")
    if not steps:
        note("the store is as this version expects")
    elif dry_run:
        note("nothing was changed: this is what would be done")


def _line(step: "Step") -> str:
    counted = f"{step.documents:,} documents" if step.documents else ""
    return "  ".join(part for part in (f"{step.action:8}", step.index, counted, step.detail) if part)
