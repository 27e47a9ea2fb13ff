"""`newsbeam schedule`: runs as feeds fall due, until it is told to stop."""

import click

from pipeline import options


@click.command(cls=options.BeamCommand)
@click.option("--max-cycles", type=click.IntRange(1), metavar="N", help="End after N local runs, to try it out.")
@options.common
@options.polite
@options.running
@options.on_engine
def command(max_cycles: int | None) -> int:
    """Poll feeds as they fall due, until SIGTERM or Ctrl-C.

    Then what is on the wire is finished, and the exit code is 0. On an engine (--runner) it is one unbounded Beam job.

    \b
    Example: newsbeam schedule --workers 2
             newsbeam schedule --runner prism -- --prism_location=/opt/prism
    """
    from pipeline.engines import LOCAL
    from pipeline.engines.choose import require_engine
    from pipeline.progress import showing_progress
    from pipeline.schedule import run_schedule
    from pipeline.stream import run_stream

    settings = options.load().settings
    on_engine = settings.run.runner != LOCAL
    require_engine(settings, streaming=on_engine)
    if on_engine:
        if max_cycles is not None:
            raise click.UsageError("--max-cycles is for --runner local; a job on an engine has no cycles")
        return run_stream(options.load)
    with showing_progress(only_on_terminal=True) as progress:
        return run_schedule(options.load, max_cycles=max_cycles, progress=progress)
