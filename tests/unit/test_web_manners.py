"""How a visit behaves over time: robots.txt remembered, pauses shared and stretched, a receipt for each request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.ledgers import RUN, SITE, SetClock, at, feed_on, plan, url_on
from transforms.elements import DeadLetter, FeedEntry, Outcome, PageElement, RawPage, Receipt, SiteDone
from transforms.errors import StageError
from transforms.settings import VisitSettings
from transforms.state.base import NewUrl, Settlement
from transforms.state.sqlite.ledger import SqliteState
from transforms.turns import Turns
from transforms.visit import visit_site
from transforms.web.client import FetchSettings, HttpResponse
from transforms.web.robots import RobotsCopy, dump_copy, load_copy, read_robots, remember

PAGE = b"<html><body><p>A page.</p></body></html>"
HTML = (("content-type", "text/html"),)
DAY = 86_400


@dataclass
class Web:
    """Answers by path; a list is used up from its front, its last answer stays. `asked` are the URLs, in order."""

    answers: dict[str, list[HttpResponse | StageError]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, **_: object) -> HttpResponse:
        self.asked.append(url)
        found = self.answers.get("/" + url.split("/", 3)[3])
        if found is None:
            return HttpResponse(url=url, status_code=200, headers=HTML, body=PAGE)
        answer = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(answer, StageError):
            raise answer
        return HttpResponse(
            url=url, status_code=answer.status_code, headers=answer.headers, body=answer.body,
            elapsed_ms=answer.elapsed_ms, wire_bytes=answer.wire_bytes,
        )  # fmt: skip

    @property
    def robots_asked(self) -> int:
        return sum(url.endswith("/robots.txt") for url in self.asked)


def answer(status: int = 200, body: bytes = b"", *, elapsed_ms: float = 0, **headers: str) -> HttpResponse:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpResponse(url="", status_code=status, headers=named, body=body, elapsed_ms=elapsed_ms)


def robots(text: str = "", status: int = 200, **headers: str) -> HttpResponse:
    return answer(status, text.encode(), **headers)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def state(tmp_path: Path, clock: SetClock) -> Iterator[SqliteState]:
    state = SqliteState(tmp_path / "ledger.db", lease_s=60, clock=clock)
    state.create()
    state.configure([], {}, default_delay_s=1.0)
    state.begin_run(plan())
    yield state
    state.close()


def visit(
    state: SqliteState, clock: SetClock, web: Web, *paths: str, slice_s: float = 600, **settings: object
) -> list[PageElement]:
    """Let the paths fall due, visit, settle, release; return what came out but for the visit's end."""
    state.add_urls(RUN, [url_on(SITE, path) for path in paths], again=True)
    leases = state.lease(RUN, limit=1, slice_s=slice_s)
    if not leases:
        return []
    out: list[PageElement] = []

    def sleep_until(instant: float) -> None:
        clock.now = max(clock.now, instant)

    visit_site(
        Turns(
            leases[0],
            state=state,
            client=web,  # type: ignore[arg-type]
            settings=VisitSettings(fetch=FetchSettings(), generation=1, delay_s=1.0, **settings),  # type: ignore[arg-type]
            emit=out.append,
            sleep_until=sleep_until,
            clock=clock,
            chance=lambda: 0.0,
        )
    )
    done = out.pop()
    assert isinstance(done, SiteDone)
    state.settle(RUN, [settled for element in out if (settled := settlement(element)) is not None])
    state.release(done.site, done.epoch, done.next_at)
    return out


def settlement(element: PageElement) -> Settlement | None:
    if isinstance(element, RawPage):
        return Settlement(url=element.url, outcome="filtered", reason="read", version=element.version)
    if isinstance(element, DeadLetter) and element.url is not None:
        return Settlement(url=element.url, outcome="dead_lettered", reason=element.reason, version=element.version)
    if isinstance(element, Outcome):
        return Settlement(
            url=element.url, outcome=element.outcome, reason=element.reason, version=element.version,
            due_at=element.due_at,
        )  # fmt: skip
    return None


def receipts(out: list[PageElement]) -> list[Receipt]:
    return [element for element in out if isinstance(element, Receipt)]


def outcomes(out: list[PageElement]) -> list[str]:
    return [element.reason for element in out if isinstance(element, Outcome)]


# --- robots.txt over time


def test_robots_txt_is_asked_for_once_a_day(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots("User-agent: *\nAllow: /\n")]})
    for seconds in (0, DAY // 2, DAY // 2 + 60):
        clock.move(seconds)
        visit(state, clock, web, f"a{clock.now}")
    assert web.robots_asked == 2


@pytest.mark.parametrize(
    ("said", "hours"), [("max-age=60", 1), ("max-age=7200", 2), ("max-age=999999", 24), ("no-store", 1), ("public", 24)]
)
def test_its_cache_control_holds_within_an_hour_and_a_day(said: str, hours: int) -> None:
    copy = remember(None, status=200, body=b"", headers={"cache-control": said}, now=at(0))
    assert copy.ask_at - at(0) == timedelta(hours=hours)


def test_a_failing_robots_txt_forbids_all_for_thirty_days_and_then_the_last_one_holds() -> None:
    good = remember(None, status=200, body=b"User-agent: *\nDisallow: /x\n", headers={}, now=at(0))
    failing = remember(good, status=503, body=b"", headers={}, now=at(DAY))
    failing = remember(failing, status=None, body=b"", headers={}, now=at(DAY + 1800))
    assert failing.failing_since == at(DAY)
    for day, allowed in ((1, False), (30, False), (31, True)):
        rules = failing.rules("newsbeam", now=at(day * DAY + 60))
        assert (rules.allowed("http://a.example/y"), rules.reachable) == (allowed, allowed)
    assert not failing.rules("newsbeam", now=at(40 * DAY)).allowed("http://a.example/x")
    never = remember(None, status=500, body=b"", headers={}, now=at(0))
    assert never.rules("newsbeam", now=at(31 * DAY)).allowed("http://a.example/x")
    assert remember(failing, status=404, body=b"", headers={}, now=at(2 * DAY)).failing_since is None


def test_a_copy_survives_the_ledger_and_what_is_none_is_none() -> None:
    copy = RobotsCopy(ask_at=at(5), status=200, body=b"User-agent: *\n\xff\n", failing_since=at(1))
    assert load_copy(dump_copy(copy)) == copy
    assert [load_copy(data) for data in (None, b"", b"User-agent: *", b"{}", b"[]\n", b'{"ask_at":1}')] == [None] * 6


def test_an_unreachable_robots_txt_puts_pages_off_without_counting_an_attempt(
    state: SqliteState, clock: SetClock
) -> None:
    slow = StageError("timeout", "slow", retryable=True)
    web = Web({"/robots.txt": [slow, robots(status=503), robots("User-agent: *\nAllow: /\n")]})
    assert outcomes(visit(state, clock, web, "a")) == ["robots_unreachable"]
    for _ in range(2):
        clock.move(3 * 3600)
        out = visit(state, clock, web, "a")
    assert any(isinstance(element, RawPage) for element in out)
    row = state.lookup(f"http://{SITE}/a")
    assert row is not None
    assert row["attempts"] == 0


def test_redirects_of_robots_txt_are_followed_five_times_within_the_site(state: SqliteState, clock: SetClock) -> None:
    chain = {f"/r{n}": [answer(301, location=f"/r{n + 1}")] for n in range(1, 5)}
    rules = {"/robots.txt": [answer(301, location="/r1")], **chain, "/r5": [robots("User-agent: *\nDisallow: /a\n")]}
    assert outcomes(visit(state, clock, Web(rules), "a")) == ["robots_disallow"]


def test_a_robots_txt_on_a_private_address_is_never_asked_for(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [answer(302, location="http://169.254.169.254/robots.txt")]})
    visit(state, clock, web, "a")
    assert not [url for url in web.asked if "169.254" in url]


def test_the_line_that_decided_is_recorded(state: SqliteState, clock: SetClock) -> None:
    text = "User-agent: other\nDisallow: /\n\nUser-agent: newsbeam\nUser-agent: b\nDisallow: /p # why\nAllow: /p/a$\n"
    web = Web({"/robots.txt": [robots(text)]})
    out = visit(state, clock, web, "p/a", "q")
    pages = {page.url: page.robots_rule for page in out if isinstance(page, RawPage)}
    assert pages == {f"http://{SITE}/p/a": "Allow: /p/a$", f"http://{SITE}/q": "allow"}
    assert [receipt.robots_rule for receipt in receipts(out)] == [None, "Allow: /p/a$", "allow"]
    assert read_robots(200, text.encode(), "newsbeam").rule("http://a.example/p/b") == "Disallow: /p"


def test_sitemaps_are_those_it_names() -> None:
    rules = read_robots(200, b"Sitemap: https://a.example/news.xml\nUser-agent: *\nsitemap: /b.xml\n", "newsbeam")
    assert rules.sitemaps == ("https://a.example/news.xml", "/b.xml")


def test_a_pattern_full_of_stars_takes_no_time() -> None:
    text = "User-agent: *\nDisallow: /" + "*a" * 500 + "$\n"
    assert read_robots(200, text.encode(), "newsbeam").rule("http://a.example/" + "a" * 1500 + "b") == "allow"


# --- pauses


@pytest.mark.parametrize(("said", "kept"), [("7", 7.0), ("100000", 300.0), ("0.1", 1.0), ("inf", 1.0), ("x", 1.0)])
def test_a_crawl_delay_is_kept_up_to_its_bound(said: str, kept: float, state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots(f"User-agent: *\nCrawl-delay: {said}\n")]})
    assert receipts(visit(state, clock, web, "a"))[-1].pause_s == kept


def test_slow_answers_stretch_the_pause_and_quick_ones_shrink_it_again(state: SqliteState, clock: SetClock) -> None:
    slow, quick = answer(200, PAGE, elapsed_ms=16_000, content_type="text/html"), robots(status=404)
    web = Web({"/robots.txt": [quick], **{f"/s{n}": [slow] for n in range(6)}})
    pauses = [receipt.pause_s for receipt in receipts(visit(state, clock, web, *(f"s{n}" for n in range(6))))]
    assert pauses[:2] == [1.0, 1.0]
    assert pauses == sorted(pauses)
    assert 10 < pauses[-1] < 16
    clock.move(60)
    pauses = [receipt.pause_s for receipt in receipts(visit(state, clock, web, *(f"q{n}" for n in range(9))))]
    assert pauses[0] > 10  # the ledger remembers it for the next visit, in any process
    assert pauses[-1] == 1.0


def test_the_stretch_has_its_bound_and_a_pause_of_nothing_stays_so(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots(status=404)]})
    web.answers |= {f"/s{n}": [answer(200, PAGE, elapsed_ms=19_000, content_type="text/html")] for n in range(9)}
    assert receipts(visit(state, clock, web, "s0", "s1", "s2", "s3", max_delay_s=4.0))[-1].pause_s == 4.0
    clock.move(60)
    assert receipts(visit(state, clock, web, "s5", "s6", "s7", site_delays={SITE: 0.0}))[-1].pause_s == 0.0


def test_errors_are_no_reason_to_go_faster(state: SqliteState, clock: SetClock) -> None:
    slow = answer(200, PAGE, elapsed_ms=16_000, content_type="text/html")
    web = Web(
        {"/robots.txt": [robots(status=404)], "/a": [slow], "/b": [slow], "/e1": [answer(404)], "/e2": [answer(404)]}
    )
    got = {receipt.url[-2:]: receipt.pause_s for receipt in receipts(visit(state, clock, web, "a", "b", "e1", "e2"))}
    assert got["e2"] == got["e1"] > 8


def test_back_off_doubles_over_pages_and_visits_and_is_forgiven_after_a_quiet_time(
    state: SqliteState, clock: SetClock
) -> None:
    web = Web({"/robots.txt": [robots(status=404)], **{f"/{name}": [answer(429)] for name in "abcdef"}})
    waits = []
    for name in "abc":
        began = clock.now
        visit(state, clock, web, name)
        pause = state.pause_of(SITE)
        assert pause is not None
        waits.append(round(pause.until.timestamp() - began))
        clock.now = pause.until.timestamp() + 1
    assert waits[1] in range(119, 124)
    assert waits[2] in range(239, 244)
    clock.move(3_600)
    visit(state, clock, web, "d")
    pause = state.pause_of(SITE)
    assert pause is not None
    assert (pause.times, pause.why) == (1, "http_429")


def test_what_the_server_asks_for_is_kept_to_the_second_and_by_all(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots(status=404)], "/a": [answer(503, retry_after="7200"), robots()]})
    visit(state, clock, web, "a", "b")
    asked = len(web.asked)
    clock.move(7_190)
    assert visit(state, clock, web, "b") == []
    clock.move(20)
    visit(state, clock, web, "b")
    assert f"http://{SITE}/b" in web.asked[asked:]


# --- receipts


def test_each_request_leaves_a_receipt_that_says_why_and_what_it_cost(state: SqliteState, clock: SetClock) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan("20270115T080001.000Z-bbbb", feeds=(SITE,)))
    web = Web(
        {"/robots.txt": [robots("User-agent: *\nAllow: /\n")], "/x": [StageError("timeout", "slow", retryable=True)]}
    )
    web.answers["/feed"] = [answer(429, retry_after="5")]
    out = visit(state, clock, web, "a", "x")
    found = receipts(out)
    assert [url.rsplit("/", 1)[1] for url in web.asked] == [receipt.url.rsplit("/", 1)[1] for receipt in found]
    by_name = {receipt.url.rsplit("/", 1)[1]: receipt for receipt in found}
    assert by_name["robots.txt"].why == "robots"
    assert (by_name["a"].why, by_name["a"].subject, by_name["a"].status_code) == ("page", f"http://{SITE}/a", 200)
    assert (by_name["a"].body_bytes, by_name["a"].waited_s, by_name["a"].robots_rule) == (len(PAGE), 1.0, "Allow: /")
    assert (by_name["x"].failure, by_name["x"].status_code) == ("timeout", None)


def test_a_redirect_leaves_two_receipts_and_one_page(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots(status=404)], "/old": [answer(301, location="/new")]})
    out = visit(state, clock, web, "old")
    assert [receipt.status_code for receipt in receipts(out)] == [404, 301, 200]
    assert [page.final_url for page in out if isinstance(page, RawPage)] == [f"http://{SITE}/new"]


def test_a_redirected_page_comes_though_the_pause_is_longer_than_the_visit(state: SqliteState, clock: SetClock) -> None:
    web = Web({"/robots.txt": [robots("User-agent: *\nCrawl-delay: 30\n")], "/old": [answer(301, location="/new")]})
    out = visit(state, clock, web, "old", slice_s=6)
    assert [page.final_url for page in out if isinstance(page, RawPage)] == [f"http://{SITE}/new"]


# --- pages kept from us


def test_a_blocked_page_whose_feed_gave_all_of_it_falls_back_to_that(state: SqliteState, clock: SetClock) -> None:
    long = "<p>" + "The council decided on Monday to open the bridge again. " * 20 + "</p>"
    web = Web({"/robots.txt": [robots("User-agent: *\nDisallow: /kept\n")], "/wall": [answer(403)]})
    web.answers |= {"/short": [answer(403)], "/bot": [answer(403, cf_mitigated="challenge")]}
    state.add_urls(
        RUN,
        [
            NewUrl(
                url=f"http://{SITE}/{name}",
                site=SITE,
                entry=FeedEntry(link=f"http://{SITE}/{name}", id=name, title="The bridge", content=content),
            )
            for name, content in (("kept", long), ("wall", long), ("bot", long), ("short", "<p>Read more.</p>"))
        ],
    )
    out = visit(state, clock, web)
    pages = {re.sub(".*/", "", page.url): page.source for page in out if isinstance(page, RawPage)}
    assert pages == {"kept": "feed", "wall": "feed", "bot": "feed"}
    assert f"http://{SITE}/kept" not in web.asked
