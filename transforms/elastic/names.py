"""What every index, alias and template of a project begins with."""

import re

from transforms.errors import ConfigurationError

_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # what an index name may hold, without what would need escaping


def prefix_of(project: str) -> str:
    """Return the beginning of a project's names; the project `default` has no part of its own.

    Raises `ConfigurationError` for a name that no index could have.

    >>> prefix_of("default"), prefix_of("elections")
    ('newsbeam', 'newsbeam-elections')
    """
    if not _PROJECT.fullmatch(project):
        raise ConfigurationError(
            f"project: {project[:80]!r} cannot be part of an index name; "
            "write up to 64 of a-z, 0-9, '-' and '_', beginning with a letter or digit"
        )
    return "newsbeam" if project == "default" else f"newsbeam-{project}"
