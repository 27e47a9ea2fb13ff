"""The quality gate measures as the benchmark does, and fails when a value falls."""

import gzip
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "quality_gate"
PAGES = Path(__file__).parents[1] / "golden" / "pages"
EXPECTED = Path(__file__).parents[1] / "golden" / "expected"


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("quality_gate", str(SCRIPT))
    spec = importlib.util.spec_from_loader("quality_gate", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["quality_gate"] = module
    loader.exec_module(module)
    return module


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *args]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of our golden pages in the layout of the real sets."""
    for dataset in ("scrapinghub", "fundus_eval"):
        (tmp_path / dataset / "html").mkdir(parents=True)
    bodies = {}
    for page in PAGES.glob("*.html"):
        body = json.loads((EXPECTED / f"{page.stem}.json").read_text(encoding="utf-8"))["body"]
        bodies[page.stem] = [line for line in body if line]
        for path in (f"scrapinghub/html/{page.stem}.html.gz", f"fundus_eval/html/{page.stem}"):
            (tmp_path / path).write_bytes(gzip.compress(page.read_bytes()))
    url = "https://gazette.example/news/story"
    first = {name: {"url": url, "articleBody": "\n".join(body)} for name, body in bodies.items()}
    second = {name: {"url": url, "body": [f"[{body[0]}]", *body[1:]]} for name, body in bodies.items()}
    (tmp_path / "scrapinghub" / "ground-truth.json").write_text(json.dumps(first), encoding="utf-8")
    (tmp_path / "fundus_eval" / "ground_truth.json").write_text(json.dumps(second), encoding="utf-8")
    return tmp_path


def test_score_counts_shingles_and_words(gate: ModuleType) -> None:
    found = gate.score("one two three four five", "One two three four five six")
    assert (found.tp, found.fp, found.fn) == (1 / 4, 2 / 4, 1 / 4)
    assert gate.score("a b", "a  b!").exact is True
    assert gate.score("a b", "a b c").exact is False


def test_comment_form_counts_beyond_what_the_gold_says(gate: ModuleType) -> None:
    form = "Leave A Reply. Your email address will not be published."
    assert gate.score("The story.", f"The story. {form}").comment_forms == 2
    assert gate.score(f"On forms: {form}", form).comment_forms == 0


def test_value_below_its_floor_is_named(gate: ModuleType) -> None:
    results = {"scrapinghub": {"f1": 0.95, "exact": 0.5, "comment_forms": 1.0}}
    floors = {"scrapinghub": {"f1": 0.96, "exact": 0.4, "comment_forms": 0}}
    fallen = list(gate.below_floors(results, floors))
    assert [sentence.split()[1] for sentence in fallen] == ["f1", "comment_forms"]


def test_gate_passes_on_exact_pages_and_fails_below_a_floor(data: Path, tmp_path: Path) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"scrapinghub": {"f1": 1.0, "exact": 1.0, "comment_forms": 0}}), encoding="utf-8")
    passed = run("--data", str(data), "--floors", str(floors), "--workers", "1")
    assert (passed.returncode, passed.stderr) == (0, "")
    assert "every floor holds" in passed.stdout
    assert "trafilatura, default" in passed.stdout
    floors.write_text(json.dumps({"fundus_eval": {"f1": 1.01}}), encoding="utf-8")
    failed = run("--data", str(data), "--floors", str(floors), "--workers", "1")
    assert failed.returncode == 1
    assert "its floor is 1.01" in failed.stdout


def test_gate_without_pages_is_skipped_unless_required(tmp_path: Path) -> None:
    skipped = run("--data", str(tmp_path), NEWSBEAM_REQUIRE_QUALITY="0")
    assert (skipped.returncode, "skipped" in skipped.stdout) == (0, True)
    assert run("--data", str(tmp_path), NEWSBEAM_REQUIRE_QUALITY="1").returncode == 1
