"""`newsbeam feeds import` and `feeds export`: lists of feeds in and out. Nothing is fetched."""

from typing import BinaryIO

import click

from pipeline import options
from pipeline.output import print_text


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Added to each feed; may be repeated.")
@options.common
def import_feeds(file: BinaryIO, tags: tuple[str, ...]) -> None:
    """Add the feeds of a list to feeds.yaml.

    Feeds that are there already stay as they are. The list is OPML, a feeds.yaml, one URL a line, Media Cloud's CSV,
    or a Logstash pipeline with rss inputs.

    \b
    Example: newsbeam feeds import subscriptions.opml --tag imported
    """
    from pipeline.config import read_text
    from pipeline.feeds_edit import add_blocks
    from pipeline.feeds_file import parse_feeds
    from pipeline.feeds_lists import read_list
    from pipeline.files import atomic_file
    from pipeline.units import counted
    from transforms.web.urls import normalize_url

    found = read_list(file.read(), file.name)
    path = options.load().settings.feeds
    text = read_text(path, path.name) if path.is_file() else ""
    known = {normalize_url(source.url) for source in parse_feeds(text, shown=path.name)}
    new = [block for block in found if normalize_url(block["url"]) not in known]
    for block in new:
        if tags:
            block["tags"] = list(dict.fromkeys([*block.get("tags", ()), *tags]))
    if new:
        changed = add_blocks(text, new)
        parse_feeds(changed, shown=path.name)
        with atomic_file(path) as output:
            output.write(changed.encode())
    print_text(f"added {len(new)} of {counted(len(found), 'feed')}; there already: {len(found) - len(new)}")


@click.command("export")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["opml", "yaml", "text"]),
    default="opml",
    show_default=True,
    help="OPML for feed readers, YAML as feeds.yaml, or one URL a line.",
)
@options.common
def export_feeds(kind: str) -> None:
    """Print the feeds of feeds.yaml as a list that others can read.

    \b
    Example: newsbeam feeds export > feeds.opml
    """
    from pipeline.feeds_file import read_feeds
    from pipeline.feeds_lists import as_opml, as_text, as_yaml

    sources = read_feeds(options.load().settings.feeds)
    print_text({"opml": as_opml, "yaml": as_yaml, "text": as_text}[kind](sources))
