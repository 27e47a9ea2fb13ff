"""The ledger's requests to Elasticsearch: realtime reads by id, conditional writes, searches that only suggest.

The one file of this folder that knows `transforms/index/`: the connection, its retries and its errors are the document
store's. Every write can be sent twice: it names its id and what it replaces, and when the fate of a request is unknown,
a conflict is settled by looking whether what stands there is what was to be written.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import resources
from typing import Any, Literal, NamedTuple, cast

import orjson

from transforms.errors import StoreError
from transforms.index.elasticsearch_address import find_address
from transforms.index.elasticsearch_connection import Connection, PassingError
from transforms.index.elasticsearch_faults import RefusalError, explain, read_error, verdict
from transforms.index.elasticsearch_mapping import Names
from transforms.index.elasticsearch_pages import pages

Kind = Literal["urls", "sites", "feeds", "documents", "robots", "runs", "meta"]
Source = dict[str, Any]

LEDGER_VERSION = 1
RETRY_WITHIN_S = 60.0  # as the document store: a node that restarts is back after 11 to 17 s
MAX_BULK_WRITES = 500
MAX_BULK_BYTES = 8_000_000  # small managed clusters take requests of 10 MB at most
MAX_IDS = 1_000
SERVER_TIMEOUT = "20s"  # below the client's own limit, so that the server answers
_BULK_ANSWER = "items.*.status,items.*.error.type,items.*.error.reason,items.*._seq_no,items.*._primary_term"


class Row(NamedTuple):
    """A document as it stands, and the number that the next conditional write has to name."""

    id: str
    source: Source
    seq_no: int
    term: int


class Change(NamedTuple):
    """A write. `over`: only if that row is still what stands there; None: only if nothing does.

    `merge`: whatever stands there, these fields in it; nothing happens when there is no document. `put`: whatever
    stands there. `source` None: delete what `over` names.
    """

    kind: Kind
    id: str
    source: Source | None
    over: Row | None = None
    how: Literal["compare", "merge", "put"] = "compare"


class LedgerClient:
    """One project's ledger on one server. Thread-safe."""

    def __init__(
        self, url: str | None, *, project: str, environ: Mapping[str, str], retry_within_s: float = RETRY_WITHIN_S
    ) -> None:
        self._prefix = f"{Names(project=project).prefix}-state"
        self._connection = Connection(find_address(url, environ), retry_within_s=retry_within_s)
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
        """Make the indices that are missing."""
        described = _described()
        for kind, properties in described["kinds"].items():
            index = f"{self.alias(kind)}-v{LEDGER_VERSION}"
            mappings = {"dynamic": "strict", "_meta": described["_meta"], "properties": properties}
            request = _creation(index, described["settings"], mappings, self.alias(kind))
            if self._connection.ask(partial(_has_alias, name=self.alias(kind))):
                continue
            try:
                self._connection.ask(request)
            except RefusalError as refused:
                if refused.type != "resource_already_exists_exception":
                    raise

    def refresh(self, *kinds: Kind) -> None:
        """Make everything written until now visible to searches."""
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
        found: list[Row | None] = []
        for at in range(0, len(wanted), MAX_IDS):
            docs = [{"_index": self.alias(kind), "_id": name} for kind, name in wanted[at : at + MAX_IDS]]
            answer = self._connection.ask(partial(_mget, docs=docs, source=source))
            for each in answer["docs"]:
                if "error" in each:
                    word, reason = read_error(each["error"])
                    raise StoreError(f"the ledger in Elasticsearch at {self.where}: {word}: {reason}")
                row = (
                    Row(each["_id"], each.get("_source", {}), each["_seq_no"], each["_primary_term"])
                    if each["found"]
                    else None
                )
                found.append(row)
        return found

    def search(self, *searches: tuple[Kind, Source]) -> list[Any]:
        """Return the answers to several searches, sent together. They may be a second old."""
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
        order = order or [{"_shard_doc": "asc"}]
        for answer in pages(self._connection, self.alias(kind), query, order, limit=None, source=source):
            yield from answer["hits"]

    # --- writes

    def write(self, changes: Sequence[Change]) -> list[Row | None]:
        """Write and return the new rows in order; None where something else stood there than the change said."""
        results: list[Row | None] = []
        for chunk in _chunks([(change, _encode(self.alias(change.kind), change)) for change in changes]):
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

    def ask(self, request: Callable[[Any], Any]) -> Any:
        """Return the answer to any other request."""
        return self._connection.ask(request)


def packed(data: bytes | str | None) -> str | None:
    """Return what is kept and never searched, as Elasticsearch's `binary` takes it: no limit of length applies."""
    if data is None:
        return None
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def unpacked(text: str | None) -> bytes | None:
    """Return what was `packed`."""
    return None if text is None else base64.b64decode(text)


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


def _chunks(lines: Sequence[tuple[Change, bytes]]) -> Iterator[list[tuple[Change, bytes]]]:
    chunk: list[tuple[Change, bytes]] = []
    size = 0
    for change, data in lines:
        if chunk and (len(chunk) >= MAX_BULK_WRITES or size + len(data) > MAX_BULK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((change, data))
        size += len(data)
    if chunk:
        yield chunk


def _encode(alias: str, change: Change) -> bytes:
    action: Source = {"_index": alias, "_id": change.id}
    if change.how == "merge":
        lines: list[Source | None] = [{"update": {**action, "retry_on_conflict": 5}}, {"doc": change.source}]
    elif change.how == "put":
        lines = [{"index": action}, change.source]
    elif change.over is None:
        lines = [{"create": action}, change.source]
    else:
        action |= {"if_seq_no": change.over.seq_no, "if_primary_term": change.over.term}
        lines = [{"delete": action}] if change.source is None else [{"index": action}, change.source]
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)
