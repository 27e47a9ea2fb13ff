"""The wheel and the sdist, each in an empty environment, ingest from another folder."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.newsweb import NewsWeb

pytestmark = [pytest.mark.full, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
INSIDE = (
    "configs/default.yaml",
    "configs/index/articles.json",
    "configs/boilerplate/en.txt",
    "configs/browse/metadata.yaml",
    "configs/browse/static/newsbeam.css",
    "configs/browse/templates/newsbeam/search.html",
    "configs/kibana/objects.ndjson",
    "configs/kibana/dashboards/news-desk.yaml",
    "transforms/enrich/data/entities.crfsuite",
    "transforms/enrich/data/gazetteer.tsv.gz",
    "transforms/enrich/data/ATTRIBUTION.md",
)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command; return what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build both from a copy of what git tracks, so that nothing untracked helps."""
    folder = tmp_path_factory.mktemp("packages")
    source = folder / "source"
    source.mkdir()
    archive = folder / "source.tar"
    run("git", "archive", "-o", str(archive), "HEAD", cwd=ROOT)
    with tarfile.open(archive) as tar:
        tar.extractall(source, filter="data")
    run(sys.executable, "-m", "build", "--outdir", str(folder / "dist"), cwd=source)
    return {"wheel": next((folder / "dist").glob("*.whl")), "sdist": next((folder / "dist").glob("*.tar.gz"))}


def test_the_packages_hold_the_data_and_neither_tests_nor_scripts(packages: dict[str, Path]) -> None:
    with zipfile.ZipFile(packages["wheel"]) as wheel:
        names = set(wheel.namelist())
    assert set(INSIDE) - names == set()
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]
    with tarfile.open(packages["sdist"]) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert {*INSIDE, "README.md", "LICENSE", "setup.py"} - names == set()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_installed_in_an_empty_environment_it_ingests_from_another_folder(
    kind: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    run(binaries / "python", "-m", "pip", "install", "-q", str(packages[kind]), cwd=tmp_path)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with NewsWeb() as web:
        resolve = ", ".join(f'{host}: "{address}"' for host, address in web.resolve.items())
        environment = {
            "NEWSBEAM_FETCH__RESOLVE": "{" + resolve + "}",
            "NEWSBEAM_FETCH__DELAY": "0s",
            "NEWSBEAM_INGEST__MAX_AGE": "100y",
            "PYTHONPATH": "",
        }
        newsbeam = binaries / "newsbeam"
        report = run(newsbeam, "ingest", "http://herald.example/rss.xml", cwd=folder, **environment)
        assert "Books balance" in report
        found = run(newsbeam, "search", "killed:>=10", cwd=folder, **environment)
    assert "Tbilisi" in found
