"""The command line in this process: help, errors and their exit codes, and what commands print over a real store."""

import csv
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import COMMANDS, cli
from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import DeadLetter, Publisher, Removed
from transforms.index import open_store
from transforms.index.documents import article_writes, dead_letter_write
from transforms.state import open_state

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FERRY = make_article(
    title="Ferry sinks off Port Ellis",
    body=(
        "At least 12 people were killed when the ferry sank, harbour police said.\n\n"
        "“We had no warning,” Mara Quill said."
    ),
    publisher=Publisher(name="Harbour Gazette", country="NZ"),
    language="en",
    authors=("Ann Lee",),
    removed=(Removed(text="Leave A Reply", rule="phrase"), Removed(text="Share\x1b[2J this", rule="phrase")),
    fetched_at=datetime(2026, 1, 1, 23, 30, tzinfo=UTC),
)
DAM = make_article(
    title="Dam\x1b]0;owned\x07 repairs begin",
    body="Repairs began on Monday.",
    url="https://herald.example/dam",
    fetched_at=datetime(2026, 1, 1, 9, tzinfo=UTC),
)
ENRICHED = (
    make_enriched(
        FERRY,
        entities=(
            make_entity(FERRY, "Mara Quill", role="harbour master", count=4),
            make_entity(FERRY, "Port Ellis", "GPE", country="NZ"),
        ),
        figures=(
            make_figure(
                FERRY,
                "At least 12",
                12.0,
                subject="people",
                event="killed",
                comparator="at_least",
                attribution="harbour police",
            ),
        ),
        quotes=(make_quote(FERRY, "We had no warning,", "Mara Quill"),),
    ),
    make_enriched(DAM),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with no configuration in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NEWSBEAM_CONFIG", "NEWSBEAM_STORE", "ES_URL", "ES_LOCAL_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def news(folder: Path) -> Path:
    """A configuration in Berlin's time, with two articles and two dead letters in its store."""
    (folder / "newsbeam.yaml").write_text("timezone: Europe/Berlin\ncontact: desk@example.org\n")
    store = open_store(str(folder / "newsbeam.db"))
    store.create()
    writes = [
        write
        for enriched in ENRICHED
        for write in article_writes(enriched, run_id="r1", pipeline_version="0", config_sha256="c", now=NOW)
    ]
    letters = [
        DeadLetter(
            stage="extract", reason="too_short", message="12 characters", url="https://a.example/1", occurred_at=NOW
        ),
        DeadLetter(
            stage="visit",
            reason="http_404",
            message="gone\x1b[2J",
            url="https://a.example/2",
            occurred_at=NOW.replace(day=3),
        ),
    ]
    results = store.bulk([*writes, *(dead_letter_write(letter, run_id="r1") for letter in letters)])
    assert {result.status for result in results} == {"written"}
    store.close()
    return folder


def newsbeam(*arguments: str, **extra: Any) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="newsbeam", **extra)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- help and usage


def every_command() -> Iterator[tuple[str, ...]]:
    for name in COMMANDS:
        yield (name,)
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        yield from ((name, below) for below in getattr(command, "commands", ()))


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...]) -> None:
    result = newsbeam(*command, "--help")
    assert result.exit_code == 0
    assert re.search(rf"Examples?:\s+newsbeam {command[0]}", result.stdout), result.stdout
    is_group = "COMMAND [ARGS]" in result.stdout
    assert is_group or command == ("init",) or ("--config" in result.stdout and "--store" in result.stdout)


def test_help_lists_every_command_with_an_uncut_line() -> None:
    result = newsbeam("--help")
    listed = result.stdout.split("Commands:")[1]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line.strip()][
        : len(COMMANDS)
    ] == list(COMMANDS)
    assert "..." not in listed


@pytest.mark.parametrize("group", ["feeds", "index", "dead-letters", "names"])
def test_help_of_a_group_cuts_no_line(group: str) -> None:
    result = newsbeam(group, "--help", terminal_width=78)  # what click leaves of the 80 of a terminal
    assert "..." not in result.stdout.split("Commands:")[1]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("serach", "x"), "Did you mean search?"),
        (("search", "--sinse", "7d"), "--since"),
        (("feeds", "remov", "x"), "remove"),
        (("search", "--sort", "oldest"), "newest"),
        (("zzz",), "There are: init, config"),
        (("ingest", "--limit", "0"), "--limit"),
        (("backfill",), "SOURCE"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_nearest(folder: Path, arguments: tuple[str, ...], hint: str) -> None:
    result = newsbeam(*arguments)
    assert result.exit_code == 2
    assert hint in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["search", "export"])
def test_a_query_that_begins_with_a_minus_is_told_of_the_two_dashes(folder: Path, command: str) -> None:
    result = newsbeam(command, "-killed")
    assert result.exit_code == 2
    assert f"newsbeam {command} -- '-word" in result.stderr
    assert "--" not in newsbeam("show", "-killed").stderr.split("Error:")[1]


def test_a_store_that_does_not_answer_is_one_line(folder: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        command = [sys.executable, "-m", "pipeline", "search", "x", "--store"]
        result = subprocess.run(
            [*command, f"http://127.0.0.1:{closed.getsockname()[1]}"], capture_output=True, text=True, check=False
        )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "cannot be reached" in result.stderr


def test_a_full_disk_or_no_stdout_is_no_bug_of_ours(news: Path) -> None:
    search = f"{sys.executable} -m pipeline search"
    for redirect, code, said in ((">/dev/full", 1, "No space left on device"), (">&-", 0, ""), (">&- 2>&-", 0, "")):
        result = subprocess.run(f"{search} {redirect}", shell=True, capture_output=True, text=True, check=False)
        assert result.returncode == code, (redirect, result.stderr)
        assert said in result.stderr
        assert "bug" not in result.stderr


@pytest.mark.parametrize("arguments", [("--debug", "config"), ("config", "--debug")])
def test_a_traceback_is_shown_only_with_debug(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "newsbeam.yaml").write_text("projct: x\nstroe: y\n")
    quiet, loud = newsbeam("config"), newsbeam(*arguments)
    assert quiet.exit_code == loud.exit_code == 2
    assert quiet.stderr.startswith(
        "newsbeam: 2 problems in the configuration:\n  projct (newsbeam.yaml:1): unknown key"
    )
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr


def test_a_fault_of_ours_says_so_and_exits_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.config.find_file", lambda *_: 1 / 0)
    result = newsbeam("config")
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
    assert "This is a bug in newsbeam; run it again with --debug" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (EOFError, 130)])
def test_an_interrupt_exits_130(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], code: int
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.config.find_file", stop)
    result = newsbeam("config")
    assert result.exit_code == code
    assert "Traceback" not in result.stderr


# --- init and config


def test_init_writes_a_configuration_that_checks(folder: Path) -> None:
    result = newsbeam("init", "news", "--contact", "desk@example.org", "--timezone", "Europe/Berlin")
    assert result.exit_code == 0
    assert result.stdout == "wrote news/newsbeam.yaml\nwrote news/feeds.yaml\n"
    config = {line["key"]: line for line in lines(newsbeam("config", "--config", "news/newsbeam.yaml", "--json"))}
    assert config["contact"] == {"key": "contact", "value": "desk@example.org", "origin": "news/newsbeam.yaml:2"}
    assert config["store"]["value"] == str(folder / "news/newsbeam.db")
    assert newsbeam("check", "--config", "news/newsbeam.yaml").exit_code == 0


def test_init_overwrites_nothing(folder: Path) -> None:
    (folder / "feeds.yaml").write_text("mine")
    result = newsbeam("init", "--contact", "desk@example.org")
    assert result.exit_code == 2
    assert "feeds.yaml is already there" in result.stderr
    assert (folder / "feeds.yaml").read_text() == "mine"
    assert not (folder / "newsbeam.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"), [((), "--contact EMAIL_OR_URL"), (("--contact", "me"), "received 'me'")]
)
def test_init_needs_a_real_contact(folder: Path, arguments: tuple[str, ...], problem: str) -> None:
    result = newsbeam("init", *arguments)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert list(folder.iterdir()) == []


def test_config_names_the_option_a_value_came_from(folder: Path) -> None:
    result = newsbeam("config", "--json", "--store", "x.db", "--resolve", "a.example:80:127.0.0.1", "--workers", "2")
    origins = {line["key"]: (line["value"], line["origin"]) for line in lines(result)}
    assert origins["store"] == (str(folder / "x.db"), "--store")
    assert origins["run.workers"] == (2, "--workers")
    assert origins["fetch.resolve.a.example:80"] == ("127.0.0.1", "--resolve")


def test_a_bad_option_reads_like_a_bad_file(folder: Path) -> None:
    result = newsbeam("config", "--workers", "-1", "--contact", "me")
    assert result.exit_code == 2
    assert "run.workers (--workers): received -1; valid: at least 0" in result.stderr
    assert "contact (--contact): received 'me'" in result.stderr


# --- feeds


def test_feeds_are_added_listed_and_removed(folder: Path) -> None:
    added = newsbeam("feeds", "add", "https://gazette.example/rss", "--id", "gazette", "--every", "30m", "--tag", "uk")
    assert (added.exit_code, added.stdout) == (0, "added  gazette  https://gazette.example/rss\n")
    again = newsbeam("feeds", "add", "https://gazette.example/rss", "--id", "other")
    assert again.exit_code == 2
    assert "is already feed 1" in again.stderr
    (listed,) = lines(newsbeam("feeds", "list", "--json"))
    assert (listed["id"], listed["every_s"], listed["tags"], listed["health"]) == ("gazette", 1800.0, ["uk"], {})
    assert "never" in newsbeam("feeds", "list").stdout
    wrong = newsbeam("feeds", "remove", "gazete")
    assert wrong.exit_code == 2
    assert "did you mean gazette?" in wrong.stderr
    assert newsbeam("feeds", "remove", "gazette").exit_code == 0
    assert (folder / "feeds.yaml").read_text() == "feeds: []\n"


def test_feeds_list_tells_the_ledgers_health(news: Path) -> None:
    newsbeam("feeds", "add", "https://gazette.example/rss", "--id", "gazette")
    (listed,) = lines(newsbeam("feeds", "list", "--json"))
    assert listed["health"] == {}  # the ledger has not heard of it yet


def test_a_feed_that_cannot_be_asked_is_not_added(folder: Path) -> None:
    result = newsbeam("feeds", "add", "ftp://gazette.example/rss", "--every", "5")
    assert result.exit_code == 2
    assert "2 problems in feeds.yaml" in result.stderr
    assert not (folder / "feeds.yaml").exists()


@pytest.mark.parametrize("url", ["http://[::1", "https://[nonsense]/", "https://gazette.example:port"])
def test_an_address_that_cannot_be_read_is_told_by_feeds(folder: Path, url: str) -> None:
    added = newsbeam("feeds", "add", url)
    assert added.exit_code == 2
    assert "give a plain http(s) address" in added.stderr
    checked = newsbeam("feeds", "check", url, "gazete", "--json")
    assert [(each["url"], each["reason"]) for each in lines_of_code(checked, 4)] == [
        (url, "bad_url"), ("gazete", "bad_url")
    ]  # fmt: skip
    assert "neither a URL nor the id of a feed in feeds.yaml" in newsbeam("feeds", "check", "gazete").stdout


def test_a_check_of_no_feeds_says_that_there_are_none(folder: Path) -> None:
    (folder / "feeds.yaml").write_text("feeds: []\n")
    assert "no feeds in" in newsbeam("feeds", "check").stderr


# --- search, show, export


def test_search_prints_date_publisher_title_and_id(news: Path) -> None:
    result = newsbeam("search", "ferry")
    assert result.exit_code == 0
    first, *snippets = result.stdout.splitlines()
    assert first.split("  ")[0] == "2026-01-02"  # 23:30 UTC is the next day in Berlin
    assert "Harbour Gazette" in first
    assert first.endswith(FERRY.id[:10])
    assert "ferry" in " ".join(snippets).lower()
    assert "\x02" not in result.stdout


def test_search_joins_words_and_takes_dates_in_the_users_zone(news: Path) -> None:
    both = newsbeam("search", "--json", "--since", "2026-01-01")
    assert [line["id"] for line in lines(both)] == [FERRY.id, DAM.id]
    assert [line["id"] for line in lines(newsbeam("search", "--json", "--until", "2026-01-01"))] == [DAM.id]
    (hit,) = lines(newsbeam("search", "--json", "killed:>=10", 'place:"Port Ellis"'))
    assert hit["id"] == FERRY.id
    assert isinstance(hit["score"], float)
    assert isinstance(hit["snippets"], list)


def test_search_without_hits_is_no_failure(news: Path) -> None:
    result = newsbeam("search", "unheard")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no article matches\n")


def test_search_says_how_many_more_there_are(news: Path) -> None:
    result = newsbeam("search", "--limit", "1")
    assert len([line for line in result.stdout.splitlines() if not line.startswith(" ")]) == 1
    assert "1 of 2 articles" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("person:",), "query, position 1"),
        (("--since", "yesterday"), "--since: received 'yesterday'; valid: a duration back from now (7d), a date"),
        (("--store", "nowhere.db", "x"), "there is no store"),
        (("--store", "ftp://x", "y"), "store (--store): received 'ftp://x'; valid: a path"),
    ],
)
def test_a_search_that_cannot_be_made_exits_2_with_the_remedy(
    news: Path, arguments: tuple[str, ...], problem: str
) -> None:
    result = newsbeam("search", *arguments)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (news / "nowhere.db").exists()


def test_show_reads_like_a_page(news: Path) -> None:
    text = newsbeam("show", FERRY.id[:10]).stdout
    assert text.startswith(
        "Ferry sinks off Port Ellis\nHarbour Gazette  2026-01-02 00:30 Europe/Berlin  en\nby Ann Lee\n"
    )
    for expected in (
        "people    Mara Quill (harbour master) 4\n",
        "places    Port Ellis, NZ\n",
        "figures   At least 12 people killed, according to harbour police\n",
        'quotes    Mara Quill: "We had no warning,"\n',
        'removed   "Leave A Reply", "Share\ufffd[2J this"\n',
        "\nAt least 12 people were killed when the ferry sank, harbour police said.\n",
    ):
        assert expected in text


def test_show_finds_by_url_and_prints_the_document(news: Path) -> None:
    (document,) = lines(newsbeam("show", FERRY.url, "--json"))
    assert document["id"] == FERRY.id
    assert newsbeam("show", DAM.id, "--removed").stdout == "nothing was removed\n"
    assert newsbeam("show", FERRY.id, "--removed").stdout.startswith("phrase  Leave A Reply\n")


@pytest.mark.parametrize(
    ("article", "problem"), [("a1", "too short"), ("a1ffff", "no article"), ("https://x.example/", "no article")]
)
def test_show_says_why_it_finds_nothing(news: Path, article: str, problem: str) -> None:
    result = newsbeam("show", article)
    assert result.exit_code == 2
    assert problem in result.stderr


def test_show_of_bytes_that_are_no_text_names_the_remedy(news: Path) -> None:
    result = newsbeam("show", "\udcff\udcfe\udcfd\udcfc")
    assert result.exit_code == 2
    assert "`newsbeam search` prints ids" in result.stderr


def test_an_ambiguous_beginning_lists_the_candidates(news: Path) -> None:
    store = open_store(str(news / "newsbeam.db"))
    twins = [make_enriched(make_article(title=f"Twin {number}", id=f"a1beef{number}")) for number in range(2)]
    for twin in twins:
        store.bulk(article_writes(twin, run_id="r2", pipeline_version="0", config_sha256="c", now=NOW))
    store.close()
    result = newsbeam("show", "a1beef")
    assert result.exit_code == 2
    assert "a1beef0  Twin 0\n  a1beef1  Twin 1" in result.stderr


def test_no_terminal_command_of_an_article_is_printed(news: Path) -> None:
    for arguments in (
        ("search",),
        ("show", DAM.id),
        ("show", FERRY.id, "--removed"),
        ("dead-letters", "list"),
        ("show", DAM.id, "--json"),
    ):
        result = newsbeam(*arguments)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert "\x07" not in result.stdout


def test_export_writes_every_kind_of_rows(news: Path) -> None:
    assert {line["id"] for line in lines(newsbeam("export"))} == {FERRY.id, DAM.id}
    (figure,) = lines(newsbeam("export", "--rows", "figures", "--fields", "value,event,article.id"))
    assert figure == {"value": 12.0, "event": "killed", "article.id": FERRY.id}
    (quote,) = lines(newsbeam("export", 'speaker:"Mara Quill"', "--rows", "quotes"))
    assert quote["text"] == "We had no warning,"
    names = {line["name"] for line in lines(newsbeam("export", "--rows", "entities"))}
    assert names == {"Mara Quill", "Port Ellis"}
    assert lines(newsbeam("export", "dam", "--rows", "entities")) == []


def test_export_as_csv_reads_back(news: Path) -> None:
    result = newsbeam("export", "--format", "csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert rows[FERRY.id]["body"] == FERRY.body
    assert rows[FERRY.id]["authors"] == "Ann Lee"
    assert rows[DAM.id]["title"] == DAM.title  # a file gets what is stored
    assert rows[DAM.id]["publisher.name"] == ""
    assert result.stderr == "2 articles\n"


def test_export_as_parquet_has_types(news: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    result = newsbeam("export", "--rows", "figures", "--format", "parquet", "--output", "figures.parquet")
    assert result.exit_code == 0, result.stderr
    table = parquet.read_table(news / "figures.parquet")
    assert str(table.schema.field("value").type) == "double"
    assert str(table.schema.field("@timestamp").type) == "timestamp[ms, tz=UTC]"
    assert table.column("value").to_pylist() == [12.0]
    assert newsbeam("export", "--format", "parquet").exit_code == 2


def test_an_export_that_fails_leaves_the_old_file(news: Path) -> None:
    target = news / "out.jsonl"
    target.write_text("old")
    assert newsbeam("export", "person:", "--output", "out.jsonl").exit_code == 2
    assert target.read_text() == "old"
    assert newsbeam("export", "--output", "out.jsonl").exit_code == 0
    assert len(target.read_text().splitlines()) == 2
    assert newsbeam("export", "--output", "no/folder/out").exit_code == 2
    assert [path.name for path in news.glob(".out*")] == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--fields", "titel"), "--fields: received 'titel'; did you mean title?"),
        (("--fields", "title,url.ful"), "did you mean url.full?"),
        (("--rows", "figures", "--fields", "kind,titles"), "did you mean title?"),
        (("--rows", "entities", "--fields", "salience,mention"), "did you mean mentions?"),
        (("--fields", "zzz"), "valid: id, @timestamp, published"),
    ],
)
def test_a_field_that_there_is_not_is_no_empty_column(news: Path, arguments: tuple[str, ...], problem: str) -> None:
    result = newsbeam("export", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr


@pytest.mark.parametrize("rows", ["articles", "figures", "quotes", "entities"])
def test_every_field_of_a_row_can_be_named(news: Path, rows: str) -> None:
    from pipeline.export_rows import COLUMNS

    def paths(value: object, before: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for key, below in value.items():
                yield f"{before}{key}"
                yield from paths(below, f"{before}{key}.")

    found = {path for row in lines(newsbeam("export", "--rows", rows)) for path in paths(row)}
    assert newsbeam("export", "--rows", rows, "--fields", ",".join(sorted({*found, *COLUMNS[rows]}))).exit_code == 0


@pytest.mark.parametrize("name", ["newsbeam.yaml", "feeds.yaml", "newsbeam.db"])
def test_an_export_never_replaces_a_file_of_newsbeams_own(news: Path, name: str) -> None:
    newsbeam("feeds", "add", "https://gazette.example/rss")
    before = (news / name).read_bytes()
    result = newsbeam("export", "--output", f"../{news.name}/{name}")
    assert result.exit_code == 2
    assert "name another file" in result.stderr
    assert (news / name).read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.html", b"<html><body><p>x", "newsbeam: a.html: no text is left"),
        ("a.txt", b"short", "newsbeam: a.txt: 5 characters of text; min_body_chars"),
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "newsbeam: report.pdf: is pdf, no page; give HTML or"),
        ("photo.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "newsbeam: photo.html: is image, no page"),
        ("noise.txt", bytes(range(256)) * 4, "newsbeam: noise.txt: 1024 bytes"),
    ],
)
def test_extract_says_once_what_is_wrong_with_a_file(folder: Path, name: str, content: bytes, problem: str) -> None:
    (folder / name).write_bytes(content)
    result = newsbeam("extract", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(problem)
    assert newsbeam("extract", "-", input=content).stderr.startswith("newsbeam: standard input: ")


def test_extract_names_an_address_once(folder: Path) -> None:
    result = newsbeam("extract", "http://127.0.0.1:1/")
    assert result.exit_code == 2
    assert result.stderr.count("http://127.0.0.1:1/") == 1


# --- looking after


def test_dead_letters_come_latest_first_and_by_reason(news: Path) -> None:
    assert [line["reason"] for line in lines(newsbeam("dead-letters", "list", "--json"))] == ["http_404", "too_short"]
    (only,) = lines(newsbeam("dead-letters", "list", "--json", "--reason", "too_short"))
    assert only["url"] == "https://a.example/1"
    assert "http_404" in newsbeam("dead-letters", "list", "--limit", "1").stdout
    wrong = newsbeam("dead-letters", "list", "--reason", "to_short")
    assert wrong.exit_code == 2
    assert "did you mean too_short?" in wrong.stderr


def test_a_dead_letter_in_a_table_names_its_url_once(news: Path) -> None:
    store = open_store(str(news / "newsbeam.db"))
    url = "https://a.example/3"
    letter = DeadLetter(stage="visit", reason="timeout", message=f"{url}: 20 s", url=url, occurred_at=NOW)
    store.bulk([dead_letter_write(letter, run_id="r1")])
    store.close()
    assert newsbeam("dead-letters", "list", "--reason", "timeout").stdout.count(url) == 1
    (only,) = lines(newsbeam("dead-letters", "list", "--reason", "timeout", "--json"))
    assert only["message"] == f"{url}: 20 s"


def test_index_create_makes_what_is_missing_once(folder: Path) -> None:
    first, second = newsbeam("index", "create"), newsbeam("index", "create")
    assert first.exit_code == second.exit_code == 0
    assert first.stdout.startswith("made  ")
    assert (second.stdout, second.stderr) == ("", "everything is there already\n")
    assert newsbeam("index", "check").stderr == "the store is as this version expects\n"


def test_a_store_that_differs_exits_4(news: Path) -> None:
    import sqlite3

    with sqlite3.connect(news / "newsbeam.db") as db:
        table = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%quotes%' LIMIT 1"
        ).fetchone()[0]
        db.execute(f'DROP TABLE "{table}"')
    db.close()
    assert newsbeam("index", "check").exit_code == 4
    assert lines_of_code(newsbeam("index", "check", "--json"), 4)[0]["index"]


def lines_of_code(result: Result, code: int) -> list[dict[str, Any]]:
    assert result.exit_code == code
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_status_before_any_run_and_of_a_healthy_ledger(folder: Path) -> None:
    assert newsbeam("status").exit_code == 2
    state = open_state(str(folder / "newsbeam.db"))
    state.create()
    state.close()
    result = newsbeam("status")
    assert result.exit_code == 0
    assert "none yet" in result.stdout
    (status,) = lines(newsbeam("status", "--json"))
    assert status["healthy"] is True


def test_check_reports_all_parts_and_versions(news: Path) -> None:
    newsbeam("feeds", "add", "https://gazette.example/rss")
    parts = {line["part"]: line for line in lines(newsbeam("check", "--json"))}
    assert parts["feeds"]["state"] == "ok"
    assert parts["store"]["detail"].endswith("reached, as expected")
    assert {"newsbeam", "apache-beam", "python", "sqlite"} <= set(parts)
