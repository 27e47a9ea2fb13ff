"""A fault of ours while visiting costs one page or one poll, never the run; too many stop it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, SITE, START, Killable, SetClock, feed_on, plan, url_on
from transforms import fetch_pages, poll_feeds
from transforms.elements import DeadLetter, FeedEntry, Outcome, PageElement, RawPage, Receipt, SiteDone
from transforms.errors import StoreError
from transforms.settings import VisitSettings
from transforms.state.base import NewUrl
from transforms.state.sqlite.ledger import SqliteState
from transforms.try_each import TooManyFaultsError
from transforms.turns import Turns
from transforms.visit import visit_site
from transforms.web.client import FetchSettings, HttpResponse

PAGE = b"<html><body><p>A page.</p></body></html>"


@dataclass
class Web:
    """Answers every request with a page, robots.txt with 404."""

    robots: HttpResponse = HttpResponse(url="", status_code=404)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, **_: object) -> HttpResponse:
        self.asked.append(url)
        if url.endswith("/robots.txt"):
            return replace(self.robots, url=url)
        return HttpResponse(url=url, status_code=200, headers=(("content-type", "text/html"),), body=PAGE)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def state(tmp_path: Path, clock: SetClock) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db", lease_s=60, clock=clock)
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    yield state
    state.close()


def visit(
    state: SqliteState, clock: SetClock, *, run_id: str = RUN, web: Web | None = None, **settings: object
) -> list[PageElement]:
    """Visit the one due site; return what came out but for its end."""
    out: list[PageElement] = []

    def sleep_until(at: float) -> None:
        clock.now = max(clock.now, at)

    [lease] = state.lease(run_id, limit=1, slice_s=60)
    turns = Turns(
        lease,
        state=state,
        client=web or Web(),  # type: ignore[arg-type]
        settings=VisitSettings(fetch=FetchSettings(), generation=1, **settings),  # type: ignore[arg-type]
        emit=out.append,
        sleep_until=sleep_until,
        clock=clock,
    )
    visit_site(turns)
    assert isinstance(out[-1], SiteDone)
    return [element for element in out[:-1] if not isinstance(element, Receipt)]


def test_a_fault_on_one_page_is_a_dead_letter_and_the_next_page_is_fetched(
    state: SqliteState, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = fetch_pages._read

    def odd(turns: Turns, due: object, response: HttpResponse, *rest: object) -> RawPage:
        if response.url.endswith("/a"):
            raise ValueError("an odd page")
        return read(turns, due, response, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(fetch_pages, "_read", odd)
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a"), url_on(SITE, "b")])
    letter, page = visit(state, clock)
    assert isinstance(letter, DeadLetter)
    assert (letter.url, letter.reason, letter.message) == (
        f"http://{SITE}/a",
        "internal_error",
        "ValueError: an odd page",
    )
    assert isinstance(page, RawPage)


def test_a_fault_in_reading_a_feed_is_a_failed_poll(
    state: SqliteState, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object, **__: object) -> None:
        raise RecursionError("a feed of a thousand nested tables")

    monkeypatch.setattr(poll_feeds, "read_feed", odd)
    state.begin_run(plan(feeds=(SITE,)))
    [letter] = visit(state, clock)
    assert isinstance(letter, DeadLetter)
    assert (letter.feed, letter.reason) == (SITE, "internal_error")
    assert (state.feeds()[0]["error"], state.due_feeds()) == ("internal_error", ())


def test_too_many_faults_and_a_failing_ledger_stop_the_visit(
    state: SqliteState, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a")])
    monkeypatch.setattr(fetch_pages, "_read", lambda *_: 1 / 0)
    with pytest.raises(TooManyFaultsError):
        visit(state, clock, max_faults=0)
    state.release(SITE, 1, plan().started_at)

    def locked(_: str) -> None:
        raise StoreError("locked")

    clock.move(10)
    monkeypatch.setattr(state, "robots", locked)
    with pytest.raises(StoreError):
        visit(state, clock)


def test_a_text_of_a_feed_that_killed_three_workers_is_given_up(
    state: SqliteState, clock: SetClock, tmp_path: Path
) -> None:
    source = feed_on(SITE, text="feed")
    entry = FeedEntry(link=f"http://{SITE}/a", id="1", content="<p>Poison.</p>")
    state.begin_run(plan())
    state.add_urls(RUN, [NewUrl(url=entry.link, site=SITE, feed=SITE, entry=entry)])
    for _ in range(3):
        with Killable(tmp_path / "ledger.db", now=clock.now, in_hand=entry.link):
            pass
        state.bury_dead()
        clock.move(10)
    [letter] = visit(state, clock, sources={SITE: source})
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "crashed"
    assert clock.now > START


def test_a_retry_after_for_robots_txt_keeps_us_off_the_whole_site(state: SqliteState, clock: SetClock) -> None:
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a"), NewUrl(url=f"http://www.{SITE}/b", site=SITE)])
    web = Web(robots=HttpResponse(url="", status_code=429, headers=(("Retry-After", "7200"),)))
    [outcome] = visit(state, clock, web=web)
    assert isinstance(outcome, Outcome)
    assert (outcome.outcome, outcome.reason, len(web.asked)) == ("deferred", "robots_unreachable", 1)
    clock.move(7000)
    assert state.lease(RUN, limit=1, slice_s=60) == ()
