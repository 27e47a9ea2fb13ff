"""`newsbeam reprocess`: stored articles through today's code."""

import click

from pipeline import options
from pipeline.output import print_report


@click.command(cls=options.BeamCommand)
@click.argument("words", metavar="[QUERY]", nargs=-1)
@click.option("--since", metavar="WHEN", help="From then on: 7d (back from now), 2024-05-01 or an ISO 8601 time.")
@click.option("--until", metavar="WHEN", help="Up to then; a date takes in that whole day.")
@click.option("--again", is_flag=True, help="Also what this version, configuration and names.yaml wrote.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Take at most N articles; run again for more.")
@click.option("--plan", is_flag=True, help="Count what there is to do, and do nothing.")
@click.option("--dry-run", is_flag=True, help="Enrich and compare, say which fields would change, and write nothing.")
@options.common
@options.running
@options.on_engine
@options.as_json
def command(
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    again: bool,
    limit: int | None,
    plan: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Enrich stored articles anew; nothing is fetched.

    For after an edit of names.yaml, with another `enrich.enable`, or by a newer version. QUERY as for `newsbeam
    search`; without one: every article.

    Their text stays as it was extracted: pages are not kept, so they cannot be extracted again (a revisit or
    `newsbeam backfill` fetches them anew). Articles whose enrichment changes are written with their figures and quotes,
    and keep the version before; the others are left. What waits for a visit is left to it. Nothing is fetched.
    Resumable: run it again and it goes on.

    \b
    Example: newsbeam reprocess 'person:Blinken' --since 30d --dry-run
    """
    from pipeline import reprocess
    from pipeline.commands.search import search_request
    from pipeline.engines.choose import require_engine
    from pipeline.progress import showing_progress

    if plan and dry_run:
        raise click.UsageError("--plan only counts, --dry-run enriches too: leave one of them out")
    settings = options.load().settings
    request = search_request(" ".join(words), settings, since=since, until=until)
    if plan:
        return print_report(reprocess.plan(settings, request), as_json=as_json)
    if dry_run:
        return print_report(reprocess.dry_run(settings, request, again=again, limit=limit), as_json=as_json)
    require_engine(settings, streaming=False)
    with showing_progress() as progress:
        report = reprocess.run_reprocess(settings, request, again=again, limit=limit, progress=progress)
    return print_report(report, as_json=as_json)
