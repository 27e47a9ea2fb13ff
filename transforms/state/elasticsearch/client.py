"""The ledger's requests to Elasticsearch: realtime reads by id, conditional writes, searches that only suggest.

The one file of this folder that knows `transforms/index/`: the connection, its retries and its errors are the document
store's. Every write can be sent twice: it names its id and what it replaces, and when the fate of a request is unknown,
a conflict is settled by looking whether what stands there is what was to be written.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import resources
from typing import Any, cast

import orjson

from transforms.elastic.address import find_address
from transforms.elastic.connection import Connection, PassingError
from transforms.elastic.faults import RefusalError, cut, explain, read_error, verdict
from transforms.elastic.names import prefix_of
from transforms.elastic.pages import pages
from transforms.errors import SchemaVersionError
from transforms.state.base import NoLedgerError
from transforms.state.elasticsearch.changes import Change, Kind, Row, Source, chunks, encoded, packed, unpacked

LEDGER_VERSION = 3  # of 1, page validators were not kept; of 2, nothing was learned of sites
LEDGER = "ledger"  # the document of `meta` that says what the ledger is
RETRY_WITHIN_S = 60.0  # as the document store: a node that restarts is back after 11 to 17 s
MAX_IDS = 1_000
SERVER_TIMEOUT = "20s"  # below the client's own limit, so that the server answers
_BULK_ANSWER = "items.*.status,items.*.error.type,items.*.error.reason,items.*._seq_no,items.*._primary_term"


class LedgerClient:
    """One project's ledger on one server. Thread-safe."""

    def __init__(
        self, url: str | None, *, project: str, environ: Mapping[str, str], retry_within_s: float = RETRY_WITHIN_S
    ) -> None:
        self._prefix = f"{prefix_of(project)}-state"
        self._connection = Connection(find_address(url, environ), retry_within_s=retry_within_s)
        self._ledger: Source | None = None  # known to be there, and of our version
        self._unseen: set[Kind] = set()  # written by this object since its last refresh

    @property
    def where(self) -> str:
        """The address without credentials, for messages."""
        return self._connection.where

    def alias(self, kind: Kind) -> str:
        """What is read and written."""
        return f"{self._prefix}-{kind}"

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    # --- indices

    def create(self) -> None:
        """Make the indices that are missing, and the document that says what they are. Raises `SchemaVersionError`."""
        described = _described()
        for kind, properties in described["kinds"].items():
            if self._connection.ask(partial(_has_alias, name=self.alias(kind))):
                continue
            index = f"{self.alias(kind)}-v{LEDGER_VERSION}"
            mappings = {"dynamic": "strict", "_meta": described["_meta"], "properties": properties}
            try:
                self._connection.ask(_creation(index, described["settings"], mappings, self.alias(kind)))
            except RefusalError as refused:
                if refused.type != "resource_already_exists_exception":
                    raise
        value = packed(orjson.dumps({"version": LEDGER_VERSION, "id": uuid.uuid4().hex}))
        [made] = self._write([encoded(self.alias("meta"), Change("meta", LEDGER, {"value": value}))])
        if made is None:
            self._bring_up(described["kinds"])
        self._check()

    def _bring_up(self, kinds: Mapping[Kind, Source]) -> None:
        """Give an older ledger the fields of this version; what stands in its rows stays as it is."""
        [row] = self._get([("meta", LEDGER)], source=True)
        about = orjson.loads(unpacked(row.source["value"]) or b"{}") if row is not None else {}
        found = about.get("version")
        if row is None or not isinstance(found, int) or found >= LEDGER_VERSION:
            return
        for kind, properties in kinds.items():
            self._connection.ask(_more_fields(self.alias(kind), properties))
        value = packed(orjson.dumps({**about, "version": LEDGER_VERSION}))
        self._write([encoded(self.alias("meta"), Change("meta", LEDGER, {"value": value}, over=row))])

    @property
    def ledger_id(self) -> str:
        """What names this ledger whatever address leads to it."""
        return str(self._check()["id"])

    def _check(self) -> Source:
        """Return what the ledger says of itself; asked once. Raises `NoLedgerError`, `SchemaVersionError`."""
        if self._ledger is None:
            try:
                row = self._get([("meta", LEDGER)], source=True)[0]
            except RefusalError as refused:
                if not refused.index_is_missing:
                    raise
                row = None
            if row is None:
                raise NoLedgerError(
                    f"there is no ledger in Elasticsearch at {self.where} yet: `newsbeam ingest` makes it"
                )
            self._ledger = _of_our_version(orjson.loads(unpacked(row.source["value"]) or b"{}"), self.where)
        return self._ledger

    def refresh(self, *kinds: Kind) -> None:
        """Make everything written until now visible to searches."""
        self._check()
        names = ",".join(self.alias(kind) for kind in kinds)
        self._unseen.difference_update(kinds)
        self._connection.ask(lambda client: client.indices.refresh(index=names))

    def catch_up(self, *kinds: Kind) -> None:
        """Make visible what this object wrote; what others wrote is seen within a second by itself."""
        if mine := self._unseen.intersection(kinds):
            self.refresh(*sorted(mine))

    # --- reads

    def get(self, kind: Kind, id: str) -> Row | None:
        """Return a document as last written."""
        return self.get_many([(kind, id)])[0]

    def get_many(self, wanted: Sequence[tuple[Kind, str]], *, source: bool = True) -> list[Row | None]:
        """Return documents as last written, in order; None for those that are not there."""
        self._check()
        return self._get(wanted, source=source)

    def _get(self, wanted: Sequence[tuple[Kind, str]], *, source: bool) -> list[Row | None]:
        found: list[Row | None] = []
        for at in range(0, len(wanted), MAX_IDS):
            docs = [{"_index": self.alias(kind), "_id": name} for kind, name in wanted[at : at + MAX_IDS]]
            answer = self._connection.ask(partial(_mget, docs=docs, source=source))
            for each in answer["docs"]:
                if "error" in each:
                    word, reason = read_error(each["error"])
                    message = f"the ledger in Elasticsearch at {self.where}: {cut(reason)}"
                    raise RefusalError(message, status=404, type=word)
                row = (
                    Row(each["_id"], each.get("_source", {}), each["_seq_no"], each["_primary_term"])
                    if each["found"]
                    else None
                )
                found.append(row)
        return found

    def search(self, *searches: tuple[Kind, Source]) -> list[Any]:
        """Return the answers to several searches, sent together. They may be a second old."""
        self._check()
        lines: list[Source] = []
        for kind, body in searches:
            lines += [{"index": self.alias(kind)}, body]

        def attempt() -> list[Any]:
            responses = self._connection.ask_once(lambda client: client.msearch(searches=lines))["responses"]
            for response in responses:
                if "error" in response:
                    word, reason = read_error(response["error"])
                    message = explain(response["status"], word, reason, where=self.where)
                    if verdict(response["status"], word, reason) == "again":
                        raise PassingError(message)
                    raise RefusalError(message, status=response["status"], type=word)
            return cast("list[Any]", responses)

        return self._connection.repeat(attempt)

    def scan(
        self, kind: Kind, query: Source, *, order: list[Source] | None = None, source: Any = True
    ) -> Iterator[Any]:
        """Yield all hits of a query as of now, in the order asked for (a total one)."""
        self._check()
        order = order or [{"_shard_doc": "asc"}]
        for answer in pages(self._connection, self.alias(kind), query, order, limit=None, source=source):
            yield from answer["hits"]

    def first(self, kind: Kind, query: Source, order: list[Source], limit: int) -> list[Any]:
        """Return the first hits of a query, ids only."""
        body = {"query": query, "sort": order, "size": limit, "_source": False}
        return list(self.search((kind, body))[0]["hits"]["hits"])

    # --- writes

    def write(self, changes: Sequence[Change]) -> list[Row | None]:
        """Write and return the new rows in order; None where something else stood there than the change said."""
        self._check()
        results: list[Row | None] = []
        for chunk in chunks([encoded(self.alias(change.kind), change) for change in changes]):
            results += self._write(chunk)
        return results

    def _write(self, chunk: list[tuple[Change, bytes]]) -> list[Row | None]:
        results: dict[int, Row | None] = {}
        unsure = False  # an earlier attempt may have been carried out

        def attempt() -> None:
            nonlocal unsure
            pending = [position for position in range(len(chunk)) if position not in results]
            body = b"".join(chunk[position][1] for position in pending)
            try:
                answer = self._connection.ask_once(
                    lambda client: client.bulk(
                        operations=cast(Any, body),  # the client takes encoded lines as they are
                        require_alias=True,
                        timeout=SERVER_TIMEOUT,
                        filter_path=_BULK_ANSWER,
                    )
                )
            except PassingError:
                unsure = True
                raise
            problem = ""
            for position, item in zip(pending, answer["items"], strict=True):
                change, result = chunk[position][0], next(iter(item.values()))
                problem = self._take(change, result, position, results) or problem
            if problem:
                raise PassingError(problem)

        self._connection.repeat(attempt)
        self._unseen.update(change.kind for change, _ in chunk)
        if unsure:
            self._look_again(chunk, results)
        return [results[position] for position in range(len(chunk))]

    def _take(self, change: Change, item: Any, position: int, results: dict[int, Row | None]) -> str | None:
        """Note what became of a change; return the problem when it has to be sent again."""
        status, error = item["status"], item.get("error")
        if error is None:
            gone = status == 404  # deleted already
            results[position] = (
                None if gone else Row(change.id, change.source or {}, item["_seq_no"], item["_primary_term"])
            )
            return None
        word, reason = read_error(error)
        if word == "document_missing_exception" or (status == 409 and change.how == "compare"):
            results[position] = None
            return None
        if verdict(status, word, reason) in ("again", "stale"):
            return explain(status, word, "", where=self.where)
        raise RefusalError(explain(status, word, reason, where=self.where), status=status, type=word)

    def _look_again(self, chunk: list[tuple[Change, bytes]], results: dict[int, Row | None]) -> None:
        """Find the changes that an attempt without an answer had carried out: a repetition made them conflicts."""
        lost = [position for position, row in results.items() if row is None and chunk[position][0].source is not None]
        rows = self.get_many([(chunk[position][0].kind, chunk[position][0].id) for position in lost])
        found = zip(lost, rows, strict=True)
        results |= {at: row for at, row in found if row is not None and row.source == chunk[at][0].source}


@cache
def _described() -> Source:
    described: Source = json.loads(resources.files("configs").joinpath("index", "state.json").read_text("utf-8"))
    return described


def _mget(client: Any, *, docs: list[Source], source: bool) -> Any:
    return client.mget(docs=docs, source=source)


def _has_alias(client: Any, *, name: str) -> Any:
    return client.indices.exists_alias(name=name)


def _creation(index: str, settings: Source, mappings: Source, alias: str) -> Callable[[Any], Any]:
    return lambda client: client.indices.create(index=index, settings=settings, mappings=mappings, aliases={alias: {}})


def _more_fields(alias: str, properties: Source) -> Callable[[Any], Any]:
    return lambda client: client.indices.put_mapping(index=alias, properties=properties)


def _of_our_version(described: Source, where: str) -> Source:
    found = described.get("version")
    if found != LEDGER_VERSION:
        if isinstance(found, int) and found < LEDGER_VERSION:
            raise SchemaVersionError(
                f"the ledger in Elasticsearch at {where} has schema version {found}, this newsbeam knows"
                f" {LEDGER_VERSION}: `newsbeam ingest` brings it up"
            )
        age = "a newer" if isinstance(found, int) else "another"
        raise SchemaVersionError(
            f"the ledger in Elasticsearch at {where} has schema version {found}, this newsbeam knows {LEDGER_VERSION}: "
            f"it was written by {age} newsbeam; install that version, or choose another project or --state"
        )
    return described
