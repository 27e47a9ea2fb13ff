"""`newsbeam export`: everything that matches, as a file for other programs."""

from pathlib import Path

import click

from pipeline import options
from pipeline.output import note


@click.command()
@click.argument("words", metavar="[QUERY]", nargs=-1)
@click.option(
    "--rows", type=click.Choice(["articles", "figures", "quotes", "entities"]), default="articles", show_default=True
)
@click.option("--format", "format", type=click.Choice(["jsonl", "csv", "parquet"]), default="jsonl", show_default=True)
@click.option("--fields", metavar="A,B", help="Only these, dotted: title,url.full,publisher.name.")
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Written whole or not at all."
)
@click.option(
    "--resume", is_flag=True, help="Keep what is written when it is interrupted, and go on there (jsonl, csv)."
)
@click.option("--manifest", is_flag=True, help="Also FILE.manifest.json: what was asked for, rows, bytes, SHA-256.")
@click.option("--since", metavar="WHEN", help="From then on: 7d (back from now), 2024-05-01 or an ISO 8601 time.")
@click.option("--until", metavar="WHEN", help="Up to then; a date takes in that whole day.")
@options.common
def command(
    words: tuple[str, ...],
    rows: str,
    format: str,
    fields: str | None,
    output: Path | None,
    resume: bool,
    manifest: bool,
    since: str | None,
    until: str | None,
) -> None:
    """Write all matching articles, or the facts in them.

    There is no cap on their number; they are ordered by id.

    QUERY as for `newsbeam search`; without one: everything. csv and parquet have a fixed set of columns where --fields
    names none. parquet needs --output.

    --output is written whole or not at all. With --resume what is written stays in FILE.part, and the same command goes
    on there: each stretch is complete as of its time, and writers may go on meanwhile.

    \b
    Example: newsbeam export 'place:Rafah' --rows figures --format csv --output figures.csv
    """
    from pipeline import export_resume, stores
    from pipeline.commands.search import search_request
    from pipeline.export_rows import check_fields, rows_of
    from pipeline.export_write import write_rows
    from pipeline.plans import pipeline_version
    from transforms.clock import utc_now
    from transforms.errors import ConfigurationError

    if format == "parquet" and output is None:
        raise ConfigurationError("parquet is no text; name a file with --output")
    if output is None and (resume or manifest):
        raise ConfigurationError("--resume and --manifest are for a file; name it with --output")
    if resume and format == "parquet":
        raise ConfigurationError("a parquet file cannot be gone on with; use jsonl or csv with --resume")
    config = options.load()
    settings = config.settings
    own = [config.file, settings.feeds, stores.file_of(settings.store), stores.file_of(settings.state)]
    if output is not None and output.resolve() in [path.resolve() for path in own if path is not None]:
        raise ConfigurationError(f"--output {output}: newsbeam itself works with that file; name another file")
    request = search_request(" ".join(words), settings, since=since, until=until)
    names = tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else None
    check_fields(rows, names or ())
    what: dict[str, object] = {"query": " ".join(words), "since": since, "until": until, "rows": rows, "format": format}
    what |= {"fields": names and list(names), "store": settings.store, "project": settings.project}
    with stores.stored_documents(settings) as store:
        if resume and output is not None:
            count = export_resume.write_resumably(
                lambda after: rows_of(store, rows, request, after=after),
                what=what, rows=rows, format=format, fields=names, output=output,
            )  # fmt: skip
        else:
            count = write_rows(rows_of(store, rows, request), rows=rows, format=format, fields=names, output=output)
    if manifest and output is not None:
        export_resume.write_manifest(output, what=what, rows=count, version=pipeline_version(), finished_at=utc_now())
    note(f"{count:,} {rows}" + (f" in {output}" if output else ""))
