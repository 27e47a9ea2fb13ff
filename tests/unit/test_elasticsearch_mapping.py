"""The mappings of `configs/index/` against the documents that we write; no server needed."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from tests.support.elements import NOON, make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import (
    Article,
    DateMention,
    DeadLetter,
    EnrichedArticle,
    Figure,
    GeoPoint,
    History,
    Image,
    Observed,
    Publisher,
    Quote,
    Removed,
    Rights,
)
from transforms.errors import ConfigurationError, SchemaVersionError, StoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, Kind, Write
from transforms.index.documents import article_writes, dead_letter_write, run_write
from transforms.index.elasticsearch.mapping import (
    Names,
    aliased,
    component_body,
    differences,
    expected_state,
    live_state,
)
from transforms.index.queries import EXACT_FIELDS, WORD_FIELDS
from transforms.index.revisions import revision_write

BODY = "Strikes killed 12 people in Rafah on Monday. “It is not enough,” said Ann Blake."


def full_article() -> EnrichedArticle:
    """An article that has every field."""
    article = make_article(
        "Strikes in Rafah", BODY, subtitle="Sub", summary="Sum", claimed_url="https://x.example/", authors=("A",),
        section="World", topics=("War",), keywords=("k",), tags=("uk",), language="en", language_confidence=0.9,
        publisher=Publisher(name="The Gazette", id="gazette", country="GB"), feeds=("gazette",),
        images=(Image(url="https://i.example/1", caption="c", alt="a", credit="r", agency="g", width=1, height=2),),
        published_local="2026-01-01T12:00:00+01:00", updated=NOON, removed=(Removed(text="Share", rule="share"),),
        warnings=("w",), paywalled=True, opinion=False, live_blog=False, agency="AP", noindex=False, noarchive=True,
        robots_rule="Allow: /", history=History(revision=1, figures=1, quotes=1),
        rights=Rights(tdm_reserved=True, tdm_policy="https://x.example/p", licenses=("l",), signals=("ai-train=no",)),
        validators="kept in the ledger", site_profile=3, observed=Observed(lines=(1,), sketch=(2,)),
    )  # fmt: skip
    point = GeoPoint(lat=31.3, lon=34.2)
    figure = make_figure(
        article, "12 people", 12, event="killed", value_max=20.0, modifier="m", unit="u", value_base=1.0,
        unit_base="b", per="p", subject="people", subject_head="people", place="Rafah", attribution="doctors",
    )  # fmt: skip
    quote = make_quote(article, "It is not enough,", "Ann Blake", speaker_role="doctor", verb="said")
    date = DateMention(field="body", text="Monday", start_char=37, end_char=43, date="2025-12", precision="month")
    return make_enriched(
        article, entities=(make_entity(article, "Rafah", "GPE", country="PS", location=point),), figures=(figure,),
        quotes=(quote,), dates=(date,), groups=("G",), other_names=("O",), names=("Rafah",), locations=(point,),
        **{"focus.place": "Rafah", "focus.country": "PS", "focus.location": point},
    )  # fmt: skip


def all_writes() -> list[Write]:
    letter = DeadLetter(
        stage="visit", reason="http_404", message="gone", occurred_at=NOON, url="https://x.example/", site="x.example",
        feed="gazette", fingerprint="f",
    )  # fmt: skip
    run = run_write(
        "run-1", command="ingest", started_at=NOON, ended_at=NOON + timedelta(seconds=1),
        counts=dict.fromkeys(("came", "carried", "ended", "deferred", "handed_over"), 1),
        outcomes=(("created", "new", 1), ("deferred", "http_429", 1)), unbalanced=("1 URL",), pipeline_version="0.1",
    )  # fmt: skip
    written = article_writes(full_article(), run_id="r", pipeline_version="0.1", config_sha256="0" * 64, now=NOON)
    return [*written, dead_letter_write(letter, run_id="r"), run, revision_write(written[0])]


def field_at(properties: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    """The definition of a dotted field; a field that is stored and not indexed stands for all below it."""
    field: Mapping[str, Any] = {"properties": properties}
    for step in path.split("."):
        if field.get("enabled") is False or field.get("type") == "geo_point":
            return field
        inner = {**field.get("properties", {}), **field.get("fields", {})}
        if step not in inner:
            return None
        field = inner[step]
    return field


def paths(value: object, above: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from paths(inner, f"{above}.{name}" if above else name)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, above)
    else:
        yield above


def mapping_of(kind: Kind) -> dict[str, Any]:
    properties: dict[str, Any] = component_body(kind)["template"]["mappings"]["properties"]
    return properties


def test_full_article_leaves_no_field_of_an_article_empty() -> None:
    article = full_article().article
    empty = [f.name for f in fields(Article) if getattr(article, f.name) in (None, (), "")]
    assert empty == []


@pytest.mark.parametrize("write", all_writes(), ids=lambda write: write.kind)
def test_every_field_that_is_written_is_mapped(write: Write) -> None:
    unmapped = {path for path in paths(write.source) if field_at(mapping_of(write.kind), path) is None}
    assert unmapped == set()


@pytest.mark.parametrize(
    ("kind", "nested", "element"),
    [("articles", "figures", Figure), ("articles", "quotes", Quote), ("articles", "dates", DateMention),
     ("figures", None, Figure), ("quotes", None, Quote)],
)  # fmt: skip
def test_facts_are_mapped_field_by_field(kind: Kind, nested: str | None, element: type) -> None:
    properties = mapping_of(kind)[nested]["properties"] if nested else mapping_of(kind)
    names = {field.name for field in fields(element)}
    assert names <= properties.keys()
    if nested:
        assert properties.keys() == names


@pytest.mark.parametrize("kind", ["figures", "quotes"])
def test_rows_have_the_fields_of_the_nested_facts(kind: Kind) -> None:
    nested = {**mapping_of("articles")[kind]["properties"], "sentence": {"type": "text"}}  # rows are searched by it
    rows = mapping_of(kind)
    assert {name: rows[name] for name in nested} == nested


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_strict_and_carries_the_schema_version(kind: Kind) -> None:
    body = component_body(kind)
    assert body["template"]["mappings"]["dynamic"] == "strict"
    assert body["_meta"]["schema_version"] == SCHEMA_VERSION
    assert body["template"]["mappings"]["_meta"]["schema_version"] == SCHEMA_VERSION
    assert mapping_of(kind)["id"]["type"] == "keyword"  # the order of scans
    for field in body["template"]["settings"]["index.query.default_field"]:
        name = field.partition("^")[0].replace("*", "de")  # in every language alike
        assert field_at(mapping_of(kind), name) is not None, field


def test_late_deletes_are_remembered_for_an_hour() -> None:
    assert component_body("settings")["template"]["settings"]["index.gc_deletes"] == "1h"


def test_every_field_of_the_query_language_can_be_searched() -> None:
    for paths_of in WORD_FIELDS.values():
        for path in paths_of:
            words = field_at(mapping_of("articles"), path if path == "title" else f"{path}.words")
            assert words == {"type": "text"} or path == "title", path
    for paths_of in EXACT_FIELDS.values():
        for path in paths_of:
            folded = field_at(mapping_of("articles"), f"{path}.folded")
            assert folded is not None, path
            assert folded["normalizer"] == "lowercase", path


def test_names_of_the_default_project_have_no_second_part() -> None:
    assert Names(project="default").alias("articles") == "newsbeam-articles"
    assert Names(project="elections").alias("dead-letters") == "newsbeam-elections-dead-letters"
    assert Names(project="elections").index("runs") == f"newsbeam-elections-runs-v{SCHEMA_VERSION}-000001"


@pytest.mark.parametrize("project", ["", "Elections", "a b", "a*", "-x", "a,b", "x" * 65, "ä"])
def test_project_that_no_index_can_have_is_refused(project: str) -> None:
    with pytest.raises(ConfigurationError, match="project"):
        Names(project=project)


NAMES = Names(project="default")


def live(index: str, alias: str, version: object) -> dict[str, Any]:
    return {index: {"aliases": {alias: {}}, "mappings": {"_meta": {"schema_version": version}}}}


def test_index_behind_an_alias_is_found() -> None:
    found = aliased(NAMES, live("newsbeam-runs-v1-000002", "newsbeam-runs", SCHEMA_VERSION))
    assert found == {"runs": "newsbeam-runs-v1-000002"}


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (SCHEMA_VERSION + 1, "use a newer newsbeam"),
        (SCHEMA_VERSION - 1, "newsbeam index migrate"),
        (None, "newsbeam did not make it"),
    ],
)
def test_other_schema_version_is_refused_with_the_remedy(version: object, remedy: str) -> None:
    with pytest.raises(SchemaVersionError, match=remedy):
        aliased(NAMES, live("newsbeam-runs-v1-000001", "newsbeam-runs", version))


def test_index_in_place_of_an_alias_is_refused() -> None:
    with pytest.raises(StoreError, match="newsbeam-runs is an index"):
        aliased(NAMES, {"newsbeam-runs": {"aliases": {}, "mappings": {}}})


def test_alias_of_two_indices_is_refused() -> None:
    two = live("a-1", "newsbeam-runs", SCHEMA_VERSION) | live("a-2", "newsbeam-runs", SCHEMA_VERSION)
    with pytest.raises(StoreError, match="a-1, a-2"):
        aliased(NAMES, two)


def test_differences_name_each_field() -> None:
    expected = expected_state("runs")
    body = {
        "settings": {"index.gc_deletes": "60s", "index.uuid": "x", "index.refresh_interval": "1s"},
        "mappings": {"dynamic": "true", "properties": {"command": {"type": "text"}, "extra": {"type": "long"}}},
    }
    found = {each.field: (each.expected, each.found) for each in differences("i", expected, live_state(body))}
    assert found["index.gc_deletes"] == ("1h", "60s")
    assert found["mapping dynamic"] == ("strict", "true")
    assert found["extra"] == ("absent", '{"type": "long"}')
    assert found["command"][1] == '{"type": "text"}'
    assert found["counts.came"][1] == "absent"
    assert not any("uuid" in name or "refresh_interval" in name for name in found)
