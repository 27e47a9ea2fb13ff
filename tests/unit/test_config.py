"""The effective configuration: found, merged, checked as a whole, each value with its origin."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config, load_config
from pipeline.layers import leaves
from pipeline.settings import Settings
from pipeline.yaml_text import parse_yaml
from transforms.enrich import ENRICHERS
from transforms.errors import ConfigurationError


def load(
    folder: Path,
    text: str | None = None,
    *,
    environ: dict[str, str] | None = None,
    assignments: Sequence[str] = (),
    **options: tuple[Any, str],
) -> Config:
    if text is not None:
        (folder / "newsbeam.yaml").write_text(text, encoding="utf-8")
    return load_config(environ=environ or {}, cwd=folder, assignments=assignments, options=options)


def problems(folder: Path, text: str | None = None, **layers: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, **layers)
    return str(caught.value).split("\n  ")


def origin(config: Config, key: str) -> str:
    return config.origins[tuple(key.split("."))]


# --- finding and merging


def test_the_packaged_defaults_are_complete_and_switch_every_enricher_on(tmp_path: Path) -> None:
    default = parse_yaml(resources.files("configs").joinpath("default.yaml").read_text("utf-8")).data
    settings = load(tmp_path).settings
    written = {path for path, _ in leaves(settings.written())}
    assert {path for path, _ in leaves(default)} == written
    assert settings.enrich.enable == tuple(ENRICHERS)


def test_every_default_is_explained_beside_it() -> None:
    text = resources.files("configs").joinpath("default.yaml").read_text("utf-8")
    keys = [line for line in text.splitlines() if line.strip() and not line.startswith("#") and not line.endswith(":")]
    assert [line for line in keys if "#" not in line] == []


def test_a_file_changes_only_what_it_says(tmp_path: Path) -> None:
    config = load(tmp_path, "ingest: {max_age: 7d}\nsites:\n  slow.example: {delay: 10s}\nfetch:\n")
    assert config.settings.ingest.max_age_s == 604_800
    assert config.settings.ingest.max_failed_ratio == 0.5
    assert config.settings.fetch.timeout_s == 20
    assert config.settings.sites["slow.example"].delay_s == 10
    assert (origin(config, "ingest.max_age"), origin(config, "ingest.linger")) == ("newsbeam.yaml:1", "default")
    assert config.origins["sites", "slow.example", "delay"] == "newsbeam.yaml:3"


def test_a_key_without_a_value_keeps_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path, "store:\nrun:\n  workers:\n").settings
    assert (settings.store, settings.run.workers) == (str(tmp_path / "newsbeam.db"), 1)


def test_option_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    text = "project: file\n"
    assert load(tmp_path).settings.project == "default"
    assert load(tmp_path, text).settings.project == "file"
    config = load(tmp_path, text, environ={"NEWSBEAM_PROJECT": "environment"})
    assert (config.settings.project, origin(config, "project")) == ("environment", "$NEWSBEAM_PROJECT")
    config = load(tmp_path, text, environ={"NEWSBEAM_PROJECT": "environment"}, project=("option", "--project"))
    assert (config.settings.project, origin(config, "project")) == ("option", "--project")


def test_the_configuration_named_by_option_beats_the_environment_beats_the_folder(tmp_path: Path) -> None:
    for name in ("newsbeam", "environment", "option"):
        (tmp_path / f"{name}.yaml").write_text(f"project: {name}\n")
    environ = {"NEWSBEAM_CONFIG": "environment.yaml"}
    assert load_config(environ={}, cwd=tmp_path).settings.project == "newsbeam"
    assert load_config(environ=environ, cwd=tmp_path).settings.project == "environment"
    assert load_config("option.yaml", environ=environ, cwd=tmp_path).settings.project == "option"


def test_a_named_configuration_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--config nowhere.yaml: no such file"):
        load_config("nowhere.yaml", environ={}, cwd=tmp_path)


def test_environment_and_set_reach_nested_keys_and_lists(tmp_path: Path) -> None:
    environ = {"NEWSBEAM_INGEST__MAX_AGE": "3d", "NEWSBEAM_LANGUAGES": "[en, de]", "NEWSBEAM_STORE": ""}
    config = load(tmp_path, environ=environ, assignments=["fetch.allow_private=true", "run.workers=0"])
    assert config.settings.ingest.max_age_s == 259_200
    assert config.settings.languages == ("en", "de")
    assert config.settings.fetch.allow_private
    assert config.settings.run.workers == 0
    assert config.settings.store == str(tmp_path / "newsbeam.db")
    assert origin(config, "ingest.max_age") == "$NEWSBEAM_INGEST__MAX_AGE"
    assert origin(config, "run.workers") == "--set run.workers"


def test_set_understands_names_with_dots(tmp_path: Path) -> None:
    assignments = [
        "sites.slow.example.delay=10s",
        "fetch.resolve.gazette.example=127.0.0.1:8081",
        "sites.b.example={pause: true}",
    ]
    settings = load(tmp_path, assignments=assignments).settings
    assert settings.sites["slow.example"].delay_s == 10
    assert settings.sites["b.example"].pause
    assert settings.fetch.resolve_entries == (("gazette.example", None, "127.0.0.1", 8081),)


def test_variables_of_tests_and_development_are_no_keys(tmp_path: Path) -> None:
    reserved = ("CONFIG", "CACHE", "CRASH_PLAN", "REQUIRE_ELASTICSEARCH", "DATA", "NER_DATA")
    environ = {f"NEWSBEAM_{name}": "" if name == "CONFIG" else "x" for name in reserved}
    assert load(tmp_path, environ=environ).settings.project == "default"


@pytest.mark.parametrize(
    ("key", "entries"),
    [
        ("gazette.example:8080", ("gazette.example", 8080)),
        ("'[::1]:80'", ("::1", 80)),
    ],
)
def test_resolve_takes_a_host_with_or_without_port(tmp_path: Path, key: str, entries: tuple[str, int]) -> None:
    settings = load(tmp_path, f"fetch: {{resolve: {{{key}: '[::1]:8081'}}}}\n").settings
    assert settings.fetch.resolve_entries == ((*entries, "::1", 8081),)


# --- paths


def test_paths_of_a_file_are_relative_to_it_and_those_of_an_option_to_here(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    (news / "newsbeam.yaml").write_text("store: data/news.db\n")
    config = load_config(news / "newsbeam.yaml", environ={}, cwd=tmp_path)
    assert config.settings.store == config.settings.state == str(news / "data/news.db")
    assert config.settings.feeds == news / "feeds.yaml"
    config = load_config(news / "newsbeam.yaml", environ={}, cwd=tmp_path, options={"store": ("here.db", "--store")})
    assert config.settings.store == config.settings.state == str(tmp_path / "here.db")


@pytest.mark.parametrize(
    ("state", "project", "address"),
    [
        ("elasticsearch", "default", "elasticsearch"),
        ("elasticsearch", "elections", "elasticsearch#elections"),
        ("http://node.example:9200", "elections", "http://node.example:9200#elections"),
        ("'http://node.example:9200#shared'", "elections", "http://node.example:9200#shared"),
        ("memory:tests", "elections", "memory:tests"),
    ],
)
def test_a_ledger_on_a_server_belongs_to_the_project(tmp_path: Path, state: str, project: str, address: str) -> None:
    assert load(tmp_path, f"state: {state}\nproject: {project}\n").settings.state == address


def test_the_address_of_a_ledger_holds_no_credentials(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "state: http://me:secret@node.example:9200\n")
    assert "ES_API_KEY" in problem
    assert "secret" not in problem


@pytest.mark.parametrize(
    ("store", "state"),
    [
        ("sqlite:a.db", "a.db"),
        ("memory:tests", "memory:tests"),
        ("elasticsearch", "newsbeam-state.db"),
        ("https://node.example:9200", "newsbeam-state.db"),
    ],
)
def test_the_ledger_is_in_the_stores_file_or_beside_the_configuration(tmp_path: Path, store: str, state: str) -> None:
    settings = load(tmp_path, f"store: {store}\n").settings
    assert settings.state == (state if state.startswith("memory:") else str(tmp_path / state))


def test_a_folder_with_a_colon_is_no_scheme(tmp_path: Path) -> None:
    folder = tmp_path / "mail:news"
    folder.mkdir()
    assert load(folder).settings.store == str(folder / "newsbeam.db")


# --- problems


def test_all_problems_are_reported_at_once_with_path_place_value_and_choices(tmp_path: Path) -> None:
    text = """\
project: Elections
contcat: a@b.example
fetch: {timeout: 20, max_pge: 5MB, allow_private: yes, max_redirects: -1}
run: 3
sites: {slow.example: {dealy: 10s}}
languages: [en, english]
rights: {noindex: perhaps}
enrich: {enable: [entities, sentiment]}
"""
    environ = {"NEWSBEAM_INGEST__MAX_AGE": "3x", "NEWSBEAM_STOER": "x.db"}
    found = problems(tmp_path, text, environ=environ, assignments=["fetch.delay=soon"])
    assert found[0] == "14 problems in the configuration:"
    report = "\n".join(found[1:])
    for expected in (
        "project (newsbeam.yaml:1): received 'Elections'; valid: lower-case letters",
        "contcat (newsbeam.yaml:2): unknown key; did you mean contact? valid: contact, engines, enrich, extract, feeds",
        "fetch.timeout (newsbeam.yaml:3): received 20; valid: a duration: number and unit, such as 20s",
        "fetch.max_pge (newsbeam.yaml:3): unknown key; did you mean max_page? valid: allow_private, connect_timeout",
        "fetch.allow_private (newsbeam.yaml:3): received 'yes'; valid: true or false",
        "fetch.max_redirects (newsbeam.yaml:3): received -1; valid: at least 0",
        "run (newsbeam.yaml:4): received 3; valid: a section with the keys bulk, flush_age",
        "sites.slow.example.dealy (newsbeam.yaml:5): unknown key; did you mean delay? valid: delay, pause",
        "languages.1 (newsbeam.yaml:6): received 'english'; valid: a language of two or three letters",
        "rights.noindex (newsbeam.yaml:7): received 'perhaps'; valid: 'skip' or 'keep'",
        "enrich.enable.1 (newsbeam.yaml:8): received 'sentiment'; valid: entities, places, figures",
        "ingest.max_age ($NEWSBEAM_INGEST__MAX_AGE): received '3x'; valid: a duration",
        "stoer ($NEWSBEAM_STOER): unknown key; did you mean store?",
    ):
        assert expected in report
    assert "fetch.delay (--set fetch.delay)" in report


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("project: 7\n", "project (newsbeam.yaml:1): received 7; valid: text"),
        ("store: 5\n", "store (newsbeam.yaml:1): received 5; valid: text"),
        ("fetch: {timeout: 0s}\n", "fetch.timeout (newsbeam.yaml:1): received '0s'; valid: more than 0s"),
        (
            "ingest: {max_failed_ratio: '4'}\n",
            "ingest.max_failed_ratio (newsbeam.yaml:1): received '4'; valid: at most 1",
        ),
        ("store: ''\n", "store (newsbeam.yaml:1): received ''; valid: a path"),
        ("store: ftp://host/x\n", "store (newsbeam.yaml:1): received 'ftp://host/x'; valid: a path, sqlite:PATH"),
        ("state: ftp://host/x\n", "state (newsbeam.yaml:1): received 'ftp://host/x'; valid: a path, sqlite:PATH"),
        ("timezone: Mars/Phobos\n", "timezone (newsbeam.yaml:1): received 'Mars/Phobos'; valid: an IANA time zone"),
        ("timezone: ../../etc/passwd\n", "timezone (newsbeam.yaml:1): received '../../etc/passwd'; valid: an IANA"),
        ("contact: nobody\n", "contact (newsbeam.yaml:1): received 'nobody'; valid: an e-mail address or a URL"),
        ('contact: "a@b.example\\r\\nX-Evil: 1"\n', "contact (newsbeam.yaml:1): received"),
        ("run: {workers: true}\n", "run.workers (newsbeam.yaml:1): received True; valid: a whole number"),
        ("run: {threads: 1000}\n", "run.threads (newsbeam.yaml:1): received 1000; valid: at most 256"),
        ("ingest: {max_failed_ratio: 2}\n", "ingest.max_failed_ratio (newsbeam.yaml:1): received 2; valid: at most 1"),
        ("fetch: {resolve: {a.example: there}}\n", "fetch.resolve.a.example (newsbeam.yaml:1): received 'there'"),
        ("sites: {'not a host': {pause: true}}\n", "sites.not a host (newsbeam.yaml:1): received 'not a host'"),
        ("languages: en\n", "languages (newsbeam.yaml:1): received 'en'; valid: a list"),
        ("retained: {articles: 3y}\n", "retained (newsbeam.yaml:1): unknown key; valid: contact, engines"),
        ("- project\n", "newsbeam.yaml: the file must hold `key: value` lines"),
        ("project: a\nproject: b\n", "newsbeam.yaml: line 2: 'project' is given twice"),
    ],
)
def test_a_single_problem_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(problem)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_bytes(b"project: \xff\xfe\n")
    assert problems(tmp_path) == ["newsbeam.yaml: not UTF-8 text (byte 9); save it as UTF-8"]


def test_credentials_in_a_stores_address_are_refused_and_not_repeated(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "store: https://elastic:s3cret@node.example:9200\n")
    assert "ES_API_KEY" in found
    assert "s3cret" not in found


def test_an_assignment_without_a_value_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, assignments=["ingest.max_age"])
    assert found == "--set 'ingest.max_age': expected key.path=value, such as ingest.max_age=7d"


# --- what code gets


def test_what_is_written_reads_back_as_the_same_settings(tmp_path: Path) -> None:
    settings = load(tmp_path, "contact: desk@example.org\nsites: {a.example: {delay: 0.5s}}\n").settings
    assert Settings.model_validate(settings.written()) == settings


def test_the_hash_of_the_configuration_changes_with_a_value(tmp_path: Path) -> None:
    first, same, other = (load(tmp_path, f"ingest: {{max_age: {age}}}\n").settings for age in ("24h", "1d", "2d"))
    assert first.sha256 == same.sha256 != other.sha256


def test_the_user_agent_names_the_contact(tmp_path: Path) -> None:
    assert load(tmp_path, "contact: https://desk.example/bot\n").settings.user_agent.endswith(
        " (+https://desk.example/bot)"
    )
    assert load(tmp_path, "").settings.user_agent.startswith("newsbeam/")
