"""Where an article happens: its places with country and point, and the one place it is about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from transforms.elements import Article, Entity
from transforms.enrich.base import Enrich, Enricher, Found
from transforms.enrich.locating.gazetteer import Gazetteer, fold, load_gazetteer
from transforms.enrich.locating.place_evidence import PLACE_LABELS, Evidence, gather_evidence, in_dateline
from transforms.enrich.locating.place_resolver import resolve
from transforms.enrich.naming.foreign_places import listed_places
from transforms.enrich.reading.language import is_english

# The focus: a country's places count with their salience, its people less, the dateline a little (reporters often sit
# elsewhere); a city or region stands for its country when it is at least half as salient as the country's own name.
PEOPLE_WEIGHT, DATELINE_BONUS, SPECIFIC_ENOUGH = 0.3, 0.15, 0.5


def load() -> Enrich:
    """Return the enricher's function with this process's gazetteer behind it."""
    return place_enrich(load_gazetteer())


def place_enrich(gazetteer: Gazetteer) -> Enrich:
    """Return a function that resolves the places among the entities found before.

    In another language than English, where no entities were found, the places are those of the gazetteer.
    """

    def enrich(article: Article, found: Found) -> Found:
        named = _entities(found)
        if not named and not is_english(article):
            named = listed_places(article, gazetteer)
        entities = locate_entities(article, named, gazetteer)
        places = [entity for entity in entities if entity.label in PLACE_LABELS]
        return {
            "entities": entities,
            "places": tuple(dict.fromkeys(place.name for place in places)),
            "locations": tuple(dict.fromkeys(place.location for place in places if place.location)),
            "countries": tuple(dict.fromkeys(place.country for place in places if place.country)),
            "focus": find_focus(article, entities, gazetteer),
        }

    return enrich


def locate_entities(article: Article, entities: Sequence[Entity], gazetteer: Gazetteer) -> tuple[Entity, ...]:
    """Return the same entities with country, point and alternatives where known; peoples get a country alone."""
    evidence = gather_evidence(article, entities, gazetteer)
    return tuple(_located(entity, gazetteer, evidence) for entity in entities)


def find_focus(article: Article, entities: Iterable[Entity], gazetteer: Gazetteer) -> dict[str, object]:
    """Return `place`, `country` and `location` of what the article is about, {} if it names no known place."""
    countries: dict[str, float] = defaultdict(float)
    places: dict[str, list[tuple[float, Entity]]] = defaultdict(list)
    for entity in entities:
        if not entity.country:
            continue
        if entity.label not in PLACE_LABELS:
            countries[entity.country] += PEOPLE_WEIGHT * entity.salience
            continue
        weight = entity.salience + DATELINE_BONUS * in_dateline(article, entity)
        countries[entity.country] += weight
        places[entity.country].append((weight, entity))
    if not places:
        return {}
    country = max(places, key=lambda code: countries[code])  # first named wins a tie
    return _focus_in(country, places[country], gazetteer)


def _focus_in(country: str, places: list[tuple[float, Entity]], gazetteer: Gazetteer) -> dict[str, object]:
    whole = max((weight for weight, entity in places if _is_country(entity, gazetteer)), default=0.0)
    parts = [(weight, entity) for weight, entity in places if not _is_country(entity, gazetteer) and entity.location]
    weight, chosen = max(parts or places, key=lambda pair: pair[0])
    if weight < SPECIFIC_ENOUGH * whole:
        chosen = max(places, key=lambda pair: pair[0])[1]
    return {"place": chosen.name, "country": country, "location": chosen.location}


def _is_country(entity: Entity, gazetteer: Gazetteer) -> bool:
    country = gazetteer.country(entity.country or "")
    return country is not None and entity.location == country.point


def _located(entity: Entity, gazetteer: Gazetteer, evidence: Evidence) -> Entity:
    if entity.label == "NORP":
        return replace(entity, country=gazetteer.country_of_people(fold(entity.name)))
    if entity.label not in PLACE_LABELS:
        return entity
    resolved = resolve(entity, gazetteer, evidence)
    if resolved is None or (fold(entity.name) in evidence.surnames and not evidence.countries[resolved.country or ""]):
        return entity  # a Jordan or Chad that shares its name with a person of the article
    place = resolved.place if resolved.sure else None
    return replace(
        entity,
        country=resolved.country,
        location=place.point if place else None,
        geonames_id=place.geonames_id if place else None,
        alternatives=resolved.alternatives,
    )


def _entities(found: Found) -> tuple[Entity, ...]:
    entities = found.get("entities", ())
    return tuple(each for each in entities if isinstance(each, Entity)) if isinstance(entities, tuple) else ()


ENRICHER = Enricher(
    name="places",
    version="1.1",
    fields=("entities", "places", "locations", "countries", "focus"),
    load=load,
)
