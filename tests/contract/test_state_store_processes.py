"""Several worker processes on one ledger, one of them killed: everything ends once, no site is asked twice at once."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.commands import wait_until
from tests.support.ledgers import BACKENDS, MARKS, RUN, address_of, plan, url_on
from tests.support.lessees import Lessee, fetches

SITES, PAGES, WORKERS = 24, 10, 3
LEASE_S = 12.0  # long enough that no busy machine makes a living worker silent

_PARAMETERS = [
    pytest.param(name, machines, marks=[getattr(pytest.mark, MARKS[name])] if name in MARKS else [])
    for name, machines in (("sqlite", 1), ("elasticsearch", 1), ("elasticsearch", 3))
]


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "machines"), _PARAMETERS)
def test_three_workers_of_which_one_is_killed(backend: str, machines: int, tmp_path: Path) -> None:
    """On one machine the dead is found by its lock, on three by the silence of its leases."""
    with BACKENDS[backend](tmp_path, time.time) as state:
        state.configure([], {}, default_delay_s=0.005)
        state.begin_run(plan())
        urls = [url_on(f"s{site}.example", f"{site:03}{page:03}") for page in range(PAGES) for site in range(SITES)]
        state.add_urls(RUN, urls)
        homes = [tmp_path / f"home{number % machines}" for number in range(WORKERS)]
        workers: list[Lessee] = []
        try:
            for number, home in enumerate(homes):
                workers.append(Lessee(address_of(state), tmp_path, f"w{number}", home=home, lease_s=LEASE_S))
                if number == 0:  # the one to be killed is at work before the others can have done everything
                    wait_until(lambda: bool(fetches(tmp_path)), limit_s=120)
            wait_until(lambda: sum(fetch.by == "w0" for fetch in fetches(tmp_path)) >= 5, limit_s=120)
            workers[0].kill()
            killed_at = len(fetches(tmp_path))
            assert [worker.wait(240) for worker in workers[1:]] == [0, 0]
        finally:
            for worker in workers:
                worker.kill()
        books = state.books(RUN)
        made = fetches(tmp_path)
        times = Counter(fetch.url for fetch in made)
        stored = [url for url, _, _ in state.stored_by(RUN)]
    assert (books.came, books.ended, books.deferred, books.unbalanced) == (SITES * PAGES, SITES * PAGES, 0, ())
    assert sorted(stored) == sorted(url.url for url in urls)
    assert [fetch for fetch in made if fetch.busy] == []
    assert set(times) == set(stored)
    again = {url for url, count in times.items() if count > 1}
    assert again <= {fetch.url for fetch in made[:killed_at] if fetch.by == "w0"}, "only the dead one's pages"
