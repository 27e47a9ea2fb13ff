"""Places that the name tagger knows by heart: name in lower case -> kind."""

from functools import cache

from transforms.enrich import name_lists


@cache
def place_kinds() -> dict[str, str]:
    """Return name (lower case) -> `country`, `state` or `region`, for features and for telling GPE from LOC."""
    kinds = {name.lower(): "region" for name in name_lists.REGIONS}
    kinds.update((name.lower(), "state") for name in name_lists.US_STATES)
    kinds.update((name.lower(), "country") for name in name_lists.COUNTRIES)
    return kinds
