"""Records of jobs on engines: a dead driver's leavings are found by them, a living one's are left alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from pipeline.engines import records
from tests.support.commands import wait_until
from tests.support.flink_answers import JOBS, flink_saying

RUN = "20261124T083000.123Z-1f3a"
NOBODY = 2**22 + 1  # above the largest process id that Linux gives


@contextmanager
def process_of(run_id: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a process that carries a run's id, as what an engine starts does."""
    started = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); import time; time.sleep(600)"],
        env={**os.environ, records.RUN_VARIABLE: run_id},
        stdout=subprocess.PIPE,
    )
    assert started.stdout is not None
    started.stdout.readline()
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def written_by_a_dead_driver(folder: Path) -> Path:
    records.write(folder, RUN, "prism", "newsbeam-x", None)
    path = folder / f"{RUN}.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "driver": NOBODY}))
    return path


def test_what_a_living_driver_runs_is_no_orphan(tmp_path: Path) -> None:
    records.write(tmp_path, RUN, "prism", "newsbeam-x", None)
    with process_of(RUN):
        assert records.orphans(tmp_path) == ()
    assert (tmp_path / f"{RUN}.json").exists()


def test_a_process_id_that_was_given_again_is_no_living_driver(tmp_path: Path) -> None:
    records.write(tmp_path, RUN, "prism", "newsbeam-x", None)
    path = tmp_path / f"{RUN}.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "driver_started": 1}))
    with process_of(RUN) as left:
        [orphan] = records.orphans(tmp_path)
        assert orphan.processes == (left.pid,)


def test_what_a_dead_driver_left_is_found_and_ended(tmp_path: Path) -> None:
    path = written_by_a_dead_driver(tmp_path)
    with process_of(RUN) as left, process_of("another-run") as other:
        [orphan] = records.orphans(tmp_path)
        assert orphan.processes == (left.pid,)
        [line] = records.clear(tmp_path)
        assert f"({left.pid})" in line
        wait_until(lambda: left.poll() is not None)
        assert other.poll() is None
    assert not path.exists()


def test_a_record_of_which_nothing_is_left_is_removed(tmp_path: Path) -> None:
    path = written_by_a_dead_driver(tmp_path)
    assert records.orphans(tmp_path) == ()
    assert not path.exists(), "a record of which nothing is left stays for ever"


def test_a_cluster_that_does_not_answer_keeps_its_record(tmp_path: Path) -> None:
    path = written_by_a_dead_driver(tmp_path)
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "flink_rest": "http://127.0.0.1:9"}))
    assert records.orphans(tmp_path) == ()
    assert path.exists()


def test_a_record_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    (tmp_path / "y.json").write_text('{"driver": 1}')
    assert records.orphans(tmp_path) == ()


def on_a_cluster(folder: Path, address: str) -> Path:
    records.write(folder, RUN, "flink", "newsbeam-1", address)
    return folder / f"{RUN}.json"


def test_a_job_on_a_cluster_is_told_with_what_ends_it_and_left_alone(tmp_path: Path) -> None:
    with flink_saying({"/jobs/overview": [(200, JOBS)]}) as (address, asked):
        path = on_a_cluster(tmp_path, address)
        path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "driver": NOBODY}))
        [line] = records.clear(tmp_path)
    assert f"curl -X PATCH {address}/jobs/b2?mode=cancel" in line
    assert {method for method, _, _ in asked} == {"GET"}
    assert path.exists()


def test_the_job_of_a_driver_that_was_ended_at_once_is_cancelled_on_the_cluster(tmp_path: Path) -> None:
    answers = {"/jobs/overview": [(200, JOBS)], "/jobs/b2?mode=cancel": [(202, {})]}
    with flink_saying(answers) as (address, asked):
        path = on_a_cluster(tmp_path, address)
        records.end(tmp_path, RUN)
    assert asked[-1] == ("PATCH", "/jobs/b2?mode=cancel", None)
    assert not path.exists()


def test_a_driver_that_ended_well_leaves_nothing_to_end(tmp_path: Path) -> None:
    records.write(tmp_path, RUN, "flink", "newsbeam-1", "http://127.0.0.1:9")
    records.remove(tmp_path, RUN)
    records.end(tmp_path, RUN)
    assert list(tmp_path.iterdir()) == []
