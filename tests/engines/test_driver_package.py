"""What `--setup_file ./setup.py` stages is complete: installed where nothing else is, it runs a worker."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.driving import ROOT, harness, run, stored
from tests.support.engines import engine_environment
from tests.support.newsweb import NewsWeb

pytestmark = [pytest.mark.engines, pytest.mark.full]

# As a job server client of Beam does it for any runner, Dataflow's too.
STAGE = """
import sys
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.stager import Stager
options = PipelineOptions(["--setup_file=./setup.py"])
Stager.create_job_resources(options, sys.argv[1], log_submission_env_dependencies=False)
"""


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command outside this checkout; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def test_a_worker_runs_from_what_beam_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBEAM_PRISM", engine_environment("prism")["NEWSBEAM_PRISM"])
    source, staged = tmp_path / "source", tmp_path / "staged"
    source.mkdir()
    staged.mkdir()
    call("git", "archive", "-o", tmp_path / "source.tar", "HEAD", cwd=ROOT)
    with tarfile.open(tmp_path / "source.tar") as tar:
        tar.extractall(source, filter="data")
    call(sys.executable, "-c", STAGE, staged, cwd=source)
    [package] = staged.glob("*.tar.gz")
    call(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    call(python, "-m", "pip", "install", "-q", package, cwd=tmp_path)
    worker = tmp_path / "worker"
    worker.write_text(f'#!/bin/sh\ncd "{tmp_path}"\nPYTHONPATH= exec "{python.parent}/newsbeam" worker "$@"\n')
    worker.chmod(0o700)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with NewsWeb.big(pages=8, sites=2) as web:
        made = harness(folder, web, list(web.feed_urls))
        environment = ("--environment_type=PROCESS", f"--environment_config={json.dumps({'command': str(worker)})}")
        assert "Books balance" in run(made, "ingest", "--runner", "prism", "--", *environment)
        assert stored(made) == set(web.article_urls())
