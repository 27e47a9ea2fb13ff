"""The document store for real use: Elasticsearch 8.19 or newer, shared over the network.

One alias for each kind (`newsbeam-articles`, ...), made by the first write. Documents by id are exact at once
(realtime reads); searches and scans see them after a refresh, every five seconds or when `refresh` is called.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from transforms.elastic.address import find_address
from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError, cut, read_error
from transforms.elastic.pages import pages
from transforms.errors import StoreError, WrongStoreError
from transforms.index.base import (
    KINDS,
    LATER_KINDS,
    Access,
    AccessKey,
    Difference,
    Hit,
    Kind,
    Named,
    SearchRequest,
    SearchResult,
    Sharing,
    Step,
    Stored,
    Write,
    WriteResult,
)
from transforms.index.documents import MAX_FACTS
from transforms.index.elasticsearch import keeping, old_generations
from transforms.index.elasticsearch.bulk import Writer
from transforms.index.elasticsearch.indices import Indices
from transforms.index.elasticsearch.keys import create_key
from transforms.index.elasticsearch.mapping import Names
from transforms.index.elasticsearch.migrate import Migration
from transforms.index.elasticsearch.query import Dsl, compile_request, facet_aggregations, ids_like, sort_order
from transforms.index.facets import FacetField, Facets, ValueCount
from transforms.index.lookups import RowKind, check_row_query, row_order
from transforms.index.snippets import snippets

RETRY_WITHIN_S = 60.0  # a node that restarts is back after 11 to 17 s
BLOCKED_WITHIN_S = 240.0  # below `run.watchdog` (300 s): the run then ends with the reason and not as one that hangs
_IDS_PER_REQUEST = 1_000
_MAX_PRUNED = 50_000  # some seconds of work
_BY_ID: list[Dsl] = [{"id": {"order": "asc"}}]

Page = TypeVar("Page")


class ElasticsearchStore:
    """Documents in Elasticsearch. Safe to share between threads; each process opens its own."""

    sharing: Sharing = "network"

    def __init__(
        self,
        url: str | None,
        *,
        project: str,
        environ: Mapping[str, str] = os.environ,
        retry_within_s: float = RETRY_WITHIN_S,
        blocked_within_s: float = BLOCKED_WITHIN_S,
    ) -> None:
        """Connect lazily to `url`, or to the address in `environ`, where credentials are taken from in any case.

        A request that may still succeed is sent again for up to `retry_within_s` seconds, and a block on writing (a
        full disk is one) waited for during `blocked_within_s`. Raises `ConfigurationError` for settings that cannot be
        used.
        """
        self._names = Names(project=project)
        self._connection = Connection(find_address(url, environ), retry_within_s=retry_within_s)
        self._indices = Indices(self._connection, self._names)
        self._writer = Writer(self._connection, self._names.alias, blocked_within_s=blocked_within_s)
        self._ready = False  # all indices exist and have our schema version
        self._readable = False  # those there are have our schema version
        self._complete: set[Kind] = set()  # their indices take every field of ours

    def create(self) -> tuple[str, ...]:
        """Make the indices and templates that are missing, and return their names."""
        made = self._indices.create()
        self._ready = True
        return made

    def check(self) -> tuple[Difference, ...]:
        """Compare aliases, settings, mappings and templates; settings of `mapping.TUNABLE` may differ."""
        return self._indices.check()

    def migrate(self, *, dry_run: bool = False, tell: Callable[[Step], None] = lambda _: None) -> tuple[Step, ...]:
        """Change in place what can be, copy the rest into new indices while writers go on (`migrate.py`)."""
        migration = Migration(self._indices, dry_run=dry_run, tell=tell)
        migration.run()
        return tuple(migration.steps)

    def old_generations(self) -> tuple[str, ...]:
        """Return the indices that were copied into newer ones and are kept."""
        return self._indices.left_behind()

    def forget_in_old_generations(self, named: Sequence[Named]) -> tuple[str, ...]:
        """Delete in them what is named."""
        return old_generations.forget(self._indices, named)

    def drop_old_generations(self) -> tuple[str, ...]:
        """Delete them."""
        return self._indices.drop(self.old_generations())

    def create_key(self, name: str, *, access: Access) -> AccessKey:
        """Make an API key for this project's indices."""
        return create_key(self._connection, self._names, name, access)

    def bulk(self, writes: Sequence[Write]) -> tuple[WriteResult, ...]:
        """Write, making the indices first where they are missing."""
        if not writes:
            return ()
        if not self._ready:
            self.create()
        for kind in {write.kind for write in writes} - self._complete:
            self._indices.complete(kind)
            self._complete.add(kind)
        return self._writer.write(writes)

    def get(self, kind: Kind, id: str) -> Stored | None:
        """Return a document as last written."""
        index = self._index(kind)
        try:
            found = self._connection.ask(lambda client: client.get(index=index, id=id))
        except RefusalError as refused:
            if refused.status == 404 and (kind in LATER_KINDS or not refused.index_is_missing):
                return None
            raise
        return _stored(kind, found)

    def prune(self, kind: Kind, *, before: datetime) -> None:
        """Delete what is older, at most `_MAX_PRUNED` documents at a time: the next run deletes the rest.

        Found by search and deleted by id: `_delete_by_query` belongs to a module that a node may lack.
        """
        index, query = self._index(kind), {"range": {"@timestamp": {"lt": before.isoformat()}}}
        oldest_first: list[Dsl] = [{"@timestamp": {"order": "asc"}}]
        for answer in self._pages(kind, index, query, oldest_first, limit=_MAX_PRUNED, source=False):
            if deletes := [{"delete": {"_index": index, "_id": hit["_id"]}} for hit in answer["hits"]]:
                self._connection.ask(partial(_delete, deletes, "took"))

    def find_ids(self, text: str, *, limit: int = 10) -> tuple[str, ...]:
        """Return ids of articles that start with `text` (prefix `a1` optional) or that have it as a URL."""
        return tuple(hit["_id"] for hit in self._hits("articles", ids_like(text), limit=limit, source=False))

    def search(self, request: SearchRequest) -> SearchResult:
        """Search articles; scores are Elasticsearch's own, 0 for queries without words."""
        answers = pages(
            self._connection,
            self._index("articles"),
            compile_request(request),
            sort_order(request),
            limit=max(request.limit, 0),
        )
        total, hits = 0, []
        for answer in answers:
            total = answer.get("total", {}).get("value", total)
            for hit in answer["hits"]:
                found, score = hit["_source"], float(hit["_score"] or 0.0)
                hits.append(Hit(id=hit["_id"], score=score, source=found, snippets=snippets(found, request.query)))
        return SearchResult(total=total, hits=tuple(hits))

    def search_rows(self, kind: RowKind, request: SearchRequest) -> SearchResult:
        """Search fact rows."""
        check_row_query(kind, request)
        total, found = 0, []
        # Elasticsearch sorts ids as texts, f1 f10 f2, but gives all rows of an article together.
        selected, limit = compile_request(request, kind), max(request.limit, 0) and request.limit + MAX_FACTS
        for answer in self._pages(kind, self._index(kind), selected, sort_order(request), limit=limit):
            total = answer.get("total", {}).get("value", total)
            found += [(hit["sort"][0], _stored(kind, hit)) for hit in answer["hits"]]
        found.sort(key=lambda row: (-row[0], row_order(row[1].id)))
        rows = (row for _, row in found[: max(request.limit, 0)])
        return SearchResult(total=total, hits=tuple(Hit(id=row.id, score=1.0, source=row.source) for row in rows))

    def facets(self, request: SearchRequest, fields: Sequence[FacetField], *, size: int = 10) -> Facets:
        """Count matching articles by the values of fields."""
        index = self._index("articles")
        query, aggregations = compile_request(request), facet_aggregations(tuple(fields), size)
        answer = self._connection.ask(
            lambda client: client.search(index=index, query=query, size=0, aggregations=aggregations)
        )
        return {
            field: tuple(
                ValueCount(bucket.get("key_as_string", bucket["key"]), bucket["doc_count"])
                for bucket in answer["aggregations"][field]["buckets"][:size]
            )
            for field in fields
        }

    def scan(self, kind: Kind, request: SearchRequest | None = None, *, after: str | None = None) -> Iterator[Stored]:
        """Yield every document of a kind as of the first one, ordered by id, while others write."""
        selected: Dsl = compile_request(request) if request else {"match_all": {}}
        if after is not None:
            selected = {"bool": {"filter": [selected, {"range": {"id": {"gt": after}}}]}}
        if request is None or kind == "articles":
            yield from (_stored(kind, hit) for hit in self._hits(kind, selected))
            return
        # Rows carry their article's id at the front of their own, so that the order by id is kept from batch to batch.
        articles = (hit["_id"] for hit in self._hits("articles", selected, source=False))
        while batch := list(islice(articles, _IDS_PER_REQUEST)):
            yield from (_stored(kind, hit) for hit in self._hits(kind, {"terms": {"article.id": batch}}))

    def versions(self, ids: Sequence[str], *, kind: Kind = "articles") -> dict[str, int]:
        """Return the versions of those documents that exist."""
        found: dict[str, int] = {}
        index = self._index(kind)

        def mget(client: Any, ids: list[str]) -> Any:
            return client.mget(index=index, ids=ids, source=False)

        for at in range(0, len(ids), _IDS_PER_REQUEST):
            ask = partial(mget, ids=list(ids[at : at + _IDS_PER_REQUEST]))
            answer = self._connection.ask(ask)["docs"]
            if failed := next((each["error"] for each in answer if "error" in each), None):
                if kind in LATER_KINDS and failed["type"] == "index_not_found_exception":
                    return {}
                raise StoreError(f"Elasticsearch at {self._connection.where}: {cut(read_error(failed)[1])}")
            found |= {each["_id"]: each["_version"] for each in answer if each["found"]}
        return found

    def count(self, kind: Kind, *, before: datetime | None = None) -> int:
        """Count documents, what was just written included."""
        self._refresh(kind)
        index, query = self._index(kind), keeping.older(before)
        answer = self._connection.ask(
            lambda client: client.count(index=index, query=query, ignore_unavailable=kind in LATER_KINDS)
        )
        return int(answer["count"])

    def expired(self, kind: Kind, *, before: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of the oldest."""
        self._refresh(kind)
        search = (self._index(kind), keeping.older(before), keeping.OLDEST_FIRST)
        return tuple(
            hit["_id"] for answer in self._pages(kind, *search, limit=limit, source=False) for hit in answer["hits"]
        )

    def find(self, kind: Kind, field: str, values: Sequence[str]) -> Iterator[Stored]:
        """Yield the documents whose field has one of the values."""
        self._refresh(kind)
        for at in range(0, len(values), _IDS_PER_REQUEST):
            query = keeping.having(field, values[at : at + _IDS_PER_REQUEST])
            yield from (_stored(kind, hit) for hit in self._hits(kind, query))

    def discard(self, kind: Kind, ids: Sequence[str]) -> int:
        """Delete without a trace, as soon as nobody can write an older version any more (`index.gc_deletes`)."""
        gone = 0
        for at in range(0, len(ids), _IDS_PER_REQUEST):
            operations = keeping.deletes(self._index(kind), ids[at : at + _IDS_PER_REQUEST])
            answer = self._connection.ask(partial(_delete, operations, "items.*.result"))
            gone += keeping.deleted(answer, len(operations))
        return gone

    def erase(self) -> tuple[str, ...]:
        """Leave it to Elasticsearch, which drops what is deleted when it merges; nobody can read it until then."""
        return ()

    def articles_of_run(self, run_id: str) -> Iterator[tuple[str, int, str]]:
        """Yield (id, version, requested URL) of the articles last written by a run, what it just wrote included."""
        self._refresh("articles")
        query = {"term": {"pipeline.run_id": run_id}}
        for hit in self._hits("articles", query, source=["url.requested"]):
            yield hit["_id"], hit["_version"], hit["_source"]["url"]["requested"]

    def refresh(self) -> None:
        """Make what was written visible to searches and scans."""
        self._refresh(*KINDS)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    # --- indices

    def _index(self, kind: Kind) -> str:
        """Return the alias to read from, once it is known to be of our schema version."""
        if not self._look() and kind not in LATER_KINDS:
            raise WrongStoreError(
                f"there is no store {self._names.prefix}-* at {self._connection.where} yet; `newsbeam ingest` or "
                "`newsbeam index create` makes it, --config or --store names another"
            )
        return self._names.alias(kind)

    def _look(self) -> bool:
        """Say whether any index of ours exists. Raises `SchemaVersionError` for one of another version."""
        if self._ready or self._readable:
            return True
        existing = self._indices.existing()
        self._ready = len(existing) == len(KINDS)
        self._readable = set(KINDS) - set(LATER_KINDS) <= existing.keys()
        return bool(existing)

    def _refresh(self, *kinds: Kind) -> None:
        self._look()
        aliases = ",".join(map(self._names.alias, kinds))
        self._connection.ask(lambda client: client.indices.refresh(index=aliases, ignore_unavailable=True))

    def _hits(self, kind: Kind, query: Dsl, *, limit: int | None = None, source: Any = True) -> Iterator[Any]:
        """Yield hits ordered by id."""
        for answer in self._pages(kind, self._index(kind), query, _BY_ID, limit=limit, source=source):
            yield from answer["hits"]

    def _pages(self, kind: Kind, *search: Any, **how: Any) -> Iterator[Any]:
        return _none_without_index(kind, pages(self._connection, *search, **how))


def _none_without_index(kind: Kind, found: Iterator[Page]) -> Iterator[Page]:
    """Yield pages of a search; none for a kind whose index comes with the next write."""
    try:
        yield from found
    except RefusalError as refused:
        if kind not in LATER_KINDS or not refused.index_is_missing:
            raise


def _delete(deletes: list[Dsl], answer: str, client: Any) -> Any:
    return client.bulk(operations=deletes, filter_path=answer)


def _stored(kind: Kind, hit: Mapping[str, Any]) -> Stored:
    document = dict(hit["_source"])
    if kind != "articles":
        del document["id"]  # put there by the writer, to sort by
    return Stored(id=hit["_id"], version=hit["_version"], source=document)
