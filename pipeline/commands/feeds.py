"""`newsbeam feeds`: the list of feeds, and how each is doing."""

from typing import TYPE_CHECKING, Any

import click

from pipeline import options
from pipeline.commands.feeds_ask import check, discover, found_feeds
from pipeline.commands.feeds_lists import export_feeds, import_feeds
from pipeline.output import note, print_json, print_table, print_text

if TYPE_CHECKING:
    from pathlib import Path

    from transforms.elements import FeedSource


_ORDER = ("url", "id", "publisher", "timezone", "language", "tags", "every", "text", "from")


@click.group()
def command() -> None:
    """Edit feeds.yaml and look at the feeds in it.

    \b
    Example: newsbeam feeds add https://gazette.example/rss --publisher "The Gazette" --country GB
    """


for each in (check, discover, import_feeds, export_feeds):
    command.add_command(each)


@command.command("add")
@click.argument("url")
@click.option("--id", help="Short name in results and documents (default: host and path).")
@click.option("--publisher", metavar="NAME", help="Name of the publisher, copied to the documents.")
@click.option("--country", metavar="CODE", help="The publisher's country, ISO 3166-1: GB.")
@click.option("--timezone", metavar="ZONE", help="For dates without a zone: Europe/London.")
@click.option("--language", metavar="CODE", help="BCP 47: en.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Copied to the documents; may be repeated.")
@click.option("--every", metavar="DURATION", help="Never poll more often: 30m (at least 1m); the server may slow us.")
@click.option(
    "--text", type=click.Choice(["page", "feed"]), help="Fetch the page (default), or trust the entry's text."
)
@click.option(
    "--from",
    "start",
    type=click.Choice(["now", "all"]),
    help="Of its first edition take nothing (now), or all. Default: what is younger than ingest.max_age.",
)
@options.common
@options.polite
def add(
    url: str, publisher: str | None, country: str | None, tags: tuple[str, ...], start: str | None, **given: str | None
) -> None:
    """Append a feed to feeds.yaml; comments and order stay.

    Of a homepage (an address without a path) the best of its feeds is looked for; otherwise nothing is fetched.

    \b
    Example: newsbeam feeds add https://gazette.example/rss --id gazette --every 30m --tag uk
    """
    from pipeline.feeds_edit import add_block
    from pipeline.feeds_file import parse_feeds

    values: dict[str, Any] = {
        **given,
        "url": _feed_of(url.strip()),
        "publisher": {key: value for key, value in (("name", publisher), ("country", country)) if value},
        "tags": list(tags),
        "from": start,
    }
    block = {key: values[key] for key in _ORDER if values[key]}
    path = options.load().settings.feeds
    text = _read(path) if path.is_file() else ""
    parse_feeds(text, shown=path.name)
    changed = add_block(text, block)
    added = parse_feeds(changed, shown=path.name)[-1]
    _write(path, changed)
    print_text(f"added  {added.id}  {added.url}")


@command.command("remove")
@click.argument("feed", metavar="ID_OR_URL")
@options.common
def remove(feed: str) -> None:
    """Take a feed out of feeds.yaml. Its articles stay.

    \b
    Example: newsbeam feeds remove gazette
    """
    from pipeline.feeds_edit import remove_block
    from pipeline.feeds_file import parse_feeds, read_feeds
    from pipeline.problems import nearest
    from transforms.errors import ConfigurationError

    path = options.load().settings.feeds
    sources = read_feeds(path)
    index = next((number for number, source in enumerate(sources) if feed in (source.id, source.url)), None)
    if index is None:
        meant = nearest(feed, [word for source in sources for word in (source.id, source.url)])
        hint = f"did you mean {meant}?" if meant else "`newsbeam feeds list` shows what is"
        raise ConfigurationError(f"no feed {feed!r} in {path}; {hint}")
    text = remove_block(_read(path), index)
    parse_feeds(text, shown=path.name)
    _write(path, text)
    print_text(f"removed  {sources[index].id}  {sources[index].url}")


@command.command("list")
@options.common
@options.as_json
def list_feeds(as_json: bool) -> None:
    """Print every feed with its health.

    That is: when it was polled, when it is due and why then, how often it failed in a row, what it answered last, how
    many polls cost the server nothing (304), and since when entries may be missing (a gap). --json has all of it:
    validators, pace and rate of new entries, redirects, distrust.

    \b
    Example: newsbeam feeds list --json
    """
    from contextlib import suppress

    from pipeline import stores
    from pipeline.feeds_file import read_feeds
    from transforms.state.base import NoLedgerError

    settings = options.load().settings
    sources = read_feeds(settings.feeds)
    health: dict[str, dict[str, Any]] = {}
    if stores.has_ledger(settings):
        with suppress(NoLedgerError), stores.stored_ledger(settings) as state:
            health = {row["id"]: row for row in state.feeds()}
    rows = [(source, health.get(source.id, {})) for source in sources]
    if as_json:
        print_json(_document(source, row) for source, row in rows)
    elif not rows:
        note(f"no feeds in {settings.feeds}; newsbeam feeds add URL")
    else:
        headers = ("id", "polled", "due", "why then", "failures", "last answer", "304", "gap", "url")
        print_table(headers, [_cells(source, row, settings.zone) for source, row in rows])


def _feed_of(url: str) -> str:
    """Return the URL itself, or of a homepage that of its best feed. Raises `ConfigurationError`."""
    from urllib.parse import urlsplit

    from transforms.errors import ConfigurationError

    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # the reader of feeds.yaml says what is wrong with it
    if parts.scheme not in ("http", "https") or parts.path not in ("", "/") or parts.query:
        return url
    found = found_feeds(url)
    if not found:
        raise ConfigurationError(f"{url} names no feed that can be read; give the feed's own address")
    for other in found[1:]:
        note(f"also there: {other.url} ({other.title or other.format}, {other.entries} entries)")
    return found[0].url


def _read(path: "Path") -> str:
    from pipeline.config import read_text

    return read_text(path, path.name)


def _write(path: "Path", text: str) -> None:
    from pipeline.files import atomic_file

    with atomic_file(path) as file:
        file.write(text.encode())


def _document(source: "FeedSource", row: dict[str, Any]) -> dict[str, Any]:
    from dataclasses import asdict

    from transforms.feeds.health import feed_health

    told = {name: value for name, value in row.items() if name != "memory"}
    return asdict(source) | {"health": told | feed_health(row.get("memory"))}


def _cells(source: "FeedSource", row: dict[str, Any], zone: Any) -> tuple[object, ...]:
    from pipeline.hits import local_time
    from transforms.feeds.health import feed_health

    health = feed_health(row.get("memory"))
    polled = local_time(row.get("polled_at"), zone) or "never"
    due = "retired" if health.get("retired") else local_time(row.get("next_poll_at"), zone) or "now"
    polls = row.get("polls")
    share = f"{round(100 * row['not_modified'] / polls)} %" if polls else ""
    answer = row.get("error") or row.get("status_code")
    gap = local_time(health.get("gap_from"), zone) or ""
    return source.id, polled, due, health.get("why", ""), row.get("failures", 0), answer, share, gap, source.url
