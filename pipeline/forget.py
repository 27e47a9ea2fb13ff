"""`forget`: articles deleted wherever they are kept, and hashes left behind that keep them from coming back.

The order is what makes it hold while others write. First the hashes (whoever asks from now on is refused), then the
ledger (nothing is fetched or settled any more), then the deletes, at a version that no writer reaches (what was on its
way is stale). What others wrote meanwhile is looked for again until nothing is found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from transforms.errors import ConfigurationError
from transforms.index.base import DocumentStore, Kind, Named, SearchRequest, Stored
from transforms.index.suppression import deletes_for_good, held_back, suppressed_writes, urls_of
from transforms.state.base import StateStore
from transforms.web.urls import document_id, normalize_url, site_key

MIN_PREFIX_CHARS = 4  # shorter ones name half the store
_ARTICLES_AT_ONCE = 50  # 101 deletes each
_OF_ARTICLES: tuple[Kind, ...] = ("figures", "quotes", "revisions")
_MAX_PASSES = 5  # a running job flushes every second; what it holds is stale or refused after the first
NOT_REACHED = "Not reached: backups, snapshots, exports and copies made before, and logs of runs, which may name URLs."
FREED_LATER = "Elasticsearch frees what is deleted when it merges; until then nobody can read it."


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What is to be forgotten: document ids, and every URL that leads to them. `archived`: copies kept elsewhere."""

    ids: tuple[str, ...]
    urls: tuple[str, ...]
    archived: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Forgotten:
    """What was deleted, by kind; what is known under how many URLs; what is left to do, in words."""

    deleted: dict[str, int] = field(default_factory=dict)
    urls: int = 0
    fresh: int = 0
    problems: tuple[str, ...] = ()

    @property
    def nothing_left(self) -> bool:
        """Say whether all of it had been forgotten before."""
        return not self.fresh and not any(self.deleted.values())


def find_targets(
    store: DocumentStore, state: StateStore | None, names: Sequence[str], request: SearchRequest | None
) -> Targets:
    """Return what ids, URLs and a query name. Raises `ConfigurationError` for an id that nothing has.

    A URL need not be known: it is then kept from ever coming in.
    """
    ids: dict[str, None] = {}
    urls: dict[str, None] = {}
    for name in names:
        if "://" in name or name.startswith("file:"):
            for url in {name, _normal(name)}:
                urls[url] = None
                ids |= dict.fromkeys((document_id(url), *store.find_ids(url)))
                row = state.lookup(url) if state is not None else None
                if row is not None and row["document_id"]:
                    ids[row["document_id"]] = None
        else:
            ids[_one_id(store, name)] = None
    if request is not None:
        store.refresh()
        ids |= dict.fromkeys(stored.id for stored in store.scan("articles", request))
    archived: dict[str, None] = {}
    for each in ids:
        stored = store.get("articles", each)
        if stored is not None:
            urls |= dict.fromkeys(urls_of(stored.source))
            if uri := stored.source.get("archive_uri"):
                archived[uri] = None
    if state is not None:
        urls |= dict.fromkeys(state.urls_of(list(ids)))
    # Redirects: every request for the page names the page's key, whatever address it went to.
    urls |= dict.fromkeys(each.source["url"]["full"] for each in store.find("requests", "subject", list(urls)))
    return Targets(ids=tuple(ids), urls=tuple(urls), archived=tuple(archived))


def forget(
    store: DocumentStore, state: StateStore | None, targets: Targets, *, reason: str, run_id: str, now: datetime
) -> Forgotten:
    """Forget, and return what was deleted. Done again it finds nothing; cut short it is done again whole."""
    done = Forgotten(urls=len(targets.urls))
    known = held_back(store, urls=targets.urls, ids=targets.ids)
    urls, ids = (tuple(each for each in names if each not in known) for names in (targets.urls, targets.ids))
    done.fresh = len(urls) + len(ids)
    store.bulk(suppressed_writes(urls, ids, reason=reason, now=now))
    if state is not None:
        done.fresh += state.suppress(run_id, [(url, _site(url)) for url in targets.urls], targets.ids)
    for _ in range(_MAX_PASSES):
        if not _delete(store, targets, done):
            break
    kept = (
        f"{name}, kept by a migration, may still hold it; `newsbeam index migrate --drop-old` deletes it"
        for name in store.forget_in_old_generations(_named(targets))
    )
    done.problems = (*store.erase(), *(state.erase() if state is not None else ()), *kept)
    return done


def count(store: DocumentStore, targets: Targets) -> dict[str, int]:
    """Return how many documents of each kind would be deleted."""
    found: dict[str, int] = {"articles": len(store.versions(list(targets.ids)))}
    return found | {kind: len(ids) for kind, ids in _beside(store, targets).items()}


def sweep(store: DocumentStore) -> int:
    """Delete articles that a writer brought back who had been stopped for longer than deletes are remembered.

    Elasticsearch remembers them for an hour (`index.gc_deletes`). Returns how many.
    """
    gone = 0
    documents = (stored.id for stored in store.scan("suppressed") if _is_document(stored))
    while batch := list(islice(documents, 1_000)):
        back = tuple(store.versions(batch))
        if back:
            done = Forgotten()
            _delete(store, Targets(ids=back, urls=()), done)
            gone += done.deleted.get("articles", 0)
    return gone


def _delete(store: DocumentStore, targets: Targets, done: Forgotten) -> int:
    """Delete what is there now; return how much that was."""
    there: dict[Kind, tuple[str, ...]] = {"articles": tuple(store.versions(list(targets.ids)))}
    there |= _beside(store, targets)
    ids = iter(targets.ids)
    while batch := list(islice(ids, _ARTICLES_AT_ONCE)):
        store.bulk([write for each in batch for write in deletes_for_good(each)])
    for kind, names in there.items():
        if kind not in ("articles", "figures", "quotes"):
            store.discard(kind, names)
        done.deleted[kind] = done.deleted.get(kind, 0) + len(names)
    return sum(map(len, there.values()))


def _beside(store: DocumentStore, targets: Targets) -> dict[Kind, tuple[str, ...]]:
    """Return the ids of what goes with the articles: rows, versions, and what failed or was asked for at their URLs."""
    ids, urls = list(targets.ids), list(targets.urls)
    requests = (*store.find("requests", "url.full", urls), *store.find("requests", "subject", urls))
    return {
        **{kind: _ids(store.find(kind, "article.id", ids)) for kind in _OF_ARTICLES},
        "dead-letters": _ids(store.find("dead-letters", "url", urls)),
        "requests": _ids(requests),
    }


def _named(targets: Targets) -> tuple[Named, ...]:
    """Return what is to be forgotten as fields name it, for indices and files that are not searched any more."""
    return (
        Named("articles", "id", targets.ids),
        *(Named(kind, "article.id", targets.ids) for kind in _OF_ARTICLES),
        Named("dead-letters", "url", targets.urls),
        Named("requests", "url.full", targets.urls),
        Named("requests", "subject", targets.urls),
    )


def _ids(found: Iterable[Stored]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stored.id for stored in found))


def _one_id(store: DocumentStore, name: str) -> str:
    """Return the id that an id or the first characters of one name; those of what was forgotten count."""
    if len(name) < MIN_PREFIX_CHARS or not name.isprintable():
        raise ConfigurationError(f"{name!r} is too short for an id; give {MIN_PREFIX_CHARS} characters or more")
    starts = (name.lower(), f"a1{name.lower()}")
    found = set(store.find_ids(name, limit=10))
    found |= {each.id for each in store.scan("suppressed") if each.id.startswith(starts) and _is_document(each)}
    if not found:
        raise ConfigurationError(
            f"no article has the id {name!r}; `newsbeam search` prints ids, and a URL can be given whole"
        )
    if len(found) > 1:
        raise ConfigurationError(f"{name!r} could be any of {', '.join(sorted(found))}; give more characters")
    return found.pop()


def _is_document(stored: Stored) -> bool:
    return bool(stored.source["of"] == "document")


def _normal(url: str) -> str:
    """Return the ledger's key of a URL. Raises `StageError` for what is none."""
    return url if url.startswith("file:") else normalize_url(url)


def _site(url: str) -> str:
    return "file" if url.startswith("file:") else site_key(url)
