"""`newsbeam feeds check` and `feeds discover`: they ask now, slowly, and store nothing."""

from typing import TYPE_CHECKING, Any

import click

from pipeline import options
from pipeline.output import line, note, print_json, print_table, print_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.feeds_check import FeedCheck
    from pipeline.feeds_discover import FoundFeed


@click.command("check")
@click.argument("urls", nargs=-1, metavar="[ID_OR_URL]...")
@options.common
@options.polite
@options.as_json
def check(urls: tuple[str, ...], as_json: bool) -> int:
    """Poll feeds once, store nothing, say what is wrong.

    Without arguments: every feed of feeds.yaml. Exits 4 when a feed cannot be read.

    \b
    Example: newsbeam feeds check https://gazette.example/rss
    """
    from pipeline.exits import DIFFERENCES
    from pipeline.feeds_check import check_feed
    from pipeline.feeds_door import Door
    from pipeline.feeds_file import is_url, read_feeds, require_contact
    from transforms.clock import utc_now
    from transforms.elements import FeedSource

    settings = options.load().settings
    known = read_feeds(settings.feeds) if settings.feeds.is_file() or not urls else ()
    by_name = {name: source for source in known for name in (source.id, source.url)}
    wanted = [by_name.get(url) or FeedSource(url=url, id=url) for url in urls] or list(known)
    if not wanted:
        note(f"no feeds in {settings.feeds}; newsbeam feeds add URL")
    found = []
    with Door(settings, most=40 + 10 * len(wanted)) as door:
        require_contact(settings.contact, [source for source in wanted if is_url(source.url)])
        for source in wanted:
            found.append(check_feed(door, source.url, now=utc_now(), every_s=source.every_s))
            if not as_json:
                print_text(_told(found[-1]))
    if as_json:
        print_json(each.document for each in found)
    return 0 if all(each.ok for each in found) else DIFFERENCES


def _told(check: "FeedCheck") -> str:
    lines = [f"{check.url}: {'can be polled' if check.ok else f'cannot be polled ({check.reason})'}"]
    lines += [f"  seen     {line(text)}" for text in check.saw]
    lines += [f"  would    {line(text)}" for text in check.would]
    lines += [f"  problem  {line(text)}" for text in check.problems]
    return "\n".join(lines)


@click.command("discover")
@click.argument("homepage")
@options.common
@options.polite
@options.as_json
def discover(homepage: str, as_json: bool) -> int:
    """Find the feeds of a homepage, each read before it is named.

    Its own links come first, then sitemaps of news that robots.txt names; common paths where it has none.

    \b
    Example: newsbeam feeds discover https://gazette.example/
    """
    from pipeline.exits import DIFFERENCES

    found = found_feeds(homepage)
    if as_json:
        print_json({name: value for name, value in vars(each).items() if value is not None} for each in found)
    elif found:
        print_table(("feed", "format", "entries", "found by", "title"), [_cells(each) for each in found])
    else:
        note(f"no feed was found at {homepage}")
    return 0 if found else DIFFERENCES


def found_feeds(homepage: str) -> "Sequence[FoundFeed]":
    """Return the feeds of a homepage. Raises `ConfigurationError` when it cannot be had."""
    from pipeline.feeds_discover import discover_feeds
    from pipeline.feeds_door import Door
    from transforms.errors import ConfigurationError, StageError

    with Door(options.load().settings) as door:
        try:
            return discover_feeds(door, homepage)
        except StageError as err:
            raise ConfigurationError(f"the homepage cannot be read: {err.message}") from err


def _cells(feed: "FoundFeed") -> tuple[Any, ...]:
    return feed.url, feed.format, feed.entries, feed.found_by, feed.title or ""
