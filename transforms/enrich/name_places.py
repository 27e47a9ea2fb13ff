"""Places that the name tagger knows by heart: name in lower case -> kind.

These lists are part of what the weights were trained on; the gazetteer, which grows, is not.
"""

from functools import cache
from importlib import resources

from transforms.enrich import name_lists


@cache
def place_kinds() -> dict[str, str]:
    """Return name (lower case) -> `country`, `state`, `city` or `region`, for features and to tell GPE from LOC."""
    data = resources.files("transforms.enrich") / "data"
    kinds = {name.lower(): "region" for name in name_lists.REGIONS}
    for kind, file in (("city", "cities.txt"), ("state", "provinces.txt")):
        kinds.update((name.lower(), kind) for name in (data / file).read_text(encoding="utf-8").splitlines())
    kinds.update((name.lower(), "state") for name in name_lists.US_STATES)
    kinds.update((name.lower(), "country") for name in name_lists.COUNTRIES)
    return kinds
