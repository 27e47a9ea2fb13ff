"""Which place a name means, and where an article happens."""

from dataclasses import replace

import pytest

from tests.support.enriching import article_of, entity_of
from transforms.elements import Entity, GeoPoint, Label, Publisher
from transforms.enrich.places import ENRICHER, load

ENRICH = load()
Named = tuple[str, Label]


def located(body: str, *names: Named, publisher: str | None = None) -> dict[str, Entity]:
    article = replace(article_of(body), publisher=Publisher(country=publisher))
    entities = tuple(entity_of(body, name, label) for name, label in names)
    found = ENRICH(article, {"entities": entities})["entities"]
    return {entity.name: entity for entity in found}


@pytest.mark.parametrize(
    ("body", "name", "others", "country", "near"),
    [
        ("The talks in Paris ended.", "Paris", [], "FR", (48.9, 2.3)),
        ("A fire in Paris, Texas, killed two.", "Paris", [], "US", (33.7, -95.6)),
        ("A fire in Paris, Tenn., killed two.", "Paris", [], "US", (36.3, -88.3)),
        ("Police in London, Ontario, made an arrest.", "London", [], "CA", (43.0, -81.3)),
        ("Police in London made an arrest.", "London", [], "GB", (51.5, -0.1)),
        ("Strikes closed Athens on Tuesday.", "Athens", [], "GR", (38.0, 23.7)),
        ("A storm hit Athens, Ohio, on Tuesday.", "Athens", [], "US", (39.3, -82.1)),
        ("Floods reached Portland, Maine.", "Portland", [], "US", (43.7, -70.3)),
        ("Floods reached Portland, ME.", "Portland", [], "US", (43.7, -70.3)),
        ("Clashes broke out in Tripoli, Lebanon.", "Tripoli", [("Lebanon", "GPE")], "LB", (34.4, 35.8)),
        ("Clashes broke out in Tripoli.", "Tripoli", [], "LY", (32.9, 13.2)),
        ("Voters in Georgia and Alabama.", "Georgia", [("Alabama", "GPE")], "US", (32.7, -83.4)),
        ("Protests in Georgia spread.", "Georgia", [], "GE", (42.2, 43.5)),
        ("Protests in Georgia spread from Tbilisi.", "Georgia", [("Tbilisi", "GPE")], "GE", (42.2, 43.5)),
        ("A court in Georgia, near Atlanta.", "Georgia", [("Atlanta", "GPE")], "US", (32.7, -83.4)),
        ("Officials in Washington declined to comment.", "Washington", [], "US", (38.9, -77.0)),
        ("Fires in Washington near Seattle and Tacoma.", "Washington", [("Seattle", "GPE"), ("Tacoma", "GPE")],
         "US", (47.4, -120.4)),
        ("The mayor of New York spoke.", "New York", [], "US", (40.7, -74.0)),
        ("Refugees in Jordan lack water.", "Jordan", [], "JO", (31.2, 36.8)),
        ("Refugees crossed into Chad.", "Chad", [], "TD", (15.4, 18.6)),
        ("Aid entered Gaza.", "Gaza", [], "PS", (31.4, 34.4)),
        ("Aid entered the Gaza Strip.", "Gaza Strip", [], "PS", (31.4, 34.4)),
        ("Tanks entered Gaza City.", "Gaza City", [], "PS", (31.5, 34.5)),
        ("Strikes on Birmingham, Alabama.", "Birmingham", [], "US", (33.5, -86.8)),
        ("Rain in Hyderabad, Pakistan.", "Hyderabad", [("Pakistan", "GPE")], "PK", (25.4, 68.4)),
        ("Rain in Hyderabad.", "Hyderabad", [], "IN", (17.4, 78.5)),
        ("Fighting in Khan Yunis.", "Khan Yunis", [], "PS", (31.4, 34.3)),
        ("Shells fell on KHARKIV.", "KHARKIV", [], "UA", (50.0, 36.2)),
        ("The city of Goma fell.", "city of Goma", [], "CD", (-1.7, 29.2)),
        ("Votes in Córdoba, Spain.", "Córdoba", [("Spain", "GPE")], "ES", (37.9, -4.8)),
    ],
)  # fmt: skip
def test_a_name_means_the_place_the_article_speaks_of(
    body: str, name: str, others: list[Named], country: str, near: tuple[float, float]
):
    entity = located(body, (name, "GPE"), *others)[name]
    assert entity.country == country
    assert entity.location
    assert (entity.location.lat, entity.location.lon) == pytest.approx(near, abs=0.2)


@pytest.mark.parametrize(
    ("name", "label", "country"),
    [
        ("Kerem Shalom", "FAC", "IL"), ("Rafah Crossing", "FAC", "PS"), ("Jabaliya camp", "FAC", "PS"),
        ("Kharkiv International Airport", "FAC", "UA"), ("Red Sea", "LOC", None), ("Strait of Hormuz", "LOC", None),
        ("Donbas", "LOC", "UA"), ("Sahel", "LOC", None), ("West Bank", "GPE", "PS"), ("Niger Delta", "LOC", "NG"),
    ],
)  # fmt: skip
def test_regions_seas_camps_and_crossings_have_points(name: str, label: Label, country: str | None):
    entity = located(f"News from {name} arrived.", (name, label))[name]
    assert entity.country == country
    assert entity.location or label == "FAC"


def test_the_publishers_country_decides_between_homonyms():
    body = "The council of Georgia Street met in Birmingham on Monday."
    at_home = located(body, ("Birmingham", "GPE"), publisher="GB")["Birmingham"]
    assert (at_home.country, at_home.alternatives[0].country) == ("GB", "US")
    assert located("A vote in Georgia.", ("Georgia", "GPE"), publisher="US")["Georgia"].country == "US"


def test_a_city_that_is_not_known_gets_the_country_behind_it_and_no_point():
    entity = located("He was born in Smallville, Kansas, in 1950.", ("Smallville", "GPE"))["Smallville"]
    assert (entity.country, entity.location) == ("US", None)
    entity = located("A blast in Al-Xyz, Syria, killed two.", ("Al-Xyz", "GPE"))["Al-Xyz"]
    assert (entity.country, entity.location) == ("SY", None)


def test_a_state_behind_a_known_name_rules_other_countries_out():
    entity = located("The Berlin, Ohio, council met.", ("Berlin", "GPE"))["Berlin"]
    assert (entity.country, entity.location) == ("US", None)
    assert entity.alternatives[0].country == "DE"


def test_a_clause_behind_a_comma_is_no_qualifier():
    body = "Instead of an assault on Xyztown, Israel should wait."
    entity = located(body, ("Xyztown", "GPE"), ("Israel", "GPE"))["Xyztown"]
    assert (entity.country, entity.location) == (None, None)


@pytest.mark.parametrize(
    ("body", "name", "others", "country", "near"),
    [
        ("They moved to Perth in Scotland.", "Perth", [], "GB", (56.4, -3.4)),
        ("A body was found in Richmond, south-west London.", "Richmond", [("London", "GPE")], "GB", (51.5, -0.3)),
        ("Shells hit the Zaporizhzhia nuclear plant.", "Zaporizhzhia", [], "UA", (47.5, 34.6)),
        ("He lives in Cambridge, Mass., with her.", "Mass.", [("Cambridge", "GPE")], "US", (42.3, -71.8)),
    ],
)
def test_words_behind_a_name_say_which_place(
    body: str, name: str, others: list[Named], country: str, near: tuple[float, float]
):
    entity = located(body, (name, "GPE"), *others)[name]
    assert entity.country == country
    assert entity.location
    assert (entity.location.lat, entity.location.lon) == pytest.approx(near, abs=0.2)


def test_a_list_of_cities_qualifies_none_of_them():
    body = "Offices in Paris, London and Berlin closed."
    found = located(body, ("Paris", "GPE"), ("London", "GPE"), ("Berlin", "GPE"))
    assert [found[name].country for name in ("Paris", "London", "Berlin")] == ["FR", "GB", "DE"]


def test_near_ties_keep_the_country_and_drop_the_point():
    entity = located("Police in Springfield said so.", ("Springfield", "GPE"))["Springfield"]
    assert (entity.country, entity.location) == ("US", None)
    assert 1 <= len(entity.alternatives) <= 3


def test_a_direction_of_a_country_gives_the_country_without_its_point():
    entity = located("Shelling in eastern Ukraine and northern Syria.", ("northern Syria", "LOC"))["northern Syria"]
    assert (entity.country, entity.location) == ("SY", None)


def test_a_people_gives_a_country_and_no_point():
    found = ENRICH(article_of("Syrian forces."), {"entities": (entity_of("Syrian forces.", "Syrian", "NORP"),)})
    assert [(each.country, each.location) for each in found["entities"]] == [("SY", None)]
    assert (found["countries"], found["locations"], found["places"], found["focus"]) == ((), (), (), {})


def test_a_persons_surname_is_not_a_country():
    body = "Michael Jordan bought a house. Jordan paid in cash."
    assert located(body, ("Michael Jordan", "PERSON"), ("Jordan", "GPE"))["Jordan"].country is None


def test_people_and_bodies_stay_as_they_are():
    body = "London Breed met Paris Hilton of Chad Inc."
    entities = tuple(entity_of(body, name, "PERSON") for name in ("London Breed", "Paris Hilton"))
    assert ENRICH(article_of(body), {"entities": entities})["entities"] == entities


def test_flat_fields_are_unique_and_in_the_order_of_salience():
    body = "Kyiv and Lviv in Ukraine; Warsaw in Poland."
    names: tuple[Named, ...] = tuple((name, "GPE") for name in ("Kyiv", "Lviv", "Ukraine", "Warsaw", "Poland"))
    found = ENRICH(article_of(body), {"entities": tuple(entity_of(body, *each) for each in names)})
    assert found["places"] == ("Kyiv", "Lviv", "Ukraine", "Warsaw", "Poland")
    assert found["countries"] == ("UA", "PL")
    assert found["locations"][0] == GeoPoint(lat=50.45, lon=30.52)
    assert set(found) == set(ENRICHER.fields)


def test_the_focus_is_the_place_and_not_the_power_that_comments():
    body = "Rafah was shelled again. Rafah has no hospital left in the Gaza Strip. The United States is concerned."
    entities = (
        _salient(body, "Rafah", 0.8), _salient(body, "United States", 0.6), _salient(body, "Gaza Strip", 0.5),
    )  # fmt: skip
    focus = ENRICH(article_of(body), {"entities": entities})["focus"]
    assert focus == {"place": "Rafah", "country": "PS", "location": GeoPoint(lat=31.29, lon=34.25)}


def test_the_focus_is_the_country_when_its_towns_are_mentioned_in_passing():
    body = "Sudan held talks. Sudan wants peace, and an envoy came from Kassala."
    entities = (_salient(body, "Sudan", 0.9), _salient(body, "Kassala", 0.2))
    assert ENRICH(article_of(body), {"entities": entities})["focus"]["place"] == "Sudan"


def test_a_dateline_adds_to_the_focus():
    body = "GOMA, Congo (AP) — Rebels advanced as Kenya watched."
    entities = (_salient(body, "Kenya", 0.4), _salient(body, "GOMA", 0.38))
    assert ENRICH(article_of(body), {"entities": entities})["focus"]["place"] == "GOMA"


def test_without_entities_every_field_is_there_and_empty():
    assert ENRICH(article_of("Nothing here."), {}) == {
        "entities": (), "places": (), "locations": (), "countries": (), "focus": {},
    }  # fmt: skip


def _salient(body: str, name: str, salience: float) -> Entity:
    entity = entity_of(body, name, "GPE")
    return Entity(id=name, name=name, label="GPE", count=entity.count, salience=salience, mentions=entity.mentions)


@pytest.mark.parametrize(
    ("language", "body", "names"),
    [
        ("de", "Bei einem Brand in Mannheim starben zwei Menschen. Das Essen war gut.", ["Mannheim"]),
        ("fr", "Le ministre est arrivé à Marseille, puis à Madrid.", ["Marseille", "Madrid"]),
        ("es", "El fuego llegó a Valencia y Portugal envió ayuda.", ["Valencia", "Portugal"]),
        ("ar", "وصل الوزير إلى القاهرة.", []),
    ],
)
def test_other_languages_have_the_places_of_the_list(language: str, body: str, names: list[str]) -> None:
    found = ENRICH(article_of(body, language=language), {"entities": ()})
    assert sorted(found["places"]) == sorted(names)
    assert all(entity.country for entity in found["entities"])
    assert all(
        body[mention.start_char : mention.end_char] == mention.text
        for entity in found["entities"]
        for mention in entity.mentions
    )
