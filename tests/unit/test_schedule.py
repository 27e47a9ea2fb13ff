"""When `schedule` starts a run: never one that could do nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import schedule
from tests.support.ledgers import RUN, SITE, Killable, feed_on, plan, url_on
from transforms.state.base import SiteRule, StateStore
from transforms.state.sqlite import SqliteState


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    yield state
    state.close()


def test_a_paused_site_starts_no_run(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(paused=True)}, default_delay_s=1.0)
    state.add_urls(RUN, [url_on(SITE, "a")])
    assert not schedule._work_is_due(state)
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    assert schedule._work_is_due(state)


def test_what_a_killed_run_held_starts_a_run(state: StateStore, tmp_path: Path) -> None:
    state.configure([], {}, default_delay_s=0.0)
    state.add_urls(RUN, [url_on(SITE, "a")])
    with Killable(tmp_path / "ledger.db") as holder:
        assert not schedule._work_is_due(state)
        holder.kill()
        assert schedule._work_is_due(state)
