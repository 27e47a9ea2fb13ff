"""Places of an article in a language without a name tagger: names of the gazetteer where the words around agree."""

import re
from collections import defaultdict

from transforms.elements import Article, Entity, Mention
from transforms.enrich.base import texts
from transforms.enrich.locating.gazetteer import Gazetteer, Place, fold
from transforms.enrich.naming.listed_places import listed_names
from transforms.enrich.reading.words import words

MIN_POPULATION = 50_000  # of a town behind a preposition
CONFIDENCE = 0.6  # a name by list alone: own judgement, not calibrated
MAX_ENTITIES = 100
# "in", "from", "to" and the like in German, French, Spanish, Italian, Portuguese, Dutch.
_PREPOSITIONS = words(
    """in aus nach bei von um gegen für à au aux en dans de du d' vers près pour a desde hasta hacia para por di da dal
    nel nella em na no te uit naar bij van op"""
)
_BEFORE = re.compile(r"(?<!\w)([^\W\d_]+'?)\s?(?:(?:der|die|das|dem|den|la|le|les|el|los|las|il|lo)\s)?\Z")


def listed_places(article: Article, gazetteer: Gazetteer) -> tuple[Entity, ...]:
    """Return the countries, capitals and, behind a preposition, the towns that the article names, in text order.

    Names in the spelling that English uses or the gazetteer has as an alias; salience as of other entities without
    their weight of the title: n / (n + 3) for n mentions.
    """
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    for field, text in texts(article):
        for start, end, places in listed_names(text):
            if _is_meant(text, start, end, places):
                mention = Mention(
                    field=field, text=text[start:end], start_char=start, end_char=end, confidence=CONFIDENCE
                )
                mentions[fold(text[start:end])].append(mention)
    entities = [
        Entity(
            id=f"gpe:{key.replace(' ', '-')}",
            name=found[0].text,
            label="LOC" if all(place.kind == "region" for place in gazetteer.candidates(key)) else "GPE",
            count=len(found),
            in_title=any(mention.field == "title" for mention in found),
            salience=round(len(found) / (len(found) + 3), 3),
            confidence=CONFIDENCE,
            mentions=tuple(found),
        )
        for key, found in mentions.items()
    ]
    return tuple(sorted(entities, key=lambda entity: -entity.salience)[:MAX_ENTITIES])


def _is_meant(text: str, start: int, end: int, places: tuple[Place, ...]) -> bool:
    if any(place.kind == "country" or place.capital for place in places) and end - start > 3:
        return True
    before = _BEFORE.search(text[max(0, start - 20) : start])
    if before is None or before[1].lower() not in _PREPOSITIONS:
        return False
    return any(place.kind != "city" or place.population >= MIN_POPULATION for place in places)
