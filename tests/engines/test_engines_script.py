"""`scripts/engines` itself: what it says, and that a failed or interrupted installation leaves nothing half done."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.engines import SCRIPT
from tests.support.processes import LIMIT_S, started, wait_for

TOOLS = ("bash", "cat", "cksum", "cut", "dirname", "du", "env", "flock", "mkdir", "mv", "readlink", "rm", "sed", "tail")


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine with no Go, no Maven and no Java, and an empty cache."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in TOOLS:
        for folder in os.environ["PATH"].split(os.pathsep):
            if Path(folder, name).exists():
                (programs / name).symlink_to(Path(folder, name))
                break
    return {"PATH": str(programs), "NEWSBEAM_CACHE": str(tmp_path / "cache dir"), "HOME": str(tmp_path)}


def add_program(machine: dict[str, str], name: str, text: str) -> None:
    """Put a shell script on the machine's PATH."""
    path = Path(machine["PATH"], name)
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def engines(machine: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the script on a machine."""
    return subprocess.run([SCRIPT, *words], env=machine, capture_output=True, text=True, timeout=LIMIT_S)


def test_without_engines_the_status_is_3_and_env_says_how_to_get_them(machine: dict[str, str]) -> None:
    assert engines(machine, "status").returncode == 3
    done = engines(machine, "env")
    assert (done.returncode, done.stdout) == (1, "")
    assert "scripts/engines prism" in done.stderr


@pytest.mark.parametrize(
    ("engine", "reason"),
    [("prism", "Go (go) is needed"), ("flink", "Maven (mvn) is needed"), ("spark", "Maven (mvn) is needed")],
)
def test_a_missing_tool_is_one_plain_reason_and_code_2(machine: dict[str, str], engine: str, reason: str) -> None:
    done = engines(machine, engine)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_java_of_another_version_is_not_java_17(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "jdk/bin").mkdir(parents=True)
    (tmp_path / "jdk/bin/java").symlink_to("/bin/sh")
    (tmp_path / "jdk/release").write_text('JAVA_VERSION="25.0.1"\n')
    for name in ("mvn", "python3"):
        add_program(machine, name, "exit 9")
    done = engines({**machine, "JAVA_HOME": str(tmp_path / "jdk")}, "flink")
    assert done.returncode == 2
    assert "needs Java 17" in done.stderr


def test_an_unknown_word_is_refused_with_the_known_ones(machine: dict[str, str]) -> None:
    done = engines(machine, "storm")
    assert done.returncode == 2
    assert "'storm'" in done.stderr
    assert "prism, flink, spark, all, env and status" in done.stderr


def test_a_failed_build_shows_its_words_and_leaves_nothing(machine: dict[str, str], tmp_path: Path) -> None:
    add_program(machine, "go", 'touch "$GOBIN/half"; echo "no route to the proxy"; exit 1')
    done = engines(machine, "prism")
    assert done.returncode == 2
    assert "no route to the proxy" in done.stderr
    assert [path.name for path in (tmp_path / "cache dir/engines").iterdir() if path.is_dir()] == []


def test_what_is_there_is_not_built_again(machine: dict[str, str], tmp_path: Path) -> None:
    add_program(machine, "go", 'echo built >>"$HOME/builds"; : >"$GOBIN/prism"')
    for _ in range(2):
        assert engines(machine, "prism").returncode == 0
    assert (tmp_path / "builds").read_text() == "built\n"
    said = engines(machine, "env").stdout
    shown = subprocess.run(["bash", "-c", 'eval "$0"; test -f "$NEWSBEAM_PRISM"', said])
    assert shown.returncode == 0, said


def test_a_killed_build_is_no_engine_and_the_next_start_makes_one(machine: dict[str, str], tmp_path: Path) -> None:
    add_program(machine, "go", ': >"$GOBIN/prism"; : >"$HOME/begun"; read -r <"$HOME/pipe"')
    os.mkfifo(tmp_path / "pipe")
    environment = {**machine, "PYTHONPATH": ""}
    with started(["env", "-i", *(f"{k}={v}" for k, v in environment.items()), str(SCRIPT), "prism"], tmp_path / "log"):
        wait_for("the build", (tmp_path / "begun").exists)
    assert engines(machine, "status").returncode == 3
    assert engines(machine, "env").returncode == 1
    add_program(machine, "go", ': >"$GOBIN/prism"')
    assert engines(machine, "prism").returncode == 0
    assert [path.name for path in (tmp_path / "cache dir/engines").glob("building*")] == []


def test_an_ended_installation_of_all_ends_its_builds(machine: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    add_program(machine, "go", 'echo "$$" >"$HOME/pid"; read -r <"$HOME/pipe"')
    script = subprocess.Popen([SCRIPT, "all"], env=machine, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for("the build", lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
        script.terminate()
        assert script.wait(LIMIT_S) == 130
        build = Path("/proc", (tmp_path / "pid").read_text().strip())
        wait_for("the end of the build", lambda: not build.exists())
    finally:
        script.kill()
        script.wait()


def test_the_job_server_jar_names_every_jar_beside_it(tmp_path: Path) -> None:
    jars = [f"a-library-with-a-long-name-{number}.jar" for number in range(200)]
    for name in [*jars, "job-server.jar"]:
        (tmp_path / name).touch()
    maker = SCRIPT.parent / "engines_parts/job_server_jar.py"
    subprocess.run([sys.executable, maker, tmp_path, "org.example.Main"], check=True, capture_output=True)
    with zipfile.ZipFile(tmp_path / "job-server.jar") as jar:
        manifest = jar.read("META-INF/MANIFEST.MF")
    assert max(len(line) for line in manifest.split(b"\r\n")) <= 72  # the JAR File Specification
    headers = dict(line.split(": ", 1) for line in manifest.decode().replace("\r\n ", "").split("\r\n") if line)
    assert headers["Main-Class"] == "org.example.Main"
    assert headers["Class-Path"].split() == sorted(jars)
