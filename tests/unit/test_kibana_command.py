"""`newsbeam kibana` against a server that answers as Kibana's routes do: what arrives, what is said, how it exits."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.kibana.readiness import NotReadyError, wait_until_ready
from tests.support.kibana_server import API_KEY, PASSWORD, USER, FakeKibana, fake_kibana, refusal
from tests.support.raw_server import answer, serve

OBJECTS, RULES = 70, 6
Run = Callable[..., Result]


@pytest.fixture
def kibana() -> Iterator[FakeKibana]:
    with fake_kibana() as server:
        yield server


@pytest.fixture
def run(kibana: FakeKibana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the server with its key; `KIBANA_URL` and others can be set otherwise."""
    monkeypatch.chdir(tmp_path)
    for name in ("ES_API_KEY", "ES_USERNAME", "ES_PASSWORD", "ES_LOCAL_API_KEY", "ES_CA_CERT", "KIBANA_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **environment: str | None) -> Result:
        given = {"KIBANA_URL": kibana.url, "ES_API_KEY": API_KEY} | environment
        result = CliRunner().invoke(cli, ["kibana", *arguments], env=given)
        assert "bug in newsbeam" not in result.output, result.output
        for secret in (API_KEY, PASSWORD):
            assert secret not in result.output
        return result

    return run


def results(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def actions(result: Result) -> Counter[str]:
    return Counter(each["action"] for each in results(result))


def test_setup_puts_everything_in_and_the_second_time_changes_nothing(run: Run, kibana: FakeKibana) -> None:
    first = run("setup", "--json")
    assert first.exit_code == 0, first.output
    assert actions(first) == {"made": OBJECTS + RULES}
    assert Counter(kind for _, kind, _ in kibana.objects)["dashboard"] == 5
    assert {space for space, *_ in kibana.objects} == {"default"}
    assert {body["enabled"] for body in kibana.rules.values()} == {False}
    chosen = next(each for each in kibana.objects.values() if each["id"] == kibana.default_view["default"])
    assert chosen["attributes"]["title"] == "newsbeam-articles"

    writes = len(kibana.writes)
    again = run("setup", "--json")
    assert again.exit_code == 0
    assert actions(again) == {"unchanged": OBJECTS, "kept": RULES}
    assert len(kibana.writes) == writes


def test_setup_says_where_to_look(run: Run, kibana: FakeKibana) -> None:
    shown = run("setup", "--space", "desk")
    assert shown.exit_code == 0, shown.output
    assert f"newsbeam: News desk  {kibana.url}/s/desk/app/dashboards#/view/" in shown.stderr
    assert "76 made" in shown.stderr
    assert {space for space, *_ in kibana.objects} == {"desk"}


def test_every_write_has_what_kibana_asks_of_it(run: Run, kibana: FakeKibana) -> None:
    run("setup")
    for request, headers in zip(kibana.requests, kibana.headers, strict=True):
        assert headers["kbn-xsrf"], request
        assert headers["authorization"] == f"ApiKey {API_KEY}"
    assert "POST /api/saved_objects/_import?overwrite=true" in kibana.requests


def test_user_and_password_serve_as_well(run: Run, kibana: FakeKibana) -> None:
    shown = run("setup", ES_API_KEY=None, ES_USERNAME=USER, ES_PASSWORD=PASSWORD)
    assert shown.exit_code == 0, shown.output
    in_url = kibana.url.replace("//", "//elastic:geheim-%C3%9F@")
    assert run("check", ES_API_KEY=None, KIBANA_URL=in_url).exit_code == 0


def test_objects_look_at_the_indices_of_the_project(run: Run, kibana: FakeKibana, tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("project: elections\n", encoding="utf-8")
    assert run("setup").exit_code == 0
    titles = {each["attributes"]["title"] for each in kibana.objects.values() if each["type"] == "index-pattern"}
    assert all(title.startswith("newsbeam-elections-") for title in titles)
    assert run("check", "--set", "project=default").exit_code == 4


def test_a_dry_run_says_the_same_and_changes_nothing(run: Run, kibana: FakeKibana) -> None:
    dry = run("setup", "--dry-run", "--json")
    assert dry.exit_code == 0
    assert actions(dry) == {"made": OBJECTS + RULES}
    assert "nothing was changed" in dry.stderr
    assert kibana.writes == []
    run("setup")
    writes = len(kibana.writes)
    dry = run("remove", "--dry-run", "--json")
    assert actions(dry) == {"removed": OBJECTS + RULES}
    assert len(kibana.writes) == writes
    assert len(kibana.objects) == OBJECTS


def test_an_older_object_is_updated_and_an_edited_one_of_this_version_stays(run: Run, kibana: FakeKibana) -> None:
    run("setup")
    boards = [each for each in kibana.objects.values() if each["type"] == "dashboard"]
    older, edited = boards[0], boards[1]
    older["attributes"]["description"] = "Of last year [newsbeam 0123456789ab]"
    edited["attributes"]["panelsJSON"] = "[]"
    compared = run("check", "--json")
    assert compared.exit_code == 4
    assert {each["title"] for each in results(compared) if each["action"] == "differs"} == {
        older["attributes"]["title"]
    }
    again = run("setup", "--json")
    assert actions(again) == {"unchanged": OBJECTS - 1, "updated": 1, "kept": RULES}
    assert [each["attributes"]["panelsJSON"] for each in kibana.objects.values() if each["id"] == edited["id"]] == [
        "[]"
    ]
    assert run("check").exit_code == 0


def test_an_alert_that_its_owner_changed_is_kept(run: Run, kibana: FakeKibana) -> None:
    run("setup")
    changed = next(iter(kibana.rules.values()))
    changed |= {"enabled": True, "actions": [{"id": "mail"}]}
    assert run("setup").exit_code == 0
    assert changed["enabled"] is True
    assert run("check").exit_code == 0


def test_check_names_what_is_missing_and_exits_4(run: Run, kibana: FakeKibana) -> None:
    nothing = run("check", "--json")
    assert nothing.exit_code == 4
    assert actions(nothing) == {"missing": OBJECTS + RULES}
    run("setup")
    gone = next(key for key in kibana.objects if key[1] == "map")
    del kibana.objects[gone]
    shown = run("check")
    assert shown.exit_code == 4
    assert "newsbeam: Places in the news" in shown.stdout
    assert "News desk" not in shown.stdout
    kept = run("setup", "--json")
    assert actions(kept) == {"made": 1, "unchanged": OBJECTS - 1, "kept": RULES}
    good = run("check")
    assert (good.exit_code, good.stdout) == (0, "")


def test_remove_takes_out_its_own_and_leaves_the_rest(run: Run, kibana: FakeKibana) -> None:
    run("setup")
    mine = ("default", "dashboard", "mine")
    kibana.objects[mine] = {"type": "dashboard", "id": "mine", "attributes": {"title": "Mine"}}
    kibana.rules[("default", "mine")] = {"name": "Mine"}
    removed = run("remove", "--json")
    assert removed.exit_code == 0
    assert actions(removed) == {"removed": OBJECTS + RULES}
    assert list(kibana.objects) == [mine]
    assert list(kibana.rules) == [("default", "mine")]
    again = run("remove")
    assert again.exit_code == 0
    assert "nothing of ours is there" in again.stderr


def test_alerts_can_be_left_alone(run: Run, kibana: FakeKibana) -> None:
    kibana.refusals["/api/alerting/"] = refusal(403, "Forbidden", "Unauthorized to create a rule")
    assert run("setup", "--no-rules").exit_code == 0
    assert run("check", "--no-rules").exit_code == 0
    assert run("remove", "--no-rules").exit_code == 0
    assert not kibana.objects


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"type": "missing_references", "references": [{"type": "index-pattern", "id": "x1"}]}, "index-pattern x1"),
        ({"type": "unsupported_type"}, "no objects of type lens"),
        ({"type": "conflict"}, "clashes with another object"),
        ({"type": "unknown", "statusCode": 400, "message": "[attributes.state]: wrong"}, "[attributes.state]: wrong"),
    ],
)
def test_an_object_that_kibana_refuses_is_told_and_the_rest_arrives(
    error: dict[str, Any], said: str, run: Run, kibana: FakeKibana
) -> None:
    kibana.import_errors["People named most"] = error
    result = run("setup", "--json")
    assert result.exit_code == 1
    assert actions(result) == {"made": OBJECTS + RULES - 1, "failed": 1}
    (failed,) = (each for each in results(result) if each["action"] == "failed")
    assert failed["title"] == "newsbeam: People named most"
    assert said in failed["message"]
    kibana.import_errors.clear()
    mended = run("setup", "--json")
    assert mended.exit_code == 0
    assert actions(mended) == {"made": 1, "unchanged": OBJECTS - 1, "kept": RULES}


def test_an_import_that_counts_what_it_left_out_is_found_out(run: Run, kibana: FakeKibana) -> None:
    kibana.refusals["_import"] = (200, {"success": True, "successCount": OBJECTS})
    result = run("setup", "--json")
    assert result.exit_code == 1
    failed = [each for each in results(result) if each["action"] == "failed"]
    assert len(failed) == OBJECTS
    assert "left it out" in failed[0]["message"]


def test_alerts_that_are_refused_fail_alone(run: Run, kibana: FakeKibana) -> None:
    kibana.refusals["POST /api/alerting/"] = refusal(
        400,
        "Bad Request",
        "Unable to create rules because the Encrypted Saved Objects plugin is missing encryption key.",
    )
    result = run("setup", "--json")
    assert result.exit_code == 1
    assert actions(result) == {"made": OBJECTS, "failed": RULES}
    assert all("missing encryption key" in each["message"] for each in results(result) if each["action"] == "failed")


def test_objects_that_cannot_be_deleted_are_told(run: Run, kibana: FakeKibana) -> None:
    run("setup")
    stays = next(key for key in kibana.objects if key[1] == "dashboard")
    error = {"statusCode": 403, "error": "Forbidden", "message": "not yours"}
    status = {"type": "dashboard", "id": stays[2], "success": False, "error": error}
    kibana.refusals["_bulk_delete"] = (200, {"statuses": [status]})
    result = run("remove", "--json")
    assert result.exit_code == 1
    (failed,) = (each for each in results(result) if each["action"] == "failed")
    assert (failed["id"], failed["message"]) == (stays[2], "not yours")


REFUSED: list[tuple[str, tuple[int, Any], int, str]] = [
    ("/api/status", refusal(401, "Unauthorized", "x"), 1, "does not know us: check ES_API_KEY"),
    ("_export", refusal(401, "Unauthorized", "expired"), 1, "does not know us: check ES_API_KEY"),
    ("_export", refusal(403, "Forbidden", "Unable to bulk_get lens"), 1, "lacks a privilege (Unable to bulk_get lens)"),
    ("_import", refusal(403, "Forbidden", "Unable to bulk_create map"), 1, "lacks a privilege (Unable to bulk_create"),
    ("_import", refusal(409, "Conflict", "version conflict"), 1, "refused to import saved objects (409: version con"),
    ("_import", refusal(413, "Payload Too Large", "too large"), 1, "refused to import saved objects (413: too large)"),
    ("_import", refusal(400, "Bad Request", "belongs to a more recent version"), 1, "belongs to a more recent version"),
    ("_import", (502, b"<html>Bad Gateway</html>"), 1, "502: <html>Bad Gateway</html>"),
    ("_import", (503, b"Kibana server is not ready yet"), 1, "not ready yet"),
    ("_export", (200, b"<html>login</html>"), 1, "cannot be read (lines: Field required): is that Kibana?"),
    ("_import", (200, {"success": True, "errors": "many"}), 1, "cannot be read (errors: Input should be a valid list)"),
    ("_export", (302, None), 1, "sends us on to /login?next=%2Fapi"),
    ("/api/status", (200, b"<html>Welcome to nginx!</html>"), 1, "is no Kibana: check KIBANA_URL"),
    ("/api/status", (404, b"not found"), 1, "answers 404, but is no Kibana"),
    ("/api/status", (400, {"error": "no handler found for uri [/api/status]", "status": 400}), 1, "is no Kibana"),
    ("/api/status", (200, {"status": "green", "cluster_name": "x"}), 1, "is no Kibana: check KIBANA_URL"),
    ("/api/status", (503, b"Kibana server is not ready yet"), 1, "not ready yet (Kibana server is not ready yet)"),
    ("/api/status", (302, None), 1, "answers 302, but is no Kibana"),
]


@pytest.mark.parametrize(("route", "reply", "code", "said"), REFUSED, ids=[f"{each[0]} {each[3]}" for each in REFUSED])
def test_a_refusal_is_one_line_with_its_remedy(
    route: str, reply: tuple[int, Any], code: int, said: str, run: Run, kibana: FakeKibana
) -> None:
    kibana.refusals[route] = reply
    result = run("setup")
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("version", "code", "said"),
    [
        ("8.18.9", 2, "is version 8.18.9; the pack needs 8.19 or newer"),
        ("7.17.0", 2, "needs 8.19 or newer"),
        ("10.0.0", 2, "use a newer newsbeam"),
        ("next", 1, "answers with version 'next'"),
        ("9.4.0", 0, "76 made"),
        ("9.0.0-SNAPSHOT", 0, "76 made"),
    ],
)
def test_kibana_has_to_be_of_a_version_that_takes_our_shapes(
    version: str, code: int, said: str, run: Run, kibana: FakeKibana
) -> None:
    kibana.version = version
    result = run("setup")
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.parametrize("level", ["unavailable", "critical"])
def test_a_kibana_that_starts_is_not_written_to(level: str, run: Run, kibana: FakeKibana) -> None:
    kibana.level = level
    result = run("setup")
    assert result.exit_code == 1
    assert f"not ready yet (it is {level}): try --wait 2m" in result.stderr
    assert kibana.writes == []


def test_waiting_ends_when_kibana_is_there() -> None:
    answers = iter([NotReadyError("away"), NotReadyError("starting"), None])
    pauses: list[float] = []

    def version() -> str:
        failure = next(answers)
        if failure:
            raise failure
        return "8.19.8"

    clock = iter(range(100)).__next__
    assert wait_until_ready(version, within_s=60, clock=clock, sleep=pauses.append) == "8.19.8"
    assert len(pauses) == 2


def test_waiting_ends_with_the_last_word_when_the_time_is_over() -> None:
    def version() -> str:
        raise NotReadyError("still starting")

    clock = iter(range(0, 1_000, 10)).__next__
    with pytest.raises(NotReadyError, match="still starting"):
        wait_until_ready(version, within_s=45, clock=clock, sleep=lambda _: None)


def test_no_credentials_are_told_from_wrong_ones(run: Run) -> None:
    nobody = run("setup", ES_API_KEY=None)
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "does not know us: set ES_API_KEY, or ES_USERNAME and ES_PASSWORD" in nobody.stderr
    half = run("setup", ES_API_KEY=None, ES_USERNAME=USER)
    assert half.exit_code == 2
    assert "ES_PASSWORD is missing" in half.stderr


def test_a_space_that_is_not_there_is_named(run: Run, kibana: FakeKibana) -> None:
    result = run("setup", "--space", "sports")
    assert result.exit_code == 2
    assert "has no space 'sports'; make it there" in result.stderr
    assert kibana.writes == []
    bad = run("setup", "--space", "../other")
    assert bad.exit_code == 2
    assert "no id of a space" in bad.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "set KIBANA_URL, such as http://localhost:5601"),
        ("localhost:5601", "'localhost:5601' is no address of a server"),
        ("ftp://kibana.example:5601", "is no address of a server"),
        ("http://elastic:geheim-%C3%9F@:5601", "is no address of a server"),
        ("http://kibana.example:port", "is no address of a server"),
        ("http://kibana.example:5601/?a=1", "is no address of a server"),
    ],
)
def test_an_address_that_is_none_is_a_matter_of_configuration(url: str | None, said: str, run: Run) -> None:
    result = run("check", KIBANA_URL=url)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "geheim" not in result.output


def test_a_wait_that_is_no_duration_is_refused(run: Run) -> None:
    result = run("setup", "--wait", "long")
    assert result.exit_code == 2
    assert "--wait: received 'long'; valid: a duration" in result.stderr


def test_nobody_listening_is_told_with_the_remedy(run: Run) -> None:
    with serve(b"") as closed:
        url = closed.url("")
    result = run("setup", KIBANA_URL=url)
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr
    assert "is KIBANA_URL right?" in result.stderr


def test_tls_where_there_is_none_is_told_with_the_remedy(run: Run) -> None:
    with serve(answer(b"{}")) as plain:
        result = run("setup", KIBANA_URL=plain.url("").replace("http:", "https:"))
    assert result.exit_code == 1
    assert "no TLS connection to Kibana" in result.stderr


def test_a_certificate_authority_that_cannot_be_read_is_named(run: Run) -> None:
    result = run("setup", KIBANA_URL="https://127.0.0.1:1", ES_CA_CERT="ca.pem")
    assert result.exit_code == 2
    assert "ES_CA_CERT: ca.pem cannot be read" in result.stderr


def test_an_endless_answer_is_cut_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.kibana.client.MAX_ANSWER_BYTES", 1_000)
    with serve(answer(b"x" * 2_000)) as long:
        result = run("setup", KIBANA_URL=long.url(""))
    assert result.exit_code == 1
    assert "more than 1,000 bytes" in result.stderr


def test_a_connection_that_ends_in_the_middle_is_told(run: Run) -> None:
    with serve(answer(b"{", length=500)) as broken:
        result = run("setup", KIBANA_URL=broken.url(""))
    assert result.exit_code == 1
    assert "Kibana at http://127.0.0.1" in result.stderr
