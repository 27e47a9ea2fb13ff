"""`newsbeam forget`: delete articles everywhere, and never fetch them again."""

import click

from pipeline import options
from pipeline.output import note, print_json, print_text
from pipeline.units import counted


@click.command()
@click.argument("articles", metavar="[ID|URL]...", nargs=-1)
@click.option("--query", metavar="QUERY", help="All articles that match, as for `newsbeam search`.")
@click.option(
    "--reason", metavar="TEXT", required=True, help="Why; it is kept beside the hashes, so name nobody in it."
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and do nothing.")
@options.common
@options.as_json
def command(articles: tuple[str, ...], query: str | None, reason: str, dry_run: bool, as_json: bool) -> int:
    """Delete articles everywhere, and never fetch them again.

    ID or its first characters (4 or more), or a URL, which need not be known yet.

    Article, figures, quotes, earlier versions, dead letters and receipts go, in the store, in what migrations of it
    have kept, and in the ledger; in a SQLite file their bytes, too. What stays are hashes of the id and of every URL
    that led there: a later feed, backfill, copy or late writer ends as filtered(suppressed). Jobs may run meanwhile.
    Done again it finds nothing.

    \b
    Example: newsbeam forget https://gazette.example/a --reason "court order 12/26"
             newsbeam forget --query 'person:"Jane Roe" site:gazette.example' --reason "request" --dry-run
    """
    from contextlib import ExitStack

    from pipeline import forget, stores
    from pipeline.commands.search import search_request
    from pipeline.exits import FAILED, OK
    from pipeline.plans import new_run_id
    from transforms.clock import utc_now
    from transforms.errors import ConfigurationError

    if not articles and query is None:
        raise click.UsageError("name articles by id or URL, or with --query")
    if query is not None and not query.strip():
        raise ConfigurationError("--query is empty and would name every article; delete the store if you mean that")
    settings = options.load().settings
    request = None if query is None else search_request(query, settings)
    with ExitStack() as stack:
        store = stack.enter_context(stores.stored_documents(settings))
        state = stack.enter_context(stores.stored_ledger(settings)) if stores.has_ledger(settings) else None
        store.create()
        if state is not None:
            state.create()
        targets = forget.find_targets(store, state, articles, request)
        if dry_run:
            found = forget.count(store, targets)
            if as_json:
                print_json([{"ids": targets.ids, "urls": targets.urls, "would_delete": found}])
            else:
                print_text("\n".join(("would forget:", *_lines(found), *(f"  {url}" for url in targets.urls))))
            return OK
        now = utc_now()
        done = forget.forget(store, state, targets, reason=reason, run_id=new_run_id(now), now=now)
    if as_json:
        print_json(
            [{"deleted": done.deleted, "urls": done.urls, "nothing_left": done.nothing_left, "problems": done.problems}]
        )
    elif done.nothing_left:
        print_text("nothing is left: forgotten before, or never there" if targets.ids else "no article matches")
    else:
        print_text("\n".join(("forgotten:", *_lines(done.deleted), f"  {counted(done.urls, 'URL')} that led there")))
    for uri in targets.archived:
        note(f"delete the archived page yourself: {uri}")
    for problem in done.problems:
        note(problem)
    if targets.ids or targets.urls:
        note(forget.NOT_REACHED)
        if stores.file_of(settings.store) is None:
            note(forget.FREED_LATER)
    return FAILED if done.problems else OK


def _lines(found: dict[str, int]) -> list[str]:
    return [f"  {count:,} {kind if count > 1 else kind.removesuffix('s')}" for kind, count in found.items() if count]
