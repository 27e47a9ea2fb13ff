"""`newsbeam status`: what the ledger knows, in one look."""

from typing import Any

import click

from pipeline import options
from pipeline.output import print_json, print_table

MANY_FAILURES = 3  # a feed that failed this often in a row is told of; once or twice is the weather of the web


@click.command()
@options.common
@options.as_json
def command(as_json: bool) -> int:
    """Print the last run, what is due, what fails.

    A health check: exits 1 when a feed failed three times in a row.

    \b
    Example: newsbeam status --json
    """
    from pipeline import stores
    from pipeline.exits import FAILED

    settings = options.load().settings
    with stores.stored_ledger(settings) as state:
        status = state.status()
    broken = [feed for feed in status["failing"] if feed["failures"] >= MANY_FAILURES]
    if as_json:
        print_json([status | {"healthy": not broken}])
    else:
        print_table(("what", "now"), _rows(status, settings.zone))
    return FAILED if broken else 0


def _rows(status: dict[str, Any], zone: Any) -> list[tuple[str, object]]:
    from pipeline.hits import local_time

    last = status["last_run"]
    run = "none yet"
    if last:
        ended = local_time(last["ended_at"], zone)
        run = f"{last['command']} {local_time(last['started_at'], zone)}, {f'ended {ended}' if ended else 'not ended'}"
    return [
        ("last run", run),
        ("scheduler", "running" if status["scheduler"] else "not running"),
        ("working now", f"{status['workers']} worker processes" if status["workers"] else "nobody"),
        (
            "feeds",
            f"{status['feeds']}, {status['feeds_due']} due, next {local_time(status['next_poll_at'], zone) or 'now'}",
        ),
        ("pages waiting", f"{status['pending']}, {status['pending_due']} due"),
        (
            "pages so far",
            ", ".join(f"{count:,} {name}" for name, count in sorted(status["outcomes"].items())) or "none",
        ),
        *(("failing feed", f"{feed['id']}: {feed['failures']} times, {feed['error']}") for feed in status["failing"]),
    ]
