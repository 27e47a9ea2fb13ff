"""A real Flink cluster on this machine, whose parts may be killed."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.engines import engine_environment
from tests.support.processes import end, spawn, wait_for

SLOTS = 2
# The packages that Flink reaches into and Java 17 closes; Beam's job server has them in its jar.
_OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.lang", "java.util", "java.net", "java.nio", "sun.nio.ch", "java.util.concurrent")
]


class FlinkCluster:
    """A standalone Flink: a JobManager, TaskManagers with two slots, and Beam's job server. Ports come from the system.

    `env` is added to the TaskManagers' environment, which the Python workers inherit that they start. Checkpoints,
    savepoints, configurations and logs are kept in `folder`. For a `with` block, or `start` and, in any case, `stop`.
    """

    def __init__(self, folder: Path, *, env: Mapping[str, str] | None = None) -> None:
        tools = engine_environment("flink")
        self.folder, self._env = folder, dict(env or {})
        self._jar, self._java = Path(tools["NEWSBEAM_FLINK_JAR"]), tools["NEWSBEAM_JAVA"]
        self.rest_url = ""
        self.job_endpoint = ""
        self.task_manager: subprocess.Popen[bytes] | None = None
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything; return when it takes jobs."""
        for name in ("conf", "logs", "tmp", "checkpoints", "savepoints", "staged"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_conf("jobmanager", {"jobmanager.rpc.port": "0", "rest.port": "0", "rest.bind-port": "0"})
        self._flink("jobmanager", "entrypoint.StandaloneSessionClusterEntrypoint", heap="400m")
        self.rest_url = f"http://{self._said('jobmanager', 'Rest endpoint listening at ')}"
        self._rpc_port = self._said("jobmanager", "Actor system started at pekko.tcp://flink@").rpartition(":")[2]
        self.start_task_manager()
        self._start_job_server()

    def stop(self) -> None:
        """End every process that was started, the Python workers too."""
        for process in reversed(self.processes.values()):
            end(process)

    def start_task_manager(self) -> None:
        """Start another TaskManager; return when the JobManager has it."""
        name = f"taskmanager-{len(self.processes)}"
        self._write_conf(name, {"jobmanager.rpc.port": self._rpc_port, "taskmanager.resource-id": name})
        self.task_manager = self._flink(name, "taskexecutor.TaskManagerRunner", heap="512m", env=self._env)

        def registered() -> bool:
            self._all_alive(name)
            return any(each["id"] == name for each in self.ask("/taskmanagers")["taskmanagers"])

        self._wait_for(f"{name} registered", registered)

    def kill_task_manager(self) -> None:
        """Kill the newest TaskManager at once, as a machine dies; its Python workers find out by themselves."""
        assert self.task_manager is not None, "there is no TaskManager to kill"
        self.task_manager.kill()
        self.task_manager.wait()

    def kill_worker(self) -> None:
        """Kill a Python worker of the newest TaskManager; Flink restarts the job."""
        assert self.task_manager is not None, "there is no TaskManager"
        os.kill(self.worker_pids(self.task_manager)[0], signal.SIGKILL)

    def worker_pids(self, *task_managers: "subprocess.Popen[bytes]") -> list[int]:
        """Return the processes that these TaskManagers have started, all of them by default: the Python workers."""
        groups = {process.pid for process in task_managers or self.processes.values()}
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                lives = entry.name.isdigit() and (entry / "cmdline").read_bytes()  # empty once it is dead
                if lives and int(entry.name) not in groups and os.getpgid(int(entry.name)) in groups:
                    found.append(int(entry.name))
        return found

    def jobs(self) -> list[dict[str, Any]]:
        """Return Flink's overview of all jobs, newest first: `jid`, `name`, `state`, `start-time` and more."""
        return sorted(self.ask("/jobs/overview")["jobs"], key=lambda job: job["start-time"], reverse=True)

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Return what Flink's REST interface answers. One that says 503 has no leader yet, and is asked again."""
        request = urllib.request.Request(
            self.rest_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        answer: Any = None

        def answered() -> bool:
            nonlocal answer
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    answer = json.loads(response.read() or b"null")
            except urllib.error.HTTPError as err:
                words = err.read().decode(errors="replace")[:2000]
                if err.code != 503:
                    raise AssertionError(f"{method} {path}: {err.code} {words}") from err
                return False
            return True

        self._wait_for(f"answer to {method} {path}", answered)
        return answer

    def last_words(self) -> str:
        """Return the ends of all logs."""
        logs = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def _start_job_server(self) -> None:
        command = [self._java, "-Xmx512m", f"-Djava.io.tmpdir={self.folder / 'tmp'}", "-jar", str(self._jar)]
        command += ["--job-host=localhost", "--job-port=0", "--artifact-port=0", "--expansion-port=-1"]
        command += [f"--flink-master={self.rest_url.removeprefix('http://')}"]
        command += [f"--flink-conf-dir={self.folder / 'conf/jobmanager'}", f"--artifacts-dir={self.folder / 'staged'}"]
        self.processes["jobserver"] = spawn(command, self.folder / "logs/jobserver.log")
        self.job_endpoint = self._said("jobserver", "JobService started on ")

    def _flink(
        self, name: str, entry: str, *, heap: str, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        memory = [f"-Xmx{heap}", "-XX:MaxDirectMemorySize=256m", "-XX:MaxMetaspaceSize=256m"]
        command = [self._java, *memory, f"-Djava.io.tmpdir={self.folder / 'tmp'}", *_OPENS]
        command += ["-cp", f"{self._jar.parent}/*", f"org.apache.flink.runtime.{entry}"]
        command += ["--configDir", str(self.folder / "conf" / name)]
        self.processes[name] = spawn(command, self.folder / f"logs/{name}.log", env=env)
        return self.processes[name]

    def _write_conf(self, name: str, values: dict[str, str]) -> None:
        conf = self.folder / "conf" / name
        conf.mkdir()
        folders = {
            "io.tmp.dirs": str(self.folder / "tmp"),
            "state.checkpoints.dir": (self.folder / "checkpoints").as_uri(),
            "state.savepoints.dir": (self.folder / "savepoints").as_uri(),
        }
        lines = [f"{key}: {value}\n" for key, value in {**_CONF, **folders, **values}.items()]
        (conf / "flink-conf.yaml").write_text("".join(lines))

    def _said(self, name: str, phrase: str) -> str:
        """Return the word after a phrase in a log, as soon as it is there."""
        log, found = self.folder / f"logs/{name}.log", ""

        def said() -> bool:
            nonlocal found
            self._all_alive(name)
            lines = log.read_text(errors="replace").splitlines(keepends=True)
            found = next(
                (
                    line.partition(phrase)[2].split()[0].rstrip(".")
                    for line in lines
                    if phrase in line and line.endswith("\n")
                ),
                "",
            )
            return bool(found)

        self._wait_for(f"{name}: {phrase}", said)
        return found

    def _all_alive(self, *names: str) -> None:
        for name in names:
            code = self.processes[name].poll()
            assert code is None, f"{name} ended with {code}\n{self.last_words()}"

    def _wait_for(self, what: str, condition: Callable[[], bool]) -> None:
        wait_for(what, condition, words=self.last_words)


# Without Flink's own start scripts every memory size must be given. A killed TaskManager is noticed by calls that fail,
# after two heartbeats; the long timeout is for one that is merely slow.
_CONF = {
    "jobmanager.rpc.address": "localhost",
    "jobmanager.bind-host": "localhost",
    "jobmanager.memory.process.size": "1024m",
    "rest.address": "localhost",
    "rest.bind-address": "localhost",
    "taskmanager.host": "localhost",
    "taskmanager.bind-host": "localhost",
    "taskmanager.numberOfTaskSlots": str(SLOTS),
    "parallelism.default": str(SLOTS),
    "taskmanager.cpu.cores": "2.0",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "64m",
    "taskmanager.memory.task.heap.size": "384m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.managed.size": "128m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "128m",
    "taskmanager.memory.jvm-overhead.max": "128m",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "20",
    "restart-strategy.fixed-delay.delay": "1 s",
    "heartbeat.interval": "2000",
    "heartbeat.timeout": "60000",
    "pekko.ask.timeout": "120 s",  # 10 by default, in which a busy machine does not take a job
}
