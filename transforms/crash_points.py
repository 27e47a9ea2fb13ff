"""Named points at which a test may kill the process. Nothing happens unless the environment names a plan or a poison.

NEWSBEAM_CRASH_PLAN is a file: `{"id": any, "point": name, "nth": n}`. The process that passes that point for the n-th
time takes the plan away (so that it happens once over all processes) and kills itself with SIGKILL, as a power cut
would. Every point passed is appended to `<plan>.log`. NEWSBEAM_CRASH_URL is a page that kills every worker that has it
in hand.
"""

import json
import os
import signal

POINTS = (
    "leased", "begun", "fetched", "entries_written", "polled", "extracted", "enriched", "buffered",
    "claimed", "written", "half_settled", "settled", "released",
)  # fmt: skip

_PLAN = os.environ.get("NEWSBEAM_CRASH_PLAN")
_POISON = os.environ.get("NEWSBEAM_CRASH_URL")
_passed: dict[str, int] = {}


def crash_point(name: str) -> None:
    """Mark a point between two effects. `name` is one of `POINTS`."""
    if _PLAN:
        _pass(name, _PLAN)


def poison_point(url: str) -> None:
    """Mark that this process works on a page."""
    if _POISON and url == _POISON:
        os.kill(os.getpid(), signal.SIGKILL)


def _pass(name: str, plan_path: str) -> None:
    log = os.open(f"{plan_path}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(log, f"{os.getpid()} {name}\n".encode())
    os.close(log)
    try:
        with open(plan_path, encoding="utf-8") as file:
            plan = json.load(file)
    except (FileNotFoundError, ValueError):
        return
    if plan["point"] != name:
        return
    # Counted from when the plan is seen: a plan is armed while the job runs.
    _passed[plan["id"]] = _passed.get(plan["id"], 0) + 1
    if _passed[plan["id"]] < plan["nth"]:
        return
    try:
        os.rename(plan_path, f"{plan_path}.taken-{plan['id']}")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
