"""Flink's REST interface: find a job by its name, stop or cancel it. Beam's own cancel leaves a cluster's job running.

https://nightlies.apache.org/flink/flink-docs-release-1.19/docs/ops/rest_api/
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import urllib3

from transforms.errors import StoreError

TIMEOUT_S = 10.0
POLL_S = 0.25
# Flink says 503 while it has no leader, for a moment after its start or its leader's death: asked again, for 6 s.
NO_LEADER = urllib3.Retry(
    total=None,
    connect=False,
    read=False,
    redirect=False,
    other=0,
    status=5,
    status_forcelist=(503,),
    allowed_methods=None,
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=False,
)
MAX_BYTES = 5_000_000  # an overview of 10,000 jobs has 3 MB
ENDED = ("FINISHED", "CANCELED", "FAILED")
_LIVING = ("CREATED", "INITIALIZING", "RUNNING", "RESTARTING", "FAILING", "CANCELLING", "SUSPENDED", "RECONCILING")


class FlinkError(StoreError):
    """Flink could not be reached, or refused."""


class FlinkRest:
    """A cluster's REST interface. Methods raise `FlinkError`."""

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.address = address.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=timeout_s, retries=NO_LEADER)

    def job_named(self, name: str) -> tuple[str, str] | None:
        """Return (id, state) of the job of this name that lives, else of the newest that has ended."""
        with self._understood("/jobs/overview"):
            jobs = [job for job in self._ask("GET", "/jobs/overview")["jobs"] if job["name"] == name]
            jobs.sort(key=lambda job: (job["state"] in _LIVING, job["start-time"]))
            return (str(jobs[-1]["jid"]), str(jobs[-1]["state"])) if jobs else None

    def cancel(self, job_id: str) -> None:
        """End a job; what was asked for since its last checkpoint is forgotten, which leases make harmless."""
        self._ask("PATCH", f"/jobs/{job_id}?mode=cancel")

    def stop_with_savepoint(self, job_id: str, folder: str, *, limit_s: float) -> str:
        """Stop a job behind a savepoint and return where that is."""
        body = {"drain": False, "targetDirectory": folder}
        end = time.monotonic() + limit_s
        with self._understood(f"/jobs/{job_id}/stop"):
            trigger = self._ask("POST", f"/jobs/{job_id}/stop", body)["request-id"]
            while time.monotonic() < end:
                answer = self._ask("GET", f"/jobs/{job_id}/savepoints/{trigger}")
                if answer["status"]["id"] == "COMPLETED":
                    operation = answer["operation"]
                    if "location" in operation:
                        return str(operation["location"])
                    reason = operation["failure-cause"]["class"]
                    raise FlinkError(f"Flink could not write a savepoint to {folder}: {reason}")
                time.sleep(POLL_S)
        raise FlinkError(f"Flink wrote no savepoint to {folder} within {limit_s:.0f} s")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    @contextmanager
    def _understood(self, path: str) -> Iterator[None]:
        """Turn an answer of another shape into an error that names it."""
        try:
            yield
        except (KeyError, TypeError, AttributeError) as err:
            raise FlinkError(f"{self.address}{path}: that is no answer of Flink ({err})") from err

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            response = self._pool.request(method, self.address + path, json=body, preload_content=False)
            data = response.read(MAX_BYTES)
            response.close()
        except urllib3.exceptions.HTTPError as err:
            raise FlinkError(f"{self.address}: Flink cannot be reached: {err}") from err
        shown = data[:300].decode(errors="replace")
        if response.status >= 400:
            raise FlinkError(f"{self.address}{path}: Flink answered {response.status}: {shown}")
        try:
            answer = orjson.loads(data or b"{}")
        except orjson.JSONDecodeError as err:
            raise FlinkError(f"{self.address}{path}: that is no answer of Flink: {shown!r}") from err
        if not isinstance(answer, dict):
            raise FlinkError(f"{self.address}{path}: that is no answer of Flink: {shown!r}")
        return answer
