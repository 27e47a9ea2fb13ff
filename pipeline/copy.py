"""`copy`: documents of one store into another, with their versions. Nothing is fetched, nothing is made anew.

It is resumed by running it again: what the other store has at that version (or a newer one) is not written twice, and a
repeated write is harmless. What either store was told to forget is forgotten in the other one, too, from then on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pipeline.forget import sweep
from transforms.index.base import KINDS, DocumentStore, Kind, Stored, Write
from transforms.index.suppression import article_of, held_back, urls_in, withdraw

BATCH = 500
# What was forgotten goes first: from then on the other store refuses it.
ORDER: tuple[Kind, ...] = ("suppressed", *(kind for kind in KINDS if kind != "suppressed"))


@dataclass(kw_only=True)
class Copied:
    """What became of the documents of a kind. `there`: at that version or a newer one; `held`: forgotten there."""

    kind: Kind
    read: int = 0
    copied: int = 0
    there: int = 0
    held: int = 0
    refused: int = 0
    now_there: int = 0  # documents of the kind that the other store has behind the copy
    message: str = ""  # of the first that was refused

    @property
    def differs(self) -> bool:
        """Say whether the other store lacks something of what was read."""
        return bool(self.refused) or self.now_there < self.read - self.held


def copy_documents(
    source: DocumentStore, target: DocumentStore, kinds: Sequence[Kind], *, progress: Callable[[Copied], None]
) -> list[Copied]:
    """Copy whole kinds and return what became of each. Writers may work on both stores meanwhile."""
    target.create()
    found = []
    for kind in ORDER:
        if kind in kinds:
            found.append(_copy_kind(source, target, kind, progress))
            if kind == "suppressed" and found[-1].copied:
                sweep(target)  # what it had of that
    for each in found:
        each.now_there = target.count(each.kind)
    return found


def _copy_kind(source: DocumentStore, target: DocumentStore, kind: Kind, progress: Callable[[Copied], None]) -> Copied:
    done = Copied(kind=kind)
    for batch in _batches(source.scan(kind)):
        done.read += len(batch)
        versions = target.versions([each.id for each in batch], kind=kind)
        missing = [each for each in batch if versions.get(each.id, -1) < each.version]
        done.there += len(batch) - len(missing)
        allowed = _allowed(target, kind, missing)
        done.held += len(missing) - len(allowed)
        writes = [Write(kind=kind, id=each.id, version=each.version, source=each.source) for each in allowed]
        for result in target.bulk(writes):
            done.copied += result.status == "written"
            done.there += result.status == "stale"  # somebody wrote a newer one just now
            done.refused += result.status == "rejected"
            if result.status == "rejected" and not done.message:
                done.message = f"{result.id}: {result.message}"
        withdraw(target, writes)
        progress(done)
    return done


def _allowed(target: DocumentStore, kind: Kind, found: Sequence[Stored]) -> list[Stored]:
    """Return what the other store was not told to forget."""
    urls = {each.id: urls_in(kind, each.source) for each in found}
    ids = {each.id: article_of(each.id) for each in found}
    if kind in ("suppressed", "runs"):
        return list(found)
    held = held_back(target, urls={url for some in urls.values() for url in some}, ids=set(ids.values()))
    return [each for each in found if ids[each.id] not in held and not held.intersection(urls[each.id])]


def _batches(found: Iterable[Stored]) -> Iterator[list[Stored]]:
    found = iter(found)
    while batch := list(islice(found, BATCH)):
        yield batch
