"""Logging of the processes that run Beam: to one log, without the lines that importing Beam prints."""

import logging
import warnings

_NOISE = ("apitools not found", "Make sure that locally built Python SDK docker image")


class _WithoutNoise(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(_NOISE)


def log_to_stderr(level: int = logging.WARNING) -> None:
    """Configure logging. Must run before Beam is imported: its import configures the root logger itself."""
    handler = logging.StreamHandler()
    handler.addFilter(_WithoutNoise())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    warnings.filterwarnings("ignore", module=r"apache_beam\..*")
