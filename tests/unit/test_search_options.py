"""`newsbeam search` by its options: fact rows, facets, recency and units, over a real embedded store."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import Publisher
from transforms.index import open_store
from transforms.index.documents import article_writes

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY, LAST_YEAR = NOW - timedelta(days=1), NOW - timedelta(days=300)

FERRY = make_article(
    "Ferry sinks off Port Ellis",
    "At least 12 people were killed. Repairs cost $3 million. “We had no warning,” Mara Quill said.",
    publisher=Publisher(name="Harbour Gazette"),
    language="en",
    fetched_at=YESTERDAY,
)
DAM = make_article(
    "Dam repairs begin",
    "In all 400 people were killed in the flood. Repairs cost 5 million euros. “We rebuild,” Mara Quill said.",
    publisher=Publisher(name="Valley Herald"),
    language="en",
    fetched_at=LAST_YEAR,
)
# The same words as of Port Ellis' ferry, so that only its age tells them apart.
OLD_FERRY = make_article(
    "Ferry sinks off Port Arran", "No one was hurt.", publisher=Publisher(name="Valley Herald"), language="en",
    fetched_at=LAST_YEAR,
)  # fmt: skip
NEW_FERRY = make_article(
    "Ferry sinks off Port Brodick", "No one was hurt, said the ferry's owner.",
    publisher=Publisher(name="Valley Herald"), language="en", fetched_at=YESTERDAY,
)  # fmt: skip
ENRICHED = (
    make_enriched(
        FERRY,
        entities=(make_entity(FERRY, "Mara Quill"), make_entity(FERRY, "Port Ellis", "GPE", country="NZ")),
        figures=(
            make_figure(FERRY, "12 people", 12, event="killed", subject="people", sentence="At least 12 were killed."),
            make_figure(FERRY, "$3 million", 3e6, kind="money", unit="USD", sentence="Repairs cost $3 million."),
        ),
        quotes=(make_quote(FERRY, "We had no warning,", "Mara Quill"),),
    ),
    make_enriched(
        DAM,
        entities=(make_entity(DAM, "Mara Quill"),),
        figures=(
            make_figure(DAM, "400 people", 400, event="killed", subject="people", sentence="In all 400 were killed."),
            make_figure(DAM, "5 million euros", 5e6, kind="money", unit="EUR", sentence="Repairs cost 5 million."),
        ),
        quotes=(make_quote(DAM, "We rebuild,", "Mara Quill"),),
    ),
    make_enriched(OLD_FERRY),
    make_enriched(NEW_FERRY),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose store has the four articles."""
    monkeypatch.chdir(tmp_path)
    for name in ("NEWSBEAM_CONFIG", "NEWSBEAM_STORE", "ES_URL", "ES_LOCAL_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "newsbeam.yaml").write_text("timezone: UTC\ncontact: desk@example.org\n")
    with closing(open_store(str(tmp_path / "newsbeam.db"))) as store:
        store.create()
        for enriched in ENRICHED:
            store.bulk(article_writes(enriched, run_id="r", pipeline_version="0", config_sha256="c", now=NOW))
    return tmp_path


def search(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ("search", *arguments), prog_name="newsbeam")


def found(*arguments: str) -> list[dict[str, Any]]:
    result = search("--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- --rows


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", [12, 3e6, 400, 5e6]),  # newest publication first, then by id
        ("killed:>=10", [12, 400]),
        ("killed:>100", [400]),
        ("money:", [3e6, 5e6]),
        ("money:>=1m unit:usd", [3e6]),
        ("-unit:EUR money:", [3e6]),
        ("repairing", [3e6, 400, 5e6]),  # in the title of one article, in a sentence of the other
        ('publisher:"Valley Herald" event:killed', [400]),
    ],
)
def test_rows_of_figures_are_found_by_what_stands_in_themselves(query: str, values: list[float]) -> None:
    rows = found("--rows", "figures", "--", query)
    assert [row["value"] for row in rows] == values
    assert all(row["id"].startswith(row["article"]["id"]) for row in rows)


def test_rows_of_quotes_are_found_by_speaker_and_word() -> None:
    assert [row["text"] for row in found("--rows", "quotes", 'speaker:"mara quill"')] == [
        "We had no warning,",
        "We rebuild,",
    ]
    assert [row["text"] for row in found("--rows", "quotes", "warnings")] == ["We had no warning,"]


def test_rows_print_a_line_each_and_their_number() -> None:
    result = search("--rows", "figures", "--limit", "1", "killed:")
    assert result.exit_code == 0
    [line] = result.stdout.splitlines()
    assert line.startswith(f"{YESTERDAY:%Y-%m-%d}  12 people ")
    assert line.endswith(f"  {FERRY.id}-f1")
    assert "Ferry sinks off Port Ellis" in line
    assert result.stderr == "1 of 2 rows\n"


def test_rows_keep_to_since_and_until() -> None:
    assert [row["value"] for row in found("--rows", "figures", "killed:", "--since", "7d")] == [12]
    assert [row["value"] for row in found("--rows", "figures", "killed:", "--until", "7d")] == [400]


def test_no_row_is_no_failure() -> None:
    result = search("--rows", "quotes", "unheard")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no row matches\n")


# --- --facets


def test_facets_count_the_matching_articles_most_first() -> None:
    counted = [(each["field"], each["value"], each["articles"]) for each in found("--facets", "publisher,person", "")]
    assert counted == [
        ("publisher", "Valley Herald", 3),
        ("publisher", "Harbour Gazette", 1),
        ("person", "Mara Quill", 2),
    ]
    assert [each["value"] for each in found("--facets", "publisher", "killed:<100")] == ["Harbour Gazette"]


def test_facets_of_days_come_latest_first_and_the_limit_cuts_each_field() -> None:
    days = [(each["value"], each["articles"]) for each in found("--facets", "day")]
    assert days == [(f"{YESTERDAY:%Y-%m-%d}", 2), (f"{LAST_YEAR:%Y-%m-%d}", 2)]
    one_each = found("--facets", "day, publisher", "--limit", "1")
    assert [each["value"] for each in one_each] == [f"{YESTERDAY:%Y-%m-%d}", "Valley Herald"]


def test_facets_print_their_field_and_numbers_before_the_values() -> None:
    result = search("--facets", "publisher", "--limit", "1")
    assert result.stdout.split() == ["publisher", "3", "Valley", "Herald"]


# --- --recency, unit:


def test_with_relevance_a_newer_article_comes_first_unless_age_is_not_to_count() -> None:
    # The new one is the longer one, so that BM25 alone puts it second.
    with_age = [hit["id"] for hit in found("--sort", "relevance", "--", "sinks", "-ellis")]
    without = [hit["id"] for hit in found("--sort", "relevance", "--no-recency", "--", "sinks", "-ellis")]
    assert with_age == [NEW_FERRY.id, OLD_FERRY.id]
    assert without == [OLD_FERRY.id, NEW_FERRY.id]


def test_recency_is_what_relevance_does_without_being_asked() -> None:
    asked, not_asked = (
        [hit["score"] for hit in found("--sort", "relevance", *more, "sinks")] for more in (["--recency"], [])
    )
    without = [hit["score"] for hit in found("--sort", "relevance", "--no-recency", "sinks")]
    assert asked == pytest.approx(not_asked, rel=1e-3)
    assert max(without) < max(asked)


@pytest.mark.parametrize(("query", "ids"), [("unit:usd", [FERRY.id]), ("unit:EUR", [DAM.id]), ("unit:CHF", [])])
def test_unit_finds_articles_by_the_units_of_their_figures(query: str, ids: list[str]) -> None:
    assert [hit["id"] for hit in found(query)] == ids


# --- what cannot be


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        (("--rows", "facts"), "'facts'", "'figures', 'quotes'"),
        (("--rows", "figures", "site:a.example"), "no 'site'", "they have country, event"),
        (("--rows", "quotes", "killed:>=10"), "compare 'killed' with", "search --rows figures"),
        (("--facets", "person,moon"), "--facets: received 'person,moon'", "valid: person, place, org"),
        (("--facets", "person,,day"), "--facets: received 'person,,day'", "several with commas"),
        (("--facets", ""), "--facets: received ''", "valid: person"),
        (("--recent",), "--recent", "--recency"),
        (("--limit", "0"), "0", "1<=x<=10000"),
        (("unit:",), "no value for 'unit'", "unit:value"),
        (("units:USD",), "unknown field 'units'", "did you mean unit:?"),
        (("--rows", "figures", "--facets", "day"), "--rows finds facts", "leave one of them out"),
        (("--facets", "day", "--limit", "1001"), "--limit 1001", "at most 1,000 values"),
        (("--rows", "figures", "--sort", "relevance"), "newest first", "leave out --sort relevance"),
    ],
)
def test_what_cannot_be_asked_exits_2_with_the_remedy(arguments: tuple[str, ...], problem: str, remedy: str) -> None:
    result = search(*arguments)
    assert result.exit_code == 2, (result.stdout, result.stderr)
    assert problem in result.stderr
    assert remedy in result.stderr
    assert result.stdout == ""


# --- what cannot be meant


def test_an_option_behind_the_query_that_begins_with_a_minus_is_told(folder: Path) -> None:
    result = search("--", "-fire", "--limit", "1")
    assert result.exit_code == 2
    assert "--limit stands behind --" in result.stderr
    assert search("--limit", "1", "--", "-fire").exit_code == 0


@pytest.mark.parametrize(("since", "until"), [("2026-05-02", "2026-05-01"), ("1h", "2h")])
def test_a_time_that_ends_before_it_begins_is_told_with_both_ends(since: str, until: str) -> None:
    result = search("--since", since, "--until", until)
    assert result.exit_code == 1 or result.exit_code == 2
    assert since in str(result.exception) + result.stderr
    assert until in str(result.exception) + result.stderr


def test_every_option_has_a_help_text() -> None:
    for option in cli.get_command(None, "search").params:  # type: ignore[arg-type, union-attr]
        assert isinstance(option, click.Argument) or option.help, option.name  # type: ignore[attr-defined]
