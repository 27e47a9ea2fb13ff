"""`newsbeam names`: what a desk declares, and what it may want to."""

import click

from pipeline import options
from pipeline.output import note, print_json, print_text


@click.group()
def command() -> None:
    """Names that you declare in names.yaml, and which to declare.

    They are canonical in every article, in any language. An entry is a line:

    - {name: Antony Blinken, label: PERSON, also: [Blinken], near: [U.S., State Department]}

    `label` is PERSON, ORG, GPE, LOC, NORP, FAC, EVENT, WORK or PRODUCT; `also` are other forms; with `near` the entry
    holds only where one of these words or names is in the article. New articles have the names at once, stored ones
    after `newsbeam reprocess`.

    \b
    Example: newsbeam names suggest --since 30d
    """


@command.command()
@click.argument("words", metavar="[QUERY]", nargs=-1)
@click.option("--since", metavar="WHEN", help="From then on: 7d (back from now), 2024-05-01 or an ISO 8601 time.")
@click.option("--until", metavar="WHEN", help="Up to then; a date takes in that whole day.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most N entries.")
@options.common
@options.as_json
def suggest(words: tuple[str, ...], since: str | None, until: str | None, limit: int, as_json: bool) -> None:
    """Print entries worth declaring, as YAML.

    They are to be read, cut and appended to names.yaml.

    Looked at are the names of the stored articles that match QUERY: family names and acronyms that stand alone in some
    articles and in full in others, and spellings that differ by a letter or two. A comment tells in how many articles,
    and which. What names.yaml has is left out. They are guesses: two people may share a family name.

    \b
    Example: newsbeam names suggest --since 30d >> names.yaml
    """
    from pipeline import names_suggest, stores
    from pipeline.commands.search import search_request
    from pipeline.names_file import read_names

    settings = options.load().settings
    declared = read_names(settings)
    request = search_request(" ".join(words), settings, since=since, until=until)
    with stores.stored_documents(settings) as store:
        found = names_suggest.count_names(stored.source for stored in store.scan("articles", request))
    entries = names_suggest.suggestions(found, declared, limit=limit)
    if as_json:
        print_json(map(names_suggest.as_json, entries))
    elif entries:
        print_text(names_suggest.as_yaml(entries))
    else:
        note("nothing to suggest: no name has another form that is not declared")
