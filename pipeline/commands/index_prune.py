"""`newsbeam index prune`: delete what is older than the configuration keeps it."""

import click

from pipeline import options
from pipeline.output import print_json, print_text


@click.command("prune")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and do nothing.")
@options.common
@options.as_json
def prune(dry_run: bool, as_json: bool) -> None:
    """Delete what is older than it is kept (`retention`).

    Ages count from @timestamp, that of an article is its publication. Its figures, quotes and earlier versions go with
    it, and feeds do not bring it back. `newsbeam schedule` does this once a day; interrupted, run it again.

    \b
    Example: newsbeam index prune --set retention.articles=3y --dry-run
    """
    from pipeline import retention, stores
    from transforms.clock import utc_now

    settings = options.load().settings
    keep = settings.retention.seconds
    with stores.stored_documents(settings) as store:
        if dry_run:
            counts = retention.too_old(store, keep, now=utc_now())
        else:
            counts = retention.pruned(store, keep, now=utc_now())
    if as_json:
        print_json([{("would_delete" if dry_run else "deleted"): counts}])
        return
    found = [f"{count:,} {kind}" for kind, count in counts.items() if count]
    print_text(f"{'would delete' if dry_run else 'deleted'}: {', '.join(found)}" if found else "nothing is too old")
