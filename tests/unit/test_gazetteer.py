"""Looking places up by name."""

import pytest

from transforms.enrich.locating.gazetteer import Gazetteer, fold, load_gazetteer

GAZETTEER: Gazetteer = load_gazetteer()


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Nuku’alofa", "nukualofa"), ("TÜRKİYE", "turkiye"), ("Łódź", "lodz"), ("U.S.", "us"), ("Tromsø", "tromso")],
)
def test_fold_drops_case_accents_dots_and_apostrophes(name: str, folded: str):
    assert fold(name) == folded


def test_homonyms_are_all_offered():
    found = {(place.kind, place.country) for place in GAZETTEER.candidates("georgia")}
    assert found == {("country", "GE"), ("division", "US")}
    assert GAZETTEER.kinds("georgia") == {"country", "division"}


def test_an_unknown_name_has_no_candidates():
    assert GAZETTEER.candidates("nowhere at all") == ()
    assert GAZETTEER.kinds("nowhere at all") == frozenset()


@pytest.mark.parametrize(
    ("demonym", "country"),
    [("gazans", "PS"), ("syrian", "SY"), ("britons", "GB"), ("swiss", "CH"), ("nigerien", "NE"), ("klingon", None)],
)
def test_peoples_lead_to_their_country(demonym: str, country: str | None):
    assert GAZETTEER.country_of_people(demonym) == country


def test_states_are_known_by_postal_and_press_abbreviation():
    assert [GAZETTEER.abbreviated(text).name for text in ("OR", "Ore.", "B.C.", "Calif.")] == [
        "Oregon", "Oregon", "British Columbia", "California",
    ]  # fmt: skip
    assert GAZETTEER.abbreviated("or") is None


def test_it_is_read_once_per_process():
    assert load_gazetteer() is GAZETTEER


def test_names_can_be_walked_and_all_have_places():
    names = list(GAZETTEER.names())
    assert len(names) == len(GAZETTEER) > 3500
    assert all(GAZETTEER.candidates(name) for name in names)
