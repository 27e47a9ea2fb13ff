"""When a feed is polled again, and why: the checklist of polite polling, item by item (12 to 26)."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from transforms.feeds.arrivals import Edition
from transforms.feeds.memory import FeedMemory, Wishes, dump_memory, load_memory
from transforms.feeds.policy import NEVER, PollPlan, PollSeen, after_poll, duration
from transforms.feeds.polling import DAY_S, HOUR_S, PollLimits
from transforms.feeds.trust import DISTRUST_S, Evidence, may_be_conditional

URL = "https://gazette.example/rss"
OTHER = "https://feeds.gazette.example/rss"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIMITS = PollLimits()


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def edition(*names: int) -> Edition:
    """Return an edition whose entries carry their number of hours after noon as their date."""
    dates = [at(name).timestamp() for name in names]
    return Edition(
        tuple((f"id{name}", f"link{name}") for name in names), min(dates, default=None), max(dates, default=None)
    )


def read(hours: float, *names: int, conditional: bool = False, **cells: Any) -> PollSeen:
    """Return what a poll saw that brought an edition."""
    evidence = cells.pop("evidence", Evidence(conditional=conditional, same_body=False, new=1))
    values = {"start": URL, "url": URL, "has_validators": True, "wishes": Wishes(), **cells}
    return PollSeen(outcome="read", at=at(hours), edition=edition(*names), evidence=evidence, **values)


def unchanged(hours: float, **cells: Any) -> PollSeen:
    """Return what a poll saw that was answered 304."""
    return PollSeen(outcome="unchanged", at=at(hours), **{"start": URL, "url": URL, "has_validators": True, **cells})


def failed(hours: float, reason: str = "http_5xx", **cells: Any) -> PollSeen:
    return PollSeen(outcome="failed", at=at(hours), reason=reason, **cells)  # type: ignore[arg-type]


def plan(
    *polls: PollSeen, memory: FeedMemory | None = None, every_s: float | None = None, limits: PollLimits = LIMITS
) -> PollPlan:
    """Return the plan after these polls, each with the memory that the one before left in the ledger."""
    found = memory or FeedMemory()
    for seen in polls:
        result = after_poll(found, seen, feed="gazette", configured=URL, every_s=every_s, limits=limits)
        found = load_memory(dump_memory(result.memory))
        assert found == result.memory
    return result


def pause_h(result: PollPlan, since: PollSeen) -> float:
    """Return the planned pause in hours, without its jitter (at most a tenth and at most a quarter of an hour)."""
    return (result.next_poll_at - since.at).total_seconds() / HOUR_S


def assert_pause(result: PollPlan, since: PollSeen, hours: float) -> None:
    assert hours <= pause_h(result, since) <= hours + min(hours / 10, 0.25) + 1e-6


# --- 12, 13: the longest of all wishes


@pytest.mark.parametrize(
    ("every_s", "cells", "hours", "why"),
    [
        (None, {}, 1, "every 1 h"),
        (1800, {}, 0.5, "every 30 min, as configured"),
        (1800, {"wishes": Wishes(ttl_s=120)}, 0.5, "every 30 min, as configured"),
        (1800, {"wishes": Wishes(ttl_s=5400)}, 1.5, "the feed asks for that pause"),
        (1800, {"fresh_s": 7200, "wishes": Wishes(ttl_s=5400)}, 2, "Cache-Control or Expires"),
        (1800, {"fresh_s": 31_536_000}, 168, "Cache-Control or Expires"),
        (1800, {"retry_after_s": 2_592_000}, 720, "Retry-After"),
        (604_800, {"fresh_s": 60}, 168, "every 7 d, as configured"),
        (0, {}, 0, "every 0 s, as configured"),
    ],
)
def test_next_poll_is_the_longest_of_what_everybody_asks(
    every_s: float | None, cells: dict[str, Any], hours: float, why: str
) -> None:
    seen = read(0, 1, **cells)
    result = plan(seen, every_s=every_s)
    assert_pause(result, seen, hours)
    assert (result.why, result.memory.why) == (why, why)


def test_what_the_text_asked_for_is_remembered_through_a_304() -> None:
    last = unchanged(3)
    assert_pause(plan(read(0, 1, wishes=Wishes(ttl_s=3 * HOUR_S)), last), last, 3)


def test_a_server_without_validators_is_asked_once_a_day() -> None:
    seen = read(0, 1, has_validators=False)
    result = plan(seen)
    assert_pause(result, seen, 24)
    assert "no validators" in result.why


def test_a_server_without_validators_is_asked_more_often_where_entries_would_be_lost() -> None:
    seen = read(0, -10, -5, 0, has_validators=False)
    assert_pause(plan(seen), seen, 5)


def test_a_pace_that_the_user_configured_is_kept_without_validators() -> None:
    seen = read(0, 1, has_validators=False)
    assert_pause(plan(seen, every_s=900), seen, 0.25)


def test_a_stable_body_spares_the_server_nothing() -> None:
    same = Evidence(conditional=False, same_body=True, new=0)
    last = unchanged(24, edition=edition(1), evidence=same, has_validators=False)
    assert_pause(plan(read(0, 1, has_validators=False), last), last, 24)


def test_validators_that_never_help_count_as_none() -> None:
    wasted = Evidence(conditional=True, same_body=False, new=0)
    polls = [read(0, 1), *(read(hour, 1, evidence=wasted) for hour in (1, 2, 3))]
    result = plan(*polls)
    assert_pause(result, polls[-1], 24)
    assert "validators are of no use" in result.why
    helped = plan(*polls, unchanged(27), read(28, 1, 2))
    assert pause_h(helped, read(28)) < 8


# --- 15: restarts


def test_the_same_poll_gives_the_same_plan() -> None:
    first, again = plan(read(0, 1, 2, 3)), plan(read(0, 1, 2, 3))
    assert first == again


def test_feeds_polled_together_do_not_stay_together() -> None:
    plans = {
        after_poll(FeedMemory(), read(0, 1), feed=f"f{n}", configured=URL, every_s=None, limits=LIMITS).next_poll_at
        for n in range(50)
    }
    assert len(plans) == 50
    assert max(plans) - min(plans) > timedelta(minutes=4)


# --- 16: the adaptive pace, and the hours that a feed leaves out


def test_a_quiet_feed_is_polled_ever_less_up_to_the_cap() -> None:
    memory, hours, pauses = FeedMemory(), 0.0, []
    seen = read(0, -30, -20, -10)
    for _ in range(20):
        result = plan(seen, memory=memory)
        pauses.append(pause_h(result, seen))
        memory, hours = result.memory, hours + pauses[-1]
        seen = unchanged(hours)
    assert pauses[0] < 1.2
    assert all(later < 1.5 * earlier * 1.1 for earlier, later in itertools.pairwise(pauses))
    assert 12 <= pauses[-1] <= 12.25
    assert memory.why.startswith("adaptive: nothing new in 12")


def test_a_busy_feed_is_polled_at_the_floor() -> None:
    polls = [read(hour, *range(10 * hour, 10 * hour + 20)) for hour in range(10)]
    assert_pause(plan(*polls), polls[-1], 1)


def test_a_burst_shortens_the_pace_after_two_polls_on_time_and_not_before() -> None:
    quiet = FeedMemory()
    seen = read(0, -30, -20, -10)
    hours = 0.0
    for _ in range(12):
        result = plan(seen, memory=quiet)
        quiet, hours = result.memory, hours + pause_h(result, seen)
        seen = unchanged(hours)
    one = read(hours, *range(-10, 60))
    once = plan(one, memory=quiet)
    assert pause_h(once, one) > 11
    two = read(hours + pause_h(once, one), *range(-10, 130))
    assert pause_h(plan(two, memory=once.memory), two) < 2
    late = read(hours + 3 * pause_h(once, one), *range(-10, 130))
    assert pause_h(plan(late, memory=once.memory), late) > 11


def test_the_reason_tells_what_arrived() -> None:
    memory = plan(read(0, *range(-20, 0, 4))).memory
    result = plan(read(6, *range(-20, 16, 4)), memory=memory)
    assert result.why == "adaptive: 4 new in 6 h"


@pytest.mark.parametrize(
    ("wishes", "planned"),
    [
        (Wishes(skip_hours=(13, 14)), at(3)),
        (Wishes(skip_hours=(14,)), at(1)),
        (Wishes(skip_days=(3,)), at(12)),
        (Wishes(skip_days=(3, 4), skip_hours=(0, 1)), at(38)),
    ],
)
def test_hours_and_days_that_a_feed_leaves_out_are_left_out(wishes: Wishes, planned: datetime) -> None:
    result = plan(read(0, 1, wishes=wishes))
    assert planned <= result.next_poll_at <= planned + timedelta(minutes=15)
    assert ("skipHours" in result.why) is (planned != at(1))


# --- 17: gaps


def test_no_overlap_is_a_gap_with_its_window() -> None:
    found = plan(read(0, 1, 2, 3), read(20, 10, 11, 12)).memory.arrivals
    assert (found.gaps, found.gap_from, found.gap_until) == (1, at(3).timestamp(), at(10).timestamp())


@pytest.mark.parametrize(
    "second",
    [read(20, 3, 11, 12), read(20, 10, 11), unchanged(20)],
    ids=["one entry in common", "too small to say", "unchanged"],
)
def test_what_is_no_gap(second: PollSeen) -> None:
    assert plan(read(0, 1, 2, 3), second).memory.arrivals.gaps == 0


def test_new_ids_for_the_same_links_are_no_gap() -> None:
    same_links = Edition(tuple((f"other{name}", f"link{name}") for name in (1, 2, 3)), None, None)
    found = plan(read(0, 1, 2, 3), replace(read(20), edition=same_links)).memory.arrivals
    assert (found.gaps, found.new) == (0, 0)


def test_a_clock_that_was_set_back_teaches_nothing_and_forgets_nothing() -> None:
    before = plan(read(10, 1, 2, 3), read(20, 2, 3, 4)).memory
    assert plan(unchanged(5), memory=before).memory.arrivals == replace(
        before.arrivals, read_at=at(5).timestamp(), shorter=0
    )
    assert plan(read(5, 7, 8, 9), memory=before).memory.arrivals.gaps == 0


def test_a_gap_makes_the_pace_faster_at_once() -> None:
    memory = replace(FeedMemory(), arrivals=plan(read(0, 1, 2, 3)).memory.arrivals)
    slow = replace(memory, planned_at=at(12).timestamp(), arrivals=replace(memory.arrivals, interval_s=12 * HOUR_S))
    seen = read(12, *range(100, 200))
    assert pause_h(plan(seen, memory=slow), seen) <= 6.25


# --- 9: trust in 304


def times_not_modified(hours: range) -> FeedMemory:
    return plan(read(0, -400, -200, 3), *(unchanged(hour) for hour in hours)).memory


def test_a_week_of_nothing_but_304_ends_in_one_clean_poll() -> None:
    memory = times_not_modified(range(12, 168, 12))
    assert may_be_conditional(memory.trust, now=at(167).timestamp())
    assert not may_be_conditional(memory.trust, now=at(168).timestamp())
    honest = Evidence(conditional=False, same_body=True, new=0)
    probed = plan(unchanged(168, edition=edition(-400, -200, 3), evidence=honest), memory=memory).memory
    assert may_be_conditional(probed.trust, now=at(169).timestamp())
    assert probed.trust.distrust_until is None


@pytest.mark.parametrize(("per_hour", "hours", "probe"), [(2.0, 25, True), (0.2, 25, False), (50.0, 23, False)])
def test_a_day_without_the_entries_that_the_rate_promises_ends_in_a_clean_poll(
    per_hour: float, hours: float, probe: bool
) -> None:
    known = replace(times_not_modified(range(6, 30, 6)).trust, per_hour=per_hour)
    assert may_be_conditional(known, now=at(hours).timestamp()) is not probe


@pytest.mark.parametrize(
    ("evidence", "lied"),
    [
        ({"new": 5, "same_validators": True}, True),
        ({"new": 5, "modified_at": at(100).timestamp()}, True),
        ({"new": 5, "newest_new_at": at(100).timestamp()}, True),
        ({"new": 5, "newest_new_at": at(156).timestamp()}, False),
        ({"new": 5}, False),
        ({"new": 0, "same_validators": True}, False),
    ],
    ids=["same ETag", "older Last-Modified", "older entries", "entries of this minute", "no proof", "nothing new"],
)
def test_only_a_server_that_is_caught_loses_conditional_polls(evidence: dict[str, Any], lied: bool) -> None:
    memory = times_not_modified(range(12, 168, 12))
    proof = Evidence(conditional=False, same_body=False, **evidence)
    seen = read(168, -200, 5, 6, evidence=proof)
    result = plan(seen, memory=memory)
    trusted = may_be_conditional(result.memory.trust, now=at(169).timestamp())
    assert trusted is not lied
    assert ("cannot be trusted" in result.why) is lied
    assert may_be_conditional(result.memory.trust, now=seen.at.timestamp() + DISTRUST_S)


# --- 20: redirects


def moved(hours: float, to: str = OTHER, *, permanent: bool = True) -> PollSeen:
    return read(hours, int(hours), url=to)


def polls_over(days: int, *, to: str = OTHER, permanent: bool = True) -> FeedMemory:
    """Return the memory after a poll a day that was redirected."""
    memory = FeedMemory()
    for day in range(days):
        memory = replace(memory, moves=replace(memory.moves, permanent=permanent))
        memory = plan(moved(24 * day, to), memory=memory).memory
    return memory


def test_a_permanent_redirect_is_believed_after_days_of_proof() -> None:
    assert polls_over(7).moves.home is None
    assert polls_over(8).moves.home == OTHER


def test_a_temporary_redirect_is_never_believed() -> None:
    assert polls_over(100, permanent=False).moves.home is None


def test_five_redirects_of_one_day_prove_nothing() -> None:
    memory = FeedMemory()
    for hour in range(20):
        memory = replace(memory, moves=replace(memory.moves, permanent=True))
        memory = plan(moved(hour), memory=memory).memory
    assert memory.moves.home is None


def test_a_redirect_elsewhere_starts_the_proof_anew() -> None:
    memory = polls_over(7)
    memory = replace(memory, moves=replace(memory.moves, permanent=True))
    memory = plan(moved(24 * 7, "https://elsewhere.example/"), memory=memory).memory
    assert (memory.moves.home, memory.moves.times) == (None, 1)


def test_the_configured_address_has_its_turn_when_the_believed_one_fails() -> None:
    memory = polls_over(8)
    one = plan(failed(200, "http_404"), memory=memory).memory
    assert (one.moves.home, one.moves.home_failed) == (OTHER, True)
    two = plan(failed(201, "http_404"), memory=one).memory
    assert two.moves.home_failed is False, "each in turn"
    back = plan(read(202, 1), memory=one).memory
    assert back.moves.home is None, "the configured one works again by itself"


# --- 22 to 26: failures


def test_the_pause_doubles_with_each_failure_up_to_a_day() -> None:
    polls, pauses = [], []
    for number in range(12):
        polls.append(failed(100 * number))
        pauses.append(pause_h(plan(*polls), polls[-1]))
    assert [round(pause) for pause in pauses] == [1, 2, 4, 8, 16, *([24] * 7)]
    assert_pause(plan(*polls, unchanged(2000)), unchanged(2000), 1)


@pytest.mark.parametrize(
    ("every_s", "failures", "hours"), [(604_800, 5, 168), (0, 2, 120 / 3600), (1800, 3, 2), (None, 1000, 24)]
)
def test_back_off_starts_from_the_users_floor(every_s: float | None, failures: int, hours: float) -> None:
    seen = [failed(number) for number in range(failures)]
    assert_pause(plan(*seen, every_s=every_s), seen[-1], hours)


def test_a_name_server_that_is_away_says_least_and_a_refusal_most() -> None:
    pauses = {
        reason: pause_h(plan(failed(0, reason), failed(1, reason), failed(2, reason)), failed(2))
        for reason in ("dns_failed", "timeout", "http_404", "http_403")
    }
    assert list(pauses) == sorted(pauses, key=lambda reason: pauses[reason])
    assert pauses["dns_failed"] < 1.2
    assert pauses["http_403"] > 23


def test_404_never_ends_a_feed() -> None:
    result = plan(*(failed(24 * day, "http_404") for day in range(400)))
    assert result.next_poll_at < at(24 * 401)
    assert not result.memory.retired


def test_410_on_two_days_retires_a_feed_and_on_one_does_not() -> None:
    first = failed(0, "http_410")
    once = plan(first)
    assert_pause(once, first, 24)
    assert not plan(first, failed(1, "http_410")).memory.retired
    result = plan(first, failed(25, "http_410"))
    assert (result.next_poll_at, result.memory.retired) == (NEVER, True)
    assert result.why == "410 seen twice, on different days: retired"


def test_another_answer_between_two_410_is_a_sign_of_life() -> None:
    assert not plan(failed(0, "http_410"), unchanged(24), failed(48, "http_410")).memory.retired
    assert not plan(failed(0, "http_410"), failed(24, "http_404"), failed(48, "http_410")).memory.retired
    assert plan(failed(0, "http_410"), failed(24, "timeout"), failed(48, "http_410")).memory.retired


def test_a_retired_feed_that_answers_again_is_polled_as_before() -> None:
    result = plan(failed(0, "http_410"), failed(25, "http_410"), read(1000, 1))
    assert not result.memory.retired
    assert_pause(result, read(1000), 1)


def test_a_busy_site_is_left_alone_as_long_as_it_asks() -> None:
    seen = PollSeen(outcome="busy", at=NOON, reason="http_429", site_free_at=at(0.5), retry_after_s=2 * HOUR_S)
    result = plan(seen)
    assert_pause(result, seen, 2)
    assert result.memory.back_off == 0


def test_our_own_outage_counts_against_no_feed() -> None:
    before = plan(failed(0)).memory
    seen = PollSeen(outcome="outage", at=at(1), reason="connection_failed")
    result = plan(seen, memory=before)
    assert result.memory.back_off == before.back_off
    assert_pause(result, seen, 0.25)
    assert "own network" in result.why


# --- the memory itself


@pytest.mark.parametrize("text", [None, "", "no JSON", "[]", "3", '{"trust": 3}', '{"later_version": 1}'])
def test_a_memory_that_cannot_be_read_is_a_new_one(text: str | None) -> None:
    assert load_memory(text) == FeedMemory()


def test_a_memory_of_a_usual_feed_is_small() -> None:
    assert len(dump_memory(plan(read(0, *range(50))).memory)) < 2_000


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (DAY_S, "24 h")])
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text
