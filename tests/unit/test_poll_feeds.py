"""Polls through the ledger and the client, of a scripted host: redirects, refusals, lies, gaps, edits, sitemaps."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.feed_host import Asked, FeedHost, Poller, Reply, Script
from tests.support.ledgers import START, SetClock, feed_on
from transforms.elements import DeadLetter, FeedEntry, FeedSource, Receipt
from transforms.feeds.base import MAX_ENTRIES
from transforms.feeds.policy import HOUR_S, NEVER
from transforms.feeds.polling import DAY_S
from transforms.poll_answers import wanted
from transforms.state.base import REVISIT_S, DueFeed, SiteRule

SITE = "gazette.example"
MOVED = "http://moved.example/rss"


def rss(*stories: int, title: str = "Story", dates: bool = False, tail: str = "</channel></rss>") -> bytes:
    """Return a feed of numbered stories; dated ones appeared that many hours after the start."""

    def date(story: int) -> str:
        at = datetime.fromtimestamp(START, UTC) + timedelta(hours=story)
        return f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate>" if dates else ""

    items = "".join(
        f"<item><title>{title} {n}</title><link>http://{SITE}/story-{n}</link><guid>{n}</guid>{date(n)}</item>"
        for n in stories
    )
    return f"<rss version='2.0'><channel><title>G</title>{items}{tail}".encode()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def poller(stack: ExitStack, folder: Path, script: Script, *feeds: FeedSource) -> tuple[Poller, FeedHost]:
    clock = SetClock()
    host = stack.enter_context(FeedHost(script, clock))
    found = Poller(folder, clock, host, *(feeds or (feed_on(SITE),)))
    stack.callback(found.close)
    return found, host


def health(feeds: Poller) -> dict[str, Any]:
    return feeds.state.feeds()[0]


# --- redirects (3, 20, 21)


def moving(status: int) -> Script:
    def script(asked: Asked) -> Reply:
        if asked.host.startswith(SITE):
            return Reply(status=status, headers={"Location": MOVED})
        return Reply(rss(1, 2, 3), headers={"ETag": '"of the new place"'})

    return script


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_to_another_site_is_believed_after_a_week(
    stack: ExitStack, tmp_path: Path, status: int
) -> None:
    feeds, host = poller(stack, tmp_path, moving(status), feed_on(SITE, every_s=DAY_S))
    feeds.poll_when_due(8)
    assert [asked.host.partition(":")[0] for asked in host.asked] == [SITE, "moved.example"] * 8
    host.asked.clear()
    feeds.poll_when_due(3)
    assert [asked.host.partition(":")[0] for asked in host.asked] == ["moved.example"] * 3
    assert host.asked[0].headers["if-none-match"] == '"of the new place"'


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_for_ever_and_never_believed(
    stack: ExitStack, tmp_path: Path, status: int
) -> None:
    feeds, host = poller(stack, tmp_path, moving(status), feed_on(SITE, every_s=DAY_S))
    feeds.poll_when_due(30)
    assert [asked.host.partition(":")[0] for asked in host.asked] == [SITE, "moved.example"] * 30


def test_the_configured_address_is_asked_again_when_the_believed_one_fails(stack: ExitStack, tmp_path: Path) -> None:
    dead = False

    def script(asked: Asked) -> Reply:
        if asked.host.startswith("moved") and dead:
            return Reply(status=404)
        if asked.host.startswith(SITE) and dead:
            return Reply(rss(4, 5, 6))
        return moving(301)(asked)

    feeds, host = poller(stack, tmp_path, script, feed_on(SITE, every_s=DAY_S))
    feeds.poll_when_due(9)
    dead = True
    host.asked.clear()
    feeds.poll_when_due(3)
    assert [asked.host.partition(":")[0] for asked in host.asked] == ["moved.example", SITE, SITE]
    assert (health(feeds)["error"], feeds.memory.moves.home) == (None, None)


def test_validators_of_one_address_are_not_sent_to_another(stack: ExitStack, tmp_path: Path) -> None:
    targets = itertools.chain(["/one", "/two"], itertools.repeat("/two"))

    def script(asked: Asked) -> Reply:
        if asked.target == "/feed":
            return Reply(status=302, headers={"Location": next(targets)})
        return Reply(rss(1), headers={"ETag": f'"{asked.target}"'})

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll_when_due(3)
    sent = [(asked.target, asked.headers.get("if-none-match")) for asked in host.asked if asked.target != "/feed"]
    assert sent == [("/one", None), ("/two", None), ("/two", '"/two"')]


# --- refusals (14, 22 to 26)


def test_retry_after_is_kept_in_seconds_and_as_a_date_by_the_servers_own_clock(
    stack: ExitStack, tmp_path: Path
) -> None:
    asks = [
        {"Retry-After": "7200"},
        {"Date": "Thu, 01 Jan 2015 00:00:00 GMT", "Retry-After": "Thu, 01 Jan 2015 03:00:00 GMT"},
    ]
    answers = iter([*(Reply(status=status, headers=asks[n]) for n, status in enumerate((429, 503))), Reply(rss(1))])
    feeds, host = poller(stack, tmp_path, lambda _: next(answers))
    feeds.poll_when_due(3)
    first, second, third = (asked.at for asked in host.asked)
    assert second - first >= 7_200
    assert third - second >= 3 * HOUR_S
    assert health(feeds)["error"] is None


def test_too_many_requests_without_a_wish_back_off_and_hold_the_whole_site(stack: ExitStack, tmp_path: Path) -> None:
    other = FeedSource(url=f"http://{SITE}/second", id="second")
    feeds, host = poller(stack, tmp_path, lambda _: Reply(status=429), feed_on(SITE), other)
    feeds.poll()
    assert len(host.asked) == 1, "the second feed's poll is not sent"
    feeds.clock.move(30)
    feeds.poll()
    assert len(host.asked) == 1


def test_410_is_confirmed_on_another_day_and_ends_the_polling(stack: ExitStack, tmp_path: Path) -> None:
    gone = True
    feeds, host = poller(stack, tmp_path, lambda _: Reply(status=410) if gone else Reply(rss(1)))
    feeds.poll_when_due(2)
    assert host.asked[1].at - host.asked[0].at >= DAY_S
    assert (health(feeds)["next_poll_at"], feeds.memory.retired) == (NEVER, True)
    feeds.clock.move(300 * DAY_S)
    feeds.poll()
    assert len(host.asked) == 2
    gone = False
    feeds.state.force_due([SITE])
    feeds.poll()
    assert (health(feeds)["error"], feeds.memory.retired) == (None, False)


def test_404_is_asked_for_a_year_and_comes_back(stack: ExitStack, tmp_path: Path) -> None:
    found = False
    feeds, _ = poller(stack, tmp_path, lambda _: Reply(rss(1)) if found else Reply(status=404))
    while feeds.clock.now < START + 90 * DAY_S:
        feeds.poll_when_due()
    assert health(feeds)["failures"] > 80
    found = True
    feeds.poll_when_due()
    assert (health(feeds)["failures"], health(feeds)["error"]) == (0, None)


def test_our_own_outage_counts_against_no_feed(stack: ExitStack, tmp_path: Path) -> None:
    sites = [f"s{n}.example" for n in range(6)]
    answer = Reply(rss(1), headers={"ETag": '"1"'})
    feeds, host = poller(stack, tmp_path, lambda _: answer, *(feed_on(site) for site in sites))
    feeds.poll()
    assert len(host.asked) == 6
    port = host.port
    host.port = 1
    down = Poller(tmp_path, feeds.clock, host, *feeds.feeds)  # nothing listens there
    stack.callback(down.close)
    for _ in range(40):
        down.clock.move(HOUR_S / 3)  # sooner than a site's pauses are forgiven
        down.poll()
    failures = sorted(row["failures"] for row in down.state.feeds())
    assert failures == [0, 0, 0, 0, 1, 1], "two of the first round were not known to be ours yet"
    reasons = {letter.reason for letter in down.out if isinstance(letter, DeadLetter)}
    assert reasons == {"connection_failed"}
    host.port = port
    up = Poller(tmp_path, feeds.clock, host, *feeds.feeds)
    stack.callback(up.close)
    up.clock.move(HOUR_S)
    up.poll()
    assert all(row["error"] is None for row in up.state.feeds())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"<html>", status=403, headers={"cf-mitigated": "challenge"}), "challenge"),
        (Reply(b"<!doctype html><html><head><title>Just a moment...</title></head></html>"), "challenge"),
        (Reply(b"<!doctype html><html><body>Our new site</body></html>"), "not_a_feed"),
        (Reply(status=403), "http_403"),
        (Reply(status=204), "empty_response"),
        (Reply(rss(1), status=206), "empty_response"),
        (Reply(status=304), "empty_response"),
        (Reply(status=301, headers={"Location": "/feed"}), "too_many_redirects"),
    ],
    ids=["challenge", "challenge with 200", "a page", "refused", "no content", "a part", "304 unasked", "a loop"],
)
def test_what_is_no_feed_has_its_reason_and_backs_off(
    stack: ExitStack, tmp_path: Path, reply: Reply, reason: str
) -> None:
    feeds, host = poller(stack, tmp_path, lambda _: reply)
    feeds.poll_when_due(4)
    assert (health(feeds)["error"], health(feeds)["failures"]) == (reason, 4)
    assert health(feeds)["etag"] is None
    assert health(feeds)["next_poll_at"].timestamp() - host.asked[-1].at >= 7 * HOUR_S


# --- validators (1 to 9)


@pytest.mark.parametrize(
    "bad", [rss(1, 2, tail="<item><title>cut o"), b"", b"<html><p>Down for maintenance</p></html>"]
)
def test_a_bad_body_keeps_no_validators(stack: ExitStack, tmp_path: Path, bad: bytes) -> None:
    answers = itertools.chain([Reply(bad, headers={"ETag": '"bad"'})], itertools.repeat(Reply(rss(1, 2, 3))))
    feeds, host = poller(stack, tmp_path, lambda _: next(answers))
    feeds.poll_when_due(2)
    assert [asked.is_conditional for asked in host.asked] == [False, False]


def test_a_cut_feed_gives_the_entries_before_the_cut(stack: ExitStack, tmp_path: Path) -> None:
    feeds, _ = poller(stack, tmp_path, lambda _: Reply(rss(1, 2, tail="<item><title>cut o")))
    feeds.poll()
    assert feeds.state.lookup(f"http://{SITE}/story-2") is not None


@pytest.mark.parametrize("said", [{"Expires": "0"}, {"Cache-Control": "no-store, max-age=0"}, {"Pragma": "no-cache"}])
def test_what_must_not_be_cached_is_still_asked_for_conditionally_and_no_sooner(
    stack: ExitStack, tmp_path: Path, said: dict[str, str]
) -> None:
    def script(asked: Asked) -> Reply:
        status = 304 if asked.is_conditional else 200
        return Reply(rss(1, 2, 3), status=status, headers={"ETag": '"1"', **said})

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll_when_due(5)
    assert [asked.is_conditional for asked in host.asked] == [False] + [True] * 4
    assert min(later.at - asked.at for asked, later in itertools.pairwise(host.asked)) >= HOUR_S


class Liar:
    """A server that answers every conditional request with 304, whatever has changed; a story an hour."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock

    def __call__(self, asked: Asked) -> Reply:
        if asked.is_conditional:
            return Reply(status=304)
        hour = int((self.clock() - START) / HOUR_S)
        return Reply(rss(*range(hour, hour - 40, -1), dates=True), headers={"ETag": '"for ever"'})


def test_a_server_whose_304_lies_is_found_out_and_loses_conditional_requests_for_a_while(
    stack: ExitStack, tmp_path: Path
) -> None:
    feeds, host = poller(stack, tmp_path, lambda asked: liar(asked))
    liar = Liar(feeds.clock)
    while feeds.clock.now < START + 20 * DAY_S:
        feeds.poll_when_due()
    whole = [asked for asked in host.asked if not asked.is_conditional]
    assert 1 * DAY_S <= whole[1].at - START < 3 * DAY_S, "the rate says that a day of 304 cannot be"
    after = [asked for asked in host.asked if asked.at > whole[1].at]
    assert not any(asked.is_conditional for asked in after)
    assert "cannot be trusted" in feeds.memory.why
    assert not any({"cache-control", "pragma", "cookie"} & asked.headers.keys() for asked in whole)
    assert {asked.target for asked in whole} == {"/feed"}
    while feeds.clock.now < START + 40 * DAY_S:
        feeds.poll_when_due()
    assert any(asked.is_conditional for asked in host.asked if asked.at > whole[1].at), "it gets another chance"


def test_an_honest_quiet_server_is_probed_once_a_week_and_keeps_its_conditional_requests(
    stack: ExitStack, tmp_path: Path
) -> None:
    def script(asked: Asked) -> Reply:
        return Reply(rss(1, 2, 3), status=304 if asked.is_conditional else 200, headers={"ETag": '"1"'})

    feeds, host = poller(stack, tmp_path, script)
    while feeds.clock.now < START + 30 * DAY_S:
        feeds.poll_when_due()
    whole = [asked.at for asked in host.asked if not asked.is_conditional]
    assert len(whole) == 5
    assert min(later - before for before, later in itertools.pairwise(whole)) >= 7 * DAY_S
    assert feeds.memory.trust.distrust_until is None


# --- more than one poll reads (45)


def test_entries_beyond_what_one_poll_reads_are_counted_in_the_health(stack: ExitStack, tmp_path: Path) -> None:
    editions = iter([rss(*range(MAX_ENTRIES + 7)), rss(1, 2, 3)])
    feeds, _ = poller(stack, tmp_path, lambda _: Reply(next(editions)))
    feeds.poll()
    assert feeds.memory.overflow == 7
    assert feeds.state.lookup(f"http://{SITE}/story-{MAX_ENTRIES - 1}") is not None
    assert feeds.state.lookup(f"http://{SITE}/story-{MAX_ENTRIES}") is None
    feeds.poll_when_due()
    assert feeds.memory.overflow == 0, "it is of the present edition"


# --- arrivals (16, 17) and edits


def test_a_gap_is_in_the_health_with_its_window(stack: ExitStack, tmp_path: Path) -> None:
    answers = iter([rss(-3, -2, -1, dates=True), rss(7, 8, 9, dates=True)])
    feeds, _ = poller(stack, tmp_path, lambda _: Reply(next(answers)))
    feeds.poll_when_due(2)
    found = feeds.memory.arrivals
    assert (found.gaps, found.gap_from, found.gap_until) == (1, START - HOUR_S, START + 7 * HOUR_S)


def test_a_changed_entry_makes_its_url_due_again_and_no_sooner_than_in_an_hour(
    stack: ExitStack, tmp_path: Path
) -> None:
    answers = iter([rss(1, 2), rss(1, 2), rss(1, 2).replace(b"Story 1<", b"Story 1, corrected<")])
    feeds, _ = poller(stack, tmp_path, lambda _: Reply(next(answers)), feed_on(SITE, every_s=60.0))
    feeds.poll()
    db = feeds.state._db
    db.execute(
        "UPDATE ledger_urls SET state = 'settled', settled_run = 'r', outcome = 'created', settled_at = ?", (START,)
    )
    feeds.poll_when_due()
    assert db.execute("SELECT count(*) FROM ledger_urls WHERE state = 'pending'").fetchone() == (0,)
    feeds.poll_when_due()
    rows = db.execute("SELECT url, reason, revisits FROM ledger_urls WHERE state = 'pending'").fetchall()
    assert rows == [(f"http://{SITE}/story-1", "entry_changed", 1)]
    assert REVISIT_S == HOUR_S


def test_each_request_has_its_receipt_and_says_what_a_304_spared(stack: ExitStack, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        return Reply(rss(1, 2), status=304 if asked.is_conditional else 200, headers={"ETag": '"1"'})

    feeds, _ = poller(stack, tmp_path, script)
    feeds.poll_when_due(2)
    whole, spared = [each for each in feeds.out if isinstance(each, Receipt) and each.why == "feed"]
    assert (whole.subject, whole.status_code, spared.status_code) == (SITE, 200, 304)
    assert (spared.if_none_match, spared.saved_bytes) == ('"1"', whole.wire_bytes - spared.wire_bytes)


# --- lists of documents


def sitemap(*numbers: int) -> bytes:
    urls = "".join(f"<url><loc>http://{SITE}/story-{n}</loc></url>" for n in numbers)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()


def test_the_news_parts_of_a_sitemap_index_are_read_and_asked_for_conditionally(
    stack: ExitStack, tmp_path: Path
) -> None:
    locations = [f"http://{SITE}/news-1.xml", f"http://{SITE}/news-2.xml", f"http://{SITE}/news-3.xml",
                 "http://other.example/news.xml"]  # fmt: skip
    listed = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in locations)
    later = False

    def script(asked: Asked) -> Reply:
        if asked.target == "/news-3.xml":
            return Reply(status=500)
        bodies = {"/feed": f"<sitemapindex>{listed}</sitemapindex>".encode(), "/news-1.xml": sitemap(1, 2, 3),
                  "/news-2.xml": sitemap(4, 5, 6, 7) if later else sitemap(4, 5, 6)}  # fmt: skip
        body = bodies[asked.target]
        etag = f'"{len(body)}"'
        return Reply(body, status=304 if asked.headers.get("if-none-match") == etag else 200, headers={"ETag": etag})

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll()
    assert [asked.target for asked in host.asked] == ["/feed", "/news-1.xml", "/news-2.xml", "/news-3.xml"]
    assert all(later.at - before.at >= 1.0 for before, later in itertools.pairwise(host.asked)), "each has its turn"
    assert feeds.state.lookup(f"http://{SITE}/story-6") is not None
    later = True
    host.asked.clear()
    feeds.poll_when_due()
    assert [asked.is_conditional for asked in host.asked] == [True, True, True, False]
    assert feeds.state.lookup(f"http://{SITE}/story-7") is not None
    assert (feeds.memory.arrivals.new, feeds.memory.arrivals.gaps) == (1, 0)
    assert feeds.state.books("20270115T080000.000002Z-feed").unbalanced == ()
    receipts = {each.url: each for each in feeds.out if isinstance(each, Receipt)}  # the last one of each
    assert (receipts[locations[0]].status_code, receipts[locations[1]].status_code) == (304, 200)
    assert receipts[locations[0]].saved_bytes is not None
    assert receipts[locations[0]].saved_bytes > 100


@pytest.mark.parametrize(("is_list", "filtered"), [(True, "too_old"), (False, None)])
def test_old_entries_of_a_part_that_is_read_later_are_as_unwanted_as_on_the_first_poll(
    is_list: bool, filtered: str | None
) -> None:
    now = datetime.fromtimestamp(START, UTC)
    feed = DueFeed(source=feed_on(SITE), poll_url=f"http://{SITE}/feed", body_sha256="of the first poll")
    entry = FeedEntry(link=f"http://{SITE}/a", id="a", published=now - timedelta(days=60))
    [new] = wanted(feed, [entry], now, max_age_s=7 * DAY_S, is_list=is_list)
    assert new.filtered == filtered


def index_of(*names: str) -> bytes:
    listed = "".join(f"<sitemap><loc>http://{SITE}/{name}.xml</loc></sitemap>" for name in names)
    return f"<sitemapindex>{listed}</sitemapindex>".encode()


def test_a_list_whose_parts_take_longer_than_a_visit_is_read_on_at_the_next_poll(
    stack: ExitStack, tmp_path: Path
) -> None:
    names = [f"news-{n}" for n in range(5)]

    def script(asked: Asked) -> Reply:
        if len(host.asked) > 40:
            return Reply(status=410)  # so that a poll that begins anew for ever ends
        body = index_of(*names) if asked.target == "/feed" else sitemap(int(asked.target[6]))
        return Reply(body, headers={"ETag": '"1"'})  # else robots.txt would be stale at the next poll

    feeds, host = poller(stack, tmp_path, script)
    feeds.state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(delay_s=30.0)}, default_delay_s=1.0)
    feeds.slice_s = 6.0  # a look of `schedule` on an engine
    feeds.poll()  # robots.txt
    feeds.clock.move(30.0)
    feeds.poll()
    assert [asked.target for asked in host.asked] == ["/feed", "/news-0.xml", "/news-1.xml", "/news-2.xml"]
    assert [health(feeds)[name] for name in ("polls", "error", "entries")] == [1, None, 3]
    feeds.poll_when_due()  # at once: the list stands, and what is left of it is read without asking for it again
    assert [asked.target for asked in host.asked[4:]] == ["/news-3.xml", "/news-4.xml"]
    assert feeds.clock.now < START + 300
    assert all(feeds.state.lookup(f"http://{SITE}/story-{n}") for n in range(5))
    assert feeds.memory.arrivals.gaps == 0


def test_a_part_whose_site_asks_for_a_pause_does_not_make_the_poll_begin_anew(stack: ExitStack, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        if len(host.asked) > 40:
            return Reply(status=410)
        if asked.target == "/news-1.xml":
            return Reply(status=429, headers={"Retry-After": "3600"})
        return Reply(index_of("news-0", "news-1", "news-2") if asked.target == "/feed" else sitemap(1))

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll()
    assert [asked.target for asked in host.asked] == ["/feed", "/news-0.xml", "/news-1.xml"]
    assert [health(feeds)[name] for name in ("polls", "error", "entries")] == [1, None, 1]
    feeds.poll_when_due()
    assert [asked.target for asked in host.asked[3:]] == ["/news-2.xml"]
    assert feeds.clock.now > START + 3_600
    host.asked.clear()
    feeds.poll_when_due()
    assert [asked.target for asked in host.asked] == ["/feed", "/news-0.xml", "/news-1.xml"]


def test_a_list_is_read_to_its_end_though_each_pause_outlasts_the_visit(stack: ExitStack, tmp_path: Path) -> None:
    names = [f"news-{n}" for n in range(5)]

    def script(asked: Asked) -> Reply:
        body = index_of(*names) if asked.target == "/feed" else sitemap(int(asked.target[6]))
        return Reply(body, headers={"ETag": '"1"'})

    feeds, host = poller(stack, tmp_path, script)
    feeds.state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(delay_s=300.0)}, default_delay_s=1.0)
    feeds.slice_s = 60.0
    for _ in range(7):  # robots.txt, the list, a part each time
        feeds.poll()
        feeds.clock.move(300.0)
    assert [asked.target for asked in host.asked] == ["/feed", *(f"/{name}.xml" for name in names)]
    assert all(later.at - earlier.at >= 300 for earlier, later in itertools.pairwise(host.asked))
    assert all(feeds.state.lookup(f"http://{SITE}/story-{n}") for n in range(5))
    assert health(feeds)["next_poll_at"].timestamp() >= START + HOUR_S  # then as planned
    assert [health(feeds)[name] for name in ("polls", "failures", "error")] == [1, 0, None]


@pytest.mark.parametrize(
    ("start", "outcomes"),
    [
        ("recent", ["pending", "filtered", "pending"]),
        ("now", ["filtered", "filtered", "pending"]),
        ("all", ["pending"] * 3),
    ],
)
def test_of_the_first_edition_comes_what_the_user_wants(
    stack: ExitStack, tmp_path: Path, start: Any, outcomes: list[str]
) -> None:
    stories = [-1, -40 * 24]  # an hour and forty days ago

    def script(asked: Asked) -> Reply:
        return Reply(rss(*stories, dates=True), headers={"ETag": f'"{len(stories)}"'})

    feeds, _ = poller(stack, tmp_path, script, feed_on(SITE, start=start))
    feeds.settings = replace(feeds.settings, max_age_s=30 * DAY_S)
    feeds.poll()
    stories.append(1)
    feeds.poll_when_due()
    rows = [feeds.state.lookup(f"http://{SITE}/story-{n}") for n in stories]
    assert [row and (row["outcome"] or row["state"]) for row in rows] == outcomes


def test_a_list_that_is_wanted_from_now_on_gives_nothing_of_its_first_reading(stack: ExitStack, tmp_path: Path) -> None:
    late: list[int] = []

    def script(asked: Asked) -> Reply:
        if asked.target == "/feed":
            return Reply(index_of("news-1", "news-2"), headers={"ETag": f'"{len(late)}"'})
        return Reply(sitemap(int(asked.target[6]), *late), headers={"ETag": f'"{len(late)}"'})

    feeds, _ = poller(stack, tmp_path, script, feed_on(SITE, start="now"))
    feeds.state.configure([(feeds.feeds[0], SITE)], {SITE: SiteRule(delay_s=300.0)}, default_delay_s=1.0)
    feeds.slice_s = 60.0
    for _ in range(5):
        feeds.poll()
        feeds.clock.move(300.0)
    late.append(7)
    feeds.poll_when_due()
    for _ in range(3):
        feeds.clock.move(300.0)
        feeds.poll()
    found = {n: feeds.state.lookup(f"http://{SITE}/story-{n}") for n in (1, 2, 7)}
    assert {n: row and (row["outcome"] or row["state"]) for n, row in found.items()} == {
        1: "filtered", 2: "filtered", 7: "pending",
    }  # fmt: skip


def test_a_feed_edited_while_its_poll_is_on_the_wire_starts_anew(stack: ExitStack, tmp_path: Path) -> None:
    new = FeedSource(url=f"http://{SITE}/new", id=SITE)

    def script(asked: Asked) -> Reply:
        if asked.target == "/feed":  # the user edits the list now
            feeds.state.configure([(new, SITE)], {}, default_delay_s=1.0)
        return Reply(rss(1 if asked.target == "/feed" else 2), headers={"ETag": f'"{asked.target}"'})

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll()
    feeds.clock.move(1.0)
    feeds.poll()
    # The old address's poll left its entries and nothing else, so the new one was polled at once, and unconditionally.
    assert [(asked.target, asked.is_conditional) for asked in host.asked] == [("/feed", False), ("/new", False)]
    assert (health(feeds)["polls"], health(feeds)["etag"]) == (1, '"/new"')
    assert all(feeds.state.lookup(f"http://{SITE}/story-{n}") for n in (1, 2))


@pytest.mark.parametrize("plain", [True, False])
def test_an_answer_that_cannot_be_unpacked_is_asked_for_once_more_uncompressed(
    stack: ExitStack, tmp_path: Path, plain: bool
) -> None:
    def script(asked: Asked) -> Reply:
        if plain and asked.headers["accept-encoding"] == "identity":
            return Reply(rss(1))
        return Reply(b"this is no gzip", headers={"Content-Encoding": "gzip"})

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll()
    assert [asked.headers["accept-encoding"] for asked in host.asked] == ["gzip, deflate, br, zstd", "identity"]
    assert host.asked[1].at - host.asked[0].at >= 1  # in a turn of its own
    assert health(feeds)["error"] == (None if plain else "undecodable")
    assert [each.failure for each in feeds.out if isinstance(each, Receipt) and each.why == "feed"] == [
        "undecodable", None if plain else "undecodable",
    ]  # fmt: skip


def test_a_redirect_within_the_site_is_followed_though_the_pause_is_longer_than_the_visit(
    stack: ExitStack, tmp_path: Path
) -> None:
    def script(asked: Asked) -> Reply:
        if len(host.asked) > 40:
            return Reply(status=410)
        return Reply(rss(1, 2)) if asked.target == "/rss" else Reply(status=302, headers={"Location": "/rss"})

    feeds, host = poller(stack, tmp_path, script)
    feeds.state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(delay_s=30.0)}, default_delay_s=1.0)
    feeds.slice_s = 6.0
    feeds.poll()  # robots.txt
    feeds.clock.move(30.0)
    feeds.poll()
    assert [asked.target for asked in host.asked] == ["/feed", "/rss"]
    assert (health(feeds)["polls"], health(feeds)["entries"]) == (1, 2)
    assert host.asked[1].at - host.asked[0].at >= 30.0
