"""`newsbeam browse`: the embedded store in a browser."""

import click

from pipeline import options


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8001,
    show_default=True,
    metavar="N",
    help="Where to listen; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Another address of this machine: whoever reaches it can read the store.",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser window.")
@click.option("--sql", is_flag=True, help="Also allow SQL (reading only), of every table in the file.")
@options.common
def command(port: int, host: str, no_open: bool, sql: bool) -> None:
    """Look at the embedded store in a browser.

    Search with facets, a map of places, charts of articles and figures per day, each article with what was found in it
    and what was removed, dead letters, the feeds' health, and the tables. Reading only, for this machine only, also
    while a scheduler writes. Prints its address; Ctrl-C ends it.

    \b
    Example: newsbeam browse --store news.db --port 0
    """
    from pipeline import stores
    from transforms.errors import ConfigurationError

    settings = options.load().settings
    path = stores.file_of(settings.store)
    if path is None:
        raise ConfigurationError(
            f"store: received {settings.store!r}; browse shows a SQLite file; of Elasticsearch, Kibana or "
            "`newsbeam search`"
        )
    try:
        from pipeline.browse.server import serve, warn_if_public
    except ModuleNotFoundError as err:
        if err.name is None or err.name.split(".")[0] not in ("datasette", "uvicorn"):
            raise
        raise ConfigurationError("browse needs Datasette: pip install 'newsbeam[browse]'") from err
    warn_if_public(host)
    serve(settings, path, host=host, port=port, sql=sql, open_browser=not no_open)
