"""200 jobs over 30 changing feeds, days by the injected clock: every article once, polls as planned, memory flat."""

import itertools
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline import job as jobs
from pipeline import runs
from pipeline.config import load_config
from pipeline.job import Job
from pipeline.schedule import run_schedule
from pipeline.signal_flag import SignalFlag
from pipeline.supervise import JobEnd, StopRequest
from tests.support.changing_feeds import (
    EVERY_S,
    MAX_AGE_S,
    RETRY_AFTER_S,
    TTL_MIN,
    ChangingWorld,
    MovedClock,
    Poll,
    changing_web,
)
from transforms.state import open_state
from transforms.state.base import StateStore

pytestmark = [pytest.mark.slow, pytest.mark.full]

JOBS, FEEDS = 200, 30
LATE_S = 300.0  # a run may be under way when a feed falls due, and the machine may be busy
MORE_MB = 25.0


class Sleep(SignalFlag):
    """Lets the clock pass instead of waiting, and looks at the ledger as it stands then."""

    def __init__(self, clock: MovedClock, state: StateStore) -> None:
        super().__init__()
        self.clock, self.state = clock, state
        self.planned: dict[str, list[float]] = {}

    def wait(self, timeout_s: float) -> bool:
        for row in self.state.feeds():
            plans = self.planned.setdefault(row["id"], [])
            if row["next_poll_at"] is not None and plans[-1:] != [row["next_poll_at"].timestamp()]:
                plans.append(row["next_poll_at"].timestamp())
        self.clock.move(timeout_s)
        return self.is_set()


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_200_jobs_over_30_changing_feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory: list[float] = []

    def here(job: Job, *_: object, **__: object) -> JobEnd:
        """Run the job in this process: starting 200 of their own takes minutes, and is `test_schedule_process.py`'s."""
        jobs.run(job)
        memory.append(resident_mb())
        return JobEnd(end="ok")

    monkeypatch.setattr(runs, "supervise", here)
    clock = MovedClock(tmp_path / "clock")
    with clock.here(monkeypatch):
        web, world = changing_web(FEEDS)
        with web:
            configure(tmp_path, web.resolve, world)
            stop = StopRequest()
            state = open_state(str(tmp_path / "newsbeam.db"))
            state.create()
            sleep = stop.asked = Sleep(clock, state)
            code = run_schedule(
                lambda: load_config(environ={}, cwd=tmp_path), max_cycles=JOBS, progress=lambda _: None, stop=stop
            )
            rows = {row["id"]: row for row in state.feeds()}
            documents = stored(tmp_path)
            state.close()
    print(f"{len(documents)} articles, {clock.offset_s / 3600:.1f} h, memory {memory[40]:.0f} -> {memory[-1]:.0f} MB")

    assert (code, len(memory)) == (0, JOBS)
    listed = {site.url(article) for site in world.sites.values() for article in site.listed()}
    assert sorted(documents) == sorted(listed), "every article once"
    fetched = {site.url(article): count for site in world.sites.values() for article, count in site.pages.items()}
    assert fetched == dict.fromkeys(listed, 1), "every page asked for once"
    for site in world.sites.values():
        assert_polled_as_planned(site.polls, sleep.planned[site.feed_url.removeprefix("http://")])
        assert_wishes_are_kept(site.kind, site.polls)
        statuses = Counter(poll.status for poll in site.polls)
        assert rows[site.feed_url.removeprefix("http://")]["polls"] == len(site.polls) - statuses[429], "put off"
    statuses = Counter(poll.status for site in world.sites.values() for poll in site.polls)
    assert {200, 304, 429, 500} <= statuses.keys()
    assert memory[-1] - memory[40] < MORE_MB, [round(mb) for mb in memory[::20]]


def configure(folder: Path, resolve: dict[str, str], world: ChangingWorld) -> None:
    hosts = "".join(f'    {host}: "{address}"\n' for host, address in resolve.items())
    (folder / "newsbeam.yaml").write_text(
        "contact: desk@example.org\ningest: {max_age: 20y, linger: 0s}\nenrich: {enable: [figures]}\n"
        f"fetch:\n  delay: 0s\n  resolve:\n{hosts}"
    )
    (folder / "feeds.yaml").write_text("feeds:\n" + "".join(
        f"  - url: {site.feed_url}\n" + ("    every: 30m\n" if site.kind == "validators" else "")
        for site in world.sites.values()
    ))  # fmt: skip


def stored(folder: Path) -> list[str]:
    import sqlite3

    db = sqlite3.connect(folder / "newsbeam.db")
    urls = [url for (url,) in db.execute("SELECT json_extract(source, '$.url.full') FROM articles")]
    db.close()
    return urls


def assert_polled_as_planned(polls: Sequence[Poll], planned: Sequence[float]) -> None:
    """Each poll but the first comes when the one before planned it: never before, and soon after."""
    assert len(planned) in (len(polls), len(polls) - 1), (polls, planned)
    for poll, at in zip(polls[1:], planned, strict=False):
        assert at <= poll.at <= at + LATE_S, (poll, at)


def assert_wishes_are_kept(kind: str, polls: Sequence[Poll]) -> None:
    """What feed, server and user asked for, read from the web's own log: no interval is shorter."""
    hour = 3600.0
    for before, after in itertools.pairwise(polls):
        pause = after.at - before.at
        if kind == "validators":
            assert pause >= EVERY_S
        elif before.status == 429:
            assert RETRY_AFTER_S <= pause <= RETRY_AFTER_S * 1.1 + LATE_S
        else:
            least = {"max-age": MAX_AGE_S, "ttl": TTL_MIN * 60.0}.get(kind, hour)
            assert least <= pause
    failures = [after.at - before.at for before, after in itertools.pairwise(polls) if before.status == 500]
    for number, pause in enumerate(failures):
        assert hour * 2**number <= pause, "backs off"
