"""What was forgotten and must not come back: `newsbeam-suppressed` holds hashes, and writers ask it before they write.

A URL is kept as its hash, a document under its id, which is one. Asking is not enough for a writer that has asked
already: what is forgotten is deleted at `FORGOTTEN_VERSION`, so that what was on its way is stale.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from transforms.elements import FORGOTTEN_VERSION, forgotten_key
from transforms.index.base import SCHEMA_VERSION, Document, DocumentStore, Kind, Write
from transforms.index.documents import MAX_FACTS, instant

SUPPRESSED = "suppressed"  # the outcome's reason
_UNGUARDED: tuple[Kind, ...] = ("revisions", "dead-letters", "requests")  # deleted without a trace: none is stale


def suppressed_writes(urls: Iterable[str], ids: Iterable[str], *, reason: str, now: datetime) -> list[Write]:
    """Return what has to stand in the store before anything is deleted. The first reason given to each stays."""
    common: Document = {"@timestamp": instant(now), "reason": reason, "schema_version": SCHEMA_VERSION}
    what = {forgotten_key(url): "url" for url in urls} | dict.fromkeys(ids, "document")
    return [Write(kind="suppressed", id=key, version=1, source={**common, "of": of}) for key, of in what.items()]


def held_back(store: DocumentStore, *, urls: Iterable[str] = (), ids: Iterable[str] = ()) -> set[str]:
    """Return those of the URLs and document ids that were forgotten, as of now: one request."""
    keys = {forgotten_key(url): url for url in urls} | {each: each for each in ids}
    return {keys[key] for key in store.versions(list(keys), kind="suppressed")} if keys else set()


def deletes_for_good(id: str) -> list[Write]:
    """Return the deletes of an article and of every fact row that it could have; no writer has a later version."""
    rows: list[tuple[Kind, str]] = [("articles", id)]
    for kind in ("figures", "quotes"):
        rows += [(kind, f"{id}-{kind[0]}{number}") for number in range(1, MAX_FACTS + 1)]
    return [Write(kind=kind, id=row, version=FORGOTTEN_VERSION, source=None) for kind, row in rows]


def withdraw(store: DocumentStore, writes: Sequence[Write]) -> None:
    """Delete again what was forgotten while it was being written, of the kinds that no version guards.

    The hashes stand before `forget` deletes: what it has not seen is written behind them, and held back by this look.
    """
    unguarded = [each for each in writes if each.kind in _UNGUARDED and each.source is not None]
    urls = [urls_in(each.kind, dict(each.source or {})) for each in unguarded]
    ids = [article_of(each.id) for each in unguarded if each.kind == "revisions"]
    held = held_back(store, urls={url for some in urls for url in some}, ids=set(ids))
    for kind in _UNGUARDED if held else ():
        back = [
            each.id
            for each, named in zip(unguarded, urls, strict=True)
            if each.kind == kind and (held.intersection(named) or article_of(each.id) in held)
        ]
        store.discard(kind, back)


def article_of(id: str) -> str:
    """Return the id of the article that a fact row or a revision belongs to (an article's own is itself)."""
    return id.partition("-")[0]


def urls_in(kind: Kind, source: Document) -> tuple[str, ...]:
    """Return the URLs by which a document of a kind is forgotten."""
    if kind == "dead-letters":
        return (source["url"],) if "url" in source else ()
    if kind == "requests":
        return (*urls_of(source), *((source["subject"],) if "subject" in source else ()))
    return urls_of(source)


def urls_of(article: Document) -> tuple[str, ...]:
    """Return the URLs under which an article is known: canonical, as asked for, as given."""
    url = article.get("url", {})
    return tuple(dict.fromkeys(url[name] for name in ("full", "requested", "original") if name in url))
