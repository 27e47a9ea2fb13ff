"""The engines themselves: each runs a bounded job, Prism and Flink an unbounded one, and Flink gets over a death."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.engine_jobs import COUNT, lines
from tests.support.engines import Engine, engine_environment
from tests.support.flink_cluster import FlinkCluster
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
    assert Counter(written) == Counter(range(20))


def test_an_endless_stream_on_prism_is_cancelled_by_a_signal(tmp_path: Path) -> None:
    log, out = tmp_path / "driver.log", tmp_path / "out"
    with started(command("ticks", out, "--streaming", *options_for("prism")), log, cwd=ROOT) as driver:
        wait_for("ticks", lambda: len(lines(out)) >= 10, words=log.read_text)
        driver.terminate()
        assert driver.wait(LIMIT_S) == 0, log.read_text()
    written = lines(out)
    assert Counter(written) == Counter(range(len(written)))


def test_a_stream_on_flink_loses_no_tick_when_its_task_manager_dies_or_it_is_stopped(tmp_path: Path) -> None:
    out, log = tmp_path / "out", tmp_path / "driver.log"
    with FlinkCluster(tmp_path / "flink") as flink:
        options = ["--runner=PortableRunner", f"--job_endpoint={flink.job_endpoint}", "--streaming", "--parallelism=2"]
        options += ["--checkpointing_interval=2000", "--finish_bundle_before_checkpointing"]
        options += ["--environment_type=LOOPBACK"]
        with started(command("ticks", out, *options), log, cwd=ROOT) as driver:

            def more_ticks(count: int) -> None:
                aim = max(lines(out), default=-1) + count

                def there() -> bool:
                    assert driver.poll() is None, log.read_text()[-4000:]
                    return max(lines(out), default=-1) >= aim

                wait_for(f"tick {aim}", there, words=flink.last_words)

            more_ticks(10)
            (job,) = flink.jobs()
            flink.kill_task_manager()
            flink.start_task_manager()
            more_ticks(10)
            savepoint = flink.stop_with_savepoint(job["jid"])
            assert driver.wait(LIMIT_S) == 0, log.read_text()
        assert Path(savepoint.removeprefix("file:")).is_dir()
        written = set(lines(out))
        assert written == set(range(max(written) + 1))  # a tick may come twice, after the last checkpoint
