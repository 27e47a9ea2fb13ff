"""What articles can be counted by: fields, where they stand in a document, and the counts."""

from typing import Literal, NamedTuple

FacetField = Literal[
    "person", "place", "org", "speaker", "author", "publisher", "site", "feed", "tag", "lang", "country", "kind",
    "event", "day",
]  # fmt: skip
# `day` is the UTC day of `@timestamp`; all others are exact values, counted once per article.
FACETS: dict[FacetField, str] = {
    "person": "people", "place": "places", "org": "organizations", "speaker": "quote_speakers", "author": "authors",
    "publisher": "publisher.name", "site": "url.registered_domain", "feed": "feeds", "tag": "tags",
    "lang": "language", "country": "countries", "kind": "figure_kinds", "event": "figure_events", "day": "@timestamp",
}  # fmt: skip
MAX_FACET_CHARS = 1_024  # longer values are not counted: `ignore_above` of names in our mapping
MAX_FACET_SIZE = 1_000  # values of a field


class ValueCount(NamedTuple):
    """A value of a facet, as written, and how many of the articles have it."""

    value: str
    articles: int


Facets = dict[FacetField, tuple[ValueCount, ...]]
