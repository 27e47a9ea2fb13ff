"""The scripts that train and score the name tagger."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("NEWSBEAM_NER_DATA") or ROOT.parent / "shared" / "data" / "ner")
needs_corpora = pytest.mark.skipif(not DATA.is_dir(), reason="no corpora: set NEWSBEAM_NER_DATA")


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *arguments], capture_output=True, text=True, check=False
    )


def test_scoring_without_corpora_says_skipped(tmp_path: Path) -> None:
    done = run("score_entities", "--data", str(tmp_path / "nowhere"))
    assert done.returncode == 0
    assert "skipped" in done.stdout


def test_training_without_corpora_names_the_remedy(tmp_path: Path) -> None:
    done = run("train_entities", "--data", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "--data" in done.stderr


def test_every_floor_is_a_percentage() -> None:
    floors = json.loads((ROOT / "tests" / "quality" / "entity_floors.json").read_text(encoding="utf-8"))
    assert all(40 < floor < 100 for floor in floors.values())


@needs_corpora
@pytest.mark.full
def test_same_inputs_give_the_same_weights(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = run(
            "train_entities", "--keep-lists", "--share", "0.02", "--iterations", "10", "--out", str(tmp_path / name),
            "--data", str(DATA),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@needs_corpora
@pytest.mark.full
def test_floors_hold() -> None:
    done = run("score_entities", "--data", str(DATA))
    assert done.returncode == 0, done.stdout
