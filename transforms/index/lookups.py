"""Where a query looks, and for what: the tables that the stores' compilers, their writers and the oracle share.

A document of a kind has columns of keys (`COLUMNS`), which a writer fills from the document and a search looks into.
"""

from typing import Literal, NamedTuple

from transforms.errors import ConfigurationError
from transforms.index.base import Document, SearchRequest
from transforms.index.queries import EXACT_FIELDS, Clause, FieldIs, FieldName, FigureIs, Query, Words
from transforms.index.stems import LANGUAGES, alternatives_of, keys_of, query_keys, stemmed_language, without_accents
from transforms.index.words import fold, words_of

# How much a match in a column weighs when sorting by relevance, if not 1: a headline says what an article is about.
WEIGHTS = {"title": 4.0, "subtitle": 2.0, "summary": 2.0}
EXACT_WEIGHT = 0.1  # of a word in the very form that was asked for, on top of its key; 0.5 beats a headline in FTS5
NEAR_WORDS = 10  # words of a query that stand within so many of each other say something together
MAX_NEAR = 5  # words of a query that are looked for together

RowKind = Literal["figures", "quotes"]
Searched = Literal["articles", "figures", "quotes"]


class Column(NamedTuple):
    """The fields of a document whose words are looked up together; `stemmed`: texts, not names."""

    paths: tuple[str, ...]
    stemmed: bool


COLUMNS: dict[Searched, dict[str, Column]] = {
    "articles": {
        "title": Column(("title",), True),
        "subtitle": Column(("subtitle",), True),
        "summary": Column(("summary",), True),
        "body": Column(("body",), True),
        "people": Column(("people",), False),
        "places": Column(("places",), False),
        "organizations": Column(("organizations",), False),
        "speakers": Column(("quote_speakers",), False),
        "authors": Column(("authors",), False),
        "publisher": Column(("publisher.name",), False),
        "figures": Column(("figures.subject", "figures.text"), True),
    },
    "figures": {
        "title": Column(("title",), True),
        "sentence": Column(("sentence",), True),
        "people": Column(("people",), False),
        "place": Column(("place",), False),
        "publisher": Column(("publisher.name",), False),
        "figures": Column(("subject", "text"), True),
    },
    "quotes": {
        "title": Column(("title",), True),
        "sentence": Column(("sentence",), True),
        "text": Column(("text",), True),
        "people": Column(("people",), False),
        "speaker": Column(("speaker",), False),
        "publisher": Column(("publisher.name",), False),
    },
}
# Columns in which words and phrases without a field are searched; each is a field of the document, of that name.
TEXTS: dict[Searched, tuple[str, ...]] = {
    "articles": ("title", "subtitle", "summary", "body"),
    "figures": ("title", "sentence"),
    "quotes": ("title", "sentence", "text"),
}
_NAMED: dict[Searched, dict[FieldName, str]] = {
    "articles": {
        "title": "title", "person": "people", "place": "places", "org": "organizations", "speaker": "speakers",
        "author": "authors", "publisher": "publisher", "figure": "figures",
    },
    "figures": {
        "title": "title", "person": "people", "place": "place", "publisher": "publisher", "figure": "figures",
    },
    "quotes": {"title": "title", "person": "people", "speaker": "speaker", "publisher": "publisher"},
}  # fmt: skip
# Fields that are equal as a whole, in any case.
EXACT: dict[Searched, dict[FieldName, tuple[str, ...]]] = {
    "articles": {**EXACT_FIELDS, "unit": ("figures.unit",)},
    "figures": {
        "tag": ("tags",), "lang": ("language",), "country": ("countries",), "kind": ("kind",), "event": ("event",),
        "unit": ("unit",),
    },
    "quotes": {"tag": ("tags",), "lang": ("language",), "country": ("countries",)},
}  # fmt: skip


class Lookup(NamedTuple):
    """What a clause about words looks for: any of `phrases` in any of `columns`.

    The phrases are of keys, or with `exact` of words as they stand in the texts.
    """

    columns: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    exact: bool = False


def lookup(clause: Clause, kind: Searched = "articles") -> Lookup | None:
    """Return what a clause looks for in documents of a kind, None when it is not about words."""
    match clause:
        case Words(words=words, exact=True):
            return Lookup(TEXTS[kind], (words,), exact=True)
        case Words(words=words):
            return Lookup(TEXTS[kind], query_keys(words))
        case FieldIs(field=field, value=value, exact=exact) if column := _NAMED[kind].get(field):
            words = words_of(value)
            if exact:
                return Lookup((column,), (words,), exact=True)
            plain = tuple(without_accents(word) for word in words)
            return Lookup((column,), query_keys(words) if COLUMNS[kind][column].stemmed else (plain,))
    return None


def near_keys(query: Query) -> list[list[str]]:
    """Return the keys of the query's words in each language, to be looked for near each other; none for one word."""
    words = [term.clause.words for term in query.terms if isinstance(term.clause, Words) and not term.negated]
    single = list(dict.fromkeys(each[0] for each in words if len(each) == 1))[:MAX_NEAR]
    return [keys_of(single, language) for language in ("", *LANGUAGES)] if len(single) > 1 else []


def column_keys(document: Document, column: Column) -> list[list[str]]:
    """Return the keys of a column of a document, a list for each value, and one for each alternative."""
    language = stemmed_language(document.get("language")) if column.stemmed else ""
    found = []
    for value in (value for path in column.paths for value in field_values(document, path)):
        words = words_of(value)
        if words:
            found += [keys_of(words, language), *([key] for key in alternatives_of(words, language))]
    return found


def exact_terms(document: Document, kind: Searched = "articles") -> set[tuple[str, str]]:
    """Return (field, value after `fold`) of the fields that are equal as a whole."""
    return {
        (field, fold(value))
        for field, paths in EXACT[kind].items()
        for path in paths
        for value in field_values(document, path)
    }


def field_values(document: Document, path: str) -> list[str]:
    """Return the texts that stand under a dotted field name, through objects and arrays."""
    found: list[object] = [document]
    for step in path.split("."):
        found = [value[step] for value in found if isinstance(value, dict) and step in value]
        found = [each for value in found for each in (value if isinstance(value, list) else (value,))]
    return [value for value in found if isinstance(value, str)]


def row_order(id: str) -> tuple[str, int, str]:
    """Return what fact rows of one instant are sorted by: their article, then their number.

    >>> sorted(["a1-f10", "a1-f2", "a0-f3"], key=row_order)
    ['a0-f3', 'a1-f2', 'a1-f10']
    """
    return id.rstrip("0123456789"), len(id), id


def check_row_query(kind: RowKind, request: SearchRequest) -> None:
    """Raise `ConfigurationError` for a request about something that fact rows of a kind do not have."""
    if request.by != "published" or request.sort != "newest":
        raise ConfigurationError(
            f"rows of {kind} are found by publication, the newest first: leave out --by and --sort"
        )
    known = [*_NAMED[kind], *EXACT[kind]]
    for term in request.query.terms:
        match term.clause:
            case FieldIs(field=field) if field not in known:
                raise ConfigurationError(
                    f"query: rows of {kind} have no {field!r}; they have {', '.join(sorted(known))}; "
                    "leave it out, or search articles"
                )
            case FigureIs(name=name) if kind == "quotes":
                raise ConfigurationError(
                    f"query: quotes have no number to compare {name!r} with; leave it out, or search --rows figures"
                )
