"""The engines themselves: each runs a bounded job, Prism an unbounded one. Flink's is in `test_driver_flink.py`."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.engine_jobs import COUNT, lines
from tests.support.engines import Engine, engine_environment
from tests.support.processes import LIMIT_S, started, wait_for

pytestmark = [pytest.mark.engines, pytest.mark.full]

SQUARES = Counter(number * number for number in range(COUNT))
ROOT = Path(__file__).parents[2]


def options_for(engine: Engine) -> list[str]:
    """Return Beam's options for an engine that lives in its driver's own processes."""
    tools = engine_environment(engine)
    if engine == "prism":
        return ["--runner=PrismRunner", f"--prism_location={tools['NEWSBEAM_PRISM']}"]
    java = f"--job_server_java_launcher={tools['NEWSBEAM_JAVA']}"
    if engine == "flink":
        return [
            "--runner=FlinkRunner",
            f"--flink_job_server_jar={tools['NEWSBEAM_FLINK_JAR']}",
            java,
            "--parallelism=2",
        ]
    return ["--runner=SparkRunner", f"--spark_job_server_jar={tools['NEWSBEAM_SPARK_JAR']}", java]


def command(shape: str, out: Path, *options: str) -> list[str]:
    """Return the command that runs one of the small jobs."""
    return [sys.executable, "-m", "tests.support.engine_jobs", shape, f"--out={out}", *options]


def run_to_its_end(folder: Path, *arguments: str) -> list[int]:
    """Run a small job until it ends well; return what it wrote."""
    log, out = folder / "driver.log", folder / "out"
    with started(command(arguments[0], out, *arguments[1:]), log, cwd=ROOT) as driver:
        try:
            code = driver.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            code = None
    assert code == 0, f"{code}\n{log.read_text()[-4000:]}"
    return lines(out)


@pytest.mark.parametrize("engine", ["prism", "flink", "spark"])
def test_a_bounded_job_gives_each_result_once(engine: Engine, tmp_path: Path) -> None:
    assert Counter(run_to_its_end(tmp_path, "squares", *options_for(engine))) == SQUARES


def test_a_stream_on_prism_gives_every_tick_once_and_ends_with_its_impulse(tmp_path: Path) -> None:
    written = run_to_its_end(tmp_path, "ticks", "--ticks=20", "--streaming", *options_for("prism"))
    assert sorted(written) == list(range(min(written), min(written) + 20))


def test_an_endless_stream_on_prism_is_cancelled_by_a_signal(tmp_path: Path) -> None:
    log, out = tmp_path / "driver.log", tmp_path / "out"
    with started(command("ticks", out, "--streaming", *options_for("prism")), log, cwd=ROOT) as driver:
        wait_for("ticks", lambda: len(lines(out)) >= 10, words=log.read_text)
        driver.terminate()
        assert driver.wait(LIMIT_S) == 0, log.read_text()
    written = lines(out)
    assert len(set(written)) == len(written)  # the last ticks may have overlapped, and one of them been dropped
