"""Which place a name means: candidates of the gazetteer, weighed by size and by what the article says."""

import re
from collections.abc import Iterator
from math import cos, hypot, log2, log10, radians
from typing import NamedTuple

from transforms.elements import Entity, PlaceCandidate
from transforms.enrich.locating.gazetteer import Gazetteer, Place, fold
from transforms.enrich.locating.place_evidence import Evidence, Qualifier

MAX_ALTERNATIVES = 3
MARGIN = 0.3  # of score, about a factor of two in population: below it no point
NEAR_KM = 50.0  # candidates this near each other are one place for a map
# Points added to log10 of the population (a town 4, a megacity 7).
COUNTRY_BONUS, CAPITAL_BONUS, MAIN_NAME_BONUS, OWN_STATE_BONUS = 1.0, 2.0, 0.5, 1.0
EVIDENCE_STEP, EVIDENCE_MAX = 1.5, 3.0
QUALIFIER_BONUS = 4.0
SUBURB_KM = 60.0  # a part of a city lies within: "Richmond, south-west London"
REGION_SCORE = 6.5  # seas and straits have no people; a named one is meant unless evidence speaks for a homonym
_BEFORE = re.compile(
    r"(?:the|city of|town of|village of|state of|province of|republic of|port of|downtown|central|greater|northern|"
    r"southern|eastern|western|northeastern|northwestern|southeastern|southwestern|north|south|east|west|upper|"
    r"lower|rural|mainland|occupied) "
)
_BEHIND = re.compile(
    r" (?:city|town|village|province|region|district|governorate|county|state|oblast|municipality|area)$"
)
_KEEPS_POINT = re.compile(r"(?:the|city of|town of|village of|state of|province of|port of|downtown) ")


class Resolved(NamedTuple):
    """What a name means: `sure` of the point, or of the country alone; `place` is None where only that is known."""

    country: str | None
    place: Place | None
    sure: bool
    alternatives: tuple[PlaceCandidate, ...] = ()


def resolve(entity: Entity, gazetteer: Gazetteer, evidence: Evidence) -> Resolved | None:
    """Return the place that an entity means, None if the gazetteer has none of its name and nothing else tells."""
    qualifier = evidence.qualifiers.get(entity.id)
    facility = evidence.facilities.get(entity.id)
    for key, exact in ((facility, True), *_keys(entity, gazetteer)) if facility else _keys(entity, gazetteer):
        places = gazetteer.candidates(key)
        ranked = sorted(((_score(place, key, entity, places, evidence), place) for place in places), key=_rank)
        if not ranked:
            continue
        best = ranked[0][1]
        if qualifier and _is_elsewhere(best, qualifier):  # "Athens, Ohio", and no such Athens is known
            return Resolved(qualifier.place.country, None, False, _alternatives([place for _, place in ranked]))
        sure = (exact or best.kind not in ("country", "division")) and not _has_rival(ranked)
        return Resolved(best.country or None, best, sure, _alternatives([place for _, place in ranked[1:]]))
    abbreviated = gazetteer.abbreviated(entity.name)
    if abbreviated:  # the Mass. of "Cambridge, Mass."
        return Resolved(abbreviated.country, abbreviated, True)
    if qualifier and qualifier.sure:
        return Resolved(qualifier.place.country, None, False)
    return None


def _keys(entity: Entity, gazetteer: Gazetteer) -> Iterator[tuple[str, bool]]:
    """Yield folded names to look up, best first, and whether such a place is the named one and not around it."""
    names = dict.fromkeys(fold(name) for name in (entity.name, *(each.text for each in entity.mentions[:20])))
    for name in names:
        yield name, True
    for name in names:
        without = _BEFORE.sub("", name, count=1) if _BEFORE.match(name) else name
        without = _BEHIND.sub("", without)
        if without != name:
            yield without, bool(_KEEPS_POINT.match(name)) or bool(_BEHIND.search(name))
    if entity.label == "FAC":  # Kharkiv International Airport
        words = fold(entity.name).split()
        for size in range(len(words) - 1, 0, -1):
            key = " ".join(words[:size])
            if gazetteer.kinds(key) - {"country"}:
                yield key, False


def _score(place: Place, key: str, entity: Entity, homonyms: tuple[Place, ...], evidence: Evidence) -> float:
    score = REGION_SCORE if place.kind in ("region", "facility") else log10(place.population + 10)
    if place.kind == "country":
        score += COUNTRY_BONUS
    if place.capital:
        score += CAPITAL_BONUS
    if place.key == key:
        score += MAIN_NAME_BONUS
    if place.kind == "city" and any(
        other.kind == "division" and (other.country, other.division) == (place.country, place.division)
        for other in homonyms
    ):
        score += OWN_STATE_BONUS  # New York: the city, unless "State" is said
    score += _support(evidence.countries[place.country])
    if place.division:
        score += _support(evidence.divisions[place.country, place.division])
    qualifier = evidence.qualifiers.get(entity.id)
    if qualifier and qualifier.place.kind == "city" and place.kind != "city":
        return score
    if qualifier and place.kind not in ("country", "division") and _fits(place, qualifier.place):
        score += QUALIFIER_BONUS
    return score


def _support(votes: float) -> float:
    return min(EVIDENCE_MAX, EVIDENCE_STEP * log2(1 + votes))


def _fits(place: Place, area: Place) -> bool:
    """Tell whether a place lies in a country or division; a place whose division is not known may."""
    if place.country != area.country:
        return False
    if area.kind == "city":
        return _km(place, area) <= SUBURB_KM
    return area.kind == "country" or place.division in ("", area.division)


def _is_elsewhere(place: Place, qualifier: Qualifier) -> bool:
    """Tell whether a state behind the name rules the place out; a country may be the next item of a list."""
    if qualifier.place.kind != "division" or _fits(place, qualifier.place):
        return False
    return qualifier.sure if place.kind == "city" else place.kind == "country" and qualifier.encloses


def _rank(scored: tuple[float, Place]) -> tuple[float, str, str, float]:
    score, place = scored
    return (-score, place.country, place.division, place.lat)


def _has_rival(ranked: list[tuple[float, Place]]) -> bool:
    """Tell whether another candidate, too far away for the same point, scores nearly as well."""
    score, best = ranked[0]
    return any(score - other < MARGIN and _km(best, place) > NEAR_KM for other, place in ranked[1:])


def _alternatives(places: list[Place]) -> tuple[PlaceCandidate, ...]:
    return tuple(
        PlaceCandidate(name=place.name, country=place.country or None, location=place.point)
        for place in places[:MAX_ALTERNATIVES]
    )


def _km(one: Place, other: Place) -> float:
    """Return the distance on a flat map, good enough to tell near from far."""
    east = (one.lon - other.lon + 180) % 360 - 180
    return 111.2 * hypot(one.lat - other.lat, east * cos(radians(one.lat)))
