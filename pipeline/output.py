"""What people and programs see: tables, JSON Lines, notes. Results on stdout, everything else on stderr.

Text comes from strangers. Before it reaches a terminal, everything that could move the cursor, rename the window or
reorder a line is taken out; what is data (JSON Lines, files) is escaped instead, so that nothing is lost.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import click

# Terminal commands (C0, C1, DEL), bidirectional embeddings, overrides and isolates, halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_C1_BYTES = re.compile(rb"\xc2([\x80-\x9f])|\x7f")  # in UTF-8; orjson leaves them as they are
_SNIPPET_MARKS = re.compile("\x02(.*?)\x03", re.DOTALL)


def block(text: str) -> str:
    """Return text of several lines without terminal commands."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").expandtabs(4))


def line(text: object) -> str:
    r"""Return text as one line without terminal commands; None is empty.

    >>> line("a \x1b[31mred\x1b[0m\nday")
    'a �[31mred�[0m day'
    """
    return "" if text is None else _CONTROLS.sub("\ufffd", " ".join(str(text).split()))


def on_terminal() -> bool:
    """Say whether stdout is a terminal that can do more than text."""
    import os

    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Return the columns of the terminal; many where stdout is none and $COLUMNS says nothing."""
    import shutil

    return shutil.get_terminal_size((1_000, 24)).columns


def note(text: str) -> None:
    """Print a line beside the results, on stderr."""
    click.echo(block(text), err=True)


def print_text(text: str = "") -> None:
    """Print text of several lines on stdout."""
    click.echo(block(text))


def json_line(document: Mapping[str, Any]) -> bytes:
    """Return a JSON object on one line, UTF-8, with every terminal command escaped."""
    import orjson

    try:
        data = orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z, default=list)
    except TypeError:  # half of a surrogate pair, or an integer above 64 bits
        data = json.dumps(document, default=list).encode() + b"\n"
    return _C1_BYTES.sub(lambda found: b"\\u00%02x" % found[0][-1], data)


def print_json(documents: Iterable[Mapping[str, Any]]) -> None:
    """Print JSON Lines on stdout."""
    sys.stdout.flush()
    for document in documents:
        sys.stdout.buffer.write(json_line(document))
    sys.stdout.buffer.flush()


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: drawn to the width of a terminal, else plain columns that are never cut."""
    cells = [[line(value) for value in row] for row in rows]
    if on_terminal():
        _draw_table(headers, cells)
        return
    widths = [max(len(text) for text in column) for column in zip(headers, *cells, strict=True)]
    for row in [list(headers), *cells]:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _draw_table(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))  # Text, not str: square brackets are no markup here
    Console().print(table)


def plain_snippet(snippet: str) -> str:
    """Return a snippet without the marks around its matching words."""
    return line(_SNIPPET_MARKS.sub(r"\1", snippet))


def marked_snippet(snippet: str, *, bold: bool) -> str:
    """Return a snippet with its matching words in bold, or as they are."""
    if not bold:
        return plain_snippet(snippet)
    parts = _SNIPPET_MARKS.split(" ".join(snippet.split()))  # every second part was between marks
    return "".join(
        click.style(line_part(text), bold=True) if odd % 2 else line_part(text) for odd, text in enumerate(parts)
    )


def line_part(text: str) -> str:
    """Return a part of a line without terminal commands, its outer spaces kept."""
    return _CONTROLS.sub("\ufffd", text)


class Report(Protocol):
    """What a job hands back: lines for people, a document for programs, and the exit code."""

    @property
    def exit_code(self) -> int: ...
    @property
    def lines(self) -> Sequence[str]: ...
    @property
    def document(self) -> Mapping[str, Any]: ...


def print_report(report: Report, *, as_json: bool) -> int:
    """Print a job's report on stdout and return its exit code."""
    if as_json:
        print_json([report.document])
    else:
        print_text("\n".join(report.lines))
    return report.exit_code
