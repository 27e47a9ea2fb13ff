"""A scheduler that is killed at chosen events, and one whose clock jumps: nothing lost, doubled or polled early."""

import itertools
import json
import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from tests.support.changing_feeds import EVERY_S, ChangingWorld, MovedClock, changing_web
from tests.support.commands import newsbeam
from tests.support.killing import OFTEN, Harness
from tests.support.newsweb import judge, read_log
from tests.support.scheduling import Scheduler, count, created, is_idle, scheduling, wait_for
from transforms.clock import epoch_s
from transforms.crash_points import POINTS

pytestmark = [pytest.mark.full, pytest.mark.slow]

SEED = int(os.environ.get("NEWSBEAM_SEED", "7"))
KILLS, FEEDS = 20, 12
HOUR_S = 3_600.0
LIMIT_S = 900.0  # of a machine that does much else
PATIENCE_S = 120.0  # a point that is not passed within is given up for the next


HELD = "SELECT count(*) FROM ledger_sites WHERE owner IS NOT NULL"


def configured(folder: Path, world: ChangingWorld, resolve: dict[str, str]) -> Harness:
    """Return a harness over a world's feeds, each polled every half hour unless it asks for more."""
    harness = Harness(folder)
    harness.configure(resolve, [], delay="0.2s")
    (folder / "feeds.yaml").write_text(
        "feeds:\n" + "".join(f"  - url: {url}\n    every: {EVERY_S // 60}m\n" for url in world.feed_urls)
    )
    return harness


def due_at(folder: Path) -> dict[str, float]:
    """Return when each feed that was polled is due, by the ledger."""
    db = sqlite3.connect(folder / "newsbeam.db", timeout=30)
    rows = db.execute("SELECT json_extract(source, '$.url'), due_at FROM ledger_feeds WHERE polled_at > 0").fetchall()
    db.close()
    return dict(rows)


def let_time_pass(folder: Path, clock: MovedClock) -> None:
    """Set the clock to when every feed can be polled, if everything before it is done."""
    if is_idle(folder) and due_at(folder):
        db = sqlite3.connect(folder / "newsbeam.db", timeout=30)
        (at,) = db.execute(
            "SELECT max(max(due_at, next_at)) FROM ledger_feeds JOIN ledger_sites USING (site)"
        ).fetchone()
        db.close()
        clock.move(max(at - epoch_s(), 0.0) + 1)


def settle_everything(folder: Path, world: ChangingWorld, clock: MovedClock) -> None:
    """Let time pass until every article that was listed so far has its end."""
    listed = {site.url(article) for site in world.sites.values() for article in site.listed()}

    def is_done() -> bool:
        if created(folder) >= len(listed) and is_idle(folder):
            return True
        let_time_pass(folder, clock)
        return False

    wait_for(is_done, limit_s=LIMIT_S)


def assert_nothing_lost_or_doubled(folder: Path, world: ChangingWorld) -> None:
    listed = {site.url(article) for site in world.sites.values() for article in site.listed()}
    db = sqlite3.connect(folder / "newsbeam.db")
    documents = [url for (url,) in db.execute("SELECT json_extract(source, '$.url.full') FROM articles")]
    outcomes = dict(db.execute("SELECT url, outcome FROM ledger_urls").fetchall())
    db.close()
    assert len(documents) == len(set(documents))
    assert set(documents) == listed
    assert outcomes == dict.fromkeys(listed, "created")
    assert count(folder, HELD) == 0


def kills() -> list[tuple[str, int, bool]]:
    """Return (point, at its how-manieth passing, the scheduler too?), every point at least once."""
    rng = random.Random(SEED)
    chosen = [*POINTS, *rng.choices(POINTS, k=KILLS - len(POINTS))]
    rng.shuffle(chosen)
    return [(point, rng.randint(1, 4 if point in OFTEN else 1), rng.random() < 0.5) for point in chosen]


def test_killed_twenty_times_at_chosen_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = kills()
    print(f"seed {SEED}: {plan}")
    clock = MovedClock(tmp_path / "clock")
    monkeypatch.setenv("NEWSBEAM_CLOCK", str(clock.file))
    killed, early = 0, []
    with clock.here(monkeypatch):
        web, world = changing_web(FEEDS, log_path=tmp_path / "log")
        with web:
            harness = configured(tmp_path, world, web.resolve)
            scheduler = Scheduler(harness)
            try:
                for number, (point, nth, everything) in enumerate(plan):
                    harness.plan.write_text(json.dumps({"id": number, "point": point, "nth": nth}))
                    end = time.monotonic() + PATIENCE_S
                    while harness.plan.exists() and time.monotonic() < end:
                        let_time_pass(tmp_path, clock)
                        time.sleep(0.05)
                    if harness.plan.exists():
                        harness.plan.unlink(missing_ok=True)
                        continue
                    killed += 1
                    if everything:
                        scheduler.process.kill()
                        scheduler.wait()
                        wait_for(lambda: not harness.processes(), limit_s=60)
                        early.append(
                            (due_at(tmp_path), {site.feed_url: len(site.polls) for site in world.sites.values()})
                        )
                        scheduler = Scheduler(harness)
                settle_everything(tmp_path, world, clock)
                assert scheduler.stop() == 0
            finally:
                if scheduler.process.poll() is None:
                    scheduler.process.kill()
                scheduler.wait()
    requests = read_log(tmp_path / "log")
    print(f"{killed} kills, {len(early)} of the scheduler too, {created(tmp_path)} articles, {len(requests)} requests")

    assert killed >= KILLS - 3
    assert len(early) >= 3
    assert_nothing_lost_or_doubled(tmp_path, world)
    assert all(most == 1 for most in judge.max_open_per_site(requests).values())
    for plans, polls_before in early:
        for site in world.sites.values():
            later = site.polls[polls_before[site.feed_url] :]
            if later and site.feed_url in plans:
                assert later[0].at >= plans[site.feed_url], f"{site.feed_url} was polled early after a restart"
    assert "BOOKS" not in scheduler.output
    assert newsbeam(tmp_path, "status", "--json").returncode in (0, 1)  # a feed of the world may be out of order


def test_the_clock_jumps_an_hour_forth_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MovedClock(tmp_path / "clock")
    monkeypatch.setenv("NEWSBEAM_CLOCK", str(clock.file))
    with clock.here(monkeypatch):
        web, world = changing_web(FEEDS, log_path=tmp_path / "log", delay_s=0.3)
        with web:
            harness = configured(tmp_path, world, web.resolve)
            with scheduling(harness) as scheduler:
                for _ in range(2):
                    seen = len(web.requests())
                    wait_for(lambda seen=seen: len(web.requests()) >= seen + 3 or is_idle(tmp_path))  # type: ignore[misc]
                    clock.move(HOUR_S)
                    wait_for(lambda seen=seen: len(web.requests()) >= seen + 6 or is_idle(tmp_path))  # type: ignore[misc]
                    clock.move(-HOUR_S)
                    # What was planned in the hour ahead waits until the clock is there, and nobody holds a site for it.
                    wait_for(lambda: count(tmp_path, HELD) == 0)
                    clock.move(HOUR_S)
                wait_for(lambda: is_idle(tmp_path), limit_s=LIMIT_S)
                clock.move(2 * HOUR_S)
                polls = sum(len(site.polls) for site in world.sites.values())
                wait_for(lambda: sum(len(site.polls) for site in world.sites.values()) >= polls + FEEDS // 2)
                settle_everything(tmp_path, world, clock)
                assert scheduler.stop() == 0
    requests = read_log(tmp_path / "log")

    assert_nothing_lost_or_doubled(tmp_path, world)
    assert judge.fetched_more_than_once(requests, except_urls=world.feed_urls) == {}
    assert all(most == 1 for most in judge.max_open_per_site(requests).values())
    for site in world.sites.values():
        for before, after in itertools.pairwise(site.polls):
            assert after.at >= before.at + EVERY_S, f"{site.feed_url} was polled early"
    assert "BOOKS" not in scheduler.output
