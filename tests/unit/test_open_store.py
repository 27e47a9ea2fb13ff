"""How a user names a store."""

import subprocess
import sys
from pathlib import Path

import pytest

from transforms.errors import ConfigurationError
from transforms.index import open_store
from transforms.index.sqlite.store import SqliteStore


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("news.db", "/base/news.db"),
        ("sqlite:news.db", "/base/news.db"),
        ("sub/news.db", "/base/sub/news.db"),
        ("/abs/news.db", "/abs/news.db"),
        ("sqlite:/abs/news.db", "/abs/news.db"),
        ("notes:2026.db", "/base/notes:2026.db"),
    ],
)
def test_path_is_a_file_counted_from_the_base_folder(spec: str, path: str) -> None:
    store = open_store(spec, base_dir="/base")
    assert isinstance(store, SqliteStore)
    assert store.path == Path(path)
    assert store.sharing == "host"


@pytest.mark.parametrize("spec", ["", "  ", "sqlite:", "memory:", "postgres://host/db", "ftp://x", "a\0b"])
def test_what_is_no_store_is_refused_with_the_choices(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="give a file"):
        open_store(spec)


def test_memory_stores_of_one_name_and_project_are_the_same() -> None:
    assert open_store("memory:same") is open_store("memory:same")
    assert open_store("memory:same") is not open_store("memory:other")
    assert open_store("memory:same") is not open_store("memory:same", project="elections")


def test_searching_a_file_imports_neither_beam_nor_a_server_client() -> None:
    code = (
        "import sys; from transforms.index import open_store; import transforms.index.query_parser; "
        "open_store('news.db'); loaded = {name.partition('.')[0] for name in sys.modules}; "
        "print(sorted(loaded & {'apache_beam', 'elasticsearch', 'lxml', 'tldextract', 'pydantic', 'urllib3'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
