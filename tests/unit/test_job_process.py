"""The job's process: its standard output is the answer and nothing else."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MORE_THAN_A_PIPE_HOLDS = 200_000


class Loud:
    """Prints when it is unpickled, as a library might at any time; there is no job in it."""

    def __reduce__(self) -> tuple[object, ...]:
        """Print."""
        return print, ("x" * MORE_THAN_A_PIPE_HOLDS,)


def test_what_a_library_prints_goes_to_the_log_and_not_before_the_answer() -> None:
    data = pickle.dumps(Loud())
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.job"],
        input=b"%d\n%b" % (len(data), data),
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    [line] = done.stdout.splitlines()
    assert json.loads(line)["end"] == "error"
    assert done.stderr.count(b"x") >= MORE_THAN_A_PIPE_HOLDS
