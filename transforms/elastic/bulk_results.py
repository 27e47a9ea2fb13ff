"""What became of one action of a bulk request, read from Elasticsearch's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.faults import cut, read_error, rejection_reason, verdict
from transforms.errors import StoreError

Status = Literal["written", "unchanged", "stale", "failed"]


@dataclass(frozen=True, kw_only=True)
class ActionResult:
    """The outcome of one action.

    `written`: it stands as asked. `unchanged`: nothing had to be done (`reason`: `noop`, `exists` for a create,
    `not_found` for a delete). `stale`: something newer stands, or, with `if_seq_no`, something else. `failed`: this
    document cannot be stored (`reason`: `mapping_conflict`, `rejected_by_store`, `document_too_large` or
    `document_missing`; `message`: Elasticsearch's own words, of 500 characters at most).
    """

    operation: str
    index: str
    id: str | None
    status: Status
    version: int | None = None
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An item that says nothing about its document: to be sent again (`again`), or why nothing can be written."""

    again: bool
    status: int
    type: str
    reason: str


def failed(action: BulkAction, reason: str, message: str) -> ActionResult:
    """Return the result of an action that cannot be carried out."""
    return _result(action, "failed", reason=reason, message=cut(message))


def read_items(answer: Any, expected: int) -> list[Mapping[str, Any]]:
    """Return the items of an answer, one for each action in order. Raises `StoreError` for any other answer."""
    found = answer.get("items") if isinstance(answer, Mapping) else None
    if isinstance(found, list) and len(found) == expected:
        items = [next(iter(each.values()), None) if isinstance(each, Mapping) else None for each in found]
        if all(isinstance(item, Mapping) and isinstance(item.get("status"), int) for item in items):
            return [item for item in items if item is not None]
    raise StoreError("an answer to a bulk request does not tell of each of its actions: is a proxy in between?")


def read_result(action: BulkAction, item: Mapping[str, Any]) -> ActionResult | Trouble:
    """Return what an item says of its action."""
    status, error = item["status"], item.get("error")
    if error is None and (status < 300 or status == 404):
        return _carried_out(action, item)
    word, reason = read_error(error)
    if word == "document_missing_exception":
        return failed(action, "document_missing", reason)
    match verdict(status, word, reason):
        case "stale" if action.operation == "create":
            return _result(action, "unchanged", reason="exists")
        case "stale" if action.version is not None or action.if_seq_no is not None:
            return _result(action, "stale", reason="version_conflict")
        case "rejected":
            return failed(action, rejection_reason(status, word), reason)
        case "stop":
            return Trouble(again=False, status=status, type=word, reason=reason)
    # An update that met others more often than `retry_on_conflict` is sent again like what the server had no room for.
    return Trouble(again=True, status=status, type=word, reason=reason)


def _carried_out(action: BulkAction, item: Mapping[str, Any]) -> ActionResult:
    said = item.get("result")
    if said in ("noop", "not_found"):
        return _result(action, "unchanged", item=item, reason=said)
    return _result(action, "written", item=item)


def _result(
    action: BulkAction,
    status: Status,
    *,
    item: Mapping[str, Any] | None = None,
    reason: str | None = None,
    message: str | None = None,
) -> ActionResult:
    return ActionResult(
        operation=action.operation,
        index=action.index,
        id=action.id if item is None else item.get("_id", action.id),
        status=status,
        version=action.version if item is None else item.get("_version", action.version),
        reason=reason,
        message=message,
    )
