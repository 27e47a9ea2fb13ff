"""What a scheduler throws away, so that months leave nothing behind: old runs, logs, and what is kept no longer."""

import logging
import os
import re
import stat
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from pipeline import stores
from pipeline.forget import sweep
from pipeline.retention import prune
from pipeline.settings import Settings
from transforms.clock import utc_now
from transforms.index.base import DocumentStore, Kind
from transforms.state.base import StateStore

logger = logging.getLogger(__name__)

KEPT_RUNS_FOR = timedelta(days=7)  # a run a minute is 10,000 rows; each run's document stays in the store
KEPT_LOGS_FOR_S = 14 * 86_400.0
TIDY_WITHIN_S = 60.0  # runs wait meanwhile; 500 articles with their rows take below a second
KEPT_LOGS = 50  # a disk that stays full fails every run
_LOG = re.compile(r"newsbeam-\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}\.log")  # as supervise.py names them


def tidy(state: StateStore, settings: Settings) -> None:
    """Forget runs that ended a week ago, and logs older than two weeks or beyond the newest fifty of this user.

    In the store: what is older than it is kept, and what was forgotten and written again by somebody who slept.
    """
    state.prune_runs(utc_now() - KEPT_RUNS_FOR)
    tidy_logs(Path(tempfile.gettempdir()), now=time.time())
    with stores.documents(settings) as store:
        store.create()
        tidy_store(store, settings.retention.seconds)


def tidy_store(store: DocumentStore, keep: Mapping[Kind, float], *, within_s: float = TIDY_WITHIN_S) -> None:
    """Delete what is older than it is kept, and what was forgotten; what is not done in time is done the next day."""
    give_up_at = time.monotonic() + within_s
    if again := sweep(store):
        logger.warning("%d articles that were forgotten had been written again, and were deleted", again)
    for kind, count in prune(store, keep, now=utc_now()):
        logger.debug("pruned %d %s", count, kind)
        if time.monotonic() > give_up_at:
            return


def tidy_logs(folder: Path, *, now: float) -> None:
    """Remove old logs of runs in a folder that others may write to: only regular files of ours, by their exact name."""
    found = []
    for path in folder.iterdir():
        if not _LOG.fullmatch(path.name):
            continue
        with suppress(FileNotFoundError):
            about = path.lstat()
            if stat.S_ISREG(about.st_mode) and about.st_uid == os.getuid():
                found.append((about.st_mtime, path))
    for number, (written_at, path) in enumerate(sorted(found, reverse=True)):
        if number >= KEPT_LOGS or written_at < now - KEPT_LOGS_FOR_S:
            path.unlink(missing_ok=True)
            logger.debug("removed the old log %s", path)
