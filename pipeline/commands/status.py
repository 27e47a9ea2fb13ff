"""`newsbeam status`: what the ledger knows, in one look."""

from typing import Any

import click

from pipeline import options
from pipeline.output import print_json, print_table
from pipeline.units import counted

MANY_SHOWN = 10


@click.command()
@click.option("--running", is_flag=True, help="Also exit 1 when no scheduler runs: the health check of a service.")
@click.option("--sites", is_flag=True, help="Print every site: until when it is left alone, why, what waits.")
@options.common
@options.as_json
def command(running: bool, sites: bool, as_json: bool) -> int:
    """Print the scheduler, last run, what is due and fails.

    A health check: exits 1 when a scheduler died or does nothing, when the last run failed, or when a feed failed
    three times in a row.

    \b
    Example: newsbeam status --running
    """
    from pipeline import stores
    from pipeline.engines import records
    from pipeline.engines.choose import records_folder
    from pipeline.exits import FAILED, OK
    from pipeline.health import health

    settings = options.load().settings
    with stores.stored_ledger(settings) as state:
        if sites:
            _print_sites(state.sites(), settings.zone, as_json=as_json)
            return OK
        status = health(state, must_run=running)
    status["orphans"] = [orphan.text() for orphan in records.orphans(records_folder(settings))]
    if as_json:
        print_json([status])
    else:
        print_table(("what", "now"), _rows(status, settings.zone))
    return OK if status["healthy"] else FAILED


def _rows(status: dict[str, Any], zone: Any) -> list[tuple[str, object]]:
    from pipeline.hits import local_time

    last = status["last_run"]
    run = "none yet"
    if last:
        ended = f"ended {local_time(last['ended_at'], zone)}" if last["ended_at"] else "not ended"
        failed = f", exit code {last['exit_code']}" if last.get("exit_code") else ""
        run = f"{last['command']} {local_time(last['started_at'], zone)}, {ended}{failed}"
    outcomes = ", ".join(f"{count:,} {name}" for name, count in sorted(status["outcomes"].items()))
    failing = status["failing"]
    return [
        ("healthy", "yes" if status["healthy"] else "no"),
        *(("problem", text) for text in status["problems"][:MANY_SHOWN]),
        ("scheduler", "running" if status["scheduler"] else "not running"),
        ("last run", run),
        *(("left behind", text) for text in status["orphans"][:MANY_SHOWN]),
        ("working now", f"{counted(status['workers'], 'worker')}" if status["workers"] else "nobody"),
        (
            "feeds",
            f"{status['feeds']}, {status['feeds_due']} due, next {local_time(status['next_poll_at'], zone) or 'now'}",
        ),
        ("pages waiting", f"{status['pending']}, {status['pending_due']} due"),
        ("pages so far", outcomes or "none"),
        *(
            [("given up", f"{counted(status['crashed'], 'page')} that killed their worker three times")]
            * bool(status["crashed"])
        ),
        *(
            ("failing feed", f"{feed['id']}: {counted(feed['failures'], 'time')}, {feed['error']}")
            for feed in failing[:MANY_SHOWN]
        ),
        *([("failing feed", f"and {len(failing) - MANY_SHOWN} more")] * (len(failing) > MANY_SHOWN)),
    ]


def _print_sites(rows: list[dict[str, Any]], zone: Any, *, as_json: bool) -> None:
    from pipeline.hits import local_time

    if as_json:
        print_json(rows)
        return
    headers = ("site", "feeds", "pages waiting", "left alone until", "why")
    print_table(
        headers,
        [(row["site"], row["feeds"], row["pending"], local_time(row["next_at"], zone), _why(row)) for row in rows],
    )


def _why(row: dict[str, Any]) -> str:
    """Say why a site is left alone, in the order of what weighs most."""
    from transforms.clock import utc_now

    if row["paused"]:
        return "paused in the configuration"
    if row["back_off_why"] and row["back_off_until"] > utc_now():
        return f"{row['back_off_why']}, {counted(row['back_off_count'], 'time')} in a row"
    return "being visited" if row["leased"] else f"pause of {row['pause_s']:g} s"
