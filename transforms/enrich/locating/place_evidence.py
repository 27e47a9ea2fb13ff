"""What an article says about the country it speaks of: countries, peoples, sure places, datelines, "City, State"."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log2
from typing import NamedTuple

from transforms.elements import Article, Entity, Mention, SpanField
from transforms.enrich.base import texts
from transforms.enrich.locating.gazetteer import Gazetteer, Place, fold

PLACE_LABELS = frozenset({"GPE", "LOC", "FAC"})
MAX_READ = 20  # mentions of one entity whose surroundings are read
# Votes for a country. A place that only one country has is nearly as good as the country's name, a people less so,
# and the publisher's own country is what a local paper does not say.
COUNTRY_VOTE, SURE_PLACE_VOTE, PEOPLE_VOTE, PUBLISHER_VOTE, QUALIFIER_VOTE = 1.0, 0.7, 0.5, 0.7, 1.0
POWER_VOTE = 0.5  # the United States are named in news about everywhere
_POWERS = frozenset({"US"})
_QUALIFIER = re.compile(
    r"(?:\s?,\s(?:(?:in|near)\s)?|\s(?:in|near)\s)(?:the\s)?(?:(?:(?:north|south|east|west|central|inner)[\w-]*)\s)?"
    r"((?:[^\W\d_][\w.’'-]*)(?:\s[^\W\d_][\w.’'-]*){0,3})"
)
_BEHIND_WORDS = re.compile(r"(?:\s[^\W\d_][\w’'-]*){1,3}")
_STOP = re.compile(r"\s?(?:[,.;:()—–]|$)", re.MULTILINE)
_GOES_ON = re.compile(r",?\s(?:[A-Z]|(?:and|or|as)\b)")  # with the next item of a list
_DATELINE = re.compile(r"\W{0,3}([A-Z][^\n—–]{1,60}?)\s?(?:\([^)\n]{2,40}\)\s?[—–-]|—|–|\s--?\s)")


class Qualifier(NamedTuple):
    """The country or division that stands behind a place's name: "Paris, Texas".

    It is `sure` when abbreviated or followed by a stop: "near Rafah, Israel should wait" names no Rafah in Israel.
    It `encloses` when its stop does not go on with a list: "Lebanon, Pennsylvania, voted" names a town, "Lebanon,
    Texas, and Ohio" a country.
    """

    place: Place
    sure: bool
    encloses: bool = False


class Evidence(NamedTuple):
    """Votes per country code, and per (country code, division code); an absent one has none."""

    countries: defaultdict[str, float]
    divisions: defaultdict[tuple[str, str], float]
    qualifiers: dict[str, Qualifier]  # by entity id
    facilities: dict[str, str]  # by entity id: the folded name with what stands behind it, "rafah crossing"
    surnames: frozenset[str]  # folded, of the persons of the article: a Jordan or Chad may be one of them


def gather_evidence(article: Article, entities: Sequence[Entity], gazetteer: Gazetteer) -> Evidence:
    """Return what the article's entities, their surroundings and its publisher say of countries and divisions."""
    surnames = frozenset(fold(entity.name).rpartition(" ")[2] for entity in entities if entity.label == "PERSON")
    evidence = Evidence(defaultdict(float), defaultdict(float), {}, {}, surnames)
    fields = dict(texts(article))
    for entity in entities:
        if entity.label == "NORP":
            if code := gazetteer.country_of_people(fold(entity.name)):
                evidence.countries[code] += PEOPLE_VOTE * _weight(entity)
        elif entity.label in PLACE_LABELS:
            _vote_by_name(entity, gazetteer, evidence)
            qualifier = next(_qualifiers(entity, fields, gazetteer), None)
            if qualifier:
                evidence.qualifiers[entity.id] = qualifier
                if qualifier.place.kind != "city":
                    _vote(evidence, qualifier.place.country, {qualifier.place.division}, QUALIFIER_VOTE)
            if facility := _facility(entity, fields, gazetteer):
                evidence.facilities[entity.id] = facility
    if article.publisher.country:
        evidence.countries[article.publisher.country.upper()] += PUBLISHER_VOTE
    return evidence


def in_dateline(article: Article, entity: Entity) -> bool:
    """Tell whether the body starts with a dateline ("RAFAH, Gaza Strip (AP) —") that names the entity."""
    dateline = _DATELINE.match(article.body)
    if not dateline:
        return False
    return any(each.field == "body" and each.end_char <= dateline.end() for each in entity.mentions)


def _vote_by_name(entity: Entity, gazetteer: Gazetteer, evidence: Evidence) -> None:
    name = fold(entity.name)
    places = gazetteer.candidates(name)
    countries = {place.country for place in places}
    if len(countries) != 1 or "" in countries or name in evidence.surnames:
        return  # nothing known, or homonyms, which ask for evidence rather than give it
    country = countries.pop()
    is_country = any(place.kind == "country" for place in places)
    vote = SURE_PLACE_VOTE if not is_country else POWER_VOTE if country in _POWERS else COUNTRY_VOTE
    _vote(evidence, country, {place.division for place in places}, vote * _weight(entity))


def _vote(evidence: Evidence, country: str, divisions: set[str], vote: float) -> None:
    evidence.countries[country] += vote
    if len(divisions) == 1 and "" not in divisions:
        evidence.divisions[country, divisions.pop()] += vote


def _weight(entity: Entity) -> float:
    return log2(1 + max(entity.count, 1))


def _qualifiers(entity: Entity, fields: Mapping[SpanField, str], gazetteer: Gazetteer) -> Iterator[Qualifier]:
    for mention in entity.mentions[:MAX_READ]:
        if found := _qualifier_behind(mention, fields, gazetteer):
            yield found


def _facility(entity: Entity, fields: Mapping[SpanField, str], gazetteer: Gazetteer) -> str | None:
    """Return the folded name that most mentions make with the words behind them: the Rafah >crossing<."""
    found: defaultdict[str, int] = defaultdict(int)
    for mention in entity.mentions[:MAX_READ]:
        behind = _BEHIND_WORDS.match(fields.get(mention.field, ""), mention.end_char, mention.end_char + 60)
        parts = behind.group().split() if behind else []
        for size in range(len(parts), 0, -1):
            key = fold(" ".join((mention.text, *parts[:size])))
            if gazetteer.kinds(key) & {"facility", "region"}:
                found[key] += 1
                break
    best = max(found, key=lambda key: found[key], default=None)
    return best if best and 2 * found[best] > min(len(entity.mentions), MAX_READ) else None


def _qualifier_behind(mention: Mention, fields: Mapping[SpanField, str], gazetteer: Gazetteer) -> Qualifier | None:
    behind = _QUALIFIER.match(fields.get(mention.field, ""), mention.end_char, mention.end_char + 80)
    if not behind:
        return None
    words = behind.group(1).split()
    for size in range(len(words), 0, -1):
        text = " ".join(words[:size])
        division = gazetteer.abbreviated(text) or gazetteer.abbreviated(text.rstrip("."))  # "Portland, ME."
        if division:
            return Qualifier(division, sure=True)
        if not text[0].isupper():
            continue
        areas = [place for place in gazetteer.candidates(fold(text)) if place.kind in ("country", "division")]
        if areas:
            stop = behind.group().lstrip()[0] == "," and _STOP.match(fields[mention.field], behind.start(1) + len(text))
            encloses = bool(stop) and _GOES_ON.match(fields[mention.field], behind.start(1) + len(text)) is None
            return Qualifier(max(areas, key=lambda place: place.kind == "division"), bool(stop), encloses)
        cities = [place for place in gazetteer.candidates(fold(text)) if place.kind == "city"]
        if cities and text != mention.text:  # Richmond, south-west London
            return Qualifier(max(cities, key=lambda place: place.population), sure=False)
    return None
