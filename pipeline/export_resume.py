"""Exports that can be cut short and gone on with, and the manifest that says what a file holds.

What is written stands in `FILE.part`; beside it `FILE.part.json` says up to which article it is whole. Going on cuts
the part there and reads on behind that article: nothing is missing, nothing is there twice. Articles that came in
meanwhile are in it when their id lies behind; each stretch is a snapshot of its time.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from pipeline.export_rows import COLUMNS, article_of
from pipeline.export_write import write_csv, write_lines
from pipeline.files import atomic_file
from transforms.errors import ConfigurationError
from transforms.index.base import Document

CHECK_ROWS = 2_000  # between two checkpoints: below a second of work is done again
Read = Callable[[str | None], Iterator[Document]]  # rows behind an article


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How far a part is whole: behind which article, at how many bytes and rows."""

    after: str
    size_bytes: int
    rows: int


def write_resumably(
    read: Read, *, what: dict[str, Any], rows: str, format: str, fields: Sequence[str] | None, output: Path
) -> int:
    """Write a file, going on where an earlier call was cut, and return how many rows it has.

    Raises `ConfigurationError` when what was left is a part of another export.
    """
    start = _checkpoint(output, what)
    part = _part(output)
    with part.open("r+b" if start else "wb") as file:
        if start:
            file.truncate(start.size_bytes)
            file.seek(start.size_bytes)
        before = start.rows if start else 0
        found = _checked(read(start.after if start else None), file, output, what, before)
        if format == "csv":
            count = write_csv(found, tuple(fields or COLUMNS[rows]), file, header=start is None)
        else:
            count = write_lines(found, fields, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, output)
    _note(output).unlink(missing_ok=True)
    return before + count


def write_manifest(output: Path, *, what: dict[str, Any], rows: int, version: str, finished_at: datetime) -> Path:
    """Write `FILE.manifest.json` beside an export: what was asked for, rows, bytes and SHA-256."""
    with output.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {
        "file": output.name,
        **what,
        "count": rows,
        "bytes": output.stat().st_size,
        "sha256": digest,
        "newsbeam": version,
        "finished_at": finished_at,
    }
    path = output.with_name(f"{output.name}.manifest.json")
    with atomic_file(path) as file:
        file.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z) + b"\n")
    return path


def _checked(
    found: Iterator[Document], file: IO[bytes], output: Path, what: dict[str, Any], rows: int
) -> Iterator[Document]:
    """Hand on rows; between two articles, when enough were written, note how far the part is whole."""
    last, noted = "", rows
    for row in found:
        article = article_of(row)
        if article != last and rows - noted >= CHECK_ROWS:
            file.flush()
            os.fsync(file.fileno())
            noted = rows
            saved = {"what": what, "after": last, "size_bytes": file.tell(), "rows": rows}
            with atomic_file(_note(output)) as note:
                note.write(orjson.dumps(saved))
        last = article
        yield row
        rows += 1


def _checkpoint(output: Path, what: dict[str, Any]) -> Checkpoint | None:
    saved = _read(output)
    if saved is None or not _part(output).exists():
        return None
    if saved["what"] != what:
        raise ConfigurationError(
            f"{_part(output)} is a part of another export ({json.dumps(saved['what'])}); ask for the same again, or "
            "delete it"
        )
    found = Checkpoint(after=saved["after"], size_bytes=saved["size_bytes"], rows=saved["rows"])
    return found if _part(output).stat().st_size >= found.size_bytes else None


def _read(output: Path) -> dict[str, Any] | None:
    try:
        saved: dict[str, Any] = orjson.loads(_note(output).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as err:
        raise ConfigurationError(f"{_note(output)} is not what newsbeam wrote; delete it") from err
    return saved


def _part(output: Path) -> Path:
    return output.with_name(f"{output.name}.part")


def _note(output: Path) -> Path:
    return output.with_name(f"{output.name}.part.json")
