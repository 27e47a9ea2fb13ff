"""`newsbeam dead-letters`: what failed, and why."""

import heapq

import click

from pipeline import options
from pipeline.output import note, print_json, print_table


@click.group()
def command() -> None:
    """Look at what could not be processed.

    \b
    Example: newsbeam dead-letters list --reason http_404
    """


@command.command("list")
@click.option("--reason", metavar="REASON", help="Only these: http_404, timeout, not_html, too_short, ...")
@click.option("--stage", metavar="STAGE", help="Only those of a stage: visit, extract, enrich, index.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The latest N.")
@options.common
@options.as_json
def list_letters(reason: str | None, stage: str | None, limit: int, as_json: bool) -> None:
    """Print dead letters, the latest first.

    Of each: time, stage, reason, attempts, URL (or the feed) and the message.

    \b
    Example: newsbeam dead-letters list --reason too_short --json
    """
    from pipeline import stores
    from pipeline.hits import local_time
    from pipeline.problems import nearest
    from transforms.errors import REASONS, ConfigurationError

    if reason is not None and reason not in REASONS:
        meant = nearest(reason, REASONS)
        hint = f"did you mean {meant}? " if meant else ""
        raise ConfigurationError(f"--reason: received {reason!r}; {hint}valid: {', '.join(REASONS)}")
    settings = options.load().settings
    with stores.stored_documents(settings) as store:
        letters = heapq.nlargest(
            limit,
            (
                stored.source
                for stored in store.scan("dead-letters")
                if reason in (None, stored.source.get("reason")) and stage in (None, stored.source.get("stage"))
            ),
            key=lambda letter: str(letter.get("last_seen", "")),
        )
    if as_json:
        print_json(letters)
    elif letters:
        rows = [
            (
                local_time(each.get("last_seen"), settings.zone),
                each.get("stage"),
                each.get("reason"),
                each.get("attempts"),
                each.get("url") or each.get("feed"),
                str(each.get("message") or "").removeprefix(f"{each.get('url')}: "),
            )
            for each in letters
        ]
        print_table(("last seen", "stage", "reason", "attempts", "url or feed", "message"), rows)
    else:
        note("no dead letters")
