"""What every tracked file must keep to."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Files over 300 lines, each with the reason why there is no seam.
LONG = {
    "transforms/elements.py": "the elements are one vocabulary",
    "transforms/state/base.py": "the ledger's interface and its values",
    "transforms/state/sqlite/ledger.py": "one method per step of the protocol; what they do is apart",
    "transforms/state/elasticsearch/ledger.py": "one method per step of the protocol; all that they do is apart",
    "transforms/index/sqlite/store.py": "one method per question of the interface; what they do is apart",
    "transforms/index/elasticsearch/store.py": "one method per question of the interface; what they do is apart",
    "transforms/enrich/reading/name_lists.py": "lists",
}


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks, or all below the root where there is no git (an unpacked sdist)."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_absolute_path_of_a_machine_is_in_a_file() -> None:
    machine = re.compile(rb"/(?:home|root|Users|work)/[A-Za-z0-9_.-]+/|/tmp/dev\b")
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix not in (".gz", ".crfsuite") and machine.search(path.read_bytes())
    ]
    assert [path for path in guilty if path != "tests/repo/test_tree.py"] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = []
    for path in tracked("pipeline/**.py", "transforms/**.py", "tests/**.py", "scripts/**.py"):
        source = path.read_text(encoding="utf-8")
        if source.strip() and ast.get_docstring(ast.parse(source)) is None:
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_long_files_have_a_reason() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in tracked("pipeline/**.py", "transforms/**.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 300
    }
    assert long - LONG.keys() == set()


def test_no_publisher_text_of_the_development_data_is_in_the_tree() -> None:
    """The owner's example ends on a well-known pair of lines; its own sentences must not be here."""
    sample = ROOT.parent / "shared" / "data" / "seed" / "article.txt"
    if not sample.is_file():
        pytest.skip("the development data is not here")
    sentences = [line[:60].encode() for line in sample.read_text(encoding="utf-8").splitlines() if len(line) > 100]
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if any(sentence in path.read_bytes() for sentence in sentences)
    ]
    assert guilty == []
