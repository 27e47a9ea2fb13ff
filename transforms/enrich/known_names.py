"""Places and bodies that the name tagger knows by heart: name in lower case -> kind.

These lists are part of what the weights were trained on; the gazetteer, which grows, is not.
"""

from collections.abc import Iterable
from functools import cache
from importlib import resources

from transforms.enrich import name_lists


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
