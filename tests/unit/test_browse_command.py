"""`newsbeam browse` before it serves: what is missing is said with its remedy."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.commands import browse
from tests.support.browsing import news, write_news
from transforms.errors import ConfigurationError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(browse.command, arguments, standalone_mode=False)


@pytest.mark.parametrize("module", ["datasette", "uvicorn"])
def test_without_the_extra_it_says_how_to_get_it(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_news(tmp_path / "newsbeam.db", news()[:1])
    monkeypatch.chdir(tmp_path)
    for name in ("server", "plugin", "pages"):
        monkeypatch.delitem(sys.modules, f"pipeline.browse.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    result = run()
    assert isinstance(result.exception, ConfigurationError)
    assert "pip install 'newsbeam[browse]'" in str(result.exception)


@pytest.mark.parametrize("store", ["elasticsearch", "https://127.0.0.1:9200", "memory:news"])
def test_of_another_store_it_says_what_shows_it(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--store", store)
    assert isinstance(result.exception, ConfigurationError)
    assert store in str(result.exception)
    assert "`newsbeam search`" in str(result.exception)


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_there_is_not_is_refused(port: str) -> None:
    assert CliRunner().invoke(cli, ["browse", "--port", port]).exit_code == 2
