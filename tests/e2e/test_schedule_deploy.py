"""The unit, the cron lines and the container file: every command and path in them exists, and a backup is whole."""

import configparser
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline import exits
from pipeline.cli import cli
from pipeline.config import load_config
from tests.support.commands import newsbeam
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from tests.support.scheduling import count, created, scheduling, wait_for

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "configs" / "deploy"
UNIT, CRON, CONTAINER = DEPLOY / "newsbeam.service", DEPLOY / "newsbeam.cron", DEPLOY / "Containerfile"


def assert_is_our_command(words: list[str]) -> None:
    """Command, options and arguments are those of our command line (`--help` comes after their parsing)."""
    assert Path(words[0]).name == "newsbeam"
    result = CliRunner().invoke(cli, [*words[1:], "--help"], prog_name="newsbeam")
    assert result.exit_code == 0, (words, result.stderr)


def comments(path: Path) -> str:
    lines = path.read_text().splitlines()
    return "\n".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))


# --- systemd


@pytest.fixture
def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    parser.read_string(UNIT.read_text())
    return parser


def test_the_unit_runs_our_scheduler_and_stops_it_gently(unit: configparser.ConfigParser) -> None:
    service, run = unit["Service"], load_config(environ={}, cwd=ROOT / "configs").settings.run
    assert_is_our_command(shlex.split(service["ExecStart"]))
    assert service["KillMode"] == "mixed", "the job must not get the signal: it would die in the middle of a request"
    assert int(service["TimeoutStopSec"]) > run.grace_s
    assert int(service["RestartPreventExitStatus"]) == exits.USAGE
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert service["Environment"] == f"TMPDIR=/var/log/{service['LogsDirectory']}"


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    program = Path(sys.executable).with_name("newsbeam")
    text = UNIT.read_text().replace("/opt/newsbeam/bin/newsbeam schedule", f"{program} schedule")
    (tmp_path / "newsbeam.service").write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "newsbeam.service")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "newsbeam.service" in line]) == (0, [])


def test_the_comments_name_commands_that_exist() -> None:
    for path in (UNIT, CRON, CONTAINER):
        for found in re.findall(r"`(newsbeam [^`]+)`", comments(path)):
            assert_is_our_command(shlex.split(found))
    assert_is_our_command(["newsbeam", "init", "/var/lib/newsbeam"])


# --- cron


def test_the_cron_lines_are_well_formed_and_run_our_commands() -> None:
    lines = [line for line in CRON.read_text().splitlines() if line and not line.startswith("#")]
    jobs = [line for line in lines if not re.match(r"[A-Z]+=", line)]
    assert len(jobs) == 3
    field = r"(\*|\d+(-\d+)?)(/\d+)?"
    for line in jobs:
        assert re.match(rf"({field}\s+){{5}}newsbeam\s+cd /var/lib/newsbeam && ", line), line
        assert "%" not in line, "cron makes a line break of it"
        for found in re.findall(r"(newsbeam (?:ingest|status)[^&|>;]*)", line):
            assert_is_our_command(shlex.split(found))
        command = line.split("newsbeam", 1)[1]
        subprocess.run(["sh", "-n", "-c", command], check=True)


# --- container


def steps() -> list[tuple[str, str]]:
    """Return the instructions of the container file."""
    text = re.sub(r"\\\n", " ", CONTAINER.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def copied() -> list[str]:
    sources = []
    for name, rest in steps():
        words = rest.split()
        if name == "COPY" and not words[0].startswith("--from"):
            sources += words[:-1]
    return sources


def test_what_the_container_runs_are_our_commands() -> None:
    named = dict(steps())  # the last of each: of the image itself
    entry, start = json.loads(named["ENTRYPOINT"]), json.loads(named["CMD"])
    assert_is_our_command([*entry, *start])
    assert_is_our_command(json.loads(named["HEALTHCHECK"].partition("CMD ")[2]))
    assert metadata.metadata("newsbeam")["Requires-Python"] == ">=3.11"
    assert named["FROM"] == "python:3.11-slim"
    assert named["USER"] != "root"


def test_the_build_context_holds_what_is_copied_and_no_secrets() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied()) == kept
    assert all((ROOT / name).exists() for name in kept)


@pytest.mark.full
@pytest.mark.slow
def test_what_is_copied_is_enough_to_build_the_wheel(tmp_path: Path) -> None:
    for name in copied():
        source, target = ROOT / name, tmp_path / "src" / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "wheels")],
        cwd=tmp_path / "src",
        capture_output=True,
        check=True,
    )
    with zipfile.ZipFile(next((tmp_path / "wheels").glob("newsbeam-*.whl"))) as wheel:
        names = wheel.namelist()
    assert {"configs/default.yaml", "pipeline/schedule.py", "transforms/enrich/data/entities.crfsuite"} <= set(names)


# --- backup


def backup_sql() -> str:
    """Return the statement that the unit's comment gives, as it stands there."""
    found = re.search(
        r"sqlite3 /var/lib/newsbeam/newsbeam\.db \"(VACUUM INTO '/backup/newsbeam\.db')\"", comments(UNIT)
    )
    assert found is not None
    return found[1]


@pytest.mark.slow
def test_a_backup_of_a_store_that_is_written_to_is_whole_and_goes_on(tmp_path: Path) -> None:
    running, restored = tmp_path / "running", tmp_path / "restored"
    running.mkdir()
    restored.mkdir()
    with NewsWeb.big(pages=60, sites=3, delay_s=0.05) as web:
        harness = Harness(running)
        harness.configure(web.resolve, web.feed_urls[:3], delay="0s")
        with scheduling(harness) as scheduler:
            wait_for(lambda: created(running) >= 10)
            db = sqlite3.connect(running / "newsbeam.db", timeout=60)
            db.execute(backup_sql().replace("/backup/", f"{restored}/"))
            db.close()
            wait_for(lambda: created(running) == 60)
            assert scheduler.stop() == 0
        taken = created(restored)
        copy = sqlite3.connect(restored / "newsbeam.db")
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        settled = "SELECT count(*) FROM ledger_urls WHERE outcome = 'created'"
        assert copy.execute(f"{settled} AND document_id NOT IN (SELECT id FROM articles)").fetchone() == (0,)
        copy.close()
        for name in ("newsbeam.yaml", "feeds.yaml"):
            shutil.copy(running / name, restored / name)
        done = newsbeam(restored, "ingest")
    assert taken >= 10
    assert "Books balance" in done.stdout
    assert created(restored) == count(restored, "SELECT count(*) FROM articles") == 60
    told = newsbeam(restored, "status", code=1).stdout
    assert told.count("problem") == 1
    assert "the scheduler died" in told, "it ran when the backup was made"
