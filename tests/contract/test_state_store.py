"""The ledger's contract: leases are politeness, polls are atomic, the newest fetch wins, books balance."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.ledgers import (
    BACKENDS,
    MARKS,
    RUN,
    SITE,
    START,
    Killable,
    SetClock,
    address_of,
    at,
    feed_on,
    plan,
    poll_of,
    url_on,
)
from transforms.elements import FeedEntry, FeedSource, OutcomeName
from transforms.errors import SchemaVersionError, StoreError
from transforms.state import open_state
from transforms.state.base import (
    MAX_REVISITS,
    REVISIT_S,
    Claim,
    DueFeed,
    NewUrl,
    Settlement,
    SitePause,
    SiteRule,
    StateStore,
)
from transforms.state.sqlite.ledger import SqliteState

LATER_RUN = "20270115T090000.000Z-bbbb"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


_PARAMETERS = [
    pytest.param(name, marks=getattr(pytest.mark, MARKS[name]) if name in MARKS else ()) for name in BACKENDS
]


@pytest.fixture(params=_PARAMETERS)
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[StateStore]:
    with BACKENDS[request.param](tmp_path, clock) as state:
        state.configure([], {}, default_delay_s=1.0)
        state.begin_run(plan())
        yield state


def stored(url: str, version: int, **cells: object) -> Settlement:
    values = {"document_id": f"a1{url[-1]}", "raw_sha256": "raw", "revision": 1, **cells}
    return Settlement(url=url, outcome="stored", reason="", version=version, **values)  # type: ignore[arg-type]


# --- leases


def test_a_site_is_leased_once(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a"), url_on(SITE, "b")])
    [lease] = state.lease(RUN, limit=5, slice_s=60)
    assert (lease.site, [due.url for due in lease.urls]) == (SITE, [f"http://{SITE}/a", f"http://{SITE}/b"])
    assert state.lease(RUN, limit=5, slice_s=60) == ()


def test_nothing_due_leases_nothing(state: StateStore) -> None:
    assert state.lease(RUN, limit=5, slice_s=60) == ()
    assert state.work_at(RUN) is None


def test_the_longest_waiting_site_comes_first(state: StateStore, clock: SetClock) -> None:
    for site in ("b.example", "a.example"):
        state.add_urls(RUN, [url_on(site, "x")])
    state.back_off("a.example", at(10))
    state.back_off("b.example", at(20))
    clock.move(30)
    assert [lease.site for lease in state.lease(RUN, limit=1, slice_s=60)] == ["a.example"]


def test_a_released_site_waits_for_its_pause(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.release(SITE, lease.epoch, at(5))
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    assert state.work_at(RUN) == START + 5
    clock.move(5)
    assert len(state.lease(RUN, limit=1, slice_s=60)) == 1


def test_a_release_of_an_old_epoch_changes_nothing(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [old] = state.lease(RUN, limit=1, slice_s=60)
    clock.move(61)
    [new] = state.lease(RUN, limit=1, slice_s=60)
    assert new.epoch > old.epoch
    state.release(SITE, old.epoch, at(0))
    clock.move(5)
    assert state.begin(new, f"http://{SITE}/a").answer == "go"


def test_an_expired_lease_is_taken_over_and_the_pause_starts_again(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [old] = state.lease(RUN, limit=1, slice_s=60)
    clock.move(61)
    [new] = state.lease(RUN, limit=1, slice_s=60)
    assert state.begin(old, f"http://{SITE}/a").answer == "lost"
    turn = state.begin(new, f"http://{SITE}/a")
    assert turn == ("wait", pytest.approx(clock.now + 1.0))


def test_a_renewed_lease_does_not_expire(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    leases = state.lease(RUN, limit=1, slice_s=60)
    clock.move(50)
    state.renew(leases)
    clock.move(50)
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    assert state.begin(leases[0], f"http://{SITE}/a").answer == "go"


def test_a_paused_site_is_not_leased(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    state.configure([], {SITE: SiteRule(paused=True)}, default_delay_s=1.0)
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    assert state.work_at(RUN) is None
    assert state.books(RUN).deferred_by == (("paused", 1),)


def test_the_next_work_is_when_a_site_that_may_be_visited_allows_it(state: StateStore, clock: SetClock) -> None:
    assert state.next_work_at() is None
    state.configure([(feed_on(SITE), SITE)], {SITE: SiteRule(paused=True)}, default_delay_s=1.0)
    state.add_urls(RUN, [url_on(SITE, "a")])
    state.take(RUN, [url_on("c.example", "held")])
    assert (state.due_feeds(), state.next_work_at() or 0) == ((SITE,), pytest.approx(4e9)), "a paused site is no work"
    state.add_urls(RUN, [url_on("b.example", "b")])
    state.back_off("b.example", at(20))
    assert state.next_work_at() == START + 20
    clock.move(20)
    [lease] = state.lease(RUN, limit=5, slice_s=60)
    assert (lease.site, state.next_work_at()) == ("b.example", pytest.approx(4e9)), "a site in work is no work"


def test_two_threads_never_get_the_same_site(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(f"s{n}.example", "a") for n in range(40)])
    taken: list[str] = []

    def take() -> None:
        while leases := state.lease(RUN, limit=3, slice_s=60):
            taken.extend(lease.site for lease in leases)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted({f"s{n}.example" for n in range(40)})


# --- turns


def test_each_request_moves_the_next_one_by_the_pause(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a"), url_on(SITE, "b")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert state.begin(lease, f"http://{SITE}/a") == ("go", START)
    assert state.begin(lease, f"http://{SITE}/b") == ("wait", START + 1.0)
    clock.move(1.0)
    assert state.begin(lease, f"http://{SITE}/b").answer == "go"


def test_a_longer_pause_that_robots_txt_asks_for_is_kept(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.begin(lease, delay_s=7.0)
    assert state.begin(lease) == ("wait", START + 7.0)
    state.release(SITE, lease.epoch, at(0))
    clock.move(7.0)
    [again] = state.lease(RUN, limit=1, slice_s=60)
    assert again.delay_s == 7.0


def test_retry_after_is_kept_at_once(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.begin(lease, f"http://{SITE}/a")
    state.back_off(SITE, at(120))
    clock.move(119)
    state.renew([lease])
    assert state.begin(lease, f"http://{SITE}/a") == ("wait", START + 120)


def test_a_settled_url_is_skipped(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.settle(RUN, [stored(f"http://{SITE}/a", 5)])
    assert state.begin(lease, f"http://{SITE}/a").answer == "skip"


def test_after_a_stop_no_request_starts(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a"), url_on("b.example", "b")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.stop_run(RUN)
    assert state.begin(lease, lease.urls[0].url).answer == "late"
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    assert state.work_at(RUN) is None


def test_the_page_limit_holds(state: StateStore, clock: SetClock) -> None:
    state.begin_run(plan(LATER_RUN, max_pages=1))
    state.add_urls(LATER_RUN, [url_on(SITE, "a"), url_on(SITE, "b")])
    [lease] = state.lease(LATER_RUN, limit=1, slice_s=60)
    assert state.begin(lease, f"http://{SITE}/a").answer == "go"
    clock.move(2)
    assert state.begin(lease, f"http://{SITE}/b").answer == "limit"
    assert state.begin(lease).answer == "go"  # robots.txt and feeds do not count
    state.release(SITE, lease.epoch, at(0))
    clock.move(2)
    assert state.work_at(LATER_RUN) is None
    assert state.lease(LATER_RUN, limit=1, slice_s=60) == ()


# --- feeds


def test_only_the_feeds_of_the_run_are_polled(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE), (feed_on("b.example"), "b.example")], {}, default_delay_s=1.0)
    assert state.lease(RUN, limit=5, slice_s=60) == ()
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    [lease] = state.lease(LATER_RUN, limit=5, slice_s=60)
    assert [feed.source.id for feed in lease.feeds] == [SITE]


def test_a_poll_writes_entries_and_validators(state: StateStore, clock: SetClock) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    entry = FeedEntry(link=f"http://{SITE}/a", id="1", title="A title", published=at(-60), authors=("A. Name",))
    new = NewUrl(url=f"http://{SITE}/a", site=SITE, feed=SITE, entry=entry)
    assert state.polled(RUN, poll_of(SITE, 1, etag='"v1"', last_modified="Mon"), [new]) == 1
    assert state.polled(RUN, poll_of(SITE, 2, etag='"v2"'), [new]) == 0
    clock.move(3700)
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    [lease] = state.lease(LATER_RUN, limit=1, slice_s=60)
    [feed], [due] = lease.feeds, lease.urls
    assert (feed.etag, feed.last_modified, feed.validators_url) == ('"v2"', None, f"http://{SITE}/feed")
    assert (due.entry, due.history.feeds) == (entry, (SITE,))


def test_an_older_poll_never_overwrites_a_newer_one(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 2, etag='"new"'), ())
    state.polled(RUN, poll_of(SITE, 1, etag='"old"'), ())
    state.force_due([SITE])
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    assert state.lease(LATER_RUN, limit=1, slice_s=60)[0].feeds[0].etag == '"new"'


def test_a_poll_by_a_clock_set_back_is_not_repeated_at_once(state: StateStore, clock: SetClock) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 90_000), ())
    state.force_due([SITE])
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    [lease] = state.lease(LATER_RUN, limit=1, slice_s=60)
    state.polled(LATER_RUN, poll_of(SITE, 1), ())
    state.release(SITE, lease.epoch, at(1))
    clock.move(2)
    assert state.lease(LATER_RUN, limit=1, slice_s=60) == ()
    assert state.due_feeds() == ()


def test_a_failed_poll_keeps_validators_and_counts(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 1, etag='"v1"'), ())
    state.polled(RUN, poll_of(SITE, 2, error="http_404", message="gone", status_code=404), ())
    [row] = state.feeds()
    assert (row["failures"], row["error"], row["status_code"]) == (1, "http_404", 404)
    state.force_due([SITE])
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    assert state.lease(LATER_RUN, limit=1, slice_s=60)[0].feeds[0].etag == '"v1"'
    state.polled(RUN, poll_of(SITE, 3, status_code=304, etag='"v1"'), ())
    assert state.feeds()[0]["failures"] == 0


def test_a_redirect_to_another_site_moves_one_poll(state: StateStore, clock: SetClock) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    state.polled(LATER_RUN, poll_of(SITE, 1, move_to=("http://host.example/feed", "host.example")), ())
    [lease] = state.lease(LATER_RUN, limit=1, slice_s=60)
    assert (lease.site, lease.feeds[0].poll_url, lease.feeds[0].hops) == ("host.example", "http://host.example/feed", 1)
    state.polled(LATER_RUN, poll_of(SITE, 2), ())
    clock.move(7200)
    state.begin_run(plan("20270115T100000.000Z-cccc", feeds=(SITE,)))
    [lease] = state.lease("20270115T100000.000Z-cccc", limit=1, slice_s=60)
    assert (lease.site, lease.feeds[0].poll_url, lease.feeds[0].hops) == (SITE, f"http://{SITE}/feed", 0)


def test_a_poll_put_off_is_polled_again_by_the_same_run(state: StateStore, clock: SetClock) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    poll = poll_of(SITE, -3598, put_off=True, error="http_429", status_code=429)  # due two seconds from now
    state.polled(LATER_RUN, poll, ())
    assert state.lease(LATER_RUN, limit=1, slice_s=60) == ()
    clock.move(2)
    assert len(state.lease(LATER_RUN, limit=1, slice_s=60)) == 1


def test_a_feed_with_an_edited_url_starts_anew(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 1), ())
    assert state.due_feeds() == ()
    moved = feed_on(SITE, every_s=60.0)
    state.configure([(moved, SITE)], {}, default_delay_s=1.0)
    assert state.due_feeds() == ()
    state.configure([(type(moved)(url="http://new.example/f", id=SITE), "new.example")], {}, default_delay_s=1.0)
    assert state.due_feeds() == (SITE,)


def test_a_feed_that_a_run_may_poll_is_polled_though_another_command_lists_others(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan(LATER_RUN, feeds=(SITE,)))
    state.configure([(feed_on("b.example"), "b.example")], {}, default_delay_s=1.0)
    [lease] = state.lease(LATER_RUN, limit=5, slice_s=60)
    assert [feed.source.id for feed in lease.feeds] == [SITE]


def test_an_unlisted_feed_is_not_polled(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.configure([], {}, default_delay_s=1.0)
    assert (state.due_feeds(), state.feeds()) == ((), [])


def test_entries_too_old_are_in_the_books(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    old = NewUrl(url=f"http://{SITE}/old", site=SITE, feed=SITE, filtered="too_old")
    state.polled(RUN, poll_of(SITE, 1), [old])
    books = state.books(RUN)
    assert (books.came, books.ended, books.outcomes, books.unbalanced) == (1, 1, (("filtered", "too_old", 1),), ())


# --- what the policy remembers of a feed


def due_feed(state: StateStore, run_id: str = LATER_RUN) -> DueFeed:
    """Return the one feed as the next visit gets it."""
    state.force_due([SITE])
    state.begin_run(plan(run_id, feeds=(SITE,)))
    [lease] = state.lease(run_id, limit=1, slice_s=60)
    [feed] = lease.feeds
    return feed


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"status_code": 304},
        {"error": "http_404", "status_code": 404},
        {"error": "http_429", "status_code": 429, "put_off": True},
        {"move_to": (f"http://{SITE}/elsewhere", SITE)},
    ],
    ids=["read", "not modified", "failed", "put off", "moved"],
)
def test_every_poll_keeps_the_memory_word_for_word(state: StateStore, cells: dict[str, object]) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    memory = '{"why": "caf\\u00e9 \\"x\\"",  "n": 1}'
    state.polled(RUN, poll_of(SITE, 1, memory=memory, **cells), ())
    assert state.feeds()[0]["memory"] == memory
    assert due_feed(state).memory == memory


def test_a_feed_never_polled_has_no_memory(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    assert due_feed(state).memory is None


def test_a_poll_without_memory_leaves_it(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 1, memory="kept"), ())
    state.polled(RUN, poll_of(SITE, 2), ())
    assert due_feed(state).memory == "kept"


@pytest.mark.parametrize(
    "cells", [{}, {"error": "http_404"}, {"put_off": True}, {"move_to": ("http://b.example/", "b")}]
)
def test_a_poll_of_an_address_that_was_edited_meanwhile_changes_only_its_entries(
    state: StateStore, cells: dict[str, object]
) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    edited = FeedSource(url=f"http://{SITE}/new", id=SITE)
    state.configure([(edited, SITE)], {}, default_delay_s=1.0)
    [before] = state.feeds()
    poll = replace(poll_of(SITE, 10, etag='"v1"', memory="old", **cells), configured=f"http://{SITE}/feed")
    assert state.polled(RUN, poll, [url_on(SITE, "a")]) == 1
    assert state.feeds() == [before]
    state.polled(RUN, replace(poll, configured=edited.url), ())
    assert state.feeds() != [before]


def test_the_memory_of_an_older_poll_does_not_win(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 2, memory="new"), ())
    state.polled(RUN, poll_of(SITE, 1, memory="old"), ())
    assert due_feed(state).memory == "new"


def test_a_feed_with_an_edited_url_forgets_its_memory(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 1, memory="of the old one"), ())
    state.configure([(feed_on(SITE, every_s=60.0), SITE)], {}, default_delay_s=1.0)
    assert state.feeds()[0]["memory"] == "of the old one"
    state.configure([(FeedSource(url=f"http://{SITE}/new", id=SITE), SITE)], {}, default_delay_s=1.0)
    assert state.feeds()[0]["memory"] is None


def test_a_failure_of_ours_is_told_and_not_counted(state: StateStore) -> None:
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.polled(RUN, poll_of(SITE, 1, error="timeout", status_code=None), ())
    state.polled(RUN, poll_of(SITE, 2, error="dns_failed", status_code=None, blameless=True), ())
    [row] = state.feeds()
    assert (row["failures"], row["error"]) == (1, "dns_failed")


# --- entries that change


def entry_on(site: str, name: str, says: str) -> NewUrl:
    """Return a URL whose entry says something."""
    entry = FeedEntry(link=f"http://{site}/{name}", id=name, title=says)
    return NewUrl(url=entry.link, site=site, feed=site, entry=entry, fingerprint=says)


def test_a_stored_url_falls_due_again_when_its_entry_changes(state: StateStore, clock: SetClock) -> None:
    first, changed = entry_on(SITE, "a", "one"), entry_on(SITE, "a", "two")
    state.add_urls(RUN, [first])
    state.settle(RUN, [stored(first.url, 10)])
    assert state.add_urls(RUN, [first]) == (0, 1)
    assert state.lookup(first.url)["state"] == "settled"  # type: ignore[index]
    assert state.add_urls(RUN, [changed]) == (0, 1)
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    assert state.books(RUN).deferred_by == (("entry_changed", 1),)
    assert (state.progress(RUN).outcomes, state.progress(RUN).pending) == ((), 1)
    clock.move(REVISIT_S)
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    [due] = lease.urls
    assert (due.entry, due.history.version, due.history.revision) == (changed.entry, 10, 1)
    state.settle(RUN, [stored(first.url, 20, raw_sha256="other", revision=2)])
    row = state.lookup(first.url)
    assert row is not None
    assert (row["outcome"], row["revision"], state.books(RUN).unbalanced) == ("updated", 2, ())


def test_a_url_is_visited_again_five_times_at_most(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [entry_on(SITE, "a", "first")])
    visits = 0
    for number in range(20):
        state.settle(RUN, [stored(f"http://{SITE}/a", 10 + number)])
        state.add_urls(RUN, [entry_on(SITE, "a", f"change {number}")])
        clock.move(REVISIT_S)
        visits += state.lookup(f"http://{SITE}/a")["state"] == "pending"  # type: ignore[index]
    assert visits == MAX_REVISITS


def test_a_pending_url_takes_the_newest_entry_and_no_second_visit(state: StateStore) -> None:
    state.add_urls(RUN, [entry_on(SITE, "a", "one")])
    state.add_urls(RUN, [entry_on(SITE, "a", "two")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert lease.urls[0].entry is not None
    assert lease.urls[0].entry.title == "two"
    state.settle(RUN, [stored(f"http://{SITE}/a", 10)])
    assert state.add_urls(RUN, [entry_on(SITE, "a", "two")]) == (0, 1)
    assert state.lookup(f"http://{SITE}/a")["state"] == "settled"  # type: ignore[index]


@pytest.mark.parametrize(
    ("outcome", "reason", "state_after"),
    [
        ("dead_lettered", "http_404", "pending"),
        ("dead_lettered", "crashed", "settled"),
        ("filtered", "too_old", "settled"),
        ("blocked", "robots_disallow", "settled"),
        ("duplicate", "same_document", "settled"),
    ],
)
def test_which_ends_a_changed_entry_opens_again(
    state: StateStore, outcome: OutcomeName, reason: str, state_after: str
) -> None:
    state.add_urls(RUN, [entry_on(SITE, "a", "one")])
    state.settle(RUN, [Settlement(url=f"http://{SITE}/a", outcome=outcome, reason=reason, version=5)])
    state.add_urls(RUN, [entry_on(SITE, "a", "two")])
    assert state.lookup(f"http://{SITE}/a")["state"] == state_after  # type: ignore[index]


def test_two_feeds_that_say_different_things_of_a_url_do_not_take_turns_at_it(
    state: StateStore, clock: SetClock
) -> None:
    first = entry_on(SITE, "a", "in the feed")
    other = replace(entry_on(SITE, "a", "in the sitemap"), feed="sitemap")
    state.add_urls(RUN, [first])
    state.add_urls(RUN, [other])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert lease.urls[0].entry == first.entry, "the entry that it came by"
    state.settle(RUN, [stored(first.url, 10)])
    for _ in range(3):
        clock.move(REVISIT_S)
        state.add_urls(RUN, [first, other])
    assert state.lookup(first.url)["state"] == "settled"  # type: ignore[index]
    state.add_urls(RUN, [replace(entry_on(SITE, "a", "corrected in the sitemap"), feed="sitemap")])
    assert state.lookup(first.url)["state"] == "pending"  # type: ignore[index]


def test_a_url_from_a_list_learns_its_fingerprint_first(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    state.settle(RUN, [stored(f"http://{SITE}/a", 10)])
    state.add_urls(RUN, [entry_on(SITE, "a", "one")])
    assert state.lookup(f"http://{SITE}/a")["state"] == "settled"  # type: ignore[index]
    state.add_urls(RUN, [entry_on(SITE, "a", "two")])
    assert state.lookup(f"http://{SITE}/a")["state"] == "pending"  # type: ignore[index]


# --- settling


def test_created_updated_and_unchanged_come_from_the_history(state: StateStore) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    outcomes = []
    for version, raw in ((10, "one"), (20, "two"), (30, "two")):
        state.settle(RUN if version == 10 else LATER_RUN, [stored(url, version, raw_sha256=raw)])
        row = state.lookup(url)
        assert row is not None
        outcomes.append(row["outcome"])
    assert outcomes == ["created", "updated", "unchanged"]


def test_a_document_written_again_by_the_same_run_stays_created(state: StateStore) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    state.settle(RUN, [stored(url, 10)])
    state.settle(RUN, [stored(url, 20, raw_sha256="other")])
    row = state.lookup(url)
    assert row is not None
    assert (row["outcome"], row["version"]) == ("created", 20)


def test_an_older_fetch_settles_nothing(state: StateStore) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    state.settle(RUN, [stored(url, 20)])
    state.settle(RUN, [Settlement(url=url, outcome="dead_lettered", reason="http_404", version=10)])
    row = state.lookup(url)
    assert row is not None
    assert (row["outcome"], row["version"]) == ("created", 20)


def test_an_end_without_document_keeps_the_stored_version(state: StateStore) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    state.settle(RUN, [stored(url, 10, figures=3)])
    state.add_urls(LATER_RUN, [NewUrl(url=url, site=SITE)], again=True)
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert (lease.urls[0].history.version, lease.urls[0].history.figures) == (10, 3)
    state.settle(LATER_RUN, [Settlement(url=url, outcome="unchanged", reason="same_text", version=20)])
    row = state.lookup(url)
    assert row is not None
    assert (row["outcome"], row["version"], row["state"]) == ("unchanged", 10, "settled")
    assert list(state.stored_by(LATER_RUN)) == [(url, "a1a", 10)]


def test_a_page_has_the_validators_of_what_was_stored_last(state: StateStore, clock: SetClock) -> None:
    url = f"http://{SITE}/a"

    def kept() -> str | None:
        clock.move(10)
        run_id = f"20270115T090000.{int(clock.now)}Z-bbbb"
        state.begin_run(plan(run_id))
        state.add_urls(run_id, [NewUrl(url=url, site=SITE)], again=True)
        [lease] = state.lease(run_id, limit=1, slice_s=60)
        state.release(SITE, lease.epoch, at(0))
        return lease.urls[0].history.validators

    assert kept() is None
    state.settle(RUN, [stored(url, 10, validators="of 10")])
    assert kept() == "of 10"
    state.settle(RUN, [Settlement(url=url, outcome="dead_lettered", reason="http_5xx", version=20, validators="bad")])
    assert kept() == "of 10"
    state.settle(RUN, [Settlement(url=url, outcome="unchanged", reason="same_text", version=30, validators="of 30")])
    assert kept() == "of 30"
    state.settle(RUN, [Settlement(url=url, outcome="unchanged", reason="not_modified", version=40)])
    assert kept() is None


def test_the_first_document_id_stays(state: StateStore) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    state.settle(RUN, [stored(url, 10, document_id="first")])
    state.settle(RUN, [stored(url, 20, document_id="second")])
    assert state.lookup(url)["document_id"] == "first"  # type: ignore[index]


def test_a_deferred_url_stays_pending_until_then(state: StateStore, clock: SetClock) -> None:
    url = f"http://{SITE}/a"
    state.add_urls(RUN, [NewUrl(url=url, site=SITE)])
    state.settle(RUN, [Settlement(url=url, outcome="deferred", reason="http_5xx", due_at=at(60))])
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    books = state.books(RUN)
    assert (books.deferred, books.deferred_by, books.deferred_until) == (1, (("http_5xx", 1),), at(60))
    clock.move(60)
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert lease.urls[0].attempts == 1


def test_a_document_id_belongs_to_the_first_url(state: StateStore) -> None:
    mine = Claim(document_id="d", url="http://a.example/1", raw_sha256="x")
    same = Claim(document_id="d", url="http://a.example/2", raw_sha256="x")
    other = Claim(document_id="d", url="http://a.example/3", raw_sha256="y")
    assert state.claim([mine, same, other, mine]) == ("mine", "duplicate", "conflict", "mine")


# --- books


def test_books_of_a_run_with_everything(state: StateStore) -> None:
    names = "abcdef"
    state.add_urls(RUN, [url_on(SITE, name) for name in names])
    state.settle(RUN, [stored(f"http://{SITE}/a", 1), stored(f"http://{SITE}/b", 2)])
    state.settle(RUN, [Settlement(url=f"http://{SITE}/c", outcome="blocked", reason="robots_disallow", version=1)])
    state.settle(RUN, [Settlement(url=f"http://{SITE}/d", outcome="deferred", reason="timeout", due_at=at(9))])
    books = state.books(RUN)
    assert (books.came, books.carried, books.ended, books.deferred, books.unbalanced) == (6, 0, 3, 3, ())
    assert books.outcomes == (("blocked", "robots_disallow", 1), ("created", "", 2))
    assert books.deferred_by == (("not_reached", 2), ("timeout", 1))
    state.begin_run(plan(LATER_RUN))
    state.settle(LATER_RUN, [stored(f"http://{SITE}/d", 9)])
    later = state.books(LATER_RUN)
    assert (later.came, later.carried, later.ended, later.deferred, later.unbalanced) == (0, 3, 1, 2, ())


def test_a_url_that_another_run_ends_is_handed_over(state: StateStore) -> None:
    state.begin_run(plan(LATER_RUN))
    state.add_urls(RUN, [url_on(SITE, "a")])
    state.add_urls(LATER_RUN, [url_on(SITE, "b")])
    state.settle(LATER_RUN, [stored(f"http://{SITE}/a", 1)])
    state.settle(RUN, [stored(f"http://{SITE}/b", 1)])
    assert (state.books(RUN).handed_over, state.books(RUN).unbalanced) == (1, ())
    assert (state.books(LATER_RUN).handed_over, state.books(LATER_RUN).unbalanced) == (1, ())


# --- archives


def test_pages_at_hand_are_taken_once_and_never_visited(state: StateStore) -> None:
    state.begin_run(plan(LATER_RUN))
    [due] = state.take(RUN, [url_on(SITE, "a")])
    assert due is not None
    assert state.lease(RUN, limit=1, slice_s=60) == ()
    [again] = state.take(RUN, [url_on(SITE, "a")])
    assert again is not None  # interrupted: taken again
    state.settle(RUN, [stored(due.url, 7)])
    assert state.take(LATER_RUN, [url_on(SITE, "a")]) == (None,)
    [forced] = state.take(LATER_RUN, [url_on(SITE, "a")], again=True)
    assert forced is not None
    assert forced.history.version == 7


def test_a_page_that_an_archive_run_left_is_visited_when_a_feed_wants_it(state: StateStore) -> None:
    state.take(RUN, [url_on(SITE, "a")])
    state.begin_run(plan(LATER_RUN))
    assert state.add_urls(LATER_RUN, [url_on(SITE, "a")]) == (0, 1)
    [lease] = state.lease(LATER_RUN, limit=1, slice_s=60)
    assert [due.url for due in lease.urls] == [f"http://{SITE}/a"]


def test_pages_taken_again_are_taken_once_per_run(state: StateStore) -> None:
    state.take(RUN, [url_on(SITE, "a")])
    state.settle(RUN, [stored(f"http://{SITE}/a", 7)])
    state.begin_run(plan(LATER_RUN))
    [due] = state.take(LATER_RUN, [url_on(SITE, "a")], again=True)
    assert due is not None
    state.settle(LATER_RUN, [stored(due.url, 8)])
    assert state.take(LATER_RUN, [url_on(SITE, "a")], again=True) == (None,)  # a restart goes on behind it


def test_pages_at_hand_keep_to_the_page_limit_and_a_later_run_goes_on(state: StateStore) -> None:
    urls = [url_on(SITE, name) for name in "abc"]
    state.begin_run(plan(LATER_RUN, max_pages=2))
    taken = [due.url for due in state.take(LATER_RUN, urls) if due is not None]
    assert taken == [urls[0].url, urls[1].url]
    state.settle(LATER_RUN, [stored(url, 5) for url in taken])
    next_run = "20270115T100000.000Z-cccc"
    state.begin_run(plan(next_run, max_pages=2))
    assert [due.url for due in state.take(next_run, urls) if due is not None] == [urls[2].url]


# --- death


def test_the_sites_of_a_dead_process_are_free_at_once(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    with Killable(address_of(state)) as holder:
        assert holder.site == SITE
        assert state.lease(RUN, limit=1, slice_s=60) == ()
        assert not state.dead_holders(RUN)
        holder.kill()
        assert state.dead_holders(RUN)
        assert state.lease(RUN, limit=1, slice_s=60) == ()  # freed, but its last request may have ended just now
        clock.move(1.0)
        assert len(state.lease(RUN, limit=1, slice_s=60)) == 1


def test_a_living_process_is_seen_through_a_link_to_the_ledger(tmp_path: Path, clock: SetClock) -> None:
    state = SqliteState(tmp_path / "ledger.db", lease_s=60, clock=clock)
    state.create()
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a")])
    (tmp_path / "link.db").symlink_to(tmp_path / "ledger.db")
    linked = SqliteState(tmp_path / "link.db", lease_s=60, clock=clock)
    with Killable(state.path):
        clock.move(2)
        assert not linked.dead_holders(RUN)
        assert linked.lease(RUN, limit=1, slice_s=60) == ()
    linked.close()
    state.close()


def test_only_the_page_in_hand_is_blamed_and_given_up_after_three_deaths(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "innocent"), url_on(SITE, "poison")])
    for _ in range(3):
        with Killable(address_of(state), now=clock.now, in_hand=f"http://{SITE}/poison") as holder:
            assert holder.site == SITE
        state.bury_dead()
        state.bury_dead()  # twice finds nothing more to blame
        clock.move(10)
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert {due.url: due.blamed for due in lease.urls} == {f"http://{SITE}/innocent": 0, f"http://{SITE}/poison": 3}
    assert state.begin(lease, f"http://{SITE}/poison").answer == "crashed"
    assert state.begin(lease, f"http://{SITE}/innocent").answer == "go"


def test_a_buried_process_leaves_nothing_behind(tmp_path: Path, clock: SetClock) -> None:
    state = SqliteState(tmp_path / "ledger.db", lease_s=60, clock=clock)
    state.create()
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a")])
    with Killable(state.path, now=clock.now, in_hand=f"http://{SITE}/a"):
        pass
    state.bury_dead()
    assert list((tmp_path / "ledger.db.owners").iterdir()) == []
    assert state._db.execute("SELECT count(*) FROM ledger_buried").fetchone() == (0,)
    state.close()


def test_the_scheduler_is_known_while_it_lives(tmp_path: Path, clock: SetClock) -> None:
    state = SqliteState(tmp_path / "ledger.db", lease_s=60, clock=clock)
    state.create()
    assert state.status()["scheduler"] is False
    state.mark_scheduler()
    assert state.status()["scheduler"] is True
    state._db.execute("UPDATE ledger_meta SET key = 'scheduler:dead' WHERE key LIKE 'scheduler:%'")
    assert state.status()["scheduler"] is False
    state.close()


def test_pauses_of_a_site_are_counted_for_all_workers(state: StateStore) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    assert state.pause_of(SITE) is None
    state.back_off(SITE, at(30))
    assert state.pause_of(SITE) is None
    state.back_off(SITE, at(60), count=1, why="http_429")
    state.back_off(SITE, at(180), count=2, why="http_503")
    assert state.pause_of(SITE) == SitePause(2, at(180), "http_503")
    [row] = state.sites()
    assert (row["site"], row["pending"], row["next_at"]) == (SITE, 1, at(180))
    assert (row["back_off_count"], row["back_off_until"], row["back_off_why"]) == (2, at(180), "http_503")


def test_an_unreachable_robots_txt_is_no_attempt_of_the_page(state: StateStore, clock: SetClock) -> None:
    state.add_urls(RUN, [url_on(SITE, "a")])
    url = url_on(SITE, "a").url
    for reason, attempts in (("robots_unreachable", 0), ("timeout", 1), ("robots_unreachable", 1)):
        state.settle(RUN, [Settlement(url=url, outcome="deferred", reason=reason, due_at=at(0))])
        row = state.lookup(url)
        assert row is not None
        assert (row["state"], row["reason"], row["attempts"]) == ("pending", reason, attempts)


def test_forcing_feeds_asks_a_failed_robots_txt_again(state: StateStore) -> None:
    state.save_robots("http://a.example", None, 503, at(0))
    state.save_robots("http://b.example", b"", 200, at(0))
    state.force_due([])
    assert state.robots("http://a.example") is None
    assert state.robots("http://b.example") is not None


# --- opening


def test_a_newer_ledger_is_refused_with_the_remedy(tmp_path: Path) -> None:
    state = SqliteState(tmp_path / "ledger.db")
    state.create()
    state._db.execute("UPDATE ledger_meta SET value = '99' WHERE key = 'version'")
    with pytest.raises(SchemaVersionError, match=r"version 99.*newer newsbeam.*--state"):
        state.create()
    state.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database" * 1000)
    state = SqliteState(path)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        state.create()
    state.close()


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    state = SqliteState(tmp_path / "no" / "ledger.db")
    with pytest.raises(StoreError, match=r"ledger\.db"):
        state.create()


def test_a_memory_ledger_opens() -> None:
    state = open_state("memory:contract-test")
    state.create()
    assert state.status()["pending"] == 0
    state.close()
    assert isinstance(state, SqliteState)
    state.path.unlink()


def test_a_feed_is_told_as_it_was_last_configured(state: StateStore) -> None:
    assert state.source("gazette") is None
    for tags in ((), ("uk", "local")):
        source = FeedSource(url="http://gazette.example/rss", id="gazette", tags=tags)
        state.configure([(source, "gazette.example")], {}, default_delay_s=1.0)
        assert state.source("gazette") == source
    state.configure([], {}, default_delay_s=1.0)
    assert state.source("gazette") == source, "its pages are still to be read"


def test_progress_counts_the_sites_that_this_run_holds(state: StateStore) -> None:
    state.begin_run(plan())
    state.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert state.progress(RUN).leased == 1
    assert state.progress("20200101T000000.000Z-0000").leased == 0
    state.release(lease.site, lease.epoch, plan().started_at)
    assert state.progress(RUN).leased == 0
