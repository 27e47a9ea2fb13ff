"""A real Elasticsearch for the tests: `ES_URL` when set, else the node of `scripts/elasticsearch`.

A node that a test started is stopped again by the last test run that uses it; one that a person started stays. Every
test gets a project of its own, deleted afterwards, so that test runs beside each other do not meet.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

import pytest
from elasticsearch import Elasticsearch

SCRIPT = Path(__file__).parents[2] / "scripts" / "elasticsearch"
REQUIRED = "NEWSBEAM_REQUIRE_ELASTICSEARCH"
CACHE = Path(os.environ.get("NEWSBEAM_CACHE") or SCRIPT.parents[1] / ".cache") / "elasticsearch"


def node_url() -> str:
    """Return the address of a node that answers; without Java and Maven skip the test, or fail it when required."""
    url, reason = _node()
    if not url:
        unavailable(reason)
    return url


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it when Elasticsearch is required (`NEWSBEAM_REQUIRE_ELASTICSEARCH=1`)."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but there is no Elasticsearch: {reason}", pytrace=False)
    pytest.skip(f"no Elasticsearch: {reason}")


@contextmanager
def project() -> Iterator[str]:
    """Give a project name that nobody else has; its indices and templates are deleted at the end."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    try:
        yield name
    finally:
        with client() as elasticsearch:
            forget = elasticsearch.options(ignore_status=404)
            mine = f"newsbeam-{name}-*"
            indices = elasticsearch.indices.get(index=mine, expand_wildcards="all", filter_path="*.aliases")
            if indices:  # all at once: eight by themselves take a second
                elasticsearch.indices.delete(index=",".join(indices), ignore_unavailable=True)
            forget.indices.delete_index_template(name=mine)
            forget.cluster.delete_component_template(name=mine)


@contextmanager
def client() -> Iterator[Elasticsearch]:
    """Give a client of the node, for what a store cannot do: set blocks, break a mapping."""
    elasticsearch = Elasticsearch(node_url(), request_timeout=60)
    try:
        yield elasticsearch
    finally:
        elasticsearch.close()


@cache
def _node() -> tuple[str | None, str]:
    """Return (address, "") or (None, why there is none)."""
    if os.environ.get("ES_URL"):
        return os.environ["ES_URL"], ""
    for tool in ("java", "mvn"):
        if not shutil.which(tool):
            return None, f"set ES_URL, or install Java 17 or newer and Maven ({tool} is missing)"
    return _start()


def _start() -> tuple[str | None, str]:
    CACHE.mkdir(parents=True, exist_ok=True)
    users = (CACHE / "test-runs.lock").open("w")
    fcntl.flock(users, fcntl.LOCK_SH)  # held until this process ends: who gets it alone is the last user
    mine = subprocess.run([SCRIPT, "status"], capture_output=True).returncode != 0
    started = subprocess.run([SCRIPT, "start"], capture_output=True, text=True)
    if started.returncode == 2:  # something that it needs is missing
        return None, started.stderr.strip().splitlines()[-1]
    if started.returncode:
        raise RuntimeError(started.stderr[-4000:])
    if mine:
        (CACHE / "started-by-tests").touch()
    atexit.register(_stop_if_last, users)
    return subprocess.run([SCRIPT, "env"], capture_output=True, text=True, check=True).stdout.partition("=")[
        2
    ].strip(), ""


def _stop_if_last(users: IO[str]) -> None:
    mark = CACHE / "started-by-tests"
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if mark.exists():
        subprocess.run([SCRIPT, "stop"], capture_output=True)
        mark.unlink(missing_ok=True)
