"""`index prune`: what is older than it is to be kept goes, a little at a time, with what hangs on it.

Ages count from `@timestamp`: of an article that is its publication. Deleted documents leave no trace in the store; in
the ledger their URLs stay settled, so that no feed brings them back. Cut short, the next call goes on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from transforms.index.base import DocumentStore, Kind

CHUNK = 500  # articles with their rows: below a second on both stores
_WITH_ARTICLES: tuple[Kind, ...] = ("figures", "quotes", "revisions")


def too_old(store: DocumentStore, keep: Mapping[Kind, float], *, now: datetime) -> dict[Kind, int]:
    """Return how many documents of each kind are older than they are kept (seconds)."""
    return {kind: store.count(kind, before=now - timedelta(seconds=kept_s)) for kind, kept_s in keep.items()}


def prune(store: DocumentStore, keep: Mapping[Kind, float], *, now: datetime) -> Iterator[tuple[Kind, int]]:
    """Delete what is older than it is kept; yield (kind, how many) behind each chunk."""
    for kind, kept_s in keep.items():
        before = now - timedelta(seconds=kept_s)
        while ids := store.expired(kind, before=before, limit=CHUNK):
            if kind == "articles":  # first what hangs on it: cut short, the article is found again
                for beside in _WITH_ARTICLES:
                    rows = [each.id for each in store.find(beside, "article.id", ids)]
                    if rows:
                        yield beside, store.discard(beside, rows)
            yield kind, store.discard(kind, ids)


def pruned(store: DocumentStore, keep: Mapping[Kind, float], *, now: datetime) -> dict[Kind, int]:
    """Delete all of it and return how many of each kind."""
    counts: dict[Kind, int] = {}
    for kind, count in prune(store, keep, now=now):
        counts[kind] = counts.get(kind, 0) + count
    return counts
