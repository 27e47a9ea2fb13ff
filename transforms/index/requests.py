"""From the receipt of a request to its document in `newsbeam-requests`."""

import hashlib

from transforms.elements import Receipt
from transforms.index.base import SCHEMA_VERSION, Document, Write
from transforms.index.documents import plain
from transforms.web.urls import url_parts


def request_write(receipt: Receipt, *, run_id: str) -> Write:
    """Return a request's document. Its id is made of the lease and the instant: one that comes again is the same."""
    url = url_parts(receipt.url)
    document: Document = {
        "@timestamp": receipt.sent_at,
        "url": {"full": url.full, "domain": url.domain},
        "site": receipt.site,
        "why": receipt.why,
        "subject": receipt.subject,
        "status_code": receipt.status_code,
        "failure": receipt.failure,
        "conditional": receipt.if_none_match is not None or receipt.if_modified_since is not None,
        "if_none_match": receipt.if_none_match,
        "if_modified_since": receipt.if_modified_since,
        "wire_bytes": receipt.wire_bytes,
        "body_bytes": receipt.body_bytes,
        "saved_bytes": receipt.saved_bytes,
        "elapsed_ms": round(receipt.elapsed_ms, 1),
        "waited_s": round(receipt.waited_s, 3),
        "pause_s": round(receipt.pause_s, 3),
        "retry_after_s": receipt.retry_after_s,
        "robots_rule": receipt.robots_rule,
        "run_id": run_id,
        "schema_version": SCHEMA_VERSION,
    }
    key = f"{receipt.site}\n{receipt.epoch}\n{receipt.sent_at.timestamp()}\n{receipt.url}"
    return Write(
        kind="requests",
        id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        version=int(receipt.sent_at.timestamp() * 1000) << 10,
        source=plain(document),
    )
