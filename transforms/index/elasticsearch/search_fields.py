"""What is indexed beside a document and is no part of it: its keys, so that both stores find the same articles.

`search.<column>` holds the keys of `lookups.COLUMNS` for the `whitespace` analyzer, `search.terms` exact fields as
`field=value`. Elasticsearch's own language analyzers stem otherwise than any library, differ between versions, and take
off no accents; Kibana gets them as sub-fields (`languages.py`). `_source.excludes` keeps `search` out of what is
stored: whoever copies an index by other means than `newsbeam copy` has to write the articles anew.
"""

import re

from transforms.index.base import Document, Kind
from transforms.index.lookups import COLUMNS, column_keys, exact_terms

FIELD = "search"
_INDEX = re.compile(r"-([a-z]+)-v\d+-\d+$")


def searches_by_keys(kind: Kind) -> bool:
    """Say whether documents of a kind have keys."""
    return kind in COLUMNS


def search_fields(kind: Kind | None, document: Document) -> Document:
    """Return the field that goes with a document of a kind that is searched, nothing for other kinds."""
    if kind not in ("articles", "figures", "quotes"):
        return {}
    keys = {
        name: [" ".join(value) for value in column_keys(document, column)] for name, column in COLUMNS[kind].items()
    }
    # Articles have sub-fields for all exact fields but the unit, which stands in their nested figures.
    terms = [each for each in exact_terms(document, kind) if kind != "articles" or each[0] == "unit"]
    keys["terms"] = sorted(term_of(field, value) for field, value in terms)
    return {FIELD: {name: values for name, values in keys.items() if values}}


def kind_of(index: str) -> Kind | None:
    """Return the kind of an index of ours (`newsbeam-articles-v1-000002`) that has keys, None for others."""
    found = _INDEX.search(index)
    return next((kind for kind in COLUMNS if found and kind == found[1]), None)


def term_of(field: str, value: str) -> str:
    """Return a folded value of an exact field as `search.terms` has it."""
    return f"{field}={value}"
