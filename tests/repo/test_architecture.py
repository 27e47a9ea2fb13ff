"""ARCHITECTURE.md and setup.py keep up with the code: rules, names, examples, requirements."""

import ast
import doctest
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
OF_A_LIBRARY = {"max_length"}  # urllib3 2.6: how much its decoders give at once
REGISTRIES = re.compile(
    r"\b(?:[\w-]+\.)*(?:pypi\.org|pythonhosted\.org|anaconda\.org|npmjs\.org|proxy\.golang\.org"
    r"|maven\.apache\.org|repo\d?\.maven\.org|jfrog\.io|docker\.io)\b"
)


def tracked() -> list[Path]:
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def all_code() -> str:
    kept = [path for path in tracked() if path.suffix in (".py", ".yaml", ".json", ".toml")]
    return "\n".join(path.read_text(encoding="utf-8") for path in kept if path != Path(__file__))


def test_it_has_the_twelve_rules_that_comments_refer_to() -> None:
    section = TEXT.split("## The ledger", 1)[1].split("\n## ", 1)[0]
    assert re.findall(r"^(\d+)\. \*\*", section, re.MULTILINE) == [str(number) for number in range(1, 13)]


def test_it_has_the_sections_that_comments_refer_to() -> None:
    named = set(re.findall(r'ARCHITECTURE\.md,? "([^"]+)"', all_code()))
    titles = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert {"The ledger", "Beam", "Dependencies"} <= named
    assert [name for name in named if not any(title.startswith(name) for title in titles)] == []


def test_the_identifiers_it_names_exist() -> None:
    """A class, function or constant in `code style` occurs in the code: a rename must reach this document."""
    spans = set(re.findall(r"`([A-Za-z_]\w+)`", TEXT))
    names = {span for span in spans if "_" in span or re.search(r"[a-z][A-Z]", span) or re.fullmatch("[A-Z]{4,}", span)}
    assert len(names) >= 10, "the pattern has lost its grip on the document"
    assert [name for name in sorted(names - OF_A_LIBRARY) if not re.search(rf"\b{name}\b", all_code())] == []


def test_its_examples_run() -> None:
    result = doctest.testfile(str(ROOT / "ARCHITECTURE.md"), module_relative=False, verbose=False)
    assert result.attempted >= 4
    assert result.failed == 0


def test_every_requirement_is_listed_once_and_has_an_upper_bound() -> None:
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    lists = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIRES"
    ]
    names = [re.split(r"[<>=]", requirement, maxsplit=1)[0] for requirement in lists[0]]
    assert sorted(set(names)) == sorted(names)
    assert [requirement for requirement in lists[0] if "<" not in requirement] == []


def test_no_host_of_a_package_registry_is_tracked() -> None:
    assert REGISTRIES.search("https://files.python" + "hosted.org/packages/x")
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix not in (".gz", ".crfsuite")
        and path != Path(__file__)
        and REGISTRIES.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert guilty == []
