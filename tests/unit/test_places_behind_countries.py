"""A town that is called as a country is, with its state behind it, and lists of which the next item is a state."""

import pytest

from tests.support.enriching import article_of, entity_of
from transforms.elements import Entity
from transforms.enrich.locating.gazetteer import load_gazetteer
from transforms.enrich.places import locate_entities


def located(text: str, name: str, *others: str) -> Entity:
    entities = [entity_of(text, each, "GPE") for each in (name, *others)]
    return locate_entities(article_of(text), entities, load_gazetteer())[0]


@pytest.mark.parametrize(
    ("text", "name", "state", "country"),
    [
        ("Residents of Lebanon, Pennsylvania, voted on the bridge.", "Lebanon", "Pennsylvania", "US"),
        ("A fire burned in Peru, Indiana.", "Peru", "Indiana", "US"),
        ("They flew to Lebanon, Texas, and Ohio for talks.", "Lebanon", "Texas", "LB"),
        ("Voters in Peru, Texas and Ohio waited.", "Peru", "Texas", "PE"),
        ("He has homes in Peru, Texas, Ohio and Iowa.", "Peru", "Texas", "PE"),
    ],
)
def test_a_state_behind_a_countrys_name_makes_it_a_town_unless_it_is_a_list(
    text: str, name: str, state: str, country: str
) -> None:
    found = located(text, name, state)
    assert found.country == country
    assert (found.location is None) == (country == "US")  # no such town is listed: a country and no point


def test_a_country_of_the_same_name_is_an_alternative() -> None:
    found = located("Residents of Lebanon, Pennsylvania, voted.", "Lebanon", "Pennsylvania")
    assert [each.country for each in found.alternatives] == ["LB"]
