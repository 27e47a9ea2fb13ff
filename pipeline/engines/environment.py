"""Where an engine's Python code runs: in worker processes started by our own command, unless the user says otherwise.

`PROCESS` and not Beam's `LOOPBACK`, which keeps the workers in the driver: they would share its GIL and die with it.
"""

import json
import os
import shlex
import sys
from pathlib import Path

from pipeline.engines.base import Request

LAUNCHER = "worker"
# Any of these says where the code runs; ours would contradict it.
_CHOICES = ("environment_type", "environment_config", "environment_options", "sdk_container_image", "sdk_location")


def process_workers(request: Request) -> tuple[str, ...]:
    """Return the options that make an engine start workers by our command; none when the user chose otherwise."""
    if request.given.has(*_CHOICES):
        return ()
    config = json.dumps({"command": request.worker})
    return ("--environment_type=PROCESS", f"--environment_config={config}")


def write_launcher(folder: Path) -> None:
    """Write the command that starts a worker, for whoever runs as this user on this machine.

    An engine starts one file and nothing else: it cannot say `python -m`. Other machines have `newsbeam worker` from
    their own installation.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pipeline worker "$@"\n'
    path = folder / LAUNCHER
    fresh = folder / f".{LAUNCHER}-{os.getpid()}"
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o700)
    fresh.replace(path)  # in one step: a worker of another run may be starting from it
