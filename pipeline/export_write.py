"""Files of an export: JSON Lines, CSV, Parquet. Rows stream; memory does not grow with their number."""

import csv
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from pipeline.export_rows import COLUMNS, TYPES, Column, field_of
from pipeline.files import atomic_file
from pipeline.output import json_line
from transforms.errors import ConfigurationError
from transforms.index.base import Document

_PARQUET_ROWS = 2_000  # in one row group: about 20 MB of articles


def write_rows(
    found: Iterable[Document], *, rows: str, format: str, fields: Sequence[str] | None, output: Path | None
) -> int:
    """Write rows to a file (atomically) or stdout and return how many. Raises `ConfigurationError`."""
    names = tuple(fields or COLUMNS[rows])
    with _target(output) as file:
        if format == "csv":
            return write_csv(found, names, file)
        if format == "parquet":
            return _write_parquet(found, names, file)
        return write_lines(found, fields, file)


@contextmanager
def _target(output: Path | None) -> Iterator[IO[bytes]]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not output.parent.is_dir():
        raise ConfigurationError(f"--output {output}: there is no folder {output.parent}")
    with atomic_file(output) as file:
        yield file


def write_lines(found: Iterable[Document], fields: Sequence[str] | None, file: IO[bytes]) -> int:
    """JSON Lines: the whole documents, or the fields asked for under their dotted names."""
    count = 0
    for count, row in enumerate(found, 1):  # noqa: B007  # the last number is the result
        file.write(json_line(row if fields is None else {name: field_of(row, name) for name in fields}))
    return count


class _Utf8:
    """What `csv` writes text to. (A `TextIOWrapper` would close stdout when an error ends the export.)"""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", "replace"))


def write_csv(found: Iterable[Document], names: Sequence[str], file: IO[bytes], *, header: bool = True) -> int:
    """RFC 4180 in UTF-8. A list is joined by `; `, an object is JSON."""
    writer = csv.writer(_Utf8(file))
    if header:
        writer.writerow(names)
    count = 0
    for count, row in enumerate(found, 1):  # noqa: B007  # the last number is the result
        writer.writerow([_cell(field_of(row, name)) for name in names])
    return count


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


def _write_parquet(found: Iterable[Document], names: Sequence[str], file: IO[bytes]) -> int:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as err:
        raise ConfigurationError("parquet needs pyarrow: pip install 'newsbeam[parquet]'") from err
    types: dict[Column, Any] = {
        "text": arrow.string(),
        "number": arrow.float64(),
        "integer": arrow.int64(),
        "flag": arrow.bool_(),
        "time": arrow.timestamp("ms", tz="UTC"),
        "list": arrow.list_(arrow.string()),
    }
    kinds = [TYPES.get(name, "text") for name in names]
    schema = arrow.schema([(name, types[kind]) for name, kind in zip(names, kinds, strict=True)])
    count = 0
    stream = iter(found)
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := list(itertools.islice(stream, _PARQUET_ROWS)):
            columns = [
                [_CONVERT[kind](field_of(row, name)) for row in batch] for name, kind in zip(names, kinds, strict=True)
            ]
            writer.write_table(arrow.table(columns, schema=schema))
            count += len(batch)
    return count


def _or_none(convert: Callable[[Any], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else convert(value)


# Columns that the user named and that are not in TYPES are text: their cells read as in CSV.
_CONVERT: dict[Column, Callable[[object], object]] = {
    "text": _or_none(_cell),
    "number": _or_none(float),
    "integer": _or_none(int),
    "flag": _or_none(bool),
    "time": _or_none(datetime.fromisoformat),
    "list": _or_none(lambda value: [str(each) for each in value] if isinstance(value, list) else [str(value)]),
}
