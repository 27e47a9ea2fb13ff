"""`newsbeam schedule`: runs as feeds fall due, until it is told to stop."""

import click

from pipeline import options


@click.command()
@click.option("--max-cycles", type=click.IntRange(1), metavar="N", help="End after N runs, for trying out.")
@options.common
@options.polite
@options.running
def command(max_cycles: int | None) -> int:
    """Poll feeds as they fall due, until SIGTERM or Ctrl-C.

    Then what is on the wire is finished, and the exit code is 0.

    \b
    Example: newsbeam schedule --workers 2
    """
    from pipeline.progress import showing_progress
    from pipeline.schedule import run_schedule

    with showing_progress() as progress:
        return run_schedule(options.load, max_cycles=max_cycles, progress=progress)
