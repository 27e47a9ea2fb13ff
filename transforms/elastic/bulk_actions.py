"""One action of a bulk request and its bytes. What would cost a whole request cannot be encoded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import orjson

Operation = Literal["index", "create", "update", "delete"]
VersionType = Literal["external", "external_gte"]
OPERATIONS: tuple[str, ...] = get_args(Operation)

MAX_ID_BYTES = 512  # of Elasticsearch: a longer one costs the whole request
MAX_INDEX_BYTES = 255
_MAX_LONG = 2**63 - 1
_NOT_IN_A_NAME = re.compile(r'[\\/*?"<>|\s,#:\x00-\x1f]')


class ActionError(ValueError):
    """This action cannot be sent; the message says why, without the document's text."""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """One write: `index` replaces, `create` only adds, `update` merges `source` into what stands, `delete` removes.

    `id` None: Elasticsearch makes one (`index` and `create` only), and a replay makes another document.
    `version` is external: an older one never overwrites a newer one. With `external_gte` the same version again is
    harmless, with `external` it is stale. `if_seq_no` and `if_primary_term` (of a read) write only over what was read.
    `update` inserts `source` where nothing stands (`upsert=True`), or that other document, or fails (`upsert=False`).
    """

    operation: Operation = "index"
    index: str
    id: str | None = None
    source: Mapping[str, Any] | None = field(default=None, repr=False)
    routing: str | None = None
    version: int | None = None
    version_type: VersionType = "external_gte"
    if_seq_no: int | None = None
    if_primary_term: int | None = None
    upsert: bool | Mapping[str, Any] = field(default=True, repr=False)
    retry_on_conflict: int = 3


def encode(action: BulkAction) -> bytes:
    """Return the action as it travels: a line of what to do and, but for a delete, a line of the document.

    Dates, UUIDs and dataclasses are written as JSON strings and objects; NaN, which JSON does not have, as null.
    Raises `ActionError`; whatever passes is answered by Elasticsearch on its own, never at its neighbours' cost.
    """
    try:
        lines = [orjson.dumps({action.operation: _meta(action)})]
        if action.operation != "delete":
            lines.append(orjson.dumps(_body(action)))
    except orjson.JSONEncodeError as err:  # a lone surrogate, an integer over 64 bits, a key or type JSON does not know
        raise ActionError(f"not JSON: {err}") from err
    return b"\n".join(lines) + b"\n"


def index_problem(name: object) -> str | None:
    """Return why no index can have this name, None when one can.

    >>> index_problem("news-2026"), index_problem("News")
    (None, "'News' is no name of an index: lower case is needed")
    """
    if not isinstance(name, str) or not name:
        return f"{name!r} is no name of an index: a text that is not empty is needed"
    shown = repr(name[:80])
    if name != name.lower():
        return f"{shown} is no name of an index: lower case is needed"
    if _NOT_IN_A_NAME.search(name) or name.startswith(("-", "_", "+")) or name in (".", ".."):
        return f'{shown} is no name of an index: no space and none of \\ / * ? " < > | , # :, nor - _ + in front'
    if len(name.encode("utf-8", "replace")) > MAX_INDEX_BYTES:
        return f"{shown}... is no name of an index: at most {MAX_INDEX_BYTES} bytes"
    return None


def _meta(action: BulkAction) -> dict[str, Any]:
    if action.operation not in OPERATIONS:
        raise ActionError(f"{action.operation!r} is none of {', '.join(OPERATIONS)}")
    if problem := index_problem(action.index):
        raise ActionError(problem)
    meta: dict[str, Any] = {"_index": action.index}
    if action.id is not None:
        meta["_id"] = _text("id", action.id)
    elif action.operation in ("update", "delete"):
        raise ActionError(f"{action.operation} needs an id")
    if action.routing is not None:
        meta["routing"] = _text("routing", action.routing)
    return meta | _conditions(action)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ActionError(f"{name}: a text is needed, not {type(value).__name__}")
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError as err:
        raise ActionError(f"{name}: surrogates are not allowed in a text") from err
    if not 0 < size <= MAX_ID_BYTES:
        raise ActionError(f"{name} of 1 to {MAX_ID_BYTES} bytes expected, not of {size:,}")
    return value


def _conditions(action: BulkAction) -> dict[str, Any]:
    """Return under which conditions to write. The combinations refused here cost the whole request (all seen)."""
    if action.version is not None:
        if action.id is None or action.operation not in ("index", "delete") or action.if_seq_no is not None:
            raise ActionError("an external version goes with index or delete, an id, and no if_seq_no")
        if action.version_type not in get_args(VersionType):
            raise ActionError(f"version_type {action.version_type!r} is none of {', '.join(get_args(VersionType))}")
        return {"version": _number("version", action.version), "version_type": action.version_type}
    if (action.if_seq_no is None) != (action.if_primary_term is None):
        raise ActionError("if_seq_no and if_primary_term go together: take both from the same read")
    if action.if_seq_no is not None:
        if action.id is None or action.operation == "create" or (action.operation == "update" and action.upsert):
            raise ActionError("if_seq_no goes with index, delete, or update with upsert=False, and an id")
        return {
            "if_seq_no": _number("if_seq_no", action.if_seq_no),
            "if_primary_term": _number("if_primary_term", action.if_primary_term, least=1),
        }
    if action.operation == "update" and action.retry_on_conflict:
        return {"retry_on_conflict": _number("retry_on_conflict", action.retry_on_conflict, most=1_000)}
    return {}


def _number(name: str, value: object, *, least: int = 0, most: int = _MAX_LONG) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ActionError(f"{name}: a whole number from {least} to {most} expected, not {str(value)[:40]!r}")
    return value


def _body(action: BulkAction) -> dict[str, Any]:
    source = _object("source", action.source)
    if action.operation != "update":
        return source
    body: dict[str, Any] = {"doc": source}
    if action.upsert is True:
        body["doc_as_upsert"] = True
    elif action.upsert is not False:
        body["upsert"] = _object("upsert", action.upsert)
    return body


def _object(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ActionError(f"{name}: a JSON object (a dict) is needed, not {type(value).__name__}")
    return dict(value)
