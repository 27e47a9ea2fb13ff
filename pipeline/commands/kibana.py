"""`newsbeam kibana`: data views, Discover sessions, dashboards, a map and alerts in Kibana."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline import options
from pipeline.output import note, print_json, print_table

if TYPE_CHECKING:
    from pipeline.kibana.client import Kibana
    from pipeline.kibana.install import Result
    from pipeline.kibana.pack import Pack

Function = TypeVar("Function", bound=Callable[..., Any])


def _target(function: Function) -> Function:
    """Add what says which Kibana, and how the results are printed."""
    for option in (
        options.as_json,
        click.option("--no-rules", is_flag=True, help="Leave alerts alone (they need a privilege of their own)."),
        click.option("--wait", metavar="DURATION", default="0s", help="Wait for a Kibana that starts (default 0s)."),
        click.option("--space", metavar="ID", default="default", help="The space in Kibana (default: default)."),
    ):
        function = option(function)
    return options.common(function)


_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")


@click.group()
def command() -> None:
    """Put dashboards into Kibana, compare, remove.

    Data views, Discover sessions, dashboards, a map and alerts over the indices of the project.

    Address and credentials come from the environment: KIBANA_URL, and ES_API_KEY or ES_USERNAME and ES_PASSWORD.

    \b
    Example: newsbeam kibana setup --wait 2m
    """


@command.command("setup")
@_dry_run
@_target
def setup(dry_run: bool, as_json: bool, no_rules: bool, wait: str, space: str) -> int:
    """Make what is missing, update what is older.

    Data views, Discover sessions, dashboards, a map, and alerts, which are off until you switch them on. The second
    time changes nothing. Dashboards that you edited are replaced when this version has newer ones: keep your own
    under other names ("Save as"). Exits 1 when something could not be made.

    \b
    Example: newsbeam kibana setup --space newsroom --dry-run
    """
    from pipeline.kibana.install import set_up

    with _opened(space=space, wait=wait, no_rules=no_rules) as (kibana, pack):
        results = set_up(kibana, pack, dry_run=dry_run)
        code = _print(results, as_json=as_json, dry_run=dry_run)
        if not code and not dry_run:
            for each in pack.objects:
                if each["type"] == "dashboard":
                    link = kibana.link(f"dashboards#/view/{each['id']}")
                    note(f"{each['attributes']['title']}  {link}")
    return code


@command.command("check")
@_target
def check(as_json: bool, no_rules: bool, wait: str, space: str) -> int:
    """Compare what is in Kibana with this version.

    Exits 4 when something is missing or of another version.

    \b
    Example: newsbeam kibana check --json
    """
    from pipeline.exits import DIFFERENCES
    from pipeline.kibana.install import check as compare_all

    with _opened(space=space, wait=wait, no_rules=no_rules) as (kibana, pack):
        results = compare_all(kibana, pack)
    different = [each for each in results if each.action != "unchanged"]
    if as_json:
        _print(results, as_json=True, dry_run=True)
    elif different:
        _print(different, as_json=False, dry_run=True)
    else:
        note("Kibana has what this version makes")
    return DIFFERENCES if different else 0


@command.command("remove")
@_dry_run
@_target
def remove(dry_run: bool, as_json: bool, no_rules: bool, wait: str, space: str) -> int:
    """Delete the pack's objects and nothing else.

    What you made yourself stays, but loses the data views that it reads through. Exits 1 when something stayed.

    \b
    Example: newsbeam kibana remove --dry-run
    """
    from pipeline.kibana.install import take_out

    with _opened(space=space, wait=wait, no_rules=no_rules) as (kibana, pack):
        results = take_out(kibana, pack, dry_run=dry_run)
    return _print(results, as_json=as_json, dry_run=dry_run)


@contextmanager
def _opened(*, space: str, wait: str, no_rules: bool) -> "Iterator[tuple[Kibana, Pack]]":
    """Give a Kibana that is ready, knows us and has the space, and the pack of the project."""
    import os
    from contextlib import closing
    from dataclasses import replace

    from pipeline.kibana.address import check_space, find_kibana
    from pipeline.kibana.client import Kibana
    from pipeline.kibana.objects import Place
    from pipeline.kibana.pack import make_pack
    from pipeline.kibana.readiness import wait_until_ready
    from pipeline.units import parse_duration
    from transforms.elastic.names import prefix_of
    from transforms.errors import ConfigurationError

    try:
        within_s = parse_duration(wait)
    except ValueError as err:
        raise ConfigurationError(f"--wait: received {wait!r}; valid: {err}") from err
    settings = options.load().settings
    pack = make_pack(Place(prefix=prefix_of(settings.project), space=check_space(space)))
    if no_rules:
        pack = replace(pack, rules={})
    with closing(Kibana(find_kibana(os.environ), space=space)) as kibana:
        wait_until_ready(kibana.version, within_s=within_s)
        kibana.check_space()
        yield kibana, pack


def _print(results: "list[Result] | tuple[Result, ...]", *, as_json: bool, dry_run: bool) -> int:
    """Print a line per object and their number; return the exit code."""
    from collections import Counter
    from dataclasses import asdict

    from pipeline.exits import FAILED, OK

    if as_json:
        print_json(map(asdict, results))
    elif results:
        print_table(
            ("object", "title", "result", "message"),
            [(each.type, each.title, each.action, each.message) for each in results],
        )
    counts = Counter(each.action for each in results)
    told = ", ".join(f"{number} {action}" for action, number in sorted(counts.items())) or "nothing of ours is there"
    note(f"nothing was changed: {told}" if dry_run else told)
    return FAILED if counts["failed"] else OK
