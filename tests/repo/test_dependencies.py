"""What is imported is declared, and what is declared is imported."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"pipeline", "transforms", "configs", "tests"}
# import name -> distribution, where they differ
DISTRIBUTIONS = {
    "apache_beam": "apache-beam",
    "charset_normalizer": "charset-normalizer",
    "elastic_transport": "elasticsearch",
    "Stemmer": "pystemmer",
    "pycrfsuite": "python-crfsuite",
    "yaml": "pyyaml",
}
# trafilatura imports the first (old pip drops the extra that asks for it), urllib3 the other two.
NOT_IMPORTED = {"lxml_html_clean", "brotli", "backports.zstd"}
OPTIONAL = {"pyarrow", "datasette", "uvicorn", "spacy"}  # extras `parquet`, `browse` (Datasette, uvicorn), `spacy`
THROUGH = {"grpc", "google"}  # parts of apache-beam's own interface


def declared() -> set[str]:
    """Return the distributions that setup.py requires."""
    source = (ROOT / "setup.py").read_text(encoding="utf-8")
    block = source.split("REQUIRES = [", 1)[1].split("]", 1)[0]
    return {re.split(r"[><=~!\[]", name)[0].lower() for name in re.findall(r'"([^"]+)"', block)}


def imported() -> set[str]:
    """Return the third-party distributions that the packages import, at module level or late."""
    found = set()
    for folder in ("pipeline", "transforms"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                found |= {name.split(".")[0] for name in names}
    found -= OURS | sys.stdlib_module_names | THROUGH
    return {DISTRIBUTIONS.get(name, name) for name in found}


def test_every_import_is_declared() -> None:
    assert imported() - declared() - OPTIONAL == set()


def test_every_dependency_is_imported() -> None:
    assert declared() - imported() == NOT_IMPORTED


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert {name for name in declared() if name not in text} == set()
