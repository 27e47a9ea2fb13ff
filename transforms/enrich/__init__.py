"""The enrichers: one file and one line each, in the order they run in (later ones see what earlier ones found)."""

from collections.abc import Iterable
from importlib import import_module

from transforms.enrich.base import Enrich, Enricher
from transforms.errors import ConfigurationError

ENRICHERS: dict[str, str] = {
    "entities": "transforms.enrich.entities",
    "places": "transforms.enrich.places",
    "figures": "transforms.enrich.figures",
    "quotes": "transforms.enrich.quotes",
    "dates": "transforms.enrich.dates",
}


def enricher(name: str) -> Enricher:
    """Return a registered enricher without loading its data. Raises `ConfigurationError` for an unknown name."""
    if name not in ENRICHERS:
        raise ConfigurationError(f"unknown enricher {name!r}; there are: {', '.join(ENRICHERS)}")
    found: Enricher = import_module(ENRICHERS[name]).ENRICHER
    return found


def load_enrichers(enable: Iterable[str]) -> tuple[tuple[Enricher, Enrich], ...]:
    """Return the enabled enrichers, ready to work, in the registry's order. Slow (models): once per worker process."""
    wanted = [enricher(name) for name in enable]
    return tuple((each, each.load()) for each in sorted(wanted, key=lambda each: list(ENRICHERS).index(each.name)))
