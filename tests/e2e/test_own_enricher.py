"""The page "Write your own enricher" of ARCHITECTURE.md, followed to the letter in a copy of the tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADING = "## Write your own enricher\n"
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGE, reason="ARCHITECTURE.md has no such page yet"),
]


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the packages with the page's file, line and configuration in place."""
    copy = tmp_path_factory.mktemp("tree")
    for package in ("pipeline", "transforms", "configs"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    code, line = fenced("python")
    named = re.search(r"The file is `([\w/]+\.py)`", PAGE)
    assert named is not None
    (copy / named[1]).write_text(code, encoding="utf-8")
    registry = copy / "transforms" / "enrich" / "__init__.py"
    before, marker, behind = registry.read_text(encoding="utf-8").partition("\n}\n")
    registry.write_text(f"{before}\n{line.rstrip()}{marker}{behind}", encoding="utf-8")
    (copy / "newsbeam.yaml").write_text(fenced("yaml")[0], encoding="utf-8")
    (copy / "story.txt").write_text("Dam breaks in Dunmore\n\n" + "The dam broke at noon. " * 30, encoding="utf-8")
    return copy


def newsbeam(tree: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pipeline", *arguments]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tree, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_listed(tree: Path) -> None:
    rows = [json.loads(line) for line in newsbeam(tree, "enrichers", "--json").splitlines()]
    row = next(row for row in rows if row["name"] == "headline_words")
    assert (row["version"], row["enabled"], row["languages"]) == ("1.0", True, ["en", "de"])


def test_its_fields_are_in_the_document(tree: Path) -> None:
    document = json.loads(newsbeam(tree, "extract", "story.txt", "--json"))
    assert document["headline_words"] == ["Dam", "breaks", "in", "Dunmore"]
    assert "headline_words@1.0" in document["pipeline"]["enrichers"]
