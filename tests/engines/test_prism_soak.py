"""A stream on Prism over changing feeds for a while: nothing lost, nobody hurried, memory flat."""

import os
import time
from pathlib import Path
from statistics import median

import pytest

from tests.support.driving import Driver, driving, harness, make_due, nothing_is_left, polite, stored
from tests.support.engines import engine_environment
from tests.support.newsweb import NewsWeb, read_log
from tests.support.processes import wait_for

pytestmark = [pytest.mark.engines, pytest.mark.full]

SOAK_S = float(os.environ.get("NEWSBEAM_SOAK_S", "90"))
PAGES, SITES = 240, 12
ROUND_S = 5.0
GROWTH = 1.35  # of the last third's median over the middle one's: models, caches and pools are full by then


def resident_mb(driver: Driver, name: str) -> float:
    """Return the resident memory of the processes of this name; 0 when there are none yet."""
    found = 0
    for pid in driver.processes(name):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return found / 1024


def test_a_soak_is_flat_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBEAM_PRISM", engine_environment("prism")["NEWSBEAM_PRISM"])
    log = tmp_path / "web.jsonl"
    samples: dict[str, list[float]] = {"prism --job_port": [], "pipeline worker": [], "pipeline.job": []}
    with NewsWeb.big(pages=PAGES, sites=SITES, log_path=log) as web:
        made = harness(tmp_path, web, list(web.feed_urls))
        with driving(made, "schedule", "--runner", "prism") as driver:
            began = time.monotonic()
            while time.monotonic() - began < SOAK_S:
                until = time.monotonic() + ROUND_S
                wait_for("the round's end", lambda until=until: time.monotonic() > until)  # type: ignore[misc]
                assert driver.process.poll() is None, driver.said()
                for name, values in samples.items():
                    values.append(resident_mb(driver, name))
                make_due(made)
            driver.wait_for_documents(set(web.article_urls()))
            assert driver.stop() == 0, driver.said()
        nothing_is_left(made)
        assert stored(made) == set(web.article_urls())
    requests = read_log(log)
    polite(requests, list(web.feed_urls))
    polls = sum(request.url in web.feed_urls for request in requests)
    print(f"\n{SOAK_S:.0f} s: {len(requests)} requests, {polls} polls, {PAGES} articles")
    for name, values in samples.items():
        third = len(values) // 3
        middle, last = median(values[third : 2 * third]), median(values[2 * third :])
        print(f"{name}: {values[third]:.0f} .. {values[-1]:.0f} MB, medians {middle:.0f} and {last:.0f}")
        assert last < middle * GROWTH + 20, (name, values)
