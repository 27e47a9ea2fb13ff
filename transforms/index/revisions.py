"""The versions of an article, each kept under an id of its own. CONTRACT: `newsbeam-revisions`."""

import hashlib
from typing import Any

from transforms.index.base import SCHEMA_VERSION, Document, Write


def revision_write(article: Write) -> Write:
    """Return the revision that keeps an article's document as it is being written.

    Its id is `ID-<hash>`, of the version and the text's hash: a write that is repeated is the same revision, and a text
    that comes back later is another one. The document is stored, not indexed; what it is found by stands beside it.
    """
    document: dict[str, Any] = dict(article.source or {})
    sha256 = document["content"]["sha256"]
    key = hashlib.sha256(f"{article.version}\n{sha256}".encode()).hexdigest()[:16]
    source: Document = {
        "@timestamp": document["fetched_at"],
        "article": {"id": article.id},
        "version": article.version,
        "fetched_at": document["fetched_at"],
        "title": document["title"],
        "url": {"full": document["url"]["full"]},
        "content": {"sha256": sha256, "revision": document["content"]["revision"]},
        "pipeline": {"run_id": document["pipeline"]["run_id"]},
        "document": document,
        "schema_version": SCHEMA_VERSION,
    }
    if name := document.get("publisher", {}).get("name"):
        source["publisher"] = {"name": name}
    return Write(kind="revisions", id=f"{article.id}-{key}", version=article.version, source=source)
