"""Languages beside English, one file of tables and one line each: their numbers, events, dates and cue verbs."""

from importlib import import_module

from transforms.enrich.languages.tables import Language

_FILES: dict[str, str] = {
    "de": "transforms.enrich.languages.de",
    "fr": "transforms.enrich.languages.fr",
    "es": "transforms.enrich.languages.es",
}
LANGUAGES = tuple(_FILES)


def language(code: str) -> Language:
    """Return the tables of a language. Raises `KeyError` for one that is not in `LANGUAGES`."""
    found: Language = import_module(_FILES[code]).LANGUAGE
    return found
