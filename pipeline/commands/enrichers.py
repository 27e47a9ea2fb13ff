"""`newsbeam enrichers`: what adds fields to an article."""

import click

from pipeline import options
from pipeline.output import print_json, print_table


@click.command()
@options.common
@options.as_json
def command(as_json: bool) -> None:
    """List what enriches an article, and the fields it writes.

    Enabled are those that `enrich.enable` names, and `names` where names.yaml declares any.

    \b
    Example: newsbeam enrichers --json
    """
    from pipeline.names_file import read_names
    from transforms.enrich import ENRICHERS, wanted_enrichers

    settings = options.load().settings
    names = read_names(settings)
    enabled = (*(name.partition(":")[0] for name in settings.enrich.enable), *(["names"] if names else []))
    known = wanted_enrichers(ENRICHERS, names)
    if as_json:
        print_json(
            {
                "name": each.name,
                "version": each.version,
                "enabled": each.name in enabled,
                "languages": list(each.languages),
                "fields": list(each.fields),
            }
            for each in known
        )
        return
    print_table(
        ("name", "version", "enabled", "languages", "fields"),
        [
            (
                each.name,
                each.version,
                "yes" if each.name in enabled else "no",
                " ".join(each.languages) or "any",
                " ".join(each.fields),
            )
            for each in known
        ],
    )
