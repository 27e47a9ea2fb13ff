"""Real engines for the tests: where they are, and what starts a worker on them.

`scripts/engines` installs what is missing, once. Without Go, Maven or Java the tests that need them are skipped with
that as the reason; with NEWSBEAM_REQUIRE_ENGINES=1, as in CI, they fail.
"""

import os
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "engines"
REQUIRED = "NEWSBEAM_REQUIRE_ENGINES"
Engine = Literal["prism", "flink", "spark"]


def engine_environment(*engines: Engine) -> dict[str, str]:
    """Return the variables that say where engines are, as a command needs them; skip the test where there are none."""
    for engine in engines:
        reason = _install(engine)
        if reason:
            if os.environ.get(REQUIRED) == "1":
                pytest.fail(f"{REQUIRED}=1, but there is no {engine}: {reason}", pytrace=False)
            pytest.skip(f"no {engine}: {reason}")
    said = subprocess.run([SCRIPT, "env"], capture_output=True, text=True, check=True).stdout
    return dict(shlex.split(line)[1].split("=", 1) for line in said.splitlines())


@cache
def _install(engine: Engine) -> str:
    """Return why an engine cannot be had; empty when it is there."""
    done = subprocess.run([SCRIPT, engine], capture_output=True, text=True)
    if done.returncode not in (0, 2):  # 2: something that it needs is missing
        raise RuntimeError(done.stderr[-4000:])
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""
