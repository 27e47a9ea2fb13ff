"""Measured facts of the local runner that an upgrade of Beam could silently change (ARCHITECTURE.md, "Beam")."""

import socket
from pathlib import Path

import apache_beam as beam
import pytest

from pipeline.engines.local import local_runner
from tests.support.probes import Emit, Note, Pid

pytestmark = pytest.mark.slow


def _run(build: object, workers: int = 1) -> None:
    runner, options = local_runner(workers=workers)
    pipeline = beam.Pipeline(runner=runner, options=options)
    build(pipeline)  # type: ignore[operator]
    pipeline.run().wait_until_finish()


def test_a_fused_chain_hands_on_each_element_at_once(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    _run(
        lambda p: (
            p
            | beam.Create([0], reshuffle=False)
            | beam.Reshuffle()
            | "Emit" >> beam.ParDo(Emit(log))
            | "Note" >> beam.ParDo(Note(log))
        )
    )
    assert Path(log).read_text().splitlines() == ["out 0", "in 0", "out 1", "in 1", "out 2", "in 2"]


def test_a_flatten_behind_a_side_output_would_hold_elements_back(tmp_path: Path) -> None:
    """Why the graph is one PCollection of a union: two that meet again wait for the whole source."""
    log = str(tmp_path / "log")

    def build(pipeline: beam.Pipeline) -> None:
        numbers = pipeline | beam.Create([0], reshuffle=False) | beam.Reshuffle() | "Emit" >> beam.ParDo(Emit(log))
        odd, even = numbers | beam.Partition(lambda number, _: number % 2, 2)
        (odd, even) | beam.Flatten() | "Note" >> beam.ParDo(Note(log))

    _run(build)
    lines = Path(log).read_text().splitlines()
    assert sorted(lines) == sorted(["out 0", "in 0", "out 1", "in 1", "out 2", "in 2"])
    assert lines[:3] == ["out 0", "out 1", "out 2"], "Beam streams through Flatten now: the graph could be simpler"


def test_one_reshuffle_spreads_seats_over_the_worker_processes(tmp_path: Path) -> None:
    _run(
        lambda p: p | beam.Create(range(4), reshuffle=False) | beam.Reshuffle() | beam.ParDo(Pid(str(tmp_path))),
        workers=2,
    )
    seats = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert len(seats) == 4
    assert sorted(seats.count(pid) for pid in set(seats)) == [2, 2]


def test_the_local_runner_reaches_for_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address).startswith(("('127.", "('::1")):
            asked.append(address)
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **_: asked.append(host) or [])
    _run(lambda p: p | beam.Create([1], reshuffle=False) | beam.Reshuffle() | beam.ParDo(Pid(str(tmp_path))))
    assert asked == []
