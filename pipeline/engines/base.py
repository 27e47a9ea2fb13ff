"""What an engine is to newsbeam: what it can run, how far its workers spread, which options it needs. Beam-free."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from transforms.state.base import Sharing

Ending = Literal["cancel", "flink"]  # how a job is stopped: through Beam, or at Flink itself
Ticks = Literal[
    "periodic", "flink"
]  # what gives an endless job its ticks: Beam's PeriodicImpulse, or Flink's own source


class Given:
    """The Beam options that a user gave behind `--`, as they were typed.

    >>> given = Given(["--parallelism=4", "--flink_master", "host:8081", "--streaming"])
    >>> given.value("parallelism"), given.value("flink_master"), given.value("job_endpoint"), given.has("streaming")
    ('4', 'host:8081', None, True)
    """

    def __init__(self, options: Sequence[str]) -> None:
        self.options = tuple(options)

    def value(self, name: str) -> str | None:
        """Return what an option was given, the last one when it came twice; None without it or without a value."""
        found = None
        for at, option in enumerate(self.options):
            if option.startswith(f"--{name}="):
                found = option.partition("=")[2]
            elif option == f"--{name}" and at + 1 < len(self.options) and not self.options[at + 1].startswith("--"):
                found = self.options[at + 1]
        return found

    def has(self, *names: str) -> bool:
        """Say whether any of these options was given."""
        heads = {option.partition("=")[0] for option in self.options}
        return any(f"--{name}" in heads for name in names)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of an engine: `worker` is the absolute path of the command that starts a worker process."""

    given: Given
    job_name: str
    streaming: bool
    workers: int
    worker: str
    checkpoint_s: float = 10.0
    flink_rest: str | None = None

    def parallelism(self) -> int:
        """Return how many seats are to work at once."""
        text = self.given.value("parallelism")
        return max(self.workers, int(text)) if text and text.isdigit() else self.workers


def _periodic(_request: Request) -> Ticks:
    return "periodic"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine. `spread` says how far state must be shared; `options` gives ours, which those of the user override.

    `options` raises `ConfigurationError` naming the remedy when something is missing. `stop_s` bounds the engine's own
    stop, after what was on the wire is settled.
    """

    name: str
    beam_runner: str
    spread: Callable[[Given], Sharing]
    options: Callable[[Request], tuple[str, ...]]
    bounded: bool = True
    streaming: bool = True
    ending: Ending = "cancel"
    ticks: Callable[[Request], Ticks] = _periodic
    stop_s: float = 20.0
    replaces_workers: bool = True  # goes on by itself when a worker process has died


@dataclass(frozen=True, kw_only=True)
class OnEngine:
    """How a job runs on an engine. `options` are all of Beam's; `records` is the folder of records and launcher.

    `flink_rest` is where a Flink cluster listens; `savepoints` the folder for what a stopped job leaves there.
    """

    engine: str
    options: tuple[str, ...]
    job_name: str
    records: str
    ending: Ending
    stop_s: float
    seats: int
    streaming: bool = False
    ticks: Ticks = "periodic"
    replaces_workers: bool = True
    tick_s: float = 2.0
    flink_rest: str | None = None
    savepoints: str | None = None


class Submitted(Protocol):
    """What Beam hands back for a job that was submitted."""

    @property
    def state(self) -> str: ...
    def cancel(self) -> object: ...


def is_loopback(address: str) -> bool:
    """Say whether an address (`host`, `host:port` or a URL) is this machine, whatever is behind it.

    >>> is_loopback("localhost:8081"), is_loopback("http://127.0.0.1:8081"), is_loopback("flink.example:8081")
    (True, True, False)
    """
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
