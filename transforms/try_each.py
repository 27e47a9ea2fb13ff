"""The stage border: what a failure of one element becomes.

`StageError` becomes a dead letter. Anything else is a fault of ours: it becomes a dead letter `internal_error` with a
fingerprint, so that one odd page loses one page, and stops the job when faults pile up. `StoreError` always stops it.
"""

import hashlib
import logging
import threading
import traceback
from dataclasses import dataclass
from datetime import datetime

from transforms.elements import DeadLetter, History
from transforms.errors import ConfigurationError, StageError, StoreError

logger = logging.getLogger(__name__)

MAX_FAULTS = 20
MAX_FAULT_RATIO = 0.02


class TooManyFaultsError(Exception):
    """Faults piled up: the job stops, because something is wrong with newsbeam and not with a page."""


_counting = threading.Lock()


@dataclass
class FaultLimit:
    """Counts faults of this process against what it worked on; `max_faults=0`: the first one stops the job (tests)."""

    max_faults: int = MAX_FAULTS
    seen: int = 0
    faults: int = 0

    def saw_one(self) -> None:
        """Count an element."""
        with _counting:
            self.seen += 1

    def fault(self, err: Exception) -> str:
        """Count a fault and return its fingerprint. Raises `TooManyFaultsError` from it when there are too many."""
        fingerprint = fault_fingerprint(err)
        logger.error("internal error %s: %s", fingerprint, err, exc_info=err)
        with _counting:
            self.faults += 1
            limit = max(self.max_faults, int(self.seen * MAX_FAULT_RATIO)) if self.max_faults else 0
            if self.faults > limit:
                raise TooManyFaultsError(
                    f"{self.faults} internal errors, the last: {type(err).__name__}: {err}"
                ) from err
        return fingerprint


def fault_fingerprint(err: BaseException) -> str:
    """Return 12 hex digits that are the same for the same fault: exception type and the functions it passed through."""
    frames = traceback.extract_tb(err.__traceback__)
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.name}" for frame in frames[-5:]]
    return hashlib.sha256(" ".join([type(err).__name__, *places]).encode()).hexdigest()[:12]


def dead_letter(
    err: Exception,
    *,
    stage: str,
    url: str,
    site: str,
    version: int,
    history: History,
    now: datetime,
    limit: FaultLimit,
) -> DeadLetter:
    """Return what a failed element becomes. Raises what must stop the job: `StoreError`, or too many faults."""
    if isinstance(err, StoreError | ConfigurationError):
        raise err
    if isinstance(err, StageError):
        reason, message, retryable, fingerprint = err.reason, err.message, err.retryable, None
    else:
        fingerprint = limit.fault(err)
        reason, message, retryable = "internal_error", f"{type(err).__name__}: {err}"[:500], True
    return DeadLetter(
        stage=stage,
        reason=reason,
        message=message,
        occurred_at=now,
        url=url,
        site=site,
        feed=history.feeds[0] if history.feeds else None,
        retryable=retryable,
        fingerprint=fingerprint,
        version=version,
        history=history,
    )
