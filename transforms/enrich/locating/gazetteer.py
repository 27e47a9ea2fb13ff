"""The places of the world by name: countries, first-level divisions, cities, regions, with points and demonyms.

Written by hand in `scripts/places/` and packed by `scripts/build_gazetteer`, which can add a GeoNames dump.
"""

import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from transforms.elements import GeoPoint

PlaceKind = Literal["country", "division", "city", "region", "facility"]
_TAGS: dict[PlaceKind, str] = {"country": "N", "division": "V", "city": "C", "region": "R", "facility": "F"}
PACKED = "gazetteer.tsv.gz"
# Letters that Unicode does not decompose, and apostrophes, which names have or have not ("Nuku'alofa").
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_DROPPED = re.compile(r"[.'’‘ʻʼ`´]")
_NOT_A_WORD = re.compile(r"(?:[^\w]|_)+")


class Place(NamedTuple):
    """A place that the gazetteer knows: `country` ISO 3166-1 alpha-2 ("" for a sea), `division` a code within it."""

    kind: PlaceKind
    name: str
    country: str
    division: str
    lat: float
    lon: float
    population: int
    capital: bool
    geonames_id: int | None
    key: str  # the main name, folded

    @property
    def point(self) -> GeoPoint:
        """Return where it is; of an area, a point well inside."""
        return GeoPoint(lat=self.lat, lon=self.lon)


class Gazetteer:
    """Places by folded name (`fold`)."""

    def __init__(
        self,
        names: Mapping[str, tuple[Place, ...]],
        demonyms: Mapping[str, str],
        abbreviations: Mapping[str, Place],
        countries: Mapping[str, Place],
    ) -> None:
        self._names = names
        self._demonyms = demonyms
        self._abbreviations = abbreviations
        self._countries = countries

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> Iterator[str]:
        """Yield every folded name, aliases included, demonyms not."""
        return iter(self._names)

    def candidates(self, folded_name: str) -> tuple[Place, ...]:
        """Return all places of that name, () for none."""
        return self._names.get(folded_name, ())

    def kinds(self, folded_name: str) -> frozenset[PlaceKind]:
        """Return the kinds of the places of that name."""
        return frozenset(place.kind for place in self.candidates(folded_name))

    def country(self, code: str) -> Place | None:
        """Return the country of an ISO 3166-1 alpha-2 code."""
        return self._countries.get(code)

    def country_of_people(self, folded_demonym: str) -> str | None:
        """Return the country code of a demonym, singular or plural."""
        return self._demonyms.get(folded_demonym)

    def abbreviated(self, text: str) -> Place | None:
        """Return the division that is abbreviated so behind a city ("Ore.", "OR", "B.C."), written exactly so."""
        return self._abbreviations.get(text)


def fold(name: str) -> str:
    """Return a name without case, accents, dots and apostrophes, with single spaces.

    >>> fold("  Nuku’alofa "), fold("São Paulo"), fold("U.S."), fold("Guinea-Bissau")
    ('nukualofa', 'sao paulo', 'us', 'guinea bissau')
    """
    plain = _DROPPED.sub("", name).casefold()
    if not plain.isascii():  # letters come apart, which may leave capitals, signs and letters of the table
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold())
        plain = "".join(char for char in apart if not unicodedata.combining(char)).translate(_LETTERS)
        plain = _DROPPED.sub("", plain)
    return _NOT_A_WORD.sub(" ", plain).strip()


def pack_place(place: Place, keys: Sequence[str]) -> str:
    """Return a place and its folded names as one line of the packed file."""
    fields = (
        _TAGS[place.kind],
        place.name,
        place.country,
        place.division,
        f"{place.lat:g}",
        f"{place.lon:g}",
        str(place.population),
        "1" if place.capital else "",
        str(place.geonames_id or ""),
        ";".join(keys),
    )
    return "\t".join(fields)


@cache
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of the package, read once per process."""
    packed = files("transforms.enrich").joinpath("data", PACKED).read_bytes()
    return parse_gazetteer(gzip.decompress(packed).decode("utf-8").splitlines())


def parse_gazetteer(lines: Iterable[str]) -> Gazetteer:
    """Return the gazetteer of packed lines: places, then `D` demonym and `A` abbreviation lines."""
    names: dict[str, tuple[Place, ...]] = {}
    demonyms: dict[str, str] = {}
    abbreviations: dict[str, Place] = {}
    countries: dict[str, Place] = {}
    divisions: dict[tuple[str, str], Place] = {}
    kinds = {tag: kind for kind, tag in _TAGS.items()}
    for line in lines:
        tag, *cells = line.split("\t")
        if tag == "D":
            demonyms[cells[0]] = cells[1]
        elif tag == "A":
            abbreviations[cells[0]] = divisions[cells[1], cells[2]]
        else:
            name, country, division, lat, lon, population, capital, geonames_id, keys = cells
            place = Place(
                kinds[tag],
                name,
                country,
                division,
                float(lat),
                float(lon),
                int(population),
                bool(capital),
                int(geonames_id) if geonames_id else None,
                keys.partition(";")[0],
            )
            for key in keys.split(";"):
                names[key] = (*names.get(key, ()), place)
            if place.kind == "country":
                countries[country] = place
            elif place.kind == "division" and division:
                divisions[country, division] = place
    return Gazetteer(names, demonyms, abbreviations, countries)
