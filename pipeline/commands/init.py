"""`newsbeam init`: writes the two files that a person keeps."""

from collections.abc import Callable
from pathlib import Path

import click

from pipeline.output import note, print_text

_CONFIG = """\
# newsbeam.yaml: only what differs from the defaults. `newsbeam config` prints every key with its value and origin.
contact: {contact}
store: newsbeam.db
timezone: {timezone}      # for dates without a zone, and for what is shown
feeds: feeds.yaml
languages: [en]
ingest: {{max_age: 30d}}   # older entries of a feed's first poll are left out
"""

_FEEDS = """\
# feeds.yaml: the only truth about which feeds there are. `newsbeam feeds add URL` appends here.
#
#  - url: https://gazette.example/rss
#    id: gazette                               # default: host and path
#    publisher: {name: The Gazette, country: GB}
#    timezone: Europe/London                   # for dates without a zone
#    tags: [uk, local]                         # copied to the document
#    every: 30m                                # never polled more often; the server may slow us
#    text: page                                # page, or feed to trust the text of the entry
feeds: []
"""


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--contact", metavar="EMAIL_OR_URL", help="Where site owners reach you; asked for on a terminal.")
@click.option("--timezone", metavar="ZONE", default="UTC", show_default=True, help="IANA name, such as Europe/Berlin.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks and log what happens.")
def command(folder: Path, contact: str | None, timezone: str) -> None:
    """Write newsbeam.yaml and feeds.yaml into DIR (default: here). Existing files are never overwritten.

    \b
    Example: newsbeam init news --contact desk@example.org --timezone Europe/Berlin
    """
    import sys

    from pipeline.setting_checks import check_contact, check_timezone
    from transforms.errors import ConfigurationError

    paths = folder / "newsbeam.yaml", folder / "feeds.yaml"
    for path in paths:
        if path.exists():
            raise ConfigurationError(
                f"{path} is already there and stays as it is; remove it first, or name another DIR"
            )
    if contact is None:
        if not sys.stdin.isatty():
            raise ConfigurationError("a contact is needed: --contact EMAIL_OR_URL; the owners of polled sites see it")
        note("Sites that are polled see a contact, so that their owners can reach you before they block you.")
        contact = click.prompt("Contact (e-mail or URL)", value_proc=_checked(check_contact), err=True)
    for option, value, check in (("--contact", contact, check_contact), ("--timezone", timezone, check_timezone)):
        try:
            check(value)
        except ValueError as err:
            raise ConfigurationError(f"{option}: received {value!r}; valid: {err}") from err
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, (_CONFIG.format(contact=contact, timezone=timezone), _FEEDS), strict=True):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        print_text(f"wrote {path}")
    where = "" if folder == Path() else f"cd {folder} && "
    note(f"Next: {where}newsbeam feeds add URL && newsbeam ingest")


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def value(text: str) -> str:
        try:
            return check(text.strip())
        except ValueError as err:
            raise click.BadParameter(f"valid: {err}") from err

    return value
