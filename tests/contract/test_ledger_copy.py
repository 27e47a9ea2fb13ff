"""A ledger copied into another backend: nothing is lost, nothing falls due again, nothing goes back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.copy_ledger import RowsCopied, copy_ledger
from tests.support import elasticsearch_node
from tests.support.ledgers import (
    BACKENDS,
    RUN,
    SITE,
    Killable,
    SetClock,
    address_of,
    at,
    feed_on,
    ledger_at,
    plan,
    poll_of,
    url_on,
)
from transforms.elements import FeedEntry
from transforms.errors import StoreError
from transforms.state.base import Claim, NewUrl, Settlement, SiteRule, StateStore
from transforms.state.exchange import ROW_KEYS, ROW_KINDS
from transforms.state.rows import Cells

OTHER = "herald.example"
LATER = "20270115T090000.000Z-bbbb"
FORGOTTEN = f"http://{SITE}/forgotten"
PAIRS = [(one, other) for one in BACKENDS for other in BACKENDS]
PARAMETERS = [
    pytest.param(pair, marks=pytest.mark.elasticsearch if "elasticsearch" in pair else (), id="-to-".join(pair))
    for pair in PAIRS
]
LOCAL = pytest.mark.parametrize("pair", [("sqlite", "sqlite")], ids="-to-".join, indirect=True)


@contextmanager
def second_elasticsearch(clock: SetClock) -> Iterator[StateStore]:
    with elasticsearch_node.project() as project:
        state = ledger_at(f"{elasticsearch_node.node_url()}#{project}", clock=clock)
        yield state
        state.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=PARAMETERS)
def pair(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[tuple[StateStore, StateStore]]:
    source, target = request.param
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    with ExitStack() as stack:
        one = stack.enter_context(BACKENDS[source](tmp_path / "source", clock))
        is_second = source == target == "elasticsearch"
        two = second_elasticsearch(clock) if is_second else BACKENDS[target](tmp_path / "target", clock)
        fill(one)
        yield one, stack.enter_context(two)


def fill(state: StateStore) -> None:
    """Let a ledger see each kind of work and of end."""
    state.configure([(feed_on(SITE), SITE), (feed_on(OTHER), OTHER)], {OTHER: SiteRule(delay_s=7)}, default_delay_s=1.0)
    state.begin_run(plan(feeds=(SITE,), max_pages=50))
    entry = FeedEntry(link=f"http://{SITE}/a", id="a", title="Ferries return", published=at(-60), authors=("Jo Doe",))
    listed = NewUrl(url=f"http://{SITE}/a", site=SITE, feed=SITE, entry=entry, fingerprint="1")
    urls = [listed, *(url_on(SITE, name) for name in ("b", "c", "d", "forgotten")), url_on(OTHER, "e")]
    state.polled(RUN, poll_of(SITE, 0, etag='"e1"', last_modified="Mon", memory='{"seen": 3}', entries=6), urls)
    state.polled(RUN, poll_of(OTHER, 0, error="timeout", message="slow"), [])
    state.claim([Claim(document_id="a1a", url=f"http://{SITE}/a", raw_sha256="x")])
    stored: dict[str, Any] = {"outcome": "stored", "reason": "", "raw_sha256": "x", "revision": 2, "figures": 3}
    state.settle(
        RUN,
        [
            Settlement(url=f"http://{SITE}/a", version=9, document_id="a1a", validators='{"etag": "p"}', **stored),
            Settlement(url=f"http://{SITE}/b", outcome="dead_lettered", reason="http_404", version=9),
            Settlement(url=f"http://{SITE}/c", outcome="filtered", reason="deferred", due_at=at(600)),
            Settlement(url=FORGOTTEN, version=9, document_id="a1f", **stored),
        ],
    )
    state.suppress(RUN, [(FORGOTTEN, SITE)], ["a1f"])
    state.save_robots(f"http://{SITE}", b"User-agent: *\nDisallow:", 200, at(1))
    state.back_off(OTHER, at(90), count=2, why="http_429")
    state.end_run(RUN, {"end": "done", "exit_code": 0, "message": None})


def everything(state: StateStore) -> dict[str, list[Cells]]:
    return {kind: sorted(state.rows(kind), key=lambda row, kind=kind: row[ROW_KEYS[kind]]) for kind in ROW_KINDS}  # type: ignore[misc]


def copied(pair: tuple[StateStore, StateStore]) -> dict[str, RowsCopied]:
    return {each.kind: each for each in copy_ledger(*pair, progress=lambda _: None)}


def without_forgotten(rows: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """The rows with the sites that only come with a lease, which a backend may or may not have."""
    return {kind: found for kind, found in rows.items() if kind != "sites"}


def test_every_row_arrives_as_it_was(pair: tuple[StateStore, StateStore]) -> None:
    done = copied(pair)
    assert without_forgotten(everything(pair[1])) == without_forgotten(everything(pair[0]))
    assert (done["urls"].copied, done["feeds"].copied, done["documents"].copied) == (6, 2, 2)
    assert (done["robots"].copied, done["runs"].copied) == (1, 1)
    again = copied(pair)
    assert {kind: (each.copied, each.there) for kind, each in again.items()} == {
        kind: (0, each.read) for kind, each in done.items()
    }


def test_a_run_on_the_copy_finds_the_work_that_is_left_and_no_other(
    pair: tuple[StateStore, StateStore], clock: SetClock
) -> None:
    target = pair[1]
    copied(pair)
    clock.move(700)  # behind what was put off and the pause of the other site; no feed is due
    target.configure([(feed_on(SITE), SITE), (feed_on(OTHER), OTHER)], {}, default_delay_s=1.0)
    target.begin_run(plan(LATER, feeds=(SITE, OTHER)))
    leases = target.lease(LATER, limit=5, slice_s=60)
    found = sorted(due.url for lease in leases for due in lease.urls)
    assert found == [f"http://{SITE}/c", f"http://{SITE}/d", f"http://{OTHER}/e"]
    assert [lease.feeds for lease in leases if lease.site == SITE] == [()]
    assert target.pause_of(OTHER) == pair[0].pause_of(OTHER)
    assert target.robots(f"http://{SITE}") == pair[0].robots(f"http://{SITE}")
    listed = [NewUrl(url=f"http://{SITE}/a", site=SITE, feed=SITE, fingerprint="1"), NewUrl(url=FORGOTTEN, site=SITE)]
    assert target.add_urls(LATER, listed) == (0, 2)
    row = target.lookup(FORGOTTEN)
    assert row is not None
    assert (row["state"], row["reason"]) == ("settled", "suppressed")
    assert target.claim([Claim(document_id="a1a", url=f"http://{SITE}/z", raw_sha256="x")]) == ("duplicate",)
    assert target.claim([Claim(document_id="a1f", url=f"http://{SITE}/z", raw_sha256="x")]) == ("suppressed",)
    clock.move(3_600)
    assert target.due_feeds() == (SITE, OTHER)
    for lease in leases:
        target.release(lease.site, lease.epoch, at(0))
    [feed] = [feed for lease in target.lease(LATER, limit=5, slice_s=60) for feed in lease.feeds if lease.site == SITE]
    assert (feed.etag, feed.last_modified, feed.memory, feed.polls) == ('"e1"', "Mon", '{"seen": 3}', 1)


def test_newer_rows_of_the_other_ledger_stay(pair: tuple[StateStore, StateStore], clock: SetClock) -> None:
    target = pair[1]
    copied(pair)
    target.begin_run(plan(LATER))
    target.polled(LATER, poll_of(SITE, 4_000, etag='"e2"'), [])
    clock.move(10)
    target.settle(LATER, [Settlement(url=f"http://{SITE}/d", outcome="dead_lettered", reason="timeout", version=11)])
    expected = everything(target)
    copied(pair)
    assert everything(target) == expected


def test_what_the_other_ledger_forgot_stays_forgotten(pair: tuple[StateStore, StateStore]) -> None:
    target = pair[1]
    target.create()
    target.begin_run(plan(LATER))
    target.suppress(LATER, [(f"http://{SITE}/a", SITE)], ["a1a"])
    done = copied(pair)
    assert done["urls"].held == 1
    row = target.lookup(f"http://{SITE}/a")
    assert row is not None
    assert (row["outcome"], row["reason"], row["document_id"]) == ("filtered", "suppressed", None)
    assert all(f"http://{SITE}/a" not in feed["edition"] for feed in target.rows("feeds"))
    assert target.claim([Claim(document_id="a1a", url=f"http://{SITE}/a", raw_sha256="x")]) == ("suppressed",)


def test_what_is_forgotten_after_a_copy_goes_there_with_the_next_one(pair: tuple[StateStore, StateStore]) -> None:
    source, target = pair
    copied(pair)
    source.suppress(LATER, [(f"http://{SITE}/a", SITE)], ["a1a"])
    copied(pair)
    assert without_forgotten(everything(target)) == without_forgotten(everything(source))
    assert f"http://{SITE}/a" not in str(everything(target)["urls"] + everything(target)["feeds"])


@LOCAL
def test_cut_short_it_is_run_again(pair: tuple[StateStore, StateStore], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.copy_ledger.BATCH", 2)

    def cut(done: RowsCopied) -> None:
        if done.kind == "urls" and done.read >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_ledger(*pair, progress=cut)
    assert list(pair[1].rows("feeds")) == []  # no validators before the rows that they stand for
    done = copied(pair)
    assert (done["urls"].there, done["urls"].copied) == (4, 2)
    assert everything(pair[1]) == everything(pair[0])


@pytest.mark.parametrize("pair", PARAMETERS[:3], indirect=True)  # another process finds one ledger on the server
@pytest.mark.parametrize("working", ["FROM", "TO"])
def test_refused_while_a_process_works(pair: tuple[StateStore, StateStore], working: str, clock: SetClock) -> None:
    source, target = pair
    if working == "TO":
        copied(pair)
        target.begin_run(plan(LATER))
    clock.move(700)
    run_id = RUN if working == "FROM" else LATER
    held = source if working == "FROM" else target
    with Killable(address_of(held), run_id=run_id, now=clock.now) as holder:
        assert holder.site != "nothing"
        with pytest.raises(StoreError, match=rf"the ledger of {working} is worked on by process \d+: stop the run"):
            copied(pair)
    copied(pair)
