"""What a document store can do. Two backends for use (`sqlite`, `elasticsearch`), one for tests (`memory`).

Every write is a whole document with an external version: an older version never overwrites a newer one, the same
version again is harmless. That makes replays after a crash, a time-out or a late worker safe by construction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, get_args

from transforms.index.facets import FacetField, Facets
from transforms.index.queries import Query

Kind = Literal["articles", "figures", "quotes", "dead-letters", "runs", "requests", "revisions", "suppressed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Of the same schema version, but not in every store of it: the next write makes them, until then they are empty.
LATER_KINDS: tuple[Kind, ...] = ("requests", "revisions", "suppressed")
SCHEMA_VERSION = 1  # of every kind; raised by a change that readers or writers would notice

Sharing = Literal["process", "host", "network"]  # how far a backend's data reaches
Access = Literal["write", "read"]  # what a key is for
StepAction = Literal[
    "create", "alias", "template", "change", "fill", "copy", "catch up", "block", "swap", "finish", "keep"
]
Document = dict[str, Any]  # JSON object with the field names of CONTRACT.md


@dataclass(frozen=True, kw_only=True)
class Write:
    """One document to write (or, with `source=None`, to delete) under an external version."""

    kind: Kind
    id: str
    version: int
    source: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class WriteResult:
    """What became of one `Write`. `stale`: a newer version stands; `rejected`: this document cannot be stored.

    `reason` is one of `errors.REASONS` for a rejected write, `message` the store's own words, cut to 500 characters.
    """

    kind: Kind
    id: str
    status: Literal["written", "stale", "rejected"]
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A stored document with its external version."""

    id: str
    version: int
    source: Document = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A search result. `snippets` have marks around what matched (`snippets.py`); `score` is the store's own."""

    id: str
    score: float
    source: Document = field(repr=False)
    snippets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """A search: `since` is inclusive and `until` exclusive, both on the instant that `by` names (aware UTC).

    `published` is the document's `@timestamp`, `ingested` its `event.ingested`. `newest` sorts by that instant,
    latest first, then by id; `relevance` by score, then as `newest`. `recent_to` is the instant from which an article's
    age counts a little in its score (`recency.py`); without it age does not count.
    """

    query: Query
    since: datetime | None = None
    until: datetime | None = None
    by: Literal["published", "ingested"] = "published"
    sort: Literal["newest", "relevance"] = "newest"
    limit: int = 10
    recent_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """`total` counts all matches, `hits` the first `limit` of them."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A way in which a live store is not what this version expects: an index (or table), a field, two values."""

    index: str
    field: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a migration: of which index (or table, file), what is done, and with how many documents."""

    index: str
    action: StepAction
    detail: str = ""
    documents: int = 0


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """A key for a server. `encoded` is what `ES_API_KEY` takes; it cannot be read again."""

    id: str
    name: str
    encoded: str = field(repr=False)


class Named(NamedTuple):
    """The documents of a kind whose field (`id`, or one of `DocumentStore.find`) has one of the values."""

    kind: Kind
    field: str
    values: tuple[str, ...]


class DocumentStore(Protocol):
    """Documents by kind and id, searchable. One object per process; open it there (it is not picklable)."""

    sharing: Sharing

    def create(self) -> tuple[str, ...]:
        """Make what is missing (tables, indices, templates, aliases) and return what was made. Idempotent.

        Raises `SchemaVersionError` for a store of another schema version, `StoreError` when it cannot be reached.
        """
        ...

    def check(self) -> tuple[Difference, ...]:
        """Compare the live store with what this version expects, field by field."""
        ...

    def migrate(self, *, dry_run: bool = False, tell: Callable[[Step], None] = lambda _: None) -> tuple[Step, ...]:
        """Bring what `check` finds to this version, and return the steps; each is told when it begins.

        What can be is changed in place, the rest is copied, under the versions that its documents have, and the old one
        kept. Interrupted at any point it goes on where it was when it is called again. A dry run changes nothing.
        Raises `SchemaVersionError` for a store of a newer schema, `StoreError` when a document cannot be copied.
        """
        ...

    def old_generations(self) -> tuple[str, ...]:
        """Return the indices (or files) that migrations have left behind."""
        ...

    def forget_in_old_generations(self, named: Sequence[Named]) -> tuple[str, ...]:
        """Delete in them what is named, and return those that may still hold some of it, in words for people."""
        ...

    def drop_old_generations(self) -> tuple[str, ...]:
        """Delete them for good and return their names."""
        ...

    def create_key(self, name: str, *, access: Access) -> AccessKey:
        """Make a key that may do what a run needs (`write`), or only search and read (`read`), in this project.

        Raises `ConfigurationError` where there are no keys: in a file, and on a server without security.
        """
        ...

    def bulk(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write, and return one result per write in order. Raises `StoreError` when the store as a whole fails."""
        ...

    def get(self, kind: Kind, id: str) -> Stored | None:
        """Return a document as last written, visible at once after `bulk`."""
        ...

    def prune(self, kind: Kind, *, before: datetime) -> None:
        """Forget the documents of a kind whose `@timestamp` is before an instant, for good and without a trace."""
        ...

    def find_ids(self, text: str, *, limit: int = 10) -> tuple[str, ...]:
        """Return the ids, in order, of articles whose id starts with `text` (with or without the prefix `a1`).

        Or whose URL is `text`: `url.full`, `url.original` or `url.requested`.
        """
        ...

    def search(self, request: SearchRequest) -> SearchResult:
        """Search articles."""
        ...

    def search_rows(self, kind: Literal["figures", "quotes"], request: SearchRequest) -> SearchResult:
        """Search fact rows by what stands in themselves, newest publication first, then by id; without snippets.

        Raises `ConfigurationError` for a query with a field that such rows do not have.
        """
        ...

    def facets(self, request: SearchRequest, fields: Sequence[FacetField], *, size: int = 10) -> Facets:
        """Count all articles that match by the values of fields: at most `size` each, most first, then by code point.

        Days come latest first. The request's order and limit do not count.
        """
        ...

    def scan(self, kind: Kind, request: SearchRequest | None = None, *, after: str | None = None) -> Iterator[Stored]:
        """Yield every document of a kind (of the articles that match), without a cap, ordered by id.

        With a request, `after` goes on behind an article: only it and its rows, and those before it, are left out.

        For `figures` and `quotes` a request selects the rows of the matching articles.
        """
        ...

    def versions(self, ids: Sequence[str], *, kind: Kind = "articles") -> dict[str, int]:
        """Return the stored version of each given document that exists, as of now (not of a search refresh)."""
        ...

    def count(self, kind: Kind, *, before: datetime | None = None) -> int:
        """Return how many documents of a kind there are, or how many have a `@timestamp` before an instant."""
        ...

    def expired(self, kind: Kind, *, before: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of the oldest documents of a kind whose `@timestamp` is before an instant."""
        ...

    def find(self, kind: Kind, field: str, values: Sequence[str]) -> Iterator[Stored]:
        """Yield the documents of a kind whose exact field (dotted) has one of the values, what was just written too."""
        ...

    def discard(self, kind: Kind, ids: Sequence[str]) -> int:
        """Delete documents whatever their version, for good and without a trace; return how many there were."""
        ...

    def erase(self) -> tuple[str, ...]:
        """Take what was deleted out of the files, too; return what could not be done, in words for people."""
        ...

    def articles_of_run(self, run_id: str) -> Iterator[tuple[str, int, str]]:
        """Yield (id, version, `url.requested`) of the articles last written by a run (`pipeline.run_id`), by id."""
        ...

    def refresh(self) -> None:
        """Make what was written visible to `search` (a no-op where it is at once)."""
        ...

    def close(self) -> None:
        """Release connections. Idempotent."""
        ...
