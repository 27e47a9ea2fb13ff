"""What articles show of their sites: noted as they settle, counted once, made into versions that never change."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.ledgers import BACKENDS, MARKS, RUN, SITE, SetClock, address_of, at, plan, url_on
from transforms.elements import Learned, LearnedLine, Observed
from transforms.state.base import Settlement, StateStore
from transforms.state.observations import KEPT_ARTICLES, KEPT_VERSIONS
from transforms.state.sqlite.ledger import SqliteState

LATER = "20270115T090000.000Z-bbbb"
SEEN = Observed(lines=(2**64 - 1, 7), sketch=(1, 2**32 - 1))
TEXT = "Zanzibarian harbour ledgers, every morning"

# Settles one URL in another process, which a plan kills at a point on the way.
SETTLER = """
import sys
from tests.support.ledgers import RUN, ledger_at
from tests.contract.test_learned_lines import stored
address, now = sys.argv[1:]
state = ledger_at(address, clock=lambda: float(now))
state.settle(RUN, [stored("a"), stored("b")])
print("settled", flush=True)
"""

_PARAMETERS = [
    pytest.param(name, marks=getattr(pytest.mark, MARKS[name]) if name in MARKS else ()) for name in BACKENDS
]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=_PARAMETERS)
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[StateStore]:
    with BACKENDS[request.param](tmp_path, clock) as state:
        state.configure([], {}, default_delay_s=1.0)
        state.begin_run(plan())
        state.add_urls(RUN, [url_on(SITE, name) for name in "abc"])
        yield state


def stored(name: str, version: int = 5, observed: Observed | None = SEEN) -> Settlement:
    return Settlement(
        url=f"http://{SITE}/{name}",
        outcome="stored",
        reason="",
        version=version,
        document_id=f"a1{name}",
        raw_sha256="raw",
        revision=1,
        site=SITE,
        observed=observed,
    )


def ids(state: StateStore) -> list[str]:
    return [each.document_id for each in state.observations(SITE)]


def learned(version: int, *keys: int, articles: int = 4) -> Learned:
    lines = tuple(LearnedLine(key=key, text=TEXT, articles=3, first="a1a", last="a1b") for key in keys)
    return Learned(site=SITE, version=version, articles=articles, lines=lines)


def lines_at(state: StateStore, moment: datetime) -> tuple[int, frozenset[int]] | None:
    profile = state.profile(SITE, before=moment)
    return None if profile is None else (profile.version, profile.lines)


# --- noted


def test_what_a_stored_article_shows_is_noted_with_its_settlement(state: StateStore, clock: SetClock) -> None:
    state.settle(RUN, [stored("a")])
    clock.move(5)
    state.settle(RUN, [stored("b", observed=Observed(lines=(9,), sketch=()))])
    assert state.sites_to_learn(limit=10) == (SITE,)
    first, second = state.observations(SITE)
    assert (first.document_id, first.observed, first.at) == ("a1a", SEEN, at(0).timestamp())
    assert (second.document_id, second.observed.lines, second.observed.sketch) == ("a1b", (9,), ())


def test_an_article_that_is_settled_twice_counts_once(state: StateStore) -> None:
    for version in (5, 5, 6):
        state.settle(RUN, [stored("a", version)])
    assert ids(state) == ["a1a"]


def test_an_older_fetch_that_comes_late_says_nothing(state: StateStore) -> None:
    state.settle(RUN, [stored("a", 9)])
    state.settle(RUN, [stored("a", 5, Observed(lines=(1,)))])
    [noted] = state.observations(SITE)
    assert noted.observed == SEEN


@pytest.mark.parametrize("outcome", ["unchanged", "filtered", "dead_lettered"])
def test_what_ends_without_a_document_is_not_noted(state: StateStore, outcome: str) -> None:
    state.settle(RUN, [Settlement(url=f"http://{SITE}/a", outcome=outcome, reason="x", version=5)])  # type: ignore[arg-type]
    assert (state.sites_to_learn(limit=10), state.observations(SITE)) == ((), ())


def test_a_url_that_the_ledger_does_not_know_is_not_noted(state: StateStore) -> None:
    state.settle(RUN, [stored("nowhere")])
    assert ids(state) == []


@pytest.mark.parametrize("point", ["half_settled", "settled"])
def test_killed_while_settling_and_done_again_each_article_counts_once(
    state: StateStore, tmp_path: Path, point: str
) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"id": 1, "point": point, "nth": 1}))
    for ending in (-9, 0):
        done = subprocess.run(
            [sys.executable, "-c", SETTLER, address_of(state), str(at(0).timestamp())],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "NEWSBEAM_CRASH_PLAN": str(tmp_path / "plan.json")},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == ending, done.stderr
        state.sites_to_learn(limit=1)  # makes visible what another process wrote
        settled = [state.lookup(f"http://{SITE}/{name}") for name in "ab"]
        if isinstance(state, SqliteState):  # one transaction: both or none
            assert len(ids(state)) == sum(row is not None and row["state"] == "settled" for row in settled)
    assert sorted(ids(state)) == ["a1a", "a1b"]


# --- learned


def test_a_version_never_changes_and_holds_for_runs_that_began_after_it(state: StateStore, clock: SetClock) -> None:
    state.settle(RUN, [stored("a")])
    assert lines_at(state, at(1_000)) is None
    assert state.learn(learned(1, 7, 2**64 - 1), state.observations(SITE))
    clock.move(60)
    assert state.learn(learned(2, 7), state.observations(SITE))
    assert [lines_at(state, at(moment)) for moment in (0, 1, 60, 61, 1_000)] == [
        None,
        (1, frozenset({7, 2**64 - 1})),
        (1, frozenset({7, 2**64 - 1})),
        (2, frozenset({7})),
        (2, frozenset({7})),
    ]
    newest = state.newest_profile(SITE)
    assert newest is not None
    assert newest.version == 2
    assert state.profile("other.example", before=at(1_000)) is None


def test_the_same_version_is_made_once(state: StateStore) -> None:
    assert state.learn(learned(1, 7), ())
    assert not state.learn(learned(3, 8), ())
    assert state.learn(learned(2, 8), ())
    assert not state.learn(learned(1, 9), ())
    assert lines_at(state, at(1)) == (2, frozenset({8}))


def test_counting_again_changes_what_people_see_and_no_version(state: StateStore, clock: SetClock) -> None:
    state.learn(learned(1, 7), ())
    clock.move(60)
    assert state.learn(learned(1, 7, articles=50), ())
    found = state.learned(SITE)
    assert found is not None
    assert (found.version, found.articles, found.made_at) == (1, 50, at(0))
    assert (found.lines[0].text, found.lines[0].key) == (TEXT, 7)


def test_what_was_counted_is_not_looked_at_again_until_something_comes(state: StateStore, clock: SetClock) -> None:
    state.settle(RUN, [stored("a")])
    before = state.observations(SITE)
    clock.move(1)
    state.settle(RUN, [stored("b")])
    state.learn(learned(0), before)
    assert state.sites_to_learn(limit=10) == (SITE,), "b came in while a was counted"
    state.learn(learned(0), state.observations(SITE))
    assert state.sites_to_learn(limit=10) == ()
    clock.move(1)
    state.settle(RUN, [stored("a", 6)])
    assert state.sites_to_learn(limit=10) == (), "it shows what it showed before"
    state.settle(RUN, [stored("a", 7, Observed(lines=(1,)))])
    assert state.sites_to_learn(limit=10) == (SITE,)
    assert ids(state) == ["a1b", "a1a"]


def test_the_site_that_waits_longest_is_learned_first(state: StateStore, clock: SetClock) -> None:
    """Where the time is up before the last one, it is the first of the next run, whatever its name."""
    for name in ("zebra", "marsh", "aspen", "zebra"):
        clock.move(1)
        url = url_on(f"{name}.example", str(clock()))
        state.add_urls(RUN, [url])
        state.settle(RUN, [replace(stored("a"), url=url.url, site=url.site)])
    assert state.sites_to_learn(limit=10) == ("zebra.example", "marsh.example", "aspen.example")
    assert state.sites_to_learn(limit=1) == ("zebra.example",)


def test_a_site_keeps_its_latest_articles_and_versions(state: StateStore, clock: SetClock) -> None:
    names = [f"n{number:03}" for number in range(KEPT_ARTICLES + 10)]
    state.add_urls(RUN, [url_on(SITE, name) for name in names])
    for half in (names[:105], names[105:]):
        clock.move(1)
        state.settle(RUN, [stored(name) for name in half])
    assert len(ids(state)) == KEPT_ARTICLES
    state.learn(learned(0), state.observations(SITE))
    assert state.sites_to_learn(limit=10) == ()
    assert set(ids(state)) >= {f"a1{name}" for name in names[105:]}
    for version in range(1, KEPT_VERSIONS + 3):
        clock.move(1)
        assert state.learn(learned(version, version), ())
    assert lines_at(state, at(3.5)) is None, "versions of before twenty others are gone"
    assert lines_at(state, at(1_000)) == (KEPT_VERSIONS + 2, frozenset({KEPT_VERSIONS + 2}))


# --- forgotten


def test_what_is_forgotten_is_not_counted_any_more_and_leaves_no_text(state: StateStore) -> None:
    state.settle(RUN, [stored("a"), stored("b")])
    state.learn(learned(1, 7), state.observations(SITE))
    state.suppress(LATER, [(f"http://{SITE}/a", SITE)], ["a1a"])
    assert ids(state) == ["a1b"]
    assert state.learned(SITE) is None
    assert state.sites_to_learn(limit=10) == (SITE,), "the rest is counted again"
    assert lines_at(state, at(1)) == (1, frozenset({7})), "hashes of lines are no text"
    state.settle(LATER, [stored("a", 9)])
    assert ids(state) == ["a1b"], "nor does a late worker bring it back"
    if isinstance(state, SqliteState):
        state.erase()
        assert TEXT.encode() not in state.path.read_bytes()


def test_forgetting_what_was_never_noted_leaves_the_texts(state: StateStore) -> None:
    state.settle(RUN, [stored("a")])
    state.learn(learned(1, 7), state.observations(SITE))
    state.suppress(LATER, [(f"http://{SITE}/c", SITE)], ["a1c"])
    assert state.learned(SITE) is not None
