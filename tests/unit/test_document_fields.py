"""One set of fields everywhere: the table for people, the mappings, the embedded store's columns, the elements."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import resources
from typing import Any

import pytest

from transforms.elements import DateMention, Figure, Quote
from transforms.index.base import KINDS, LATER_KINDS, Kind
from transforms.index.elasticsearch.languages import ANALYZERS, TEXTS_OF
from transforms.index.elasticsearch.mapping import component_body
from transforms.index.lookups import COLUMNS
from transforms.index.sqlite import schema
from transforms.index.stems import LANGUAGES

TABLE = resources.files("configs").joinpath("index", "FIELDS.md").read_text(encoding="utf-8")


def described(kind: Kind) -> list[str]:
    """Return the names in the first column of a kind's table."""
    section = TABLE.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def mapped(properties: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the fields that a document of a mapping may have, to the last object that has fields of its own."""
    for name, field in properties.items():
        if "properties" in field:
            shown = "<language>" if above == "search." and name in ANALYZERS else name
            yield from mapped(field["properties"], f"{above}{shown}.")
        else:
            yield f"{above}{name}"


def mapping_of(kind: Kind) -> set[str]:
    return set(mapped(component_body(kind)["template"]["mappings"]["properties"]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_mapped_field_is_described_once_and_nothing_else_is(kind: Kind) -> None:
    names = described(kind)
    assert sorted(names) == sorted(set(names))
    assert set(names) - mapping_of(kind) == set(), "described in configs/index/FIELDS.md, but not mapped"
    assert mapping_of(kind) - set(names) == set(), "mapped, but not described in configs/index/FIELDS.md"


@pytest.mark.parametrize(("name", "element"), [("figures", Figure), ("quotes", Quote), ("dates", DateMention)])
def test_facts_have_the_fields_of_their_elements_and_no_others(name: str, element: type) -> None:
    expected = {f"{name}.{each.name}" for each in fields(element)}
    assert {each for each in described("articles") if each.startswith(f"{name}.")} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_the_embedded_store_is_a_mapped_field(kind: Kind) -> None:
    columns = schema.columns_of(kind)
    assert columns["timestamp"] == "@timestamp"
    assert set(columns.values()) <= mapping_of(kind)


def test_what_articles_are_searched_by_is_mapped() -> None:
    for kind, columns in COLUMNS.items():
        assert {path for column in columns.values() for path in column.paths} <= mapping_of(kind)
        assert {f"search.{name}" for name in columns} <= mapping_of(kind)


def test_every_language_has_the_same_fields_under_its_own_analyzer() -> None:
    for kind, fields_of in TEXTS_OF.items():
        search = component_body(kind)["template"]["mappings"]["properties"]["search"]["properties"]
        languages = {name: field["properties"] for name, field in search.items() if "properties" in field}
        assert languages == {
            language: {name: {"type": "text", "analyzer": analyzer} for name in fields_of}
            for language, analyzer in ANALYZERS.items()
        }
    assert set(LANGUAGES) <= set(ANALYZERS), "a language that newsbeam's own searches stem"


def test_every_kind_has_a_table_and_later_kinds_are_kinds() -> None:
    assert tuple(schema.TABLES) == KINDS
    assert set(LATER_KINDS) < set(KINDS)


def test_no_text_of_an_article_is_cut_in_elasticsearch() -> None:
    """A keyword above its `ignore_above` is kept, but cannot be found: so what is read as text is of type text."""
    properties = component_body("articles")["template"]["mappings"]["properties"]
    assert {properties[name]["type"] for name in ("title", "subtitle", "summary", "body")} == {"text"}
