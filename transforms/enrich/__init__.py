"""The enrichers: one file and one line each, in the order they run in (later ones see what earlier ones found)."""

from collections.abc import Iterable, Sequence
from importlib import import_module

from transforms.enrich.base import Enrich, Enricher
from transforms.enrich.naming.declared_entities import names_enricher
from transforms.enrich.naming.declared_names import DeclaredName
from transforms.errors import ConfigurationError

ENRICHERS: dict[str, str] = {
    "entities": "transforms.enrich.entities",
    "places": "transforms.enrich.places",
    "figures": "transforms.enrich.figures",
    "quotes": "transforms.enrich.quotes",
    "dates": "transforms.enrich.dates",
}


def enricher(name: str) -> Enricher:
    """Return a registered enricher without loading its data; `entities:spacy` is `entities` by that choice of engine.

    Raises `ConfigurationError` for an unknown name or choice.
    """
    name, _, choice = name.partition(":")
    if name not in ENRICHERS:
        raise ConfigurationError(f"unknown enricher {name!r}; there are: {', '.join(ENRICHERS)}")
    found: Enricher = import_module(ENRICHERS[name]).ENRICHER
    if not choice:
        return found
    if found.choose is None:
        raise ConfigurationError(f"the enricher {name!r} has no choice of engines; received {choice!r}")
    return found.choose(choice)


def load_enrichers(enable: Iterable[str], names: Sequence[DeclaredName] = ()) -> tuple[tuple[Enricher, Enrich], ...]:
    """Return the enabled enrichers, ready to work, in their order. Slow (models): once per worker process."""
    return tuple((each, each.load()) for each in wanted_enrichers(enable, names))


def wanted_enrichers(enable: Iterable[str], names: Sequence[DeclaredName] = ()) -> tuple[Enricher, ...]:
    """Return the enabled enrichers in the registry's order, not loaded.

    That of the `names` that a desk declares, if any, stands behind `entities`: the others find its names.
    """
    wanted = sorted((enricher(name) for name in enable), key=lambda each: list(ENRICHERS).index(each.name))
    if names:
        at = next((i + 1 for i, each in enumerate(wanted) if each.name == "entities"), 0)
        wanted.insert(at, names_enricher(names))
    return tuple(wanted)
