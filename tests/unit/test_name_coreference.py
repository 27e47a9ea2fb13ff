"""Which names are one thing. No weights needed."""

import pytest

from transforms.enrich.naming.coreference_names import fold
from transforms.enrich.naming.name_coreference import coreferent
from transforms.enrich.reading.name_span import Span


def things(*names: tuple[str, str], text: str | None = None) -> list[tuple[str, str, int]]:
    """Return (name, label, mentions) of what the names stand for; the text is made of them unless given."""
    joined = text if text is not None else " ; ".join(name for name, _ in names)
    spans, at = [], 0
    for name, label in names:
        start = joined.index(name, at)
        spans.append(Span(start, start + len(name), label, 0.9))
        at = start + len(name)
    return [(thing.name, thing.label, len(thing.spans)) for thing in coreferent(joined, spans)]


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("Antony Blinken", "Blinken", "PERSON"),
        ("Joe Biden", "Joseph Biden", "PERSON"),
        ("Joe Biden", "J. Biden", "PERSON"),
        ("Gabriel García Márquez", "García Márquez", "PERSON"),
        ("José Pérez", "Jose Perez", "PERSON"),
        ("Martin Luther King Jr.", "King", "PERSON"),
        ("Israel Defense Forces", "IDF", "ORG"),
        ("United Nations", "U.N.", "ORG"),
        ("United Nations", "UN", "ORG"),
        ("World Food Programme", "WFP", "ORG"),
        ("Acme Holdings Ltd", "Acme", "ORG"),
        ("Ministry of Health", "Health Ministry", "ORG"),
        ("Israeli Health Ministry", "Health Ministry", "ORG"),
        ("Church of Holiness", "Church", "ORG"),
        ("Italian Supreme Court of Cassation", "Supreme Court", "ORG"),
        ("Comic Corps of Canada", "Comic Corps", "ORG"),
        ("Belgium", "Belgians", "ORG"),
        ("Taipei City", "Taipei", "GPE"),
        ("United States", "U.S.", "GPE"),
        ("Gaza Strip", "Gaza", "GPE"),
        ("Palestinians", "Palestinian", "NORP"),
    ],
)
def test_two_names_of_one_thing(one: str, other: str, label: str) -> None:
    for names in ((one, other), (other, one)):
        found = things(*((name, label) for name in names))
        assert len(found) == 1
        assert found[0][2] == 2


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("Joe Biden", "Jill Biden", "PERSON"),
        ("Lena Brandt", "Lena Vogel", "PERSON"),
        ("Ministry of Health", "Ministry of Justice", "ORG"),
        ("North Korea", "South Korea", "GPE"),
        ("Essex County", "Essex", "GPE"),
        ("National Security Council", "Security Council", "ORG"),
    ],
)
def test_names_of_two_things(one: str, other: str, label: str) -> None:
    assert len(things((one, label), (other, label))) == 2


def test_person_is_named_fully_without_title_and_possessive() -> None:
    assert things(("Biden", "PERSON"), ("Joe Biden's", "PERSON")) == [("Joe Biden", "PERSON", 2)]


def test_family_name_alone_joins_the_person_named_last() -> None:
    names = [("Joe Biden", "PERSON"), ("Jill Biden", "PERSON"), ("Biden", "PERSON"), ("Joe Biden", "PERSON")]
    assert things(*names) == [("Joe Biden", "PERSON", 2), ("Jill Biden", "PERSON", 2)]


def test_acronym_defined_in_brackets() -> None:
    text = "the Rapid Aid Mission (RAM) left; RAM returned"
    assert things(("Rapid Aid Mission", "ORG"), ("RAM", "ORG"), ("RAM", "ORG"), text=text) == [
        ("Rapid Aid Mission", "ORG", 3)
    ]


def test_bracket_behind_a_body_may_be_its_acronym_at_home() -> None:
    text = "the Military Emergencies Unit (UME) left; UME returned"
    assert len(things(("Military Emergencies Unit", "ORG"), ("UME", "ORG"), ("UME", "ORG"), text=text)) == 1


def test_bracket_of_another_body_is_no_acronym() -> None:
    text = "the Boston Flyers (NBA) won"
    assert len(things(("Boston Flyers", "ORG"), ("NBA", "ORG"), text=text)) == 2


def test_written_out_form_names_the_place() -> None:
    names = [("U.S.", "GPE"), ("U.S.", "GPE"), ("United States", "GPE")]
    assert things(*names) == [("United States", "GPE", 3)]


def test_place_and_person_of_one_spelling_stay_apart() -> None:
    assert len(things(("Sofia", "GPE"), ("Sofia", "PERSON"))) == 2


@pytest.mark.parametrize(("name", "key"), [("U.N.’s", "u n"), ("Côte d'Ivoire", "cote divoire"), (" A-B  C", "a b c")])
def test_fold(name: str, key: str) -> None:
    assert fold(name) == key


def test_a_short_form_that_two_bodies_share_names_neither() -> None:
    found = things(("Ministry of Health", "ORG"), ("Ministry of Defense", "ORG"), ("Ministry", "ORG"))
    assert [name for name, _, _ in found] == ["Ministry of Health", "Ministry of Defense", "Ministry"]


def test_a_country_is_not_its_capital() -> None:
    assert len(things(("Mexico City", "GPE"), ("Mexico", "GPE"))) == 2
