"""Articles whose page is no longer there: the document stays, and says since when. Beam-free."""

from collections.abc import Sequence

from transforms.elements import DeadLetter
from transforms.index.base import DocumentStore, Stored, Write
from transforms.index.documents import plain
from transforms.state.base import Settlement

GONE_REASONS = ("http_404", "http_410")


def mark_gone(
    store: DocumentStore, letters: Sequence[DeadLetter], *, run_id: str
) -> tuple[list[Settlement], list[DeadLetter]]:
    """Mark the stored articles whose page answered 404 or 410; return how their URLs end, and the other letters.

    A URL that was stored and is gone has not failed: its article is `updated` with the reason `gone`. Without the hash
    of its text in the ledger, a page that comes back with the same words is written again, and is `live` again.
    """
    settled, others = [], []
    for letter in letters:
        stored = _stored(store, letter)
        if stored is None:
            others.append(letter)
            continue
        [result] = store.bulk([_gone(stored, letter, run_id=run_id)])
        if result.status == "rejected":
            others.append(letter)
        else:
            settled.append(_settlement(letter))
    return settled, others


def _stored(store: DocumentStore, letter: DeadLetter) -> Stored | None:
    if letter.stage != "visit" or letter.reason not in GONE_REASONS or letter.url is None:
        return None
    if letter.history.document_id is None or not letter.history.version:
        return None
    stored = store.get("articles", letter.history.document_id)
    return stored if stored is not None and stored.source["url"]["requested"] == letter.url else None


def _gone(stored: Stored, letter: DeadLetter, *, run_id: str) -> Write:
    source = {
        **stored.source,
        "status": "gone",
        "gone_at": stored.source.get("gone_at", plain(letter.occurred_at)),
        "pipeline": {**stored.source["pipeline"], "run_id": run_id},
    }
    return Write(kind="articles", id=stored.id, version=letter.version, source=source)


def _settlement(letter: DeadLetter) -> Settlement:
    assert letter.url is not None
    history = letter.history
    return Settlement(
        url=letter.url,
        outcome="stored",
        reason="gone",
        version=letter.version,
        document_id=history.document_id,
        revision=history.revision,
        figures=history.figures,
        quotes=history.quotes,
    )
