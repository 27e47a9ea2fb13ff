"""What an error of Elasticsearch means for us. Types and reasons as real nodes of 8.19 and 9.5 gave them.

Pure functions of status, type and reason, used alike for a whole request and for one item of a bulk.
"""

import re
from typing import Literal

from transforms.errors import Reason, StoreError

MAX_REASON_CHARS = 500  # a reason may repeat a whole value of the document: 40,000 characters were seen

Verdict = Literal["stale", "again", "rejected", "stop"]

_REQUEST = re.compile(r" for REST request \[[^\]]*\]")  # our own request line: long, and no news to the user
_OVERLOADED = (429, 502, 503, 504)
_DOCUMENT_TYPES = ("document_parsing_exception", "mapper_parsing_exception", "strict_dynamic_mapping_exception")
# These are answered with 400 or 403 although the document is not to blame.
_CONFIGURATION_TYPES = ("cluster_block_exception", "index_closed_exception", "invalid_index_name_exception")
# Of single documents in a read of many: the rest of the answer is good.
_UNREAD_TYPES = (
    "no_shard_available_action_exception",
    "unavailable_shards_exception",
    "es_rejected_execution_exception",
    "circuit_breaking_exception",
)


class RefusalError(StoreError):
    """An answer that is an error. `status` is that of HTTP, `type` Elasticsearch's own word for it."""

    def __init__(self, message: str, *, status: int, type: str) -> None:
        super().__init__(message)
        self.status, self.type = status, type

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_refusal, (str(self), self.status, self.type)

    @property
    def index_is_missing(self) -> bool:
        return self.type == "index_not_found_exception"

    @property
    def is_block(self) -> bool:
        """Whether writes are shut off, by a person or by a full disk, until somebody makes room or lifts it."""
        return self.type == "cluster_block_exception"


def _rebuild_refusal(message: str, status: int, type: str) -> RefusalError:
    return RefusalError(message, status=status, type=type)


def verdict(status: int, type: str, reason: str) -> Verdict:
    """Return what to do about an error: `again` may pass by itself, `rejected` is this document's own fault.

    >>> verdict(429, "cluster_block_exception", "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded ...]")
    'stop'
    """
    if status == 409 and type == "version_conflict_engine_exception":
        return "stale"
    if status == 503:  # also as a block: a node that starts is closed until it has read its state
        return "again"
    if type in _CONFIGURATION_TYPES or "no write index is defined" in reason:
        return "stop"
    if status in _OVERLOADED or status >= 500:
        return "again"
    return "rejected" if status in (400, 413) else "stop"


def rejection_reason(status: int, type: str) -> Reason:
    """Return the reason, of `errors.REASONS`, of a document that Elasticsearch did not take."""
    if status == 413:
        return "document_too_large"
    return "mapping_conflict" if type in _DOCUMENT_TYPES else "rejected_by_store"


def unread(answer: object) -> str:
    """Return why an answer to a read of many ids lacks one that may be there in a moment; empty when it lacks none.

    A node that starts answers 200, with an error for each document of a shard that it has not opened yet.
    """
    docs = answer.get("docs") if isinstance(answer, dict) else None
    for each in docs if isinstance(docs, list) else ():
        if "error" in each and (word := read_error(each["error"])[0]) in _UNREAD_TYPES:
            return word
    return ""


def explain(status: int, type: str, reason: str, *, where: str) -> str:
    """Return one line for the user: what Elasticsearch at `where` said, and the remedy."""
    said = cut(_REQUEST.sub("", reason)) or type or f"status {status}"
    if type == "cluster_block_exception" and status != 503:
        if status == 429 or "read-only-allow-delete" in reason or "flood-stage" in reason:
            return (
                f"the disk of Elasticsearch at {where} is full ({said}): make room there, the block then lifts itself"
            )
        return f"Elasticsearch at {where} does not take writes ({said}): lift the block and run again"
    if status == 401:
        return f"Elasticsearch at {where} does not know us ({said}): check ES_API_KEY, or ES_USERNAME and ES_PASSWORD"
    if status == 403:
        return f"a privilege is missing at Elasticsearch, {where}: {said}"
    if type == "index_not_found_exception":
        return f"Elasticsearch at {where}: {said}; make it with `newsbeam index create`"
    if type == "index_closed_exception":
        return f"Elasticsearch at {where}: an index is closed ({said}); open it and run again"
    if status in _OVERLOADED:
        return f"Elasticsearch at {where} stayed overloaded or unavailable ({status} {said}): try again later"
    if not type:
        return f"{where} answered {status} ({said}), not as Elasticsearch does: is the address right?"
    return f"Elasticsearch at {where} answered {status} {type}: {said}"


def cut(text: str) -> str:
    """Return a reason of bounded length, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_REASON_CHARS else text[: MAX_REASON_CHARS - 1] + "…"


def read_error(body: object) -> tuple[str, str]:
    """Return (type, reason) of an error's body or of a bulk item's `error`; what is no such object becomes the reason.

    APIs that a node does not have answer with a string; proxies answer with pages of their own.
    """
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return "", cut(str(error or "")[: 4 * MAX_REASON_CHARS])
    reasons = [str(error.get("reason") or "")]
    for step in ("caused_by", "root_cause"):
        inner = error.get(step)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, dict) and inner.get("reason") and str(inner["reason"]) not in reasons[0]:
            reasons.append(str(inner["reason"]))
            break
    reasons.append(str(error.get("additional_unsuccessful_credentials") or ""))  # what is wrong with an API key
    return str(error.get("type") or ""), "; ".join(reason for reason in reasons if reason)
