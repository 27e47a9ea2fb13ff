"""What only a ledger on a server has: machines that do not share files or clocks, searches that lag, lost answers."""

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import elasticsearch_node
from tests.support.ledgers import (
    RUN,
    SITE,
    Killable,
    SetClock,
    at,
    feed_on,
    ledger_at,
    plan,
    poll_of,
    project,
    server,
    url_on,
)
from tests.support.proxies import dropping_proxy
from transforms.elements import FeedEntry
from transforms.errors import ConfigurationError, SchemaVersionError, StoreError
from transforms.state import open_state
from transforms.state.base import Claim, NoLedgerError, Settlement, SiteRule
from transforms.state.elasticsearch.changes import packed, unpacked
from transforms.state.elasticsearch.ledger import ElasticsearchState

pytestmark = pytest.mark.elasticsearch

URL = f"http://{SITE}/a"
Machine = Callable[..., ElasticsearchState]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def machine(clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Give a maker of ledgers as a machine of that name opens them: each has a temporary folder of its own."""
    url, name = server()
    with ExitStack() as opened:

        def open_on(home: str, *, url: str = url, wall: SetClock = clock) -> ElasticsearchState:
            (tmp_path / home).mkdir(exist_ok=True)
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / home))
            state = ElasticsearchState(url, project=name, lease_s=60, clock=wall, monotonic=clock)
            state.in_hand(None)  # it finds out where it is
            opened.callback(state.close)
            return state

        first = open_on("first")
        first.configure([], {}, default_delay_s=1.0)
        first.begin_run(plan())
        yield open_on


def settled(url: str, version: int = 5) -> Settlement:
    return Settlement(url=url, outcome="stored", reason="", version=version, document_id="a1", raw_sha256="raw")


# --- machines


def test_a_lease_on_another_machine_ends_when_it_was_silent_for_its_length(machine: Machine, clock: SetClock) -> None:
    here, there = machine("here"), machine("there")
    here.add_urls(RUN, [url_on(SITE, "a")])
    [old] = there.lease(RUN, limit=1, slice_s=60)
    clock.move(1_000)  # nobody looked meanwhile
    assert here.lease(RUN, limit=1, slice_s=60) == ()
    clock.move(59)
    assert here.lease(RUN, limit=1, slice_s=60) == ()
    clock.move(1)
    [new] = here.lease(RUN, limit=1, slice_s=60)
    assert new.epoch == old.epoch + 1
    assert there.begin(old, URL).answer == "lost"
    there.release(SITE, old.epoch, at(0))
    assert here.begin(new, URL).answer == "wait"


def test_short_runs_of_one_machine_see_together_that_another_one_fell_silent(machine: Machine, clock: SetClock) -> None:
    there = machine("there")
    there.add_urls(RUN, [url_on(SITE, "a")])
    there.lease(RUN, limit=1, slice_s=60)
    assert machine("here").lease(RUN, limit=1, slice_s=60) == ()
    clock.move(40)
    again = machine("here")
    assert (again.lease(RUN, limit=1, slice_s=60), again.next_work_at()) == ((), None)
    clock.move(30)
    last = machine("here")
    assert last.next_work_at() is not None
    assert [lease.site for lease in last.lease(RUN, limit=1, slice_s=60)] == [SITE]


def test_a_run_ends_though_a_dead_machine_still_holds_a_site_of_it(machine: Machine, clock: SetClock) -> None:
    here, there = machine("here"), machine("there")
    here.add_urls(RUN, [url_on(SITE, "a")])
    there.lease(RUN, limit=1, slice_s=60)
    there.settle(RUN, [settled(URL)])  # and dies before the release
    assert here.work_at(RUN) == clock.now
    clock.move(61)
    assert here.work_at(RUN) is None


def test_any_sign_of_life_prolongs_a_lease(machine: Machine, clock: SetClock) -> None:
    here, there = machine("here"), machine("there")
    here.add_urls(RUN, [url_on(SITE, "a")])
    leases = there.lease(RUN, limit=1, slice_s=60)
    for sign in (lambda: there.renew(leases), lambda: there.begin(leases[0], URL), lambda: there.renew(leases)):
        assert here.lease(RUN, limit=1, slice_s=60) == ()
        clock.move(40)
        sign()
    assert here.lease(RUN, limit=1, slice_s=60) == ()


def test_a_wrong_wall_clock_takes_no_lease_away(machine: Machine, clock: SetClock) -> None:
    here = machine("here")
    ahead = machine("ahead", wall=SetClock(clock.now + 86_400))
    here.add_urls(RUN, [url_on(SITE, "a")])
    [lease] = here.lease(RUN, limit=1, slice_s=60)
    assert ahead.lease(RUN, limit=1, slice_s=60) == ()
    assert here.begin(lease, URL).answer == "go"


def test_a_site_from_another_machines_hands_waits_its_pause_again(machine: Machine, clock: SetClock) -> None:
    here = machine("here")
    ahead = machine("ahead", wall=SetClock(clock.now + 30))
    here.add_urls(RUN, [url_on(SITE, "a"), url_on(SITE, "b")])
    [lease] = here.lease(RUN, limit=1, slice_s=60)
    here.begin(lease, URL)
    here.release(SITE, lease.epoch, at(1))
    [lease] = ahead.lease(RUN, limit=1, slice_s=60)
    assert ahead.begin(lease, f"http://{SITE}/b").answer == "wait"


def test_a_living_process_of_another_machine_is_never_taken_for_dead(machine: Machine) -> None:
    here, there = machine("here"), machine("there")
    here.add_urls(RUN, [url_on(SITE, "a")])
    assert there.lease(RUN, limit=1, slice_s=60)
    assert not here.dead_holders(RUN)
    here.bury_dead()
    assert here.status()["workers"] == 1


def test_a_page_that_kills_machines_is_blamed_by_name_from_the_second_death_on(
    machine: Machine, clock: SetClock
) -> None:
    innocent, poison = url_on(SITE, "innocent").url, url_on(SITE, "poison").url
    state = machine("there")
    state.add_urls(RUN, [url_on(SITE, "innocent"), url_on(SITE, "poison")])
    state.lease(RUN, limit=1, slice_s=60)
    blamed = []
    for home in ("here", "there") * 2:
        state.in_hand(innocent)
        state.in_hand(None)
        state.in_hand(poison)  # and here the machine falls silent
        state = machine(home)
        assert state.lease(RUN, limit=1, slice_s=60) == ()
        clock.move(61)
        [lease] = state.lease(RUN, limit=1, slice_s=60)
        blamed.append((state.lookup(poison) or {})["blamed"])
    assert blamed == [0, 1, 2, 3]
    assert (state.lookup(innocent) or {})["blamed"] == 0
    clock.move(2)
    assert state.begin(lease, poison).answer == "crashed"


def test_a_visit_that_ends_well_makes_the_next_one_cheap_again(machine: Machine, clock: SetClock) -> None:
    here, there = machine("here"), machine("there")
    here.add_urls(RUN, [url_on(SITE, "a")])
    there.lease(RUN, limit=1, slice_s=60)
    here.lease(RUN, limit=1, slice_s=60)
    clock.move(61)
    [careful] = here.lease(RUN, limit=1, slice_s=60)
    here.in_hand(URL)
    assert noted() == 1
    here.in_hand(None)
    here.release(SITE, careful.epoch, at(0))
    clock.move(61)
    here.lease(RUN, limit=1, slice_s=60)
    here.in_hand(URL)
    assert noted() == 0


def noted() -> int:
    """Count the pages that are noted in the ledger itself."""
    with elasticsearch_node.client() as client:
        index = f"newsbeam-{project()}-state-meta"
        client.indices.refresh(index=index)
        hits = client.search(index=index, size=100)["hits"]["hits"]
    empty = packed(b"[]")
    return sum(hit["_id"].startswith("hand-") and hit["_source"]["value"] != empty for hit in hits)


def server_names() -> tuple[str, str]:
    """Return address and project of the ledger under test, as it is."""
    return elasticsearch_node.node_url(), project()


def test_a_buried_process_leaves_nothing_behind(
    machine: Machine, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "here"))  # of the other process, too
    here.add_urls(RUN, [url_on(SITE, "a")])
    with Killable("#".join(server_names()), now=clock.now, in_hand=URL) as holder:
        assert holder.site == SITE
    here.bury_dead()
    assert (here.lookup(URL) or {})["blamed"] == 1
    with elasticsearch_node.client() as client:
        index = f"newsbeam-{project()}-state-meta"
        client.indices.refresh(index=index)
        ids = {hit["_id"] for hit in client.search(index=index, size=100)["hits"]["hits"]}
    assert ids == {"ledger", "rules"}


# --- searches that lag


def test_what_was_just_settled_is_not_visited_again(machine: Machine) -> None:
    """Another process settles: this one's searches still find the row, and nothing refreshes them."""
    here, index_stage = machine("here"), machine("here")
    here.add_urls(RUN, [url_on(SITE, "a")])
    index_stage.settle(RUN, [settled(URL)])
    assert here.lease(RUN, limit=1, slice_s=60) == ()


def test_a_feed_that_was_just_polled_is_not_polled_again(machine: Machine) -> None:
    here, other = machine("here"), machine("here")
    here.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    here.begin_run(plan("20270115T090000.000Z-bbbb", feeds=(SITE,)))
    other.polled("20270115T090000.000Z-bbbb", poll_of(SITE, 1), ())
    assert here.lease("20270115T090000.000Z-bbbb", limit=1, slice_s=60) == ()


def test_settled_rows_do_not_hide_those_behind_them(machine: Machine) -> None:
    here, index_stage = machine("here"), machine("here")
    here.add_urls(RUN, [url_on(SITE, f"{number:02}") for number in range(30)])
    [lease] = here.lease(RUN, limit=1, slice_s=60)
    index_stage.settle(RUN, [settled(due.url) for due in lease.urls[:20]])
    assert len(here.more(lease, limit=10)) == 10


def test_sites_in_a_pause_do_not_hide_the_others(machine: Machine, clock: SetClock) -> None:
    here, other = machine("here"), machine("here")
    here.add_urls(RUN, [url_on(f"a{number:03}.example", "x") for number in range(230)])
    taken = other.lease(RUN, limit=230, slice_s=60)
    assert len(taken) == 230
    for lease in taken[:115]:
        other.back_off(lease.site, at(3_600))
        other.release(lease.site, lease.epoch, at(0))
    here.add_urls(RUN, [url_on("z.example", "x")])
    assert [lease.site for lease in here.lease(RUN, limit=3, slice_s=60)] == ["z.example"]
    assert here.work_at(RUN) == clock.now, "this run holds sites"


# --- lost answers and large things


def test_writes_whose_answer_is_lost_are_done_once(machine: Machine, clock: SetClock) -> None:
    url, _ = server_names()
    entry = FeedEntry(link=URL, id="1", title="A title")
    with dropping_proxy(url, path=b"/_bulk", answers=0) as proxy:
        state = machine("here", url=proxy.url)

        def losing(answers: int) -> None:
            proxy.dropped, proxy.answers = 0, answers

        losing(2)
        assert state.add_urls(RUN, [replace(url_on(SITE, "a"), entry=entry)]) == (1, 0)
        losing(1)
        [lease] = state.lease(RUN, limit=1, slice_s=60)
        losing(1)
        assert state.begin(lease, URL).answer == "go"
        losing(1)
        assert state.claim([Claim(document_id="d", url=URL, raw_sha256="x")]) == ("mine",)
        losing(1)
        state.settle(RUN, [settled(URL)])
        losing(1)
        state.release(SITE, lease.epoch, at(5))
        assert proxy.dropped == 1
        row = state.lookup(URL) or {}
        assert (row["outcome"], row["version"], state.work_at(RUN)) == ("created", 5, None)


def test_long_urls_ids_and_entries_are_kept_whole(machine: Machine) -> None:
    state = machine("here")
    long_url = f"http://{SITE}/" + "x" * 2_000
    entry = FeedEntry(link=long_url, id="i" * 3_000, title="t", content="<p>" + "wörter " * 40_000)
    source = replace(feed_on(SITE), id="f" * 1_000)
    state.configure([(source, SITE)], {}, default_delay_s=1.0)
    new = replace(url_on(SITE, ""), url=long_url, entry=entry, feed=source.id)
    poll = replace(poll_of(SITE, 1, memory="m" * 100_000, etag="e" * 8_000), feed=source.id)
    assert state.polled(RUN, poll, [new]) == 1
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    assert (lease.urls[0].entry, lease.urls[0].history.feeds) == (entry, (source.id,))
    [row] = state.feeds()
    assert (row["id"], row["memory"], row["etag"], row["entries"]) == (source.id, "m" * 100_000, "e" * 8_000, 1)


def test_many_feeds_are_listed_unlisted_and_found_due(machine: Machine) -> None:
    state = machine("here")
    sources = [(replace(feed_on("a.example"), id=f"feed{number:04}"), "a.example") for number in range(1_200)]
    state.configure(sources, {"b.example": SiteRule(paused=True)}, default_delay_s=1.0)
    assert len(state.due_feeds()) == 1_200
    state.configure(sources[:3], {}, default_delay_s=1.0)
    assert state.due_feeds() == ("feed0000", "feed0001", "feed0002")


def test_a_page_limit_holds_over_processes(machine: Machine, clock: SetClock) -> None:
    run_id = "20270115T090000.000Z-bbbb"
    here = machine("here")
    here.begin_run(plan(run_id, max_pages=10))
    here.add_urls(run_id, [url_on(f"s{number}.example", "a") for number in range(30)])
    leases = here.lease(run_id, limit=30, slice_s=60)
    answers: list[str] = []

    def ask(some: int) -> None:
        state = ledger_at("#".join(server_names()), clock=clock)
        state._neighbours = here._neighbours  # type: ignore[attr-defined]  # the same process
        answers.extend(state.begin(lease, lease.urls[0].url).answer for lease in leases[some::3])
        state.close()

    threads = [threading.Thread(target=ask, args=(some,)) for some in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["go"] * 10 + ["limit"] * 20


# --- opening


@pytest.mark.slow
def test_making_a_ledger_twice_and_at_once_is_harmless() -> None:
    with elasticsearch_node.project() as name:
        states = [ElasticsearchState(elasticsearch_node.node_url(), project=name) for _ in range(3)]
        failures: list[BaseException] = []

        def create(state: ElasticsearchState) -> None:
            try:
                state.create()
            except BaseException as err:
                failures.append(err)

        threads = [threading.Thread(target=create, args=(state,)) for state in states]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        states[0].create()
        assert failures == []
        assert len({state._client.ledger_id for state in states}) == 1
        for state in states:
            state.close()


def test_a_ledger_that_is_not_there_is_not_made_by_a_look() -> None:
    with elasticsearch_node.project() as name:
        state = open_state(f"{elasticsearch_node.node_url()}#{name}")
        for look in (state.status, state.due_feeds, state.next_work_at, lambda: state.lookup(URL)):
            with pytest.raises(NoLedgerError, match="newsbeam ingest"):
                look()
        state.close()
        with elasticsearch_node.client() as client:
            assert not client.indices.exists(index=f"newsbeam-{name}-state-*", allow_no_indices=False)


def test_a_ledger_of_another_version_is_refused_with_the_remedy(machine: Machine) -> None:
    url, index = elasticsearch_node.node_url(), f"newsbeam-{project()}-state-meta"
    with elasticsearch_node.client() as client:
        ours = client.get(index=index, id="ledger")["_source"]
        client.index(index=index, id="ledger", document={"value": packed('{"version": 99, "id": "x"}')})
        newer = ElasticsearchState(url, project=project())
        try:
            for use in (newer.create, newer.status, lambda: newer.lease(RUN, limit=1, slice_s=1)):
                with pytest.raises(SchemaVersionError, match=r"version 99.*newer newsbeam.*--state"):
                    use()
        finally:
            client.index(index=index, id="ledger", document=ours)
            newer.close()


def test_a_ledger_of_version_1_is_brought_up_and_keeps_what_it_knew() -> None:
    url = elasticsearch_node.node_url()
    with elasticsearch_node.project() as name, elasticsearch_node.client() as client:
        first = ElasticsearchState(url, project=name)
        first.create()
        first.begin_run(plan())
        first.add_urls(RUN, [url_on(SITE, "a")])
        # As version 1 left it: rows without validators under a mapping without them.
        alias = f"newsbeam-{name}-state-urls"
        [(index, old)] = client.indices.get(index=alias).items()
        mappings = old["mappings"]
        del mappings["properties"]["validators"]
        [hit] = client.search(index=alias, query={"match_all": {}})["hits"]["hits"]
        row = {key: value for key, value in hit["_source"].items() if key != "validators"}
        client.indices.delete(index=index)
        client.indices.create(index=f"{alias}-v1", mappings=mappings, aliases={alias: {}})
        client.index(index=alias, id=hit["_id"], document=row, refresh=True)
        about = json.loads(unpacked(client.get(index=f"newsbeam-{name}-state-meta", id="ledger")["_source"]["value"]))
        client.index(
            index=f"newsbeam-{name}-state-meta",
            id="ledger",
            document={"value": packed(json.dumps({**about, "version": 1}))},
        )
        first.close()

        with closing(ElasticsearchState(url, project=name)) as state:
            with pytest.raises(SchemaVersionError, match=r"version 1.*newsbeam ingest"):
                state.status()
            state.create()
            [lease] = state.lease(RUN, limit=1, slice_s=60)
            assert (lease.urls[0].url, lease.urls[0].history.validators) == (f"http://{SITE}/a", None)
            done = Settlement(url=f"http://{SITE}/a", outcome="stored", reason="", version=5, validators="kept")
            state.settle(RUN, [done])
            assert state._client.ledger_id == about["id"]
            state.add_urls("20270115T090000.000Z-bbbb", [url_on(SITE, "a")], again=True)
            [due] = state.more(lease, limit=1)
            assert due.history.validators == "kept"


def test_a_server_that_is_not_there_is_told_with_the_address() -> None:
    state = open_state("http://127.0.0.1:9/#x")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9.*running"):
        state.create()
    state.close()


@pytest.mark.parametrize("spec", ["http://node.example#x", "http://node.example:9200#Bad Name"])
def test_an_address_that_cannot_be_used_is_refused(spec: str) -> None:
    with pytest.raises(ConfigurationError):
        open_state(spec)


def test_the_scheduler_is_known_while_it_lives_and_by_its_word_elsewhere(machine: Machine, clock: SetClock) -> None:
    here, there = machine("here"), machine("there")
    assert (here.status()["scheduler"], there.status()["scheduler"]) == (False, False)
    here.mark_scheduler()
    clock.move(200)
    here.next_work_at()
    clock.move(200)
    assert (here.status()["scheduler"], there.status()["scheduler"]) == (True, True)
    clock.move(200)
    assert (there.status()["scheduler"], there.status()["scheduler_died"]) == (False, True)
    here.unmark_scheduler()
    assert (there.status()["scheduler"], there.status()["scheduler_died"]) == (False, False)
