"""`newsbeam backfill`: one bounded run over what is named."""

import click

from pipeline import options
from pipeline.output import print_report


@click.command(cls=options.BeamCommand)
@click.argument("sources", metavar="SOURCE ...", nargs=-1, required=True)
@click.option("--as", "kind", type=click.Choice(["urls", "pages"]), help="What SOURCE is, when it is not recognised.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Fetch at most N pages; run again for more.")
@click.option("--plan", is_flag=True, help="Print what it would cost and do nothing.")
@options.common
@options.polite
@options.running
@options.on_engine
@options.as_json
def command(sources: tuple[str, ...], kind: str | None, limit: int | None, plan: bool, as_json: bool) -> int:
    """Index what URL lists name or folders of saved pages hold.

    SOURCE: a file with one URL a line, or a folder of .html, .html.gz and .txt files (their URLs from urls.csv beside
    them, columns file,url). Resumable: run it again and it goes on where it stopped.

    \b
    Example: newsbeam backfill urls.txt saved-pages/ --plan
    """
    from pipeline.backfill import run_backfill
    from pipeline.engines.choose import require_engine
    from pipeline.progress import showing_progress

    settings = options.load().settings
    require_engine(settings, streaming=False)
    with showing_progress() as progress:
        report = run_backfill(settings, sources=sources, kind=kind, limit=limit, plan=plan, progress=progress)
    return print_report(report, as_json=as_json)
