"""Bulk writes with one result per write, whatever happens to the others.

What would lose a whole request is impossible by construction: ids and versions are checked and documents are encoded
before anything is sent. A chunk goes by count and bytes; an oversize document travels alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from transforms.elastic.connection import Connection, PassingError
from transforms.elastic.faults import RefusalError, cut, explain, read_error, rejection_reason, verdict
from transforms.index.base import Kind, Write, WriteResult

# 500 documents of 7 KB each were fastest of 50..1000 on a node of 1 GB heap (1,464 documents a second); small managed
# clusters take requests of 10 MB at most.
MAX_CHUNK_WRITES = 500
MAX_CHUNK_BYTES = 8_000_000
MAX_ID_BYTES = 512  # of Elasticsearch
SERVER_TIMEOUT = "20s"  # how long the server waits for a shard; below the client's own limit, so that it answers
_ANSWER = "errors,items.*.status,items.*.error"


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A write as it travels, and where its result belongs."""

    position: int
    write: Write
    data: bytes = field(repr=False)


def send_writes(connection: Connection, writes: Sequence[Write], alias_of: Callable[[Kind], str]) -> list[WriteResult]:
    """Write all and return their results in order. Raises `StoreError` when the store as a whole fails."""
    results: dict[int, WriteResult] = {}
    lines = []
    for position, write in enumerate(writes):
        try:
            lines.append(_Line(position=position, write=write, data=_encode(write, alias_of(write.kind))))
        except (TypeError, ValueError) as err:  # orjson: a lone surrogate, an integer over 64 bits, no JSON type
            results[position] = _rejected(write, "rejected_by_store", str(err))
    for chunk in _chunks(lines):
        _send(connection, chunk, results)
    return [results[position] for position in range(len(writes))]


def _encode(write: Write, alias: str) -> bytes:
    if not 0 < len(write.id.encode("utf-8")) <= MAX_ID_BYTES or not 0 <= write.version < 2**63:
        raise ValueError(f"id of 1 to {MAX_ID_BYTES} bytes and a version of 63 bits expected")
    name = "index" if write.source is not None else "delete"
    action = {"_index": alias, "_id": write.id, "version": write.version, "version_type": "external_gte"}
    lines = [orjson.dumps({name: action})]
    if write.source is not None:
        # Searches sort by this field: Elasticsearch cannot sort by `_id`. Articles have it anyhow.
        lines.append(orjson.dumps({"id": write.id, **write.source}))
    return b"\n".join(lines) + b"\n"


def _chunks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    chunk: list[_Line] = []
    size = 0
    for line in lines:
        if chunk and (len(chunk) >= MAX_CHUNK_WRITES or size + len(line.data) > MAX_CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line.data)
    if chunk:
        yield chunk


def _send(connection: Connection, chunk: list[_Line], results: dict[int, WriteResult]) -> None:
    """Send a chunk; only what may still pass is sent again. Fills `results` by position."""

    def attempt() -> None:
        pending = [line for line in chunk if line.position not in results]
        body = b"".join(line.data for line in pending)
        answer = connection.ask_once(
            lambda client: client.bulk(
                operations=cast(Any, body),  # the client takes encoded lines as they are
                require_alias=True,
                timeout=SERVER_TIMEOUT,
                filter_path=_ANSWER,
            )
        )
        problem = ""
        for line, item in zip(pending, answer["items"], strict=True):
            problem = _take(connection, line, next(iter(item.values())), results) or problem
        if problem:
            raise PassingError(problem)

    try:
        connection.repeat(attempt)
    except RefusalError as refused:
        if refused.status != 413:
            raise
        rest = [line for line in chunk if line.position not in results]
        if len(rest) == 1:
            line = rest[0]
            said = f"{len(line.data):,} bytes are more than the server takes in one request"
            results[line.position] = _rejected(line.write, "document_too_large", said)
            return
        _send(connection, rest[: len(rest) // 2], results)
        _send(connection, rest[len(rest) // 2 :], results)


def _take(connection: Connection, line: _Line, item: Any, results: dict[int, WriteResult]) -> str | None:
    """Note an item's result; return the problem when it has to be sent again. Raises for the store's own fault."""
    status, error = item["status"], item.get("error")
    write = line.write
    if error is None and (status < 300 or status == 404):  # 404: a delete of what is not there, kept as a tombstone
        results[line.position] = WriteResult(kind=write.kind, id=write.id, status="written")
        return None
    word, reason = read_error(error)
    match verdict(status, word, reason):
        case "stale":
            results[line.position] = WriteResult(kind=write.kind, id=write.id, status="stale")
        case "rejected":
            results[line.position] = _rejected(write, rejection_reason(status, word), reason)
        case "again":
            # The reason of a 503 may hold the whole document, so that only the type is told.
            return explain(status, word, "", where=connection.where)
        case "stop":
            raise RefusalError(explain(status, word, reason, where=connection.where), status=status, type=word)
    return None


def _rejected(write: Write, reason: str, message: str) -> WriteResult:
    return WriteResult(kind=write.kind, id=write.id, status="rejected", reason=reason, message=cut(message))
