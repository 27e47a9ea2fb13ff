"""Figures, quotes and places on our own labelled sets stay above their floors."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUALITY = ROOT / "tests" / "quality"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["figures", "figures_de", "figures_fr", "figures_es", "quotes", "places"])
def test_floors_hold(name: str) -> None:
    script, _, language = name.partition("_")
    done = run(f"score_{script}", *(["--language", language] if language else []))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"floors of {name} hold" in done.stdout


@pytest.mark.parametrize(
    ("file", "key", "texts", "labels"),
    [
        ("figures_news.jsonl", "figures", 120, 200),
        ("figures_unseen.jsonl", "figures", 40, 75),
        ("figures_de.jsonl", "figures", 40, 50),
        ("figures_fr.jsonl", "figures", 40, 50),
        ("figures_es.jsonl", "figures", 40, 50),
        ("quotes_unseen.jsonl", "quotes", 40, 45),
        ("quotes_news.jsonl", "quotes", 80, 100),
        ("places_news.jsonl", "places", 80, 150),
        ("places_unseen.jsonl", "places", 30, 70),
    ],
)
def test_labels_stand_in_their_text(file: str, key: str, texts: int, labels: int) -> None:
    records = [json.loads(line) for line in (QUALITY / file).read_text(encoding="utf-8").splitlines()]
    assert len(records) >= texts
    assert sum(len(record[key]) for record in records) >= labels
    for record in records:
        for label in record[key]:
            start = label.get("start", record["text"].find(label["text"]))
            assert record["text"][start : start + len(label["text"])] == label["text"]


def test_every_floor_is_a_percentage() -> None:
    floors = json.loads((QUALITY / "enrich_floors.json").read_text(encoding="utf-8"))
    assert set(floors) >= {"figures", "figures_de", "figures_fr", "figures_es", "quotes", "places"}
    assert all(50 < floor <= 100 for part in floors.values() for floor in part.values())


def test_a_wrong_figure_is_named(tmp_path: Path) -> None:
    label = {"text": "It killed 12 people.", "figures": [{"text": "12", "value": 13, "kind": "count"}]}
    (tmp_path / "one.jsonl").write_text(json.dumps(label) + "\n", encoding="utf-8")
    done = run("score_figures", str(tmp_path / "one.jsonl"), "--wrong")
    assert done.returncode == 0
    assert "value 12.0, not 13" in done.stderr
