"""The ledgers that the contract suite runs over, a clock that tests set, and a second process that can be killed."""

import atexit
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.support import elasticsearch_node
from transforms.elements import FeedSource
from transforms.state.base import FeedPoll, NewUrl, RunPlan, StateStore
from transforms.state.elasticsearch.ledger import ElasticsearchState
from transforms.state.sqlite.ledger import SqliteState

START = 1_800_000_000.0
RUN = "20270115T080000.000Z-aaaa"
SITE = "gazette.example"

# A lease in another process: it prints the site it took, notes a URL in hand, and then waits to be killed.
HOLDER = """
import sys
from tests.support.ledgers import ledger_at
address, run_id, now, *in_hand = sys.argv[1:]
state = ledger_at(address, clock=lambda: float(now))
leases = state.lease(run_id, limit=1, slice_s=60)
if in_hand:
    state.in_hand(in_hand[0])
print(leases[0].site if leases else "nothing", flush=True)
sys.stdin.read()
"""


class SetClock:
    """A clock that stands until a test moves it."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def at(seconds: float) -> datetime:
    """Return the instant that many seconds after the start."""
    return datetime.fromtimestamp(START + seconds, UTC)


def url_on(site: str, name: str) -> NewUrl:
    """Return a URL to insert."""
    return NewUrl(url=f"http://{site}/{name}", site=site)


def feed_on(site: str, **cells: object) -> FeedSource:
    """Return a feed of a site."""
    return FeedSource(url=f"http://{site}/feed", id=site, **cells)  # type: ignore[arg-type]


def plan(run_id: str = RUN, **cells: object) -> RunPlan:
    """Return a run's plan."""
    return RunPlan(run_id=run_id, command="test", started_at=at(0), **cells)  # type: ignore[arg-type]


def poll_of(site: str, seconds: float, **cells: object) -> FeedPoll:
    """Return a poll of a site's feed, that many seconds after the start."""
    values = {"status_code": 200, "final_url": f"http://{site}/feed", "body_sha256": "b", **cells}
    return FeedPoll(feed=site, polled_at=at(seconds), next_poll_at=at(seconds + 3600), **values)  # type: ignore[arg-type]


class Killable:
    """Another process that holds a lease until `kill` (SIGKILL) or the end of a `with` block."""

    def __init__(
        self, address: Path | str, *, run_id: str = RUN, now: float = START, in_hand: str | None = None
    ) -> None:
        arguments = [str(address), run_id, str(now), *([in_hand] if in_hand else [])]
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout is not None
        self.site = self._process.stdout.readline().strip()

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> "Killable":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def ledger_at(address: str, *, clock: Callable[[], float], lease_s: float = 60.0) -> StateStore:
    """Return the ledger at an address of `address_of`, as another process opens it."""
    url, on_a_server, project = address.partition("#")
    if on_a_server:
        return ElasticsearchState(url, project=project, lease_s=lease_s, clock=clock, monotonic=clock)
    return SqliteState(Path(address), lease_s=lease_s, clock=clock)


def address_of(state: StateStore) -> str:
    """Return where another process finds a ledger of `BACKENDS`."""
    if isinstance(state, SqliteState):
        return str(state.path)
    return f"{elasticsearch_node.node_url()}#{project()}"


@contextmanager
def sqlite(folder: Path, clock: Callable[[], float]) -> Iterator[StateStore]:
    """Give a new ledger in a file."""
    state = SqliteState(folder / "ledger.db", lease_s=60, clock=clock)
    state.create()
    yield state
    state.close()


@contextmanager
def elasticsearch(_folder: Path, clock: Callable[[], float]) -> Iterator[StateStore]:
    """Give an empty ledger on a real node. The test's clock is the process's own, too."""
    state = ledger_at("#".join(server()), clock=clock)
    yield state
    state.close()


def server() -> tuple[str, str]:
    """Return (address, project) of an empty ledger on a real node: one for the whole run, since making it takes 3 s."""
    url, mine = elasticsearch_node.node_url(), f"newsbeam-{project()}-state-*"
    with elasticsearch_node.client() as client:
        client.indices.refresh(index=mine)
        hits = client.search(index=mine, size=10_000, source=False)["hits"]["hits"]
        operations = [
            {"delete": {"_index": hit["_index"], "_id": hit["_id"]}} for hit in hits if hit["_id"] != "ledger"
        ]
        if operations:
            client.bulk(operations=operations, refresh=True)
    return url, project()


@cache
def project() -> str:
    """Return the project of that ledger, made on first use."""
    stack = ExitStack()
    name = stack.enter_context(elasticsearch_node.project())
    atexit.register(stack.close)  # before the node is stopped, if a test has started it
    state = ElasticsearchState(elasticsearch_node.node_url(), project=name)
    state.create()
    state.close()
    return name


# name -> context manager over (temporary folder, clock); a backend that needs a mark of pytest has it in MARKS
BACKENDS = {"sqlite": sqlite, "elasticsearch": elasticsearch}
MARKS = {"elasticsearch": "elasticsearch"}
