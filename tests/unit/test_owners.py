"""Owner files: a process is never found dead while it lives, not even in the moment it appears."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.state import owners

PROBE = """
import sys
from pathlib import Path
from transforms.state import owners
for name in owners.dead_names(Path(sys.argv[1])):
    owners.forget(Path(sys.argv[1]), name)
"""


def _probe_from_outside(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", PROBE, str(folder)], check=True)


def test_an_owner_that_is_just_appearing_is_not_taken_for_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lockf = fcntl.lockf

    def lock_after_a_probe(descriptor: int, command: int) -> None:
        _probe_from_outside(tmp_path)
        lockf(descriptor, command)

    monkeypatch.setattr(owners.fcntl, "lockf", lock_after_a_probe)
    owner = owners.this_process(tmp_path)
    monkeypatch.undo()
    _probe_from_outside(tmp_path)
    owner.in_hand("http://gazette.example/a")
    assert os.listdir(tmp_path) == [owner.name]
    assert owners.urls_in_hand(tmp_path, owner.name) == ("http://gazette.example/a",)
