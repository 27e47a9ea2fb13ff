"""Help worth reading: examples stand on lines of their own, and every option says what it does."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from pipeline.cli import cli


def walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = tuple(walk(cli))


def help_of(command: tuple[str, ...]) -> str:
    result = CliRunner().invoke(cli, [*command, "--help"], prog_name="newsbeam", terminal_width=100)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_example_is_a_line_of_its_own() -> None:
    assert [command for command in COMMANDS if not example_stands_alone(help_of(command))] == []


def example_stands_alone(text: str) -> bool:
    return "\\b" not in text and re.search(r"^ +(Example: )?newsbeam \S.*$", text, re.MULTILINE) is not None


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(command: tuple[str, ...]) -> None:
    options = help_of(command).split("Options:\n", 1)[1].split("\n\n", 1)[0]
    silent = re.findall(r"^  (--?\S+(?: \S+)?)$(?!\n {6})", options, re.MULTILINE)
    assert silent == []
