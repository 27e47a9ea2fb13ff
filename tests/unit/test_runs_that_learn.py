"""What is learned at the end of a run never takes the run's report."""

import logging
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.runs import open_run
from pipeline.supervise import JobEnd
from transforms.errors import StoreError


@pytest.mark.parametrize("failure", [StoreError("the store is away"), ValueError("an odd row")], ids=repr)
def test_a_run_whose_learning_fails_ends_as_it_would_have_ended(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "newsbeam.yaml").write_text("timezone: UTC\ncontact: desk@example.org\n")

    def fail(*_arguments: object, **_options: object) -> int:
        raise failure

    monkeypatch.setattr("pipeline.runs.learn_sites", fail)
    with open_run(load_config(environ={}, cwd=tmp_path).settings, "ingest", []) as run:
        run.begin()
        with caplog.at_level(logging.WARNING, logger="pipeline.runs"):
            report = run.close(JobEnd(end="ok"))
        assert report.exit_code == 0
        assert run.store.count("runs") == 1
        assert run.state.status()["last_run"]["id"] == run.id
    assert str(failure) in caplog.text
    assert "the next run" in caplog.text
