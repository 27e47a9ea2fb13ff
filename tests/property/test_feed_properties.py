"""Of any feed and any server: what the polling policy never does, and what the parsers of strangers' bytes never do."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import example, given
from hypothesis import strategies as st

from transforms.elements import FeedEntry
from transforms.errors import Reason, StageError
from transforms.feeds import read_feed
from transforms.feeds.arrivals import Arrivals, Edition
from transforms.feeds.base import MAX_ENTRIES
from transforms.feeds.identity import fingerprint, identify, unwrap
from transforms.feeds.memory import FeedMemory, Part, Wishes, dump_memory, load_memory
from transforms.feeds.moves import Moves
from transforms.feeds.policy import JITTER, MAX_JITTER_S, NEVER, PollPlan, PollSeen, after_poll
from transforms.feeds.polling import PollLimits, Validators, conditional_headers, read_poll
from transforms.feeds.trust import Evidence, Trust
from transforms.web.urls import normalize_url

URL = "https://gazette.example/rss"
LIMITS = PollLimits()
WEEK_S = 7 * 86_400.0

seconds = st.floats(0, 40 * 86_400)
epochs = st.floats(1.6e9, 1.9e9)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
keys = st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), max_size=6).map(tuple)
wishes = st.builds(
    Wishes,
    ttl_s=st.none() | seconds,
    skip_hours=st.lists(st.integers(0, 23), max_size=23, unique=True).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=6, unique=True).map(tuple),
)
sizes = st.integers(0, 2**53)  # JSON's integers: what a counter of bytes can hold
memories = st.builds(
    FeedMemory,
    why=st.text(max_size=20),
    planned_at=st.none() | epochs,
    wishes=wishes,
    arrivals=st.builds(
        Arrivals,
        interval_s=st.none() | seconds,
        per_hour=st.none() | st.floats(0, 1e6),
        shorter=st.integers(0, 5),
        read_at=st.none() | epochs,
        keys=keys,
        count=st.integers(0, 6),
        newest_at=st.none() | epochs,
        span_s=st.none() | seconds,
    ),
    trust=st.builds(
        Trust,
        proven=st.booleans(),
        wasted=st.integers(0, 9),
        full_at=st.none() | epochs,
        per_hour=st.none() | st.floats(0, 1e6),
        not_modified_at=st.none() | epochs,
        not_modified=st.integers(0, 99),
        distrust_until=st.none() | epochs,
    ),
    moves=st.builds(Moves, to=st.none() | st.just(URL), since=st.none() | epochs, times=st.integers(0, 9)),
    parts=st.lists(
        st.builds(Part, url=st.just(URL), etag=st.none() | st.text(max_size=9), full_bytes=st.none() | sizes),
        max_size=2,
    ).map(tuple),
    overflow=st.integers(0, 9),
    full_bytes=st.none() | sizes,
    back_off=st.floats(0, 1e4),
    gone_at=st.none() | epochs,
    retired=st.booleans(),
)
editions = st.builds(
    Edition,
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=6).map(tuple),
    oldest_at=st.none() | epochs,
    newest_at=st.none() | epochs,
    is_partial=st.booleans(),
)
polls = st.builds(
    PollSeen,
    outcome=st.sampled_from(["read", "unchanged", "failed", "busy", "outage"]),
    at=instants,
    reason=st.sampled_from(get_args(Reason)),
    start=st.just(URL),
    url=st.sampled_from([URL, "https://elsewhere.example/rss"]),
    edition=st.none() | editions,
    wishes=st.none() | wishes,
    evidence=st.none() | st.builds(Evidence, conditional=st.booleans(), same_body=st.booleans(), new=st.integers(0, 9)),
    has_validators=st.booleans(),
    fresh_s=st.none() | seconds,
    retry_after_s=st.none() | seconds,
)
paces = st.none() | st.floats(0, 30 * 86_400)


def plan(memory: FeedMemory, seen: PollSeen, every_s: float | None) -> PollPlan:
    return after_poll(memory, seen, feed="gazette", configured=URL, every_s=every_s, limits=LIMITS)


def pause_s(result: PollPlan, seen: PollSeen) -> float:
    return (result.next_poll_at - seen.at).total_seconds()


@given(memories, polls, paces)
def test_the_next_poll_is_never_before_what_anybody_asked_for(
    memory: FeedMemory, seen: PollSeen, every_s: float | None
) -> None:
    result = plan(memory, seen, every_s)
    if seen.outcome == "outage":
        return  # nobody was asked
    asked = [seen.retry_after_s or 0.0]
    if seen.outcome != "busy":
        ttl_s = result.memory.wishes.ttl_s or 0.0
        asked += [min(each, LIMITS.max_asked_s) for each in (ttl_s, seen.fresh_s or 0.0)]
        asked.append(LIMITS.floor_s if every_s is None else every_s)
    assert pause_s(result, seen) >= max(asked) - 1e-3


@given(memories, polls, paces)
def test_the_next_poll_is_never_later_than_the_longest_bound(
    memory: FeedMemory, seen: PollSeen, every_s: float | None
) -> None:
    result = plan(memory, seen, every_s)
    if result.memory.retired and seen.reason == "http_410" and seen.outcome == "failed":  # busy: 429 and 503 only
        assert result.next_poll_at == NEVER
        return
    longest = max(
        LIMITS.max_asked_s, LIMITS.max_failure_s, LIMITS.max_interval_s, every_s or 0, seen.retry_after_s or 0
    )
    skipped = WEEK_S if result.memory.wishes.skip_hours or result.memory.wishes.skip_days else 0.0
    assert pause_s(result, seen) <= longest + min(longest * JITTER, MAX_JITTER_S) + skipped + MAX_JITTER_S


@given(memories, polls, paces)
def test_a_plan_is_the_same_after_a_restart(memory: FeedMemory, seen: PollSeen, every_s: float | None) -> None:
    kept = load_memory(dump_memory(memory))
    assert kept == memory
    assert plan(kept, seen, every_s) == plan(memory, seen, every_s)


@given(memories, st.sampled_from(["http_5xx", "timeout", "http_404", "dns_failed", "http_403"]), instants, paces)
def test_back_off_never_shrinks_while_a_feed_fails(
    memory: FeedMemory, reason: Reason, at: datetime, every_s: float | None
) -> None:
    memory = replace(memory, wishes=Wishes())
    before_s = 0.0
    for _ in range(12):
        seen = PollSeen(outcome="failed", at=at, reason=reason)
        result = plan(memory, seen, every_s)
        without_jitter_s = pause_s(result, seen) / (1 + JITTER)
        assert without_jitter_s <= pause_s(result, seen)
        assert pause_s(result, seen) >= before_s / (1 + JITTER) - 1e-3
        before_s, memory = pause_s(result, seen), result.memory
        at += timedelta(seconds=before_s)


@given(st.text(max_size=200))
@example("[1]")
def test_any_text_is_a_memory_or_a_new_one(text: str) -> None:
    assert isinstance(load_memory(text), FeedMemory)


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["etag", "last-modified", "x"]), st.text(max_size=30)),
    st.binary(max_size=30),
    st.booleans(),
)
def test_any_answer_means_something_and_what_is_kept_can_be_sent(
    status: int, headers: dict[str, str], body: bytes, conditional: bool
) -> None:
    stored = Validators(etag='"old"', url=URL)
    sent = {"If-None-Match": '"old"'} if conditional else {}
    answer = read_poll(status, headers, body, url=URL, sent=sent, stored=stored)
    assert (answer.error is None) == (answer.outcome != "failed")
    if answer.outcome == "failed":
        assert answer.validators == stored
    for value in conditional_headers(answer.validators, URL).values():
        assert not set(value) & set("\r\n\x00")


# --- parsers

JSON_KEYS = ("id", "url", "external_url", "title", "content_html", "date_published", "authors", "tags", "attachments")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*JSON_KEYS, "name")), inner, max_size=4)
    ),
    max_leaves=12,
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title><entry><id>1</id><link href="http://a.example/1"/>
<updated>2026-01-01T00:00:00Z</updated><content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>"""
SITEMAP = """<urlset><url><loc>http://a.example/1</loc><news:news><news:title>T &amp; U</news:title>
<news:publication_date>2026-01-01</news:publication_date></news:news></url></urlset>"""
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "http://a.example/1"}]}'


def read(body: bytes) -> None:
    """Read; a document keeps its promises, anything but a `StageError` fails the test."""
    try:
        document = read_feed(body, url=URL)
    except StageError:
        return
    assert len(document.entries) <= MAX_ENTRIES
    assert len({entry.id for entry in document.entries if entry.link}) <= len(document.entries)
    for entry in document.entries:
        normalize_url(entry.link)
        assert entry.id
        for date in (entry.published, entry.updated):
            assert date is None or date.tzinfo is not None
        assert len(fingerprint(entry)) == 16


@given(
    st.lists(json_values, max_size=4), st.dictionaries(st.sampled_from(("title", "authors", "language")), json_values)
)
def test_any_json_feed_is_read_or_refused(items: list[Any], cells: dict[str, Any]) -> None:
    version = {"version": "https://jsonfeed.org/version/1.1"}
    read(json.dumps({**version, **cells, "items": items}).encode("utf-8", "replace"))


@given(
    st.sampled_from([ATOM, SITEMAP, JSON]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40), st.binary(max_size=12)), max_size=4),
    st.booleans(),
)
def test_any_damage_to_a_feed_is_read_or_refused(
    text: str, changes: list[tuple[int, int, bytes]], zipped: bool
) -> None:
    body = text.encode()
    for at, length, put in changes:
        body = body[:at] + put + body[at + length :]
    read(gzip.compress(body)[: -3 if zipped and len(changes) > 2 else None] if zipped else body)


@given(st.binary(max_size=300))
def test_any_bytes_are_no_feed_or_one(body: bytes) -> None:
    read(b"<urlset>" + body)
    read(b"\x1f\x8b" + body)


@given(
    st.sampled_from(
        ["https://www.google.com/url?", "https://l.facebook.com/l.php?", "https://t.umblr.com/redirect?", ""]
    ),
    st.text(max_size=60),
)
def test_unwrapping_gives_the_link_or_one_that_can_be_fetched(prefix: str, text: str) -> None:
    link = prefix + text
    found = unwrap(link)
    if found != link:
        normalize_url(found)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=6))
def test_identified_entries_keep_their_order_and_number(pairs: list[tuple[str, str]]) -> None:
    entries = [FeedEntry(link=f"http://a.example/{link}", id=id_) for id_, link in pairs]
    assert [entry.link for entry in identify(entries)] == [entry.link for entry in entries]
