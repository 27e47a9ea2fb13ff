"""The wall clock: a file moves it in every process that was told of it, and a step is noticed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from transforms import clock
from transforms.clock import StepWatch, epoch_s

ROOT = Path(__file__).parents[2]


def test_without_the_file_it_is_the_system_s() -> None:
    before = time.time()
    assert before <= epoch_s() <= time.time()


def test_a_file_moves_the_clock_of_another_process(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("-3600.0")
    code = "from transforms.clock import epoch_s, utc_now; print(epoch_s(), utc_now().timestamp())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"NEWSBEAM_CLOCK": str(tmp_path / "clock"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for text in done.stdout.split():
        assert time.time() - 3700 < float(text) < time.time() - 3599


def test_a_step_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clock"
    file.write_text("0")
    monkeypatch.setattr(clock, "_FILE", str(file))
    watch = StepWatch()
    assert not watch.stepped()
    for offset in ("3600", "0"):
        file.write_text(offset)
        assert watch.stepped()
        assert not watch.stepped()
