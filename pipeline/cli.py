"""The console script `newsbeam`: finds the command, and turns every way to fail into one line and an exit code.

Exit codes are promises (CONTRACT.md, "Command line"). Nothing slow is imported here or at the top of a command's
module, because `newsbeam --help` loads them all and must stay under half a second of CPU.
"""

import difflib
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from pipeline.exits import FAILED, INTERRUPTED, USAGE
from transforms.errors import ConfigurationError, NewsbeamError, SchemaVersionError, WrongStoreError

# In the order of help: set up, take in, look, look after. Each is `command` in pipeline/commands/NAME.py.
COMMANDS = (
    "init", "config", "check", "feeds",
    "ingest", "schedule", "backfill", "reprocess", "extract",
    "search", "show", "export", "browse",
    "status", "dead-letters", "forget", "copy", "index", "kibana", "enrichers", "names", "boilerplate",
)  # fmt: skip
HIDDEN = ("worker",)  # started by engines, not by people


class _ReaderLeftError(Exception):
    """Nobody reads stdout any more."""


class Commands(click.Group):
    """Loads a command's module when it is asked for, and reports failures in the user's words."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the commands in reading order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in COMMANDS + HIDDEN:
            return None
        module = importlib.import_module(f"pipeline.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS + HIDDEN:
            meant = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {meant[0]}?" if meant else f" There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has left is told from other failures before click exits 1 over it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as err:
            raise _ReaderLeftError from err

    def main(self, args: Sequence[str] | None = None, *arguments: Any, **extra: Any) -> Any:
        """Run a command and exit with its code."""
        args = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in (args[: args.index("--")] if "--" in args else args)
        extra["standalone_mode"] = False
        sys.exit(_guarded(lambda: super(Commands, self).main(args, *arguments, **extra), debug=debug))


def _guarded(run: Any, *, debug: bool) -> int:
    """Return the exit code of a command; print why it failed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us: what is printed goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # for as long as we run
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a letter that a terminal lacks must not end a search
        _log_to_stderr(debug=debug)
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort as err:
        return _stopped("input ended" if isinstance(err.__cause__, EOFError) else "interrupted")
    except KeyboardInterrupt:
        return _stopped("interrupted")
    except (_ReaderLeftError, BrokenPipeError):
        # `| head` has read enough: that is no failure. What is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as err:
        err.show()
        # `-word` is meant as a word; `--fromat` is an option mistyped.
        is_word = isinstance(err, click.NoSuchOption) and not err.option_name.startswith("--")
        context = err.ctx if isinstance(err, click.UsageError) else None
        if is_word and context is not None and context.info_name in ("search", "export"):
            click.echo(f"A query that begins with a minus stands after --: {context.command_path} -- '-word'", err=True)
        return USAGE
    except NewsbeamError as err:
        from transforms.state.base import NoLedgerError

        if debug:
            traceback.print_exc()
        click.echo(f"newsbeam: {err}", err=True)
        wrong = (ConfigurationError, SchemaVersionError, WrongStoreError, NoLedgerError)
        return USAGE if isinstance(err, wrong) else FAILED
    except OSError as err:
        if debug:
            traceback.print_exc()
        click.echo(f"newsbeam: {err.strerror or err}{f': {err.filename}' if err.filename else ''}", err=True)
        return FAILED
    except Exception as err:
        if debug:
            traceback.print_exc()
        hint = "" if debug else "; run it again with --debug and report what it prints"
        click.echo(f"newsbeam: {type(err).__name__}: {err}\nThis is a bug in newsbeam{hint}.", err=True)
        return FAILED


def _stopped(why: str) -> int:
    click.echo(f"newsbeam: {why}", err=True)
    return INTERRUPTED


def _log_to_stderr(*, debug: bool) -> None:
    import logging

    # Beam's own INFO lines would bury the report; with --debug our own are shown, Beam's stay out.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if debug:
        for name in ("pipeline", "transforms"):
            logging.getLogger(name).setLevel(logging.DEBUG)
    else:
        # It warns of every attempt at a node that is away; what came of them is said once, by us.
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Each command explains itself: newsbeam COMMAND --help.",
)
@click.version_option(package_name="newsbeam", prog_name="newsbeam")
@click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks and log what happens.")
def cli() -> None:
    """Reads news feeds, keeps the article and drops the rest, finds who, where, how many and who said it, and makes
    it searchable.

    \b
    newsbeam init                         asks for a contact, writes newsbeam.yaml and feeds.yaml
    newsbeam feeds add https://gazette.example/rss
    newsbeam ingest                       polls what is due, once
    newsbeam search 'killed:>=10' --since 7d
    """


def main() -> None:
    """Run `newsbeam` with the arguments of this process."""
    cli()
