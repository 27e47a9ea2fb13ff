"""`newsbeam search`: articles that match, newest first, with the matching words in place."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import click

from pipeline import options
from pipeline.output import note

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from transforms.index.base import SearchRequest
    from transforms.index.facets import FacetField


@click.command()
@click.argument("words", metavar="[QUERY]", nargs=-1)
@click.option("--since", metavar="WHEN", help="From then on: 7d (back from now), 2024-05-01 or an ISO 8601 time.")
@click.option("--until", metavar="WHEN", help="Up to then; a date takes in that whole day.")
@click.option(
    "--by",
    type=click.Choice(["published", "ingested"]),
    default="published",
    show_default=True,
    help="The time that --since and --until mean.",
)
@click.option(
    "--sort",
    type=click.Choice(["newest", "relevance"]),
    default="newest",
    show_default=True,
    help="By time, the newest first, or by how well an article matches (BM25; its title counts most).",
)
@click.option("--recency/--no-recency", default=True, show_default=True, help="With relevance: newer a little first.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Articles or rows shown.")
@click.option("--rows", type=click.Choice(["figures", "quotes"]), help="Find facts by their own row, not articles.")
@click.option("--facets", metavar="FIELDS", help="Count the articles by person,place,org,publisher,day, ... instead.")
@options.common
@options.as_json
def command(
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    by: Literal["published", "ingested"],
    sort: Literal["newest", "relevance"],
    recency: bool,
    limit: int,
    rows: Literal["figures", "quotes"] | None,
    facets: str | None,
    as_json: bool,
) -> None:
    """Find articles. Without a QUERY: the newest ones.

    \b
    words "a phrase" -not        person:"Yoav Gallant"  place:Rafah  org:  speaker:  title:  author:
    publisher:  site:  feed:  tag:  lang:en  country:PS  kind:money  figure:"border crossings"
    killed:>=10   displaced:>100k   money:>1bn   percent:>5      (events and kinds with a number)

    Words are found in any inflection and without accents, in "quotes" as written.

    Put the query in single quotes, so that the shell leaves it alone; write -- before one that starts with a minus.
    Dates are in the configured time zone. No hits is no failure. With --json: documents with `score` and `snippets`.

    \b
    Examples: newsbeam search 'killed:>=10 place:Rafah' --since 7d
              newsbeam search --rows figures 'money:>1bn unit:USD'
              newsbeam search ceasefire --facets person,day
    """
    from dataclasses import replace

    from pipeline import stores
    from pipeline.hits import hit_json, print_facets, print_hits, print_rows

    _check_order(words)
    _check_combination(rows=rows, facets=facets, sort=sort, limit=limit)
    settings = options.load().settings
    request = search_request(" ".join(words), settings, since=since, until=until, by=by, sort=sort, limit=limit)
    if sort == "relevance" and recency:
        request = replace(request, recent_to=datetime.now(UTC))
    with stores.stored_documents(settings) as store:
        if facets is not None:
            print_facets(store.facets(request, facet_fields(facets), size=limit), as_json=as_json)
            return
        result = store.search_rows(rows, request) if rows else store.search(request)
    if rows:
        print_rows(result, zone=settings.zone, as_json=as_json)
        return
    if as_json:
        from pipeline.output import print_json

        print_json(map(hit_json, result.hits))
        return
    if not result.hits:
        note("no article matches")
        return
    print_hits(result.hits, zone=settings.zone)
    if result.total > len(result.hits):
        note(f"{len(result.hits)} of {result.total:,} articles; --limit shows more")


def _check_order(words: tuple[str, ...]) -> None:
    """Raise `click.UsageError` for an option behind `--`, which would be a word that is left out."""
    context = click.get_current_context()
    options_of = {name for each in context.command.params for name in (*each.opts, *each.secondary_opts)}
    if late := next((word for word in words if word.startswith("--") and word.partition("=")[0] in options_of), None):
        raise click.UsageError(
            f"{late} stands behind --, where all is query: write {context.command_path} {late} ... -- '-word'"
        )


def _check_combination(*, rows: str | None, facets: str | None, sort: str, limit: int) -> None:
    """Raise `click.UsageError` for options of which one would quietly do nothing."""
    from transforms.index.facets import MAX_FACET_SIZE

    if rows and facets is not None:
        raise click.UsageError("--rows finds facts and --facets counts articles: leave one of them out")
    if rows and sort == "relevance":
        raise click.UsageError("--rows come newest first: leave out --sort relevance")
    if facets is not None and limit > MAX_FACET_SIZE:
        raise click.UsageError(f"--limit {limit}: --facets counts at most {MAX_FACET_SIZE:,} values of a field")


def facet_fields(text: str) -> "list[FacetField]":
    """Return the fields to count by. Raises `ConfigurationError` for one that there is not."""
    from transforms.errors import ConfigurationError
    from transforms.index.facets import FACETS

    names = [name.strip() for name in text.split(",")]
    fields = [field for name in names for field in FACETS if field == name]
    if len(fields) < len(names):
        raise ConfigurationError(f"--facets: received {text!r}; valid: {', '.join(FACETS)}, several with commas")
    return fields


def search_request(
    text: str,
    settings: "Settings",
    *,
    since: str | None = None,
    until: str | None = None,
    by: Literal["published", "ingested"] = "published",
    sort: Literal["newest", "relevance"] = "newest",
    limit: int = 10,
) -> "SearchRequest":
    """Return what was asked for as values. Raises `ConfigurationError` naming the part that cannot be read."""
    from transforms.errors import ConfigurationError
    from transforms.index.base import SearchRequest
    from transforms.index.query_parser import parse_query

    first, last = _moment("--since", since, settings), _moment("--until", until, settings)
    if first and last and first >= last:
        raise ConfigurationError(f"--since {since} is not before --until {until}: nothing lies between; exchange them")
    return SearchRequest(
        query=parse_query(text),
        since=first,
        until=last,
        by=by,
        sort=sort,
        limit=limit,
    )


def _moment(option: str, text: str | None, settings: "Settings") -> datetime | None:
    from pipeline.units import parse_moment
    from transforms.errors import ConfigurationError

    if text is None:
        return None
    try:
        return parse_moment(text, now=datetime.now(UTC), zone=settings.zone, end_of_day=option == "--until")
    except ValueError as err:
        raise ConfigurationError(f"{option}: received {text!r}; valid: {err}") from err
