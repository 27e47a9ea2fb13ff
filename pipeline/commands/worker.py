"""`newsbeam worker`: a worker process, as an engine starts it. Hidden: no person has a use for it."""

import click


@click.command(hidden=True, context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Work for an engine (Flink, Prism, Spark), which starts this command itself on each of its machines.

    \b
    Example: newsbeam worker --id=1 --provision_endpoint=localhost:8080
    """
    from pipeline.engines.boot import work

    try:
        work(arguments)
    except ValueError as err:
        raise click.UsageError(str(err)) from err
    return 0
