"""`newsbeam ingest`: one bounded run."""

import click

from pipeline import options
from pipeline.output import print_report


@click.command(cls=options.BeamCommand)
@click.argument("sources", metavar="[SOURCE ...]", nargs=-1)
@click.option("--force", is_flag=True, help="Poll now, due or not; Retry-After and robots.txt still hold.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Fetch at most N pages; the rest stays for the next run."
)
@options.common
@options.polite
@options.running
@options.on_engine
@options.as_json
def command(sources: tuple[str, ...], force: bool, limit: int | None, as_json: bool) -> int:
    """Poll the feeds that are due, index their new articles, end.

    SOURCE: feed URLs, feed files (feeds.yaml, a list of URLs), OPML. Without one: the feeds of the configuration.
    Safe to interrupt: what was fetched is kept, the rest stays for the next run. Exits 3 when too many pages or feeds
    failed.

    \b
    Example: newsbeam ingest --limit 20
    """
    from pipeline.engines.choose import require_engine
    from pipeline.ingest import run_ingest
    from pipeline.progress import showing_progress

    settings = options.load().settings
    require_engine(settings, streaming=False)
    with showing_progress() as progress:
        report = run_ingest(settings, sources=sources, force=force, limit=limit, progress=progress)
    return print_report(report, as_json=as_json)
