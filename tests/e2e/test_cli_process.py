"""The console script as a process: what it imports, how it ends when it is interrupted or nobody listens."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.index import open_store

SLOW = ("apache_beam", "trafilatura", "lxml", "pycrfsuite", "elasticsearch", "urllib3", "feedparser", "pyarrow")
PROBE = """
import json, sys
from pipeline.cli import cli
try:
    cli(sys.argv[1:], prog_name="newsbeam")
except SystemExit as end:
    print(json.dumps({"code": end.code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = open_store(str(tmp_path / "newsbeam.db"))
    store.create()
    store.close()
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    return tmp_path


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSBEAM_", "ES_"))}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2])}


def run(folder: Path, *command: str, **extra: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False, **extra
    )  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("search", "--help"), ("search", "x"), ("show", "a1b2c3"), ("config",), ("feeds", "list")],
    ids=" ".join,
)
def test_looking_imports_nothing_slow(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run(folder, sys.executable, "-c", PROBE, *arguments)
    end = json.loads(result.stderr.splitlines()[-1])
    assert end["code"] == (2 if arguments[0] == "show" else 0)
    assert [name for name in SLOW if name in end["modules"]] == []
    if "--help" in arguments:
        assert [name for name in ("pydantic", "yaml", "rich", "sqlite3") if name in end["modules"]] == []


def test_the_module_is_the_console_script(folder: Path) -> None:
    result = run(folder, sys.executable, "-m", "pipeline", "search", "--sinse")
    assert result.returncode == 2
    assert result.stderr.startswith("Usage: newsbeam search")


def test_a_reader_that_leaves_ends_a_command_quietly(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    for arguments in (["config", "--json"], ["config"], ["export", "--format", "csv"]):
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=folder,
            env=environment(),
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert "BrokenPipe" not in errors
        assert "bug" not in errors
    os.close(writer)


def test_ctrl_c_at_the_prompt_exits_130_and_writes_nothing(tmp_path: Path) -> None:
    terminal, other_end = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", "init"],
            cwd=tmp_path,
            env=environment(),
            stdin=other_end,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            asked = b""
            while b"Contact (e-mail or URL)" not in asked:
                part = os.read(process.stderr.fileno(), 1000)
                assert part, asked
                asked += part
            errors = interrupted(process)
    finally:
        os.close(terminal)
        os.close(other_end)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def interrupted(process: "subprocess.Popen[bytes]") -> bytes:
    """End a process as Ctrl-C does and return what it wrote to stderr.

    Again after a while: a signal that comes just before the read is noted, and the read waits all the same.
    """
    try:
        for _ in range(20):
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=5)[1]
        raise AssertionError("twenty interrupts did not end it")
    finally:
        process.kill()


def test_a_terminal_of_few_letters_gets_what_it_can_show(folder: Path) -> None:
    (folder / "newsbeam.yaml").write_text("store: Łódź.db\n", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "pipeline", "config"],
        cwd=folder,
        env=environment() | {"PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert b"?\xf3d?.db" in result.stdout
