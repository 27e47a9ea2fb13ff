"""`newsbeam config`: every value that holds, and where it came from."""

import json

import click

from pipeline import options
from pipeline.output import note, print_json, print_table


@click.command()
@options.common
@options.polite
@options.running
@options.as_json
def command(as_json: bool) -> None:
    """Print every value that holds and where it came from.

    A value comes from an option, else from a NEWSBEAM_* variable (NEWSBEAM_INGEST__MAX_AGE=7d is ingest.max_age), else
    from the file, else from the packaged defaults. Durations are written 20s 30m 6h 7d 3y, sizes 5MB.

    \b
    Example: newsbeam config --set ingest.max_age=7d
    """
    from pipeline.layers import leaves

    config = options.load()
    values = [(path, value, config.origins[path]) for path, value in leaves(config.settings.written())]
    if as_json:
        print_json(
            {"key": ".".join(map(str, path)), "value": value, "origin": origin} for path, value, origin in values
        )
        return
    note(f"configuration: {config.file or 'packaged defaults (no newsbeam.yaml here)'}")
    print_table(
        ("key", "value", "origin"),
        [(".".join(map(str, path)), _shown(value), origin) for path, value, origin in values],
    )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
