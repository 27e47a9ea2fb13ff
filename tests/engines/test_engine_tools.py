"""The engines themselves: each runs a bounded job, Prism and Flink an unbounded one, and Flink gets over a death."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.engines.environment import LAUNCHER, write_launcher
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
    assert sorted(written) == list(range(min(written), min(written) + 20))


def test_an_endless_stream_on_prism_is_cancelled_by_a_signal(tmp_path: Path) -> None:
    log, out = tmp_path / "driver.log", tmp_path / "out"
    with started(command("ticks", out, "--streaming", *options_for("prism")), log, cwd=ROOT) as driver:
        wait_for("ticks", lambda: len(lines(out)) >= 10, words=log.read_text)
        driver.terminate()
        assert driver.wait(LIMIT_S) == 0, log.read_text()
    written = lines(out)
    assert len(set(written)) == len(written)  # the last ticks may have overlapped, and one of them been dropped


def test_a_stream_on_flink_gets_over_deaths_and_goes_on_from_its_savepoint(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_launcher(tmp_path / "launcher")
    environment = json.dumps({"command": str(tmp_path / "launcher" / LAUNCHER)})

    def complete_to() -> int:
        """Return the tick up to which none is missing. One may be there twice, after the last checkpoint."""
        written = set(lines(out))
        tick = min(written, default=-1)
        while tick + 1 in written:
            tick += 1
        return tick

    with FlinkCluster(tmp_path / "flink", env={"PYTHONPATH": str(ROOT)}) as flink:
        options = ["--runner=PortableRunner", f"--job_endpoint={flink.job_endpoint}", "--streaming", "--parallelism=2"]
        options += ["--environment_type=PROCESS", f"--environment_config={environment}", "--sdk_worker_parallelism=2"]
        options += ["--checkpointing_interval=2000", "--finish_bundle_before_checkpointing"]

        @contextmanager
        def job(name: str, *more: str, code: int = 0) -> Iterator[str]:
            """Run the driver for a `with` block; give the job's id when it writes. The driver ends with its job."""
            log, before = tmp_path / f"{name}.log", complete_to()
            with started(command("ticks", out, *options, *more), log, cwd=ROOT) as driver:

                def writes() -> bool:
                    assert driver.poll() is None, log.read_text()[-4000:]
                    return complete_to() >= before + 10

                wait_for(f"ticks of the {name} job", writes, words=flink.last_words)
                yield flink.jobs()[0]["jid"]
                assert driver.wait(LIMIT_S) == code, log.read_text()

        def goes_on() -> None:
            aim = complete_to() + 10
            wait_for(f"all ticks to {aim}", lambda: complete_to() >= aim, words=flink.last_words)

        with job("first") as job_id:
            goes_on()
            flink.kill_task_manager()
            flink.start_task_manager()
            goes_on()
            flink.kill_worker()
            goes_on()
            savepoint = flink.stop_with_savepoint(job_id)
        # What was cancelled behind its back, Beam's job server calls FAILED; what was stopped there, DONE.
        with job("second", f"--savepoint_path={savepoint}", code=1) as job_id:
            flink.cancel(job_id)
    assert flink.worker_pids() == []
