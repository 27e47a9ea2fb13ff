"""Seats of an endless job, and facts about feeds that change while it runs."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, plan
from transforms.elements import FeedSource, Tick
from transforms.settings import SeatSettings, VisitSettings
from transforms.sources import FRESH_S, LedgerSources, first_source
from transforms.state.sqlite.ledger import SqliteState
from transforms.visit_sites import STALE_SEAT_S, _Visit
from transforms.web.client import FetchSettings

GAZETTE = FeedSource(url="http://gazette.example/rss", id="gazette", tags=("uk",))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.begin_run(plan())
    yield state
    state.close()


def stage(state: SqliteState, *, seat_s: float | None) -> _Visit:
    visit = VisitSettings(fetch=FetchSettings(), generation=1, sources=None)
    made = _Visit(SeatSettings(run_id=RUN, state=str(state.path), visit=visit, seat_s=seat_s, tick_s=0.01))
    made.setup()
    made.start_bundle()
    return made


def test_one_seat_of_a_bundle_is_used_in_an_endless_job(state: SqliteState) -> None:
    """Prism hands all ticks that piled up to one bundle: sat on one by one, it would never end."""
    visits = stage(state, seat_s=3.0)
    assert list(visits.process(time.time())) == [Tick()]
    assert list(visits.process(time.time())) == []
    visits.start_bundle()
    assert list(visits.process(time.time())) == [Tick()]
    visits.teardown()


def test_a_seat_meant_for_long_ago_is_left_out(state: SqliteState) -> None:
    visits = stage(state, seat_s=3.0)
    assert list(visits.process(time.time() - 2 * STALE_SEAT_S)) == []
    assert list(visits.process(time.time())) == [Tick()]
    visits.teardown()


def test_every_seat_of_a_bounded_job_is_used(state: SqliteState) -> None:
    visits = stage(state, seat_s=None)
    assert [list(visits.process(number)) for number in range(2)] == [[Tick()], [Tick()]]
    visits.teardown()


def test_a_feed_that_is_changed_or_new_is_learned_of_within_a_minute(state: SqliteState) -> None:
    now = 0.0
    sources = LedgerSources(state, clock=lambda: now)
    assert first_source(("gazette", "unknown"), sources) is None
    for tags in (("uk",), ("uk", "local")):
        state.configure([(replace(GAZETTE, tags=tags), "gazette.example")], {}, default_delay_s=1.0)
        now += FRESH_S + 1
        found = first_source(("unknown", "gazette"), sources)
        assert found is not None
        assert found.tags == tags


def test_a_feed_that_was_asked_for_just_now_is_not_read_again(
    state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.configure([(GAZETTE, "gazette.example")], {}, default_delay_s=1.0)
    sources = LedgerSources(state, clock=lambda: 0.0)
    first = sources.get("gazette")
    monkeypatch.setattr(state, "source", lambda _: pytest.fail("it was read again"))
    assert sources.get("gazette") == first
