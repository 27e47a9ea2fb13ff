"""What the ledger forgot stays forgotten: no feed, list, archive, replay or late worker brings it back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.ledgers import BACKENDS, MARKS, RUN, SITE, SetClock, feed_on, plan, poll_of, url_on
from transforms.elements import FeedEntry
from transforms.state.base import Claim, NewUrl, Settlement, StateStore
from transforms.state.sqlite.ledger import SqliteState

FORGET = "20270115T080500.000Z-ffff"
LATER = "20270115T090000.000Z-bbbb"
URL = f"http://{SITE}/harbour-page"
WORDS = "Zanzibarian harbour ledgers"

_PARAMETERS = [
    pytest.param(name, marks=getattr(pytest.mark, MARKS[name]) if name in MARKS else ()) for name in BACKENDS
]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=_PARAMETERS)
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[StateStore]:
    with BACKENDS[request.param](tmp_path, clock) as state:
        state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
        state.begin_run(plan())
        yield state


def listed(fingerprint: str = "1") -> NewUrl:
    entry = FeedEntry(link=URL, id=URL, title=WORDS)
    return NewUrl(url=URL, site=SITE, feed=SITE, entry=entry, fingerprint=fingerprint)


def stored(version: int = 5) -> Settlement:
    return Settlement(
        url=URL, outcome="stored", reason="", version=version, document_id="a1doc", raw_sha256="raw", revision=1
    )


def is_forgotten(state: StateStore) -> bool:
    row = state.lookup(URL)
    return row is not None and (row["state"], row["outcome"], row["reason"], row["document_id"]) == (
        "settled", "filtered", "suppressed", None,
    )  # fmt: skip


def test_a_stored_url_is_forgotten_with_its_document(state: StateStore) -> None:
    state.add_urls(RUN, [listed()])
    state.claim([Claim(document_id="a1doc", url=URL, raw_sha256="raw")])
    state.settle(RUN, [stored()])
    assert state.urls_of(["a1doc", "a1other"]) == (URL,)
    assert state.suppress(FORGET, [(URL, SITE)], ["a1doc"]) == 2
    assert is_forgotten(state)
    assert state.urls_of(["a1doc"]) == ()
    assert list(state.stored_by(RUN)) == []
    assert state.suppress(FORGET, [(URL, SITE)], ["a1doc"]) == 0
    assert state.erase() == ()


@pytest.mark.parametrize("again", [False, True])
def test_nothing_that_lists_it_wakes_it(state: StateStore, again: bool) -> None:
    state.add_urls(RUN, [listed()])
    state.settle(RUN, [stored()])
    state.suppress(FORGET, [(URL, SITE)], ["a1doc"])
    state.begin_run(plan(LATER))
    assert state.add_urls(LATER, [listed("2"), listed("3")], again=again) == (0, 2)
    assert state.take(LATER, [NewUrl(url=URL, site=SITE)], again=again) == (None,)
    assert state.polled(LATER, poll_of(SITE, 60), [listed("4"), url_on(SITE, "b")]) == 1
    assert is_forgotten(state)
    [lease] = state.lease(LATER, limit=5, slice_s=60)
    assert [due.url for due in lease.urls] == [f"http://{SITE}/b"]
    books = state.books(LATER)
    assert books.unbalanced == ()
    assert books.outcomes == (("filtered", "suppressed", 1),)  # an archive and a list with `again` count it
    assert state.books(RUN).unbalanced == ()


def test_a_url_that_was_never_seen_can_be_forgotten_beforehand(state: StateStore) -> None:
    assert state.suppress(FORGET, [(URL, SITE)], []) == 1
    state.add_urls(RUN, [listed()])
    assert is_forgotten(state)
    assert state.lease(RUN, limit=5, slice_s=60) == ()


def test_a_page_that_a_worker_holds_is_not_asked_for(state: StateStore) -> None:
    state.add_urls(RUN, [listed()])
    [lease] = state.lease(RUN, limit=1, slice_s=60)
    state.suppress(FORGET, [(URL, SITE)], [])
    assert state.begin(lease, URL).answer == "skip"


@pytest.mark.parametrize("late", [stored(2**60), replace(stored(2**60), outcome="dead_lettered", reason="http_404")])
def test_a_late_worker_changes_nothing(state: StateStore, late: Settlement) -> None:
    state.add_urls(RUN, [listed()])
    state.suppress(FORGET, [(URL, SITE)], ["a1doc"])
    assert state.claim([Claim(document_id="a1doc", url=URL, raw_sha256="raw")]) == ("suppressed",)
    state.settle(RUN, [late])
    assert is_forgotten(state)
    assert list(state.stored_by(RUN)) == []
    books = state.books(RUN)
    assert (books.came, books.ended, books.handed_over, books.unbalanced) == (1, 0, 1, ())


def test_no_byte_of_it_stays_in_the_file(tmp_path: Path, clock: SetClock) -> None:
    state = SqliteState(tmp_path / "ledger.db", clock=clock)
    state.create()
    state.configure([(feed_on(SITE), SITE)], {}, default_delay_s=1.0)
    state.begin_run(plan())
    for number in range(60):
        state.add_urls(RUN, [url_on(SITE, f"other-{number}")])
    state.polled(RUN, poll_of(SITE, 10), [listed(), url_on(SITE, "other-1")])
    assert in_files(tmp_path, WORDS, URL) == {WORDS, URL}
    state.suppress(FORGET, [(URL, SITE)], [])
    assert state.erase() == ()
    assert in_files(tmp_path, WORDS, URL) == set()
    state.polled(RUN, poll_of(SITE, 20), [listed("9"), url_on(SITE, "other-1")])
    assert state.erase() == ()
    assert in_files(tmp_path, WORDS, URL) == set()
    state.close()


def in_files(folder: Path, *texts: str) -> set[str]:
    data = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return {text for text in texts if text.encode() in data}
