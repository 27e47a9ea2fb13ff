"""`newsbeam boilerplate`: what was learned of a site, and why."""

from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import note, print_json, print_table
from pipeline.units import counted

if TYPE_CHECKING:
    from transforms.elements import Learned


@click.command()
@click.argument("site", metavar="SITE")
@options.common
@options.as_json
def command(site: str, as_json: bool) -> None:
    """Show what was learned of the boilerplate of a site.

    SITE: its domain, or a URL on it. Each line with the number of articles that have it, the first and the last of
    them (`newsbeam show ID --removed`). Runs drop what earlier runs have learned.

    \b
    Example: newsbeam boilerplate gazette.example
    """
    from pipeline import stores

    settings = options.load().settings
    name = site_of(site)
    shown = name.removesuffix(":443")  # a host that no registry knows has its port in the key
    with stores.stored_ledger(settings) as state:
        learned = state.learned(name)
        seen = len(state.observations(name)) if learned is None else learned.articles
    if learned is not None and as_json:
        print_json([_document(learned)])
        return
    if not settings.extract.learn_boilerplate:
        note("extract.learn_boilerplate is off: nothing is learned, and what was learned is not dropped.")
    if learned is None or not learned.lines:
        note(_nothing(shown, seen))
        return
    made = f", made {learned.made_at:%F %H:%M} UTC" if learned.made_at else ""
    note(f"{shown}: version {learned.version}{made}, by its latest {counted(learned.articles, 'article')}")
    rows = [(f"{each.articles} of {learned.articles}", each.text, each.first, each.last) for each in learned.lines]
    print_table(("articles", "line", "first", "last"), rows)


def _nothing(site: str, seen: int) -> str:
    from transforms.text.recurring import MIN_ARTICLES, needed

    if not seen:
        return (
            f"{site}: no article of this site was stored since newsbeam began to learn, or all of them were forgotten"
        )
    if seen < MIN_ARTICLES:
        return f"{site}: {counted(seen, 'article')} so far; lines are compared from {MIN_ARTICLES} on."
    return f"{site}: no line recurs in {needed(seen)} of its latest {counted(seen, 'article')}."


def _document(learned: "Learned") -> dict[str, object]:
    return {
        "site": learned.site,
        "version": learned.version,
        "made_at": learned.made_at and learned.made_at.isoformat(),
        "articles": learned.articles,
        "lines": [
            {"text": each.text, "articles": each.articles, "first": each.first, "last": each.last}
            for each in learned.lines
        ],
    }


def site_of(text: str) -> str:
    """Return the key of the site that a domain or a URL belongs to. Raises `ConfigurationError`."""
    from transforms.errors import ConfigurationError, StageError
    from transforms.web.urls import normalize_url, site_key

    try:
        return site_key(normalize_url(text if "://" in text else f"https://{text}"))
    except StageError as err:
        raise ConfigurationError(
            f"{text!r} is no site; give a domain, such as gazette.example, or a URL on it"
        ) from err
