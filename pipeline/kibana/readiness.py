"""Whether Kibana is there, ready, and of a version that takes our shapes."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.kibana.answers import Level, read, said_in
from transforms.errors import ConfigurationError, StoreError

OLDEST, NEXT_MAJOR = (8, 19), 10  # the shapes are of 8.19; Kibana imports from the major version before its own
_AGAIN_S = 2.0
_PORT = "check KIBANA_URL (its port is mostly 5601; a path belongs there only as server.basePath)"


class NotReadyError(StoreError):
    """Kibana is not there, or not yet."""


def version_in(status: int, body: Mapping[str, Any], *, where: str) -> str:
    """Return the version that an answer of `/api/status` tells, when that Kibana is ready and knows us.

    Raises `NotReadyError` for one that is starting, `ConfigurationError` for one of the wrong version, `StoreError`
    for what is no Kibana.
    """
    if status == 503 and "status" not in body:  # the server in front of Kibana's, while that one starts
        raise NotReadyError(f"Kibana at {where} is not ready yet ({said_in(body)}): try --wait 2m")
    if status not in (200, 503):
        raise StoreError(f"{where} answers {status}, but is no Kibana: {_PORT}")
    try:
        told = read(Level, body, where=where)
    except StoreError as err:
        raise StoreError(f"{where} answers, but is no Kibana: {_PORT}") from err
    level = told.status.overall.level
    if level not in ("available", "degraded"):
        raise NotReadyError(f"Kibana at {where} is not ready yet (it is {level}): try --wait 2m")
    if not told.version.number:  # a stranger learns the level alone
        raise StoreError(f"Kibana at {where} does not know us: set ES_API_KEY, or ES_USERNAME and ES_PASSWORD")
    _check_version(told.version.number, where)
    return told.version.number


def wait_until_ready(
    version: Callable[[], str],
    *,
    within_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Return what `version` returns, asked again while it raises `NotReadyError`, within a limit."""
    until = clock() + within_s
    while True:
        try:
            return version()
        except NotReadyError:
            if clock() >= until:
                raise
            sleep(_AGAIN_S)


def _check_version(number: str, where: str) -> None:
    try:
        major, minor = (int(part) for part in number.split(".")[:2])
    except ValueError as err:
        raise StoreError(f"{where} answers with version {number[:50]!r}: is that Kibana?") from err
    if (major, minor) < OLDEST:
        raise ConfigurationError(f"Kibana at {where} is version {number}; the pack needs 8.19 or newer: upgrade Kibana")
    if major >= NEXT_MAJOR:
        raise ConfigurationError(
            f"Kibana at {where} is version {number}; the pack is of 8.19, which Kibana 8 and 9 import: "
            "use a newer newsbeam"
        )
