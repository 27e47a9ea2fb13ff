"""Engines before anything runs: which options they get, and what is refused with its remedy."""

import os
import sys
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.engines import ENGINES, RUNNERS
from pipeline.engines.base import Given, OnEngine
from pipeline.engines.boot import read_arguments
from pipeline.engines.choose import on_engine, require_engine
from pipeline.engines.environment import write_launcher
from pipeline.settings import Settings
from tests.support.commands import newsbeam
from transforms.errors import ConfigurationError

JAR = "--flink_job_server_jar=server.jar"


@pytest.fixture(autouse=True)
def _no_engines_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NEWSBEAM_PRISM", "NEWSBEAM_FLINK_JAR", "NEWSBEAM_SPARK_JAR", "NEWSBEAM_JAVA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def settings(folder: Path, runner: str, *options: str, **keys: str) -> Settings:
    given = {"run.runner": (runner, "--runner"), "engines.options": (list(options), "--")}
    given |= {key.replace("__", "."): (value, "--set") for key, value in keys.items()}
    return load_config(None, options=given, cwd=folder, environ={}).settings


def chosen(folder: Path, runner: str, *options: str, streaming: bool = False, **keys: str) -> OnEngine:
    found = on_engine(settings(folder, runner, *options, **keys), "20261124T083000.123Z-1f3a", streaming=streaming)
    assert found is not None
    return found


def refusal(folder: Path, runner: str, *options: str, streaming: bool = False, **keys: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        require_engine(settings(folder, runner, *options, **keys), streaming=streaming)
    return str(caught.value)


def program(folder: Path) -> Path:
    path = folder / "bin" / "prism"
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("options", "word"),
    [(("parallelism=4",), "parallelism=4"), (("--a=1", "b"), "b"), (("--streaming", "x", "y"), "y")],
)
def test_a_word_that_beam_would_ignore_is_refused_with_the_remedy(
    tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    message = refusal(tmp_path, "flink", JAR, *options)
    assert f"engines.options: '{word}' is no option" in message
    assert f"--{word}" in message
    assert chosen(tmp_path, "flink", JAR, "--parallelism", "4").options[-2:] == ("--parallelism", "4")


def test_the_local_runner_is_no_engine_and_takes_no_beam_options(tmp_path: Path) -> None:
    assert on_engine(settings(tmp_path, "local"), "run", streaming=False) is None
    message = refusal(tmp_path, "local", "--streaming")
    assert "--streaming" in message
    assert "run.workers" in message


def test_an_unknown_runner_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=", ".join(RUNNERS)):
        settings(tmp_path, "samza")


def test_prism_is_never_fetched_silently(tmp_path: Path) -> None:
    message = refusal(tmp_path, "prism")
    assert all(
        part in message for part in ("scripts/engines prism", "go install", "--prism_location", "NEWSBEAM_PRISM")
    )


def test_prism_is_found_by_option_before_environment_before_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = program(tmp_path)
    assert f"--prism_location={on_path}" in chosen(tmp_path, "prism").options
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("NEWSBEAM_PRISM", str(program(other)))
    assert f"--prism_location={other / 'bin' / 'prism'}" in chosen(tmp_path, "prism").options
    assert chosen(tmp_path, "prism", f"--prism_location={on_path}").options[-1] == f"--prism_location={on_path}"
    assert "no such program" in refusal(tmp_path, "prism", "--prism_location=nowhere")


def test_a_missing_job_server_is_said_with_ways_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("flink", "spark"):
        message = refusal(tmp_path, engine)
        assert f"scripts/engines {engine}" in message
        assert f"--{engine}_job_server_jar" in message
    monkeypatch.setenv("NEWSBEAM_FLINK_JAR", str(tmp_path / "gone.jar"))
    assert "gone.jar" in refusal(tmp_path, "flink")


def test_a_stream_on_flink_gets_both_flags_of_checkpointing(tmp_path: Path) -> None:
    options = chosen(tmp_path, "flink", JAR, streaming=True, engines__checkpoint="3s").options
    assert {"--streaming", "--checkpointing_interval=3000", "--finish_bundle_before_checkpointing"} <= set(options)
    bounded = chosen(tmp_path, "flink", JAR).options
    assert not [option for option in bounded if "checkpoint" in option or option == "--streaming"]


def test_what_the_user_gives_is_not_given_twice_and_comes_last(tmp_path: Path) -> None:
    options = chosen(
        tmp_path, "flink", JAR, "--parallelism=7", "--checkpointing_interval=500", "--environment_type=LOOPBACK",
        streaming=True,
    ).options  # fmt: skip
    assert [option for option in options if option.startswith("--parallelism")] == ["--parallelism=7"]
    assert [option for option in options if option.startswith("--checkpointing")] == ["--checkpointing_interval=500"]
    assert [option for option in options if option.startswith("--environment")] == ["--environment_type=LOOPBACK"]
    assert options[-4:] == (JAR, "--parallelism=7", "--checkpointing_interval=500", "--environment_type=LOOPBACK")


def test_workers_are_started_by_a_command_with_an_absolute_path(tmp_path: Path) -> None:
    [config] = [text for text in chosen(tmp_path, "flink", JAR).options if text.startswith("--environment_config")]
    assert f'"command": "{tmp_path}/newsbeam.db.engines/worker"' in config


def test_the_launcher_is_for_this_user_and_runs_this_python(tmp_path: Path) -> None:
    write_launcher(tmp_path / "engines")
    launcher = tmp_path / "engines" / "worker"
    assert launcher.stat().st_mode & 0o777 == 0o700
    assert sys.executable in launcher.read_text()
    assert os.listdir(launcher.parent) == ["worker"]


@pytest.mark.parametrize(
    ("runner", "options", "remedy"),
    [
        ("flink", (JAR, "--flink_master=flink.example:8081"), "--state elasticsearch"),
        ("portable", ("--job_endpoint=localhost:8099",), "--state elasticsearch"),
        ("spark", ("--spark_job_server_jar=x.jar", "--spark_master_url=spark://spark.example:7077"), "--state"),
        ("dataflow", ("--project=p", "--region=r", "--temp_location=gs://t", "--setup_file=./setup.py"), "--state"),
    ],
)
def test_a_ledger_in_a_file_is_refused_where_workers_are_elsewhere(
    tmp_path: Path, runner: str, options: tuple[str, ...], remedy: str
) -> None:
    message = refusal(tmp_path, runner, *options)
    assert remedy in message
    assert "newsbeam.db" in message


@pytest.mark.parametrize("master", ["localhost:8081", "http://127.0.0.1:8081", "[auto]", "[local]"])
def test_flink_on_this_machine_may_share_a_file(tmp_path: Path, master: str) -> None:
    assert chosen(tmp_path, "flink", JAR, f"--flink_master={master}").engine == "flink"


def test_a_store_in_memory_is_refused_where_workers_are_other_processes(tmp_path: Path) -> None:
    program(tmp_path)
    assert "--store" in refusal(tmp_path, "prism", store="memory:x", state=str(tmp_path / "state.db"))


def test_spark_does_not_stream_and_says_who_does(tmp_path: Path) -> None:
    message = refusal(tmp_path, "spark", "--spark_job_server_jar=x.jar", streaming=True)
    assert "prism" in message
    assert "flink" in message


@pytest.mark.parametrize("option", ["--runner=FlinkRunner", "--streaming", "--job_name=mine"])
def test_what_newsbeam_decides_is_refused_behind_the_dashes(tmp_path: Path, option: str) -> None:
    assert option.partition("=")[0] in refusal(tmp_path, "flink", JAR, option)


def test_dataflow_names_what_is_missing(tmp_path: Path) -> None:
    keys = {"store": "http://localhost:9200", "state": str(tmp_path / "state.db")}
    given = Given(["--project=p"])
    assert ENGINES["dataflow"].spread(given) == "network"
    assert "--region, --temp_location" in _missing("--project=p")
    assert "--setup_file" in _missing("--project=p", "--region=r", "--temp_location=gs://t")
    assert "--state" in refusal(tmp_path, "dataflow", **keys)


def _missing(*options: str) -> str:
    from pipeline.engines.base import Request

    request = Request(given=Given(options), job_name="n", streaming=False, workers=1, worker="/w")
    with pytest.raises(ConfigurationError) as caught:
        ENGINES["dataflow"].options(request)
    return str(caught.value)


def test_the_rest_address_is_that_of_the_master_unless_it_is_configured(tmp_path: Path) -> None:
    master = "--flink_master=localhost:8081"
    assert chosen(tmp_path, "flink", JAR, master).flink_rest == "http://localhost:8081"
    assert chosen(tmp_path, "flink", JAR).flink_rest is None
    configured = chosen(tmp_path, "flink", JAR, master, engines__flink_rest="http://localhost:9/")
    assert configured.flink_rest == "http://localhost:9"


def test_ticks_come_from_flink_itself_where_the_engine_is_flink_for_certain(tmp_path: Path) -> None:
    """PeriodicImpulse leaks a keyed state per tick there, and no other engine has Flink's source."""
    program(tmp_path)
    servers = {"state": "http://localhost:9200", "store": "http://localhost:9200"}
    server = "--job_endpoint=localhost:8099"

    def ticks(runner: str, *options: str, **keys: str) -> str:
        return chosen(tmp_path, runner, *options, streaming=True, **keys).ticks

    assert ticks("flink", JAR) == "flink"
    assert ticks("flink", server, **servers) == "flink"
    assert ticks("portable", server, engines__flink_rest="http://localhost:8081", **servers) == "flink"
    assert ticks("portable", server, **servers) == "periodic"
    assert ticks("prism", engines__flink_rest="http://localhost:8081") == "periodic"


def test_options_with_equals_sign_and_without_are_read_alike() -> None:
    given = Given(["--parallelism", "3", "--flag", "--job_endpoint=a:1", "--job_endpoint=b:2"])
    assert (given.value("parallelism"), given.value("flag"), given.value("job_endpoint")) == ("3", None, "b:2")
    assert given.has("flag")
    assert not given.has("par")


def test_an_engines_arguments_are_read_and_anything_else_is_refused() -> None:
    said = read_arguments(["--id='job-1'", "--control_endpoint='h:1'", "--provision_endpoint=h:2", "--unknown=x"])
    assert said == {"id": "job-1", "control_endpoint": "h:1", "provision_endpoint": "h:2"}
    with pytest.raises(ValueError, match="newsbeam schedule"):
        read_arguments(["--help"])


def test_what_stands_behind_the_dashes_is_beams_and_before_them_ours(tmp_path: Path) -> None:
    done = newsbeam(tmp_path, "ingest", "--runner", "prism", "--", "--prism_location=nowhere", "--store", code=2)
    assert "nowhere: no such program" in done.stderr
    done = newsbeam(tmp_path, "ingest", "--", "--parallelism=2", code=2)
    assert "--runner local takes no Beam options (--parallelism=2)" in done.stderr
    assert not list(tmp_path.iterdir()), "something was made before the refusal"


def test_the_worker_command_is_hidden_and_tells_who_starts_it(tmp_path: Path) -> None:
    assert "worker" not in newsbeam(tmp_path, "--help").stdout.split("Commands:")[1]
    assert "started by an engine" in newsbeam(tmp_path, "worker", code=2).stderr
