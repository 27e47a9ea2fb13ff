"""What was forgotten, on its way into the store: taken out of a buffer before anything of it is written. Beam-free."""

from collections.abc import Iterator, Sequence

from transforms.elements import DeadLetter, EnrichedArticle, Outcome, Receipt, SiteDone
from transforms.index.base import DocumentStore
from transforms.index.suppression import SUPPRESSED, held_back

Elements = EnrichedArticle | DeadLetter | Outcome | Receipt | SiteDone


def without_forgotten(store: DocumentStore, buffer: Sequence[Elements]) -> list[Elements]:
    """Return a buffer in which what was forgotten has become `filtered(suppressed)`, and its receipts are gone."""
    named = [(each, set(_urls(each))) for each in buffer]
    ids = {each.article.id for each in buffer if isinstance(each, EnrichedArticle)}
    held = held_back(store, urls=set().union(*(urls for _, urls in named)), ids=ids)
    if not held:
        return list(buffer)
    kept: list[Elements] = []
    for each, urls in named:
        if not (held & urls or (isinstance(each, EnrichedArticle) and each.article.id in held)):
            kept.append(each)
        elif isinstance(each, EnrichedArticle):
            kept.append(suppressed(each.article.requested_url, each.article.version))
        elif isinstance(each, DeadLetter) and each.url is not None:
            kept.append(suppressed(each.url, each.version))
    return kept


def suppressed(url: str, version: int) -> Outcome:
    """Return how the work on a URL ends that leads to what was forgotten."""
    return Outcome(url=url, outcome="filtered", reason=SUPPRESSED, version=version)


def _urls(element: Elements) -> Iterator[str]:
    if isinstance(element, EnrichedArticle):
        yield from (element.article.requested_url, element.article.url, element.article.original_url)
    elif isinstance(element, Receipt):
        yield from (element.url, element.subject or element.url)
    elif isinstance(element, DeadLetter) and element.url is not None:
        yield element.url
