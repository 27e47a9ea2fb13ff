"""`newsbeam extract`: one page or text to a document, without a store."""

import click

from pipeline import options
from pipeline.output import print_json, print_text, terminal_width


@click.command()
@click.argument("source", metavar="FILE_OR_URL")
@options.common
@options.polite
@options.as_json
def command(source: str, as_json: bool) -> None:
    """Print what newsbeam makes of one page or text. Stores nothing.

    FILE_OR_URL: an .html, .html.gz or .txt file (in a .txt the first line is the title when a blank line follows), a
    URL (fetched once), or - for standard input. Shown are people, places, figures, quotes, what was removed, the text.

    \b
    Example: newsbeam extract article.txt
    """
    from pipeline.article_text import article_text
    from pipeline.single import extract_one

    settings = options.load().settings
    document = extract_one(source, settings)
    if as_json:
        print_json([document])
    else:
        print_text(article_text(document, zone=settings.zone, width=terminal_width()))
