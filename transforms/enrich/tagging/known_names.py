"""Places and bodies known by name: what labels ask, and what the name tagger is trained with.

The tagger keeps the names of its training (`data/listed_names.txt.gz`): lists and gazetteer may grow without new
weights.
"""

from collections.abc import Iterable
from functools import cache
from importlib import resources

from transforms.enrich.locating.gazetteer import Place, load_gazetteer
from transforms.enrich.reading import name_lists
from transforms.enrich.tagging.crf_features import fold

CITY_POPULATION = 300_000  # from here on a town is a `city` to the tagger: a name that needs less evidence


@cache
def known_names() -> dict[str, str]:
    """Return name (lower case) -> `country`, `state`, `city`, `region` or `body`, for features and for labels."""
    data = resources.files("transforms.enrich") / "data"

    def lines(file: str) -> list[str]:
        return (data / file).read_text(encoding="utf-8").splitlines()

    lists: tuple[tuple[str, Iterable[str]], ...] = (  # of a name on two lists the later kind holds
        ("body", lines("organizations.txt")),
        ("region", name_lists.REGIONS),
        ("city", lines("cities.txt")),
        ("state", lines("provinces.txt")),
        ("state", name_lists.US_STATES),
        ("country", name_lists.COUNTRIES),
    )
    return {name.lower(): kind for kind, names in lists for name in names}


def names_to_train() -> dict[str, str]:
    """Return folded name -> kind for the tagger's features: `known_names`, all bodies, all of the gazetteer.

    A body that is also a place has both kinds in one (`city+body`), so that the context decides.
    """
    gazetteer = load_gazetteer()
    found = {name: _place_kind(gazetteer.candidates(name)) for name in gazetteer.names() if len(name) > 2}
    bodies = (resources.files("transforms.enrich") / "data" / "bodies.txt").read_text(encoding="utf-8")
    for name in map(fold, bodies.splitlines()):
        found[name] = f"{found[name]}+body" if name in found else "body"
    return found | {fold(name): kind for name, kind in known_names().items()}


def _place_kind(places: Iterable[Place]) -> str:
    kinds = {place.kind for place in places}
    for kind, name in (("country", "country"), ("division", "state"), ("region", "region"), ("facility", "fac")):
        if kind in kinds:
            return name
    return "city" if max(place.population for place in places) > CITY_POPULATION else "town"
