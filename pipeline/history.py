"""What changed between the kept versions of an article: which fields, and how its words read before and after."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.index.base import Document, DocumentStore, Stored

TEXTS = ("title", "subtitle", "summary", "body")
# Of the visit and not of the article: they differ in every version.
_OF_THE_VISIT = re.compile(
    r"(event|pipeline|content)\..*|fetched_at|updated|feeds|word_count|url\.(original|requested)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…”\"])\s+|\n+")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A version and what it changed. `texts`: field -> lines that begin with `-` (gone) or `+` (new)."""

    version: int
    fetched_at: str
    revision: int | None
    run_id: str | None
    changed: tuple[str, ...] = ()
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def versions_of(store: DocumentStore, article: Stored) -> list[tuple[int, Document]]:
    """Return (version, document) of every version that is kept, oldest first; the last is the one that stands."""
    found = {article.version: article.source}
    for revision in store.find("revisions", "article.id", [article.id]):
        found.setdefault(revision.source["version"], revision.source["document"])
    return sorted(found.items())


def changes(versions: Sequence[tuple[int, Document]]) -> Iterator[Change]:
    """Yield what each version changed of the one before it; the first changed nothing."""
    before: Document | None = None
    for version, document in versions:
        yield Change(
            version=version,
            fetched_at=document["fetched_at"],
            revision=document.get("content", {}).get("revision"),
            run_id=document.get("pipeline", {}).get("run_id"),
            changed=() if before is None else changed_fields(before, document),
            texts={} if before is None else _texts(before, document),
        )
        before = document


def changed_fields(before: Document, after: Document) -> tuple[str, ...]:
    """Return the fields that differ, with `+` before new ones and `-` before those that are gone.

    >>> changed_fields({"title": "A", "tags": ["x"]}, {"title": "B", "section": "World"})
    ('+section', '-tags', 'title')
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return tuple(
        f"{'+' if name not in old else '-' if name not in new else ''}{name}"
        for name in names
        if not _OF_THE_VISIT.fullmatch(name)
    )


def _flat(document: Document, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _texts(before: Document, after: Document) -> dict[str, tuple[str, ...]]:
    found = {name: _lines(before.get(name, ""), after.get(name, "")) for name in TEXTS}
    return {name: lines for name, lines in found.items() if lines}


def _lines(before: str, after: str) -> tuple[str, ...]:
    """Return the sentences that went and came, in their order."""
    old, new = (_SENTENCE_END.split(text.strip()) if text.strip() else [] for text in (before, after))
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    lines: list[str] = []
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what != "equal":
            lines += [f"- {sentence}" for sentence in old[old_from:old_to]]
            lines += [f"+ {sentence}" for sentence in new[new_from:new_to]]
    return tuple(lines)
