"""A folder of saved pages: `.html`, `.htm`, `.txt`, each also as `.gz`; `urls.csv` beside them may name their URLs."""

import csv
from pathlib import Path

from transforms.archives.stored_page import PageFile, printable
from transforms.errors import ConfigurationError

ENDINGS = (".html", ".htm", ".txt", ".html.gz", ".htm.gz", ".txt.gz")
URLS_FILE = "urls.csv"


def is_folder_of_pages(path: Path) -> bool:
    """Say whether a path is a folder (or one file) of saved pages."""
    return path.is_dir() or (path.is_file() and path.name.endswith((".html", ".htm", ".html.gz", ".htm.gz")))


def list_pages(path: Path) -> list[PageFile]:
    """Return the pages of a folder and its sub-folders, by name. Raises `ConfigurationError` for a bad urls.csv."""
    if path.is_file():
        if not path.name.lower().endswith(ENDINGS):
            raise ConfigurationError(f"{path.name} is no saved page; those end in {', '.join(ENDINGS)}")
        return [PageFile(path=str(path), name=printable(path.name))]
    urls = _read_urls(path / URLS_FILE)
    files = sorted(file for file in path.rglob("*") if file.name.lower().endswith(ENDINGS) and file.is_file())
    names = [(file, printable(file.relative_to(path).as_posix())) for file in files]
    return [PageFile(path=str(file), name=name, url=urls.get(name)) for file, name in names]


def _read_urls(path: Path) -> dict[str, str]:
    """Return file name -> URL from `urls.csv` (columns `file,url`)."""
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"file", "url"} <= set(reader.fieldnames or ()):
                raise ConfigurationError(
                    f"{path} needs the columns file,url; it has {','.join(reader.fieldnames or ())}"
                )
            return {row["file"]: row["url"].strip() for row in reader if row["file"] and row["url"]}
    except (OSError, UnicodeDecodeError, csv.Error) as err:
        raise ConfigurationError(f"cannot read {path}: {err}; it must be UTF-8 with the columns file,url") from err
