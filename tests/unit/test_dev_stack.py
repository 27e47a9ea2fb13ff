"""The containers for trying out: what the compose file says, and what the script does with and without an engine."""

import base64
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.kibana.readiness import OLDEST
from pipeline.yaml_text import parse_yaml
from tests.support.raw_server import Exchange, answer, serve

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "dev_stack"
TEXT = (ROOT / "configs" / "deploy" / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = parse_yaml(TEXT).data
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# Of the Compose specification, what this file may use; a key that is spelled wrong is none of them.
SERVICE_KEYS = {
    "image", "environment", "ports", "volumes", "ulimits", "healthcheck", "depends_on", "restart", "entrypoint",
    "command",
}  # fmt: skip
HEALTHCHECK_KEYS = {"test", "interval", "timeout", "retries"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def test_the_compose_file_has_only_what_the_specification_knows() -> None:
    assert COMPOSE.keys() == {"name", "services", "volumes"}
    assert SERVICES.keys() == {"elasticsearch", "kibana_password", "kibana"}
    for name, service in SERVICES.items():
        assert service.keys() <= SERVICE_KEYS, name
        assert all(isinstance(value, str) for value in service["environment"].values()), name
        assert service.get("healthcheck", {}).keys() <= HEALTHCHECK_KEYS, name
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES, name
            assert how["condition"] in CONDITIONS, name
        volumes = {each.partition(":")[0] for each in service.get("volumes", [])}
        assert volumes <= COMPOSE["volumes"].keys(), name


def test_every_variable_is_made_by_the_script_or_has_a_default() -> None:
    made = set(re.findall(r"^ +([A-Z_]+) \"\$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(made) == 7
    for name, default in re.findall(r"(?<!\$)\$\{([A-Z_]+)(:[-?][^}]*)?\}", TEXT):
        assert name in made, name
        assert default, f"{name} has neither a default nor a word of how to get it"
    in_containers = set(re.findall(r"\$\$([A-Z_]+)", TEXT))
    for service in SERVICES.values():
        used = set(re.findall(r"\$\$([A-Z_]+)", str(service)))
        assert used <= service["environment"].keys()
        in_containers -= used
    assert in_containers == set()


def test_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_security_is_on_and_no_secret_is_in_the_file() -> None:
    assert SERVICES["elasticsearch"]["environment"]["xpack.security.enabled"] == "true"
    assert SERVICES["kibana"]["environment"]["ELASTICSEARCH_USERNAME"] == "kibana_system"
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name or "KEY" in name:
                assert value.startswith("${"), name


def test_images_are_of_one_version_that_the_pack_takes_and_name_no_registry() -> None:
    images = {service["image"].partition(":")[0] for service in SERVICES.values()}
    assert images == {"elasticsearch", "kibana"}
    (version,) = re.findall(r"^VERSION=(.+)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(int(part) for part in version.split(".")[:2]) >= OLDEST


def test_each_waits_for_the_one_before() -> None:
    assert SERVICES["kibana_password"]["depends_on"] == {"elasticsearch": {"condition": "service_healthy"}}
    assert SERVICES["kibana"]["depends_on"] == {"kibana_password": {"condition": "service_completed_successfully"}}
    assert all("healthcheck" in SERVICES[name] for name in ("elasticsearch", "kibana"))


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl, as the container has it")
def test_the_one_shot_gives_kibana_s_user_its_password() -> None:
    """The very command of the file, run by bash with curl against a server here."""
    seen: list[bytes] = []

    def script(exchange: Exchange) -> None:
        request = exchange.request
        length = int(re.search(rb"(?i)content-length: (\d+)", request)[1])  # type: ignore[index]
        while len(request.partition(b"\r\n\r\n")[2]) < length:
            request += exchange.socket.recv(4096)
        seen.append(request)
        exchange.send(answer(b"{}"))

    service = SERVICES["kibana_password"]
    with serve(script) as server:
        command = service["command"][0].replace("$$", "$").replace("http://elasticsearch:9200", server.url(""))
        environment = {"PATH": os.environ["PATH"], "ELASTIC_PASSWORD": "geheim", "KIBANA_PASSWORD": "anders"}
        done = subprocess.run([*service["entrypoint"], command], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    (request,) = seen
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /_security/user/kibana_system/_password ")
    assert base64.b64encode(b"elastic:geheim") in head
    assert body == b'{"password": "anders"}'


# --- the script ------------------------------------------------------------------------------------------------


def run(tmp_path: Path, *arguments: str, engine: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the script with no engine but `engine`, a shell script that stands for docker and notes how it is called."""
    tools = tmp_path / "bin"
    tools.mkdir(exist_ok=True)
    for tool in ("bash", "dirname", "od", "tr", "mkdir", "mv", "sed", "rm", "cat"):
        link = tools / tool
        if not link.exists():
            link.symlink_to(shutil.which(tool) or "")
    if engine is not None:
        docker = tools / "docker"
        docker.write_text(f'#!{tools}/bash\necho "$*" >> {tmp_path}/calls\n{engine}\n', encoding="utf-8")
        docker.chmod(0o755)
    environment = {"PATH": str(tools), "NEWSBEAM_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    return subprocess.run(
        ["bash", str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, check=False
    )


WORKS = 'case "$*" in *ps*) echo elasticsearch; echo kibana;; esac; exit 0'


def test_it_is_sound_bash() -> None:
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0


def test_without_an_engine_it_says_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path, "start")
    assert done.returncode == 2
    assert "neither docker nor podman is here: install one, or set ES_URL and KIBANA_URL" in done.stderr


def test_without_the_compose_plugin_it_names_it(tmp_path: Path) -> None:
    done = run(tmp_path, "start", engine='[ "$1" != compose ]')
    assert done.returncode == 2
    assert "install docker-compose-plugin" in done.stderr
    assert not (tmp_path / "cache" / "dev_stack").exists()


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "start", engine='[ "$1" != info ]')
    assert done.returncode == 2
    assert "its service does not answer: start it" in done.stderr


def test_start_makes_secrets_once_that_nobody_else_can_read(tmp_path: Path) -> None:
    done = run(tmp_path, "start", engine=WORKS)
    assert done.returncode == 0, done.stderr
    settings = tmp_path / "cache" / "dev_stack" / ".env"
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in settings.read_text().splitlines())
    secrets = [values[name] for name in ("ELASTIC_PASSWORD", "KIBANA_PASSWORD", "KIBANA_ENCRYPTION_KEY")]
    assert all(re.fullmatch(r"[0-9a-f]{32}", secret) for secret in secrets)  # Kibana wants a key of 32 at least
    assert len(set(secrets)) == 3
    assert [secret for secret in secrets if secret in done.stdout + done.stderr] == []
    calls = (tmp_path / "calls").read_text()
    assert f"--env-file {settings} --file {ROOT}/configs/deploy/compose.yaml up --detach --wait" in calls
    assert [secret for secret in secrets if secret in calls] == []
    before = settings.read_text()
    assert run(tmp_path, "start", engine=WORKS).returncode == 0
    assert settings.read_text() == before


def test_env_prints_what_the_commands_need(tmp_path: Path) -> None:
    assert run(tmp_path, "env").returncode == 3
    run(tmp_path, "start", engine=WORKS)
    exports = run(tmp_path, "env").stdout
    shown = subprocess.run(
        ["bash", "-c", f"{exports}\necho $ES_URL $KIBANA_URL $ES_USERNAME ${{#ES_PASSWORD}}"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == ["http://localhost:9200", "http://localhost:5601", "elastic", "32"]


def test_a_failed_start_says_where_to_look(tmp_path: Path) -> None:
    done = run(tmp_path, "start", engine='case "$*" in *up*) exit 1;; esac')
    assert done.returncode == 1
    assert "it did not come up; look with: docker compose" in done.stderr


def test_data_are_removed_only_when_that_is_said(tmp_path: Path) -> None:
    run(tmp_path, "start", engine=WORKS)
    done = run(tmp_path, "destroy", engine=WORKS)
    assert done.returncode == 2
    assert "destroy --yes" in done.stderr
    assert "down" not in (tmp_path / "calls").read_text()
    assert run(tmp_path, "destroy", "--yes", engine=WORKS).returncode == 0
    assert "down --volumes" in (tmp_path / "calls").read_text()
    assert not (tmp_path / "cache" / "dev_stack" / ".env").exists()


def test_status_and_stop(tmp_path: Path) -> None:
    assert run(tmp_path, "status", engine=WORKS).returncode == 3
    run(tmp_path, "start", engine=WORKS)
    assert run(tmp_path, "status", engine=WORKS).stdout.split() == ["elasticsearch", "kibana"]
    assert run(tmp_path, "status", engine="exit 0").returncode == 3
    assert run(tmp_path, "stop", engine=WORKS).returncode == 0


def test_help_and_mistakes(tmp_path: Path) -> None:
    assert "newsbeam kibana setup --wait 5m" in run(tmp_path, "--help").stdout
    done = run(tmp_path, "launch")
    assert done.returncode == 2
    assert "choose start, env, status, stop or destroy" in done.stderr
