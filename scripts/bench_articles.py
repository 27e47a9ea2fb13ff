"""Synthetic news for benchmarks: articles of any number, the same for the same number, with figures, quotes and names.

Words are made of syllables and drawn by Zipf's law, as words of a language are; so are the people, places and
publishers. An article has 400 words, 8 figures and 4 quotes, each in a sentence of its own.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import EnrichedArticle, GeoPoint, Publisher

WORDS, PEOPLE, PLACES, PUBLISHERS = 20_000, 2_000, 500, 40  # how many there are to choose from
PLAIN_SENTENCES, SENTENCE_WORDS, FIGURES, QUOTES = 18, 16, 8, 4
EVENTS = ("killed", "injured", "displaced", "arrested", "evacuated")
COUNTRIES = ("PS", "US", "FR", "KE", "UA", "BR", "IN", "SD")
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

_STARTS = ("b", "br", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "w")
_ENDS = ("a", "al", "an", "e", "en", "er", "i", "in", "o", "on", "or", "u")
_INFLECTED = ("", "", "", "s", "ed", "ing")  # so that a stemmer has work to do


class _Drawn(NamedTuple):
    """Things with the running sums of their Zipf weights, the most frequent one first."""

    things: tuple[str, ...]
    sums: tuple[float, ...]

    def draw(self, chance: Random, count: int) -> list[str]:
        return chance.choices(self.things, cum_weights=self.sums, k=count)


def word(rank: int) -> str:
    """Return a word by how frequent it is, from 0."""
    return _lists()["words"].things[rank]


def person(rank: int) -> str:
    """Return the name of a person by how frequent it is, from 0."""
    return _lists()["people"].things[rank]


def place(rank: int) -> str:
    """Return the name of a place by how frequent it is, from 0."""
    return _lists()["places"].things[rank]


def make_news(number: int) -> EnrichedArticle:
    """Return the article of a number, with annotations."""
    chance, lists = Random(number), _lists()
    people = list(dict.fromkeys(lists["people"].draw(chance, QUOTES)))
    places = list(dict.fromkeys(lists["places"].draw(chance, FIGURES // 2)))
    plain = [_sentence(lists["words"].draw(chance, SENTENCE_WORDS), chance) for _ in range(PLAIN_SENTENCES)]
    figures = [_figure(chance, places) for _ in range(FIGURES)]
    quotes = [(_sentence(lists["words"].draw(chance, 12), chance), chance.choice(people)) for _ in range(QUOTES)]
    stated = [f"{text} {rest}" for text, _, rest, _ in figures]
    said = [f"“{text}” said {speaker}." for text, speaker in quotes]
    sentences = plain + stated + said
    chance.shuffle(sentences)
    fetched_at = FIRST + (LAST - FIRST) * chance.random()
    publisher = lists["publishers"].draw(chance, 1)[0]
    article = make_article(
        _sentence(lists["words"].draw(chance, 8), chance)[:-1],
        "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4)),
        url=f"https://{publisher.lower()}.example/{fetched_at:%Y/%m}/{number}",
        published=fetched_at - timedelta(minutes=20),
        fetched_at=fetched_at,
        language="en",
        summary=plain[0],
        publisher=Publisher(name=publisher),
        tags=(chance.choice(("world", "politics", "business", "science")),),
    )
    entities = [make_entity(article, name, "PERSON") for name in people if name in article.body]
    entities += [
        make_entity(article, name, "GPE", country=_country(name), location=_point(name))
        for name in places
        if name in article.body
    ]
    found = []
    for (text, value, _, facts), sentence in zip(figures, stated, strict=True):
        start = article.body.index(sentence)
        figure = make_figure(article, text, value, sentence=sentence, **facts)
        found.append(replace(figure, start_char=start, end_char=start + len(text)))
    heard = [make_quote(article, text, speaker, sentence=sentence, verb="said")
             for (text, speaker), sentence in zip(quotes, said, strict=True)]  # fmt: skip
    return make_enriched(article, entities=tuple(entities), figures=tuple(found), quotes=tuple(heard))


@cache
def _lists() -> dict[str, _Drawn]:
    chance = Random("newsbeam")
    stems: dict[str, None] = {}
    while len(stems) < WORDS + 2 * PEOPLE + PLACES + PUBLISHERS:
        syllables = chance.choice((1, 2, 2, 2, 3, 3))
        stems["".join(chance.choice(_STARTS) + chance.choice(_ENDS) for _ in range(syllables))] = None
    each = iter(stems)
    words = [next(each) + chance.choice(_INFLECTED) for _ in range(WORDS)]
    names = [f"{next(each).title()} {next(each).title()}" for _ in range(PEOPLE)]
    places, publishers = ([next(each).title() for _ in range(count)] for count in (PLACES, PUBLISHERS))
    every = {"words": words, "people": names, "places": places, "publishers": publishers}
    return {name: _Drawn(tuple(things), _zipf(len(things))) for name, things in every.items()}


def _zipf(count: int) -> tuple[float, ...]:
    # Mandelbrot's form: with the 2.7 the most frequent word is 3 % of a text, as in English, and not 10 %.
    return tuple(accumulate(1 / (rank + 2.7) for rank in range(count)))


def _sentence(words: list[str], chance: Random) -> str:
    middle = chance.randrange(3, len(words) - 1)
    return f"{' '.join(words[:middle]).capitalize()}, {' '.join(words[middle:])}."


def _figure(chance: Random, places: list[str]) -> tuple[str, float, str, dict[str, str]]:
    """Return a figure's text and value, how its sentence goes on, and what it is a figure of; small ones are common."""
    where, size = chance.choice(places), int(10 ** (4 * chance.random()))
    if chance.random() < 0.25:
        return f"${size} million", size * 1e6, f"was paid in {where}.", {"kind": "money", "unit": "USD"}
    event = chance.choice(EVENTS)
    return f"{size} people", size, f"were {event} in {where}.", {"event": event, "subject": "people", "place": where}


def _country(name: str) -> str:
    return Random(name).choice(COUNTRIES)


def _point(name: str) -> GeoPoint:
    chance = Random(name)
    return GeoPoint(lat=round(chance.uniform(-60, 70), 4), lon=round(chance.uniform(-180, 180), 4))
