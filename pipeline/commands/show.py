"""`newsbeam show`: one article, readable."""

from typing import TYPE_CHECKING

import click

from pipeline import options
from pipeline.output import print_json, print_text, terminal_width

if TYPE_CHECKING:
    from datetime import tzinfo

    from transforms.index.base import Document, DocumentStore, Stored

MIN_PREFIX_CHARS = 4  # shorter ones name half the store


@click.command()
@click.argument("article", metavar="ID")
@click.option("--removed", is_flag=True, help="Only what was stripped from the text, and the rule that did it.")
@click.option("--history", is_flag=True, help="Only its versions: when each was fetched, and what it changed.")
@options.common
@options.as_json
def command(article: str, removed: bool, history: bool, as_json: bool) -> None:
    """Show one article.

    ID: its id, the first characters of it (4 or more), or its URL.

    \b
    Example: newsbeam show a13fa1c2de
    """
    from pipeline import stores
    from pipeline.article_text import article_text, removed_text
    from pipeline.history import versions_of

    settings = options.load().settings
    with stores.stored_documents(settings) as store:
        found = find(store, article)
        versions = versions_of(store, found) if history else []
    if history:
        _print_history(versions, settings.zone, as_json=as_json)
    elif removed:
        lines = found.source.get("content", {}).get("removed", [])
        if as_json:
            print_json(lines)
        else:
            print_text(removed_text(lines))
    elif as_json:
        print_json([found.source])
    else:
        print_text(article_text(found.source, zone=settings.zone, width=terminal_width()))


def _print_history(versions: "list[tuple[int, Document]]", zone: "tzinfo", *, as_json: bool) -> None:
    from dataclasses import asdict

    from pipeline.article_text import history_text
    from pipeline.history import changes

    found = list(changes(versions))
    if as_json:
        print_json(map(asdict, found))
    else:
        print_text(history_text(found, zone=zone))


def find(store: "DocumentStore", text: str) -> "Stored":
    """Return the article that an id, a prefix or a URL names. Raises `ConfigurationError` for none and for several."""
    from transforms.errors import ConfigurationError

    text = text.strip()
    if len(text) < MIN_PREFIX_CHARS:
        raise ConfigurationError(f"{text!r} is too short for an id; give {MIN_PREFIX_CHARS} characters or more")
    is_text = text.isprintable()  # no: half a surrogate pair, which no store can be asked for
    found = store.get("articles", text) if is_text else None
    if found is not None:
        return found
    ids = store.find_ids(text, limit=10) if is_text else ()
    articles = [stored for each in ids if (stored := store.get("articles", each)) is not None]
    if not articles:
        raise ConfigurationError(f"no article has the id or URL {text!r}; `newsbeam search` prints ids")
    if len(articles) > 1:
        candidates = "\n  ".join(f"{stored.id}  {stored.source.get('title', '')}" for stored in articles)
        more = " (the first 10)" if len(ids) == 10 else ""
        raise ConfigurationError(f"{text!r} could be any of these{more}; give more characters:\n  {candidates}")
    return articles[0]
