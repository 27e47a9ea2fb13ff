"""When `schedule` starts a run: never one that could do nothing, at once when something is due."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.schedule import FIRST_PAUSE_S, LONGEST_PAUSE_S, NextWork, Pause
from tests.support.ledgers import RUN, SITE, START, Killable, SetClock, at, feed_on, plan, poll_of, url_on
from transforms.state.base import SiteRule, StateStore
from transforms.state.sqlite.ledger import SqliteState


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def state(tmp_path: Path, clock: SetClock) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db", clock=clock)
    state.create()
    state.begin_run(plan())
    yield state
    state.close()


def is_due(state: StateStore) -> bool:
    work_at = NextWork(state).at()
    return work_at is not None and work_at <= START


def test_a_paused_site_starts_no_run(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(paused=True)}, default_delay_s=1.0)
    state.add_urls(RUN, [url_on(SITE, "a")])
    assert not is_due(state)
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    assert is_due(state)


def test_what_a_killed_run_held_starts_a_run(state: StateStore, tmp_path: Path) -> None:
    state.configure([], {}, default_delay_s=0.0)
    state.add_urls(RUN, [url_on(SITE, "a")])
    work = NextWork(state)
    with Killable(tmp_path / "ledger.db") as holder:
        assert work.at() is None
        holder.kill()
        assert work.at() == START


def test_the_ledger_is_asked_again_only_after_somebody_wrote(
    state: SqliteState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ask = state.next_work_at
    monkeypatch.setattr(state, "next_work_at", lambda: asked.append("asked") or ask())
    work = NextWork(state)
    assert (work.at(), work.at(), len(asked)) == (None, None, 1)
    other = SqliteState(tmp_path / "ledger.db")  # as another process has it
    other.configure([], {}, default_delay_s=0.0)
    other.add_urls(RUN, [url_on(SITE, "a")])
    assert (work.at(), work.at(), len(asked)) == (0.0, 0.0, 2)
    other.close()
    state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(paused=True)}, default_delay_s=0.0)
    assert (work.at(), len(asked)) == (None, 3), "what it wrote itself counts too"


def test_it_sleeps_until_a_feed_is_due(state: SqliteState) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=0.0)
    state.polled(RUN, poll_of(SITE, 0), ())
    assert NextWork(state).at() == at(3600).timestamp()


def test_the_pause_grows_while_nothing_works_and_is_short_again_when_it_does() -> None:
    pause = Pause()
    pauses = [pause.after(good=False) for _ in range(6)]
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert pause.after(good=True) < FIRST_PAUSE_S
    assert pause.after(good=False) == FIRST_PAUSE_S
