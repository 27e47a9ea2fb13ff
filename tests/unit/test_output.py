"""What reaches a terminal, and what reaches a program."""

import io
import json
import sys
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import output

CURSOR = "\x1b[2J\x1b]0;owned\x07"


class Terminal(io.StringIO):
    """Takes text as a terminal would."""

    def isatty(self) -> bool:
        return True


def use_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stdout a terminal of 60 columns. Called in the test: pytest puts its own stdout back after fixtures."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


@pytest.mark.parametrize("clean", [output.line, output.block])
@given(text=st.text() | st.text(alphabet="\x1b\x9b\x00\x07\x08\r\x7f\u202e\u2066ab[;"))
def test_no_terminal_command_survives(clean: Callable[[str], str], text: str) -> None:
    cleaned = clean(text)
    assert all(char == "\n" or (ord(char) >= 32 and not 0x7F <= ord(char) <= 0x9F) for char in cleaned)
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_a_line_stays_one_line_and_a_block_keeps_its_lines() -> None:
    assert output.line(" a\r\n b\tc ") == "a b c"
    assert output.block("a\r\nb\tc") == "a\nb   c"
    assert output.line(None) == ""
    assert output.line(3) == "3"


@given(st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53) | st.none() | st.lists(st.text())))
def test_json_lines_lose_nothing_and_carry_no_terminal_command(document: dict[str, object]) -> None:
    data = output.json_line(document)
    assert json.loads(data) == orjson.loads(data) == document
    assert data.count(b"\n") == 1
    assert data.endswith(b"\n")
    assert not any(ord(char) < 32 or 0x7F <= ord(char) <= 0x9F for char in data[:-1].decode())


def test_json_takes_what_its_fast_writer_refuses() -> None:
    document = {"title": "half \ud83d of a pair", "views": 2**70}
    assert json.loads(output.json_line(document)) == document


def test_piped_tables_are_plain_columns_that_are_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("id", "url"), [("a", "https://gazette.example/" + "x" * 200), ("long-id", CURSOR)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "id       url"
    assert lines[1] == "a        https://gazette.example/" + "x" * 200
    assert "\x1b" not in lines[2]


def test_terminal_tables_fit_and_take_brackets_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = use_terminal(monkeypatch)
    output.print_table(("id", "title"), [("a", "[bold]War[/bold] " * 10), ("b", CURSOR)])
    text = terminal.getvalue()
    assert "[bold]War[/bold]" in text.replace("\n", "")
    assert "\x1b]0" not in text
    assert "\x1b[2J" not in text
    assert max(len(line) for line in text.splitlines() if "\x1b" not in line) <= 60


def test_marks_of_a_snippet_are_bold_on_a_terminal_and_absent_elsewhere() -> None:
    snippet = f"the \x02killed\x03 and {CURSOR}\nthe \x02injured\x03"
    assert output.marked_snippet(snippet, bold=False).startswith("the killed and ")
    bold = output.marked_snippet(snippet, bold=True)
    assert bold.startswith("the \x1b[1mkilled\x1b[0m and \ufffd[2J")
    assert bold.endswith("the \x1b[1minjured\x1b[0m")
    assert "\x02" not in bold


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.note(f"no hits {CURSOR}")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "no hits \ufffd[2J\ufffd]0;owned\ufffd\n"
