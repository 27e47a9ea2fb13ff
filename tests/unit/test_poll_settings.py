"""What the user says of polling arrives where feeds are polled."""

from pathlib import Path

from pipeline.config import load_config
from pipeline.plans import poll_limits


def test_the_bounds_of_polling_come_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("ingest: {poll_every: 2h, poll_at_least: 1d}\n")
    limits = poll_limits(load_config(tmp_path / "newsbeam.yaml", environ={}, cwd=tmp_path).settings)
    assert (limits.floor_s, limits.max_interval_s) == (7_200, 86_400)
