"""Options that commands share, and how they become settings. Imports nothing slow: `--help` comes through here.

Each option names the configuration key it overrides; `load()` hands what was given to `load_config` with the option's
name as its origin, so that a problem in an option reads like a problem in the file.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pipeline.config import Config

Function = TypeVar("Function", bound=Callable[..., Any])
_GIVEN = "newsbeam.given"  # key -> (value, option), in the context's meta

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines instead of text.")


def common(function: Function) -> Function:
    """Add what every command takes."""
    return _add(
        function,
        _option("--config", key="config", metavar="FILE", help="Configuration (default: ./newsbeam.yaml, if any)."),
        _option(
            "--store",
            key="store",
            metavar="STORE",
            help="A path, elasticsearch (address from $ES_URL) or http(s)://host:9200 (default: newsbeam.db).",
        ),
        _option(
            "--state",
            key="state",
            metavar="STATE",
            help="Ledger: a path, elasticsearch or http(s)://host:9200 (default: the SQLite store's own file).",
        ),
        _option(
            "--set",
            key="set",
            metavar="KEY=VALUE",
            multiple=True,
            help="Any configuration key: --set ingest.max_age=7d.",
        ),
        click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks and log what happens."),
    )


def polite(function: Function) -> Function:
    """Add the options of commands that make requests."""
    return _add(
        function,
        _option(
            "--contact",
            key="contact",
            metavar="EMAIL_OR_URL",
            help="Where site owners reach you; needed to poll more than three hosts.",
        ),
        _option(
            "--allow-private",
            key="fetch.allow_private",
            is_flag=True,
            default=None,
            help="Also fetch from loopback and private addresses.",
        ),
        _option(
            "--resolve",
            key="fetch.resolve",
            metavar="HOST:PORT:ADDRESS",
            multiple=True,
            parse=_parse_resolve,
            help="Connect to ADDRESS for HOST, as in curl; may be repeated.",
        ),
    )


def running(function: Function) -> Function:
    """Add the options of commands that run a job."""
    return _add(
        function,
        _option(
            "--grace",
            key="run.grace",
            metavar="DURATION",
            help="After Ctrl-C or SIGTERM: time to finish what is on the wire (default 30s).",
        ),
        _option(
            "--workers", key="run.workers", type=int, metavar="N", help="Worker processes, 0 for all cores (default 1)."
        ),
        _option(
            "--max-failed-ratio",
            key="ingest.max_failed_ratio",
            type=float,
            metavar="RATIO",
            help="Exit 3 when more of the pages failed, 0 to 1 (default 0.5).",
        ),
    )


class BeamCommand(click.Command):
    """A command whose arguments behind `--` are Beam's, as they are."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what follows `--` for the engine, and parse the rest."""
        if "--" in args:
            at = args.index("--")
            args, beam = args[:at], args[at + 1 :]
            if beam:
                ctx.meta.setdefault(_GIVEN, {})["engines.options"] = (beam, "--")
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show in the usage line where Beam's options stand."""
        return [*super().collect_usage_pieces(ctx), "[-- BEAM OPTIONS]"]


def on_engine(function: Function) -> Function:
    """Add the choice of what runs the job (the command must be a `BeamCommand`)."""
    return _add(
        function,
        _option(
            "--runner",
            key="run.runner",
            metavar="NAME",
            help="local (default), prism, flink, portable, spark or dataflow; Beam's own options stand behind --.",
        ),
    )


def load() -> "Config":
    """Return the effective configuration of the running command. Raises `ConfigurationError`."""
    from pipeline.config import load_config

    given = dict(click.get_current_context().meta.get(_GIVEN, {}))
    file, _ = given.pop("config", (None, ""))
    assignments, _ = given.pop("set", ((), ""))
    return load_config(file, options=given, assignments=assignments)


def _option(
    name: str, *, key: str, parse: Callable[[Any], Any] | None = None, **attributes: Any
) -> Callable[[Function], Function]:
    def keep(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None and value != ():
            context.meta.setdefault(_GIVEN, {})[key] = (parse(value) if parse else value, name)

    return click.option(name, callback=keep, expose_value=False, **attributes)


def _add(function: Function, *options: Callable[[Function], Function]) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


def _parse_resolve(values: tuple[str, ...]) -> dict[str, str]:
    resolve = {}
    for value in values:
        host, _, rest = value.partition(":")
        port, _, address = rest.partition(":")
        if not host or not port.isdigit() or not address:
            raise click.BadParameter(f"{value!r} is not HOST:PORT:ADDRESS, such as gazette.example:8081:127.0.0.1")
        resolve[f"{host}:{port}"] = address
    return resolve
