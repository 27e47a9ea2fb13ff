"""Configuration, feed list and declared names of a process that runs for months: read again when a file changes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.config import Config
from pipeline.feeds_file import require_contact
from pipeline.ingest import configured_feeds
from pipeline.layers import leaves
from pipeline.names_file import read_names
from pipeline.settings import Settings
from pipeline.units import counted
from transforms.elements import FeedSource
from transforms.errors import ConfigurationError

# What a scheduler keeps for its life: its ledger is open, and the others name what is in that ledger or runs the jobs.
NEEDS_RESTART = ("project", "store", "state", "run.runner", "engines")
MAX_NAMED = 8

Mark = tuple[int, int, int] | None


class LiveSettings:
    """Settings and feeds as their files say. A broken edit changes nothing, and is told once.

    `load` reads the configuration as the command line did. Raises `ConfigurationError` at first.
    """

    def __init__(self, load: Callable[[], Config]) -> None:
        self._load = load
        config = load()
        self._file, self.settings = config.file, config.settings
        self._seen = self._marks(self.settings)
        self.feeds, self.names = _usable_feeds(self.settings), read_names(self.settings)

    def look(self) -> tuple[str, ...]:
        """Read again what changed since the last look; return lines that tell of it, none when nothing did."""
        seen = self._marks(self.settings)
        if seen == self._seen:
            return ()
        before, self._seen = self._seen, seen
        try:
            settings, lines = self._settings() if seen[0] != before[0] else (self.settings, ())
            self._seen = (seen[0], *self._marks(settings)[1:])
            feeds, names = _usable_feeds(settings), read_names(settings)
        except (ConfigurationError, OSError) as err:
            return (f"an edit was not taken over, configuration and feeds stay as they were: {err}",)
        if names != self.names:
            lines += (f"the declared names were read again: {counted(len(names), 'name')}",)
        if feeds != self.feeds:
            lines += (_feeds_line(self.feeds, feeds),)
        self.settings, self.feeds, self.names = settings, feeds, names
        return lines or ("configuration and feeds were read again: nothing changed",)

    def _marks(self, settings: Settings) -> tuple[Mark, Mark, Mark]:
        return _mark(self._file), _mark(settings.feeds), _mark(settings.names)

    def _settings(self) -> tuple[Settings, tuple[str, ...]]:
        """Return the configuration as it is now, but for what needs a restart, and what to tell."""
        if self._file is not None and not self._file.is_file():
            raise ConfigurationError(f"{self._file} is gone")  # the default, which has other stores, is not meant
        found, old = self._load().settings, self.settings
        names = tuple(_changed(old, found))
        waits = tuple(name for name in names if _is_or_below(name, NEEDS_RESTART))
        taken = tuple(name for name in names if name not in waits)
        kept = found.model_copy(
            update={
                **{key: getattr(old, key) for key in ("project", "store", "state", "engines")},
                "run": found.run.model_copy(update={"runner": old.run.runner}),
            }
        )
        lines: tuple[str, ...] = ()
        if taken:
            lines += (f"the configuration was read again: {_named(taken)} changed",)
        if waits:
            lines += (f"a restart is needed for {_named(waits)}; until then what was there before holds",)
        return kept, lines


def _mark(path: Path | None) -> Mark:
    """Return what differs after a file was written or replaced; None when there is none."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)


def _usable_feeds(settings: Settings) -> tuple[FeedSource, ...]:
    feeds = configured_feeds(settings)
    require_contact(settings.contact, feeds)
    return feeds


def _changed(old: Settings, new: Settings) -> Iterator[str]:
    """Yield the dotted keys whose values differ."""
    before, after = dict(leaves(old.written())), dict(leaves(new.written()))
    for path in sorted(before.keys() | after.keys(), key=str):
        if before.get(path) != after.get(path):
            yield ".".join(map(str, path))


def _is_or_below(name: str, keys: tuple[str, ...]) -> bool:
    return any(name == key or name.startswith(f"{key}.") for key in keys)


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _feeds_line(before: tuple[FeedSource, ...], after: tuple[FeedSource, ...]) -> str:
    old, new = ({feed.id: feed for feed in feeds} for feeds in (before, after))
    counts = (
        (len(new.keys() - old.keys()), "new"),
        (len(old.keys() - new.keys()), "gone"),
        (sum(old[name] != new[name] for name in old.keys() & new.keys()), "changed"),
    )
    changes = ", ".join(f"{n} {what}" for n, what in counts if n)
    return f"the feed list was read again: {counted(len(after), 'feed')}, {changes}"
