"""The visiting stage around its threads: given up means at once, and leases are renewed as long as their pages wait."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, SITE, plan, url_on
from transforms.elements import SiteDone
from transforms.errors import StoreError
from transforms.settings import SeatSettings, VisitSettings
from transforms.state.base import Settlement, SiteLease
from transforms.state.sqlite.ledger import SqliteState
from transforms.turns import VisitOverError
from transforms.visit_sites import STUCK_VISIT_S, _Visit
from transforms.web.client import FetchSettings


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[_Visit]:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state.configure([], {}, default_delay_s=0.0)
    state.begin_run(plan())
    state.close()
    visit = VisitSettings(fetch=FetchSettings(), generation=1)
    stage = _Visit(SeatSettings(run_id=RUN, state=str(tmp_path / "ledger.db"), visit=visit))
    stage.setup()
    stage.start_bundle()
    yield stage
    stage.teardown()


def test_a_visit_that_waits_ends_at_once_when_its_bundle_is_given_up(stage: _Visit) -> None:
    stage._closed.set()
    with pytest.raises(VisitOverError):
        stage._sleep_until(time.time() + 3600)
    with pytest.raises(VisitOverError):
        stage._emit(SiteDone(site=SITE, epoch=1, next_at=plan().started_at))


def test_a_lease_is_renewed_beyond_its_visit_while_its_pages_wait_for_the_store(stage: _Visit) -> None:
    stage._state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = stage._state.lease(RUN, limit=1, slice_s=60)
    stage._state.settle(RUN, [Settlement(url=lease.urls[0].url, outcome="filtered", reason="too_old", version=1)])
    stage._visit(lease)
    assert stage._held.current(time.time()) == [lease]
    assert stage._held.current(lease.stop_at + STUCK_VISIT_S) == []
    assert stage._held.leases == {}


def test_the_heart_goes_on_when_the_ledger_was_locked(stage: _Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, beats = threading.Event(), []

    def renew(_: Sequence[SiteLease]) -> None:
        beats.append("beat")
        if len(beats) == 1:
            raise StoreError("the ledger cannot be written: database is locked")
        ended.set()

    lease = SiteLease(site=SITE, epoch=1, run_id=RUN, delay_s=1.0, stop_at=time.time() + 60)
    stage._held.leases[SITE, 1] = lease
    monkeypatch.setattr(stage._state, "renew", renew)
    monkeypatch.setattr(stage._state, "lease_s", 0.01)
    stage._beat(ended)
    assert beats == ["beat", "beat"]
