"""What is indexed beside a document and is no part of it: its keys, so that both stores find the same articles.

`search.<column>` holds the keys of `lookups.COLUMNS` for the `whitespace` analyzer, `search.terms` exact fields as
`field=value`. Elasticsearch's own language analyzers stem otherwise than any library, differ between versions, and take
off no accents; Kibana gets them as `search.<language>.<field>` (`languages.py`). `_source.excludes` keeps `search` out
of what is stored: whoever copies an index by other means than `newsbeam copy` has to write the articles anew.
"""

import re
from collections.abc import Collection
from typing import Literal, TypeGuard, get_args

from transforms.index.base import Document, Kind
from transforms.index.elasticsearch.languages import language_texts
from transforms.index.lookups import COLUMNS, Searched, column_keys, exact_terms

Part = Literal["keys", "languages"]

FIELD = "search"
PARTS: tuple[Part, ...] = get_args(Part)
MARKS: dict[Searched, dict[Part, str]] = {  # a field of each part: an index that has it, takes the part
    "articles": {"keys": "terms", "languages": "en.body"},
    "figures": {"keys": "terms", "languages": "en.sentence"},
    "quotes": {"keys": "terms", "languages": "en.sentence"},
}
_INDEX = re.compile(r"-([a-z]+)-v\d+-\d+$")


def is_searched(kind: str | None) -> TypeGuard[Searched]:
    """Say whether documents of a kind are searched by words, so that they have these fields."""
    return kind in COLUMNS


def search_fields(kind: Kind | None, document: Document, parts: Collection[Part] = PARTS) -> Document:
    """Return the field that goes with a document of a kind that is searched, nothing for other kinds.

    `parts` are those that its index takes: one of an older newsbeam has not all of them until `index migrate`.
    """
    if not is_searched(kind):
        return {}
    found: Document = language_texts(kind, document) if "languages" in parts else {}
    if "keys" in parts:
        columns = COLUMNS[kind].items()
        keys = {name: [" ".join(value) for value in column_keys(document, column)] for name, column in columns}
        # Articles have sub-fields for all exact fields but the unit, which stands in their nested figures.
        terms = [each for each in exact_terms(document, kind) if kind != "articles" or each[0] == "unit"]
        keys["terms"] = sorted(term_of(field, value) for field, value in terms)
        found |= {name: values for name, values in keys.items() if values}
    return {FIELD: found} if parts else {}


def kind_of(index: str) -> Kind | None:
    """Return the kind of an index of ours (`newsbeam-articles-v1-000002`) that has keys, None for others."""
    found = _INDEX.search(index)
    return next((kind for kind in COLUMNS if found and kind == found[1]), None)


def term_of(field: str, value: str) -> str:
    """Return a folded value of an exact field as `search.terms` has it."""
    return f"{field}={value}"
