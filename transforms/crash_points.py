"""Named points at which a test may kill the process: nothing happens unless NEWSBEAM_CRASH_PLAN names a plan file.

The plan is JSON: `{"point": name, "nth": n}`. The process that passes that point for the n-th time takes the plan
away (so that it happens once over all processes) and kills itself with SIGKILL, as a power cut would. Every point
that is passed while a plan variable is set is appended to `<plan>.log`, so that the test can tell what was reached.
"""

import json
import os
import signal

POINTS = (
    "leased", "begun", "fetched", "entries_written", "polled", "extracted", "enriched", "buffered",
    "claimed", "written", "half_settled", "settled", "released",
)  # fmt: skip

_PLAN = os.environ.get("NEWSBEAM_CRASH_PLAN")
_passed: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Mark a point between two effects. `name` is one of `POINTS`."""
    if _PLAN:
        _pass(name, _PLAN)


def _pass(name: str, plan_path: str) -> None:
    log = os.open(f"{plan_path}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(log, f"{os.getpid()} {name}\n".encode())
    os.close(log)
    _passed[name] = _passed.get(name, 0) + 1
    try:
        with open(plan_path, encoding="utf-8") as file:
            plan = json.load(file)
    except (FileNotFoundError, ValueError):
        return
    if plan["point"] != name or _passed[name] < plan["nth"]:
        return
    try:
        os.rename(plan_path, f"{plan_path}.taken-{name}-{os.getpid()}")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
