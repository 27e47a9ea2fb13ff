"""The README tells the truth: its commands exist, and print what it shows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"(?:\$ |^    |`)newsbeam ([a-z][a-z-]*)", README, re.MULTILINE)))
)
def test_each_command_named_in_the_readme_exists(command: str) -> None:
    assert command in COMMANDS


@pytest.mark.slow
def test_the_readme_shows_what_its_commands_print() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/update_readme", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
