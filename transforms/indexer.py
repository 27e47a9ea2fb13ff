"""Writing one buffer of documents and settling its URLs, Beam-free: what `IndexDocuments` does at each flush."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from transforms.clock import utc_now
from transforms.crash_points import crash_point
from transforms.elements import Article, DeadLetter, EnrichedArticle, Outcome, Receipt, SiteDone
from transforms.errors import StoreError
from transforms.gone import mark_gone
from transforms.held_back import suppressed, without_forgotten
from transforms.index.base import DocumentStore, Write, WriteResult
from transforms.index.documents import article_writes, dead_letter_write
from transforms.index.requests import request_write
from transforms.index.revisions import revision_write
from transforms.index.suppression import withdraw
from transforms.settings import IndexSettings
from transforms.state.base import REPROCESSED, Claim, Settlement, StateStore
from transforms.web.urls import document_id

logger = logging.getLogger(__name__)

IndexElement = EnrichedArticle | DeadLetter | Outcome | Receipt | SiteDone


class Indexer:
    """Writes one buffer: claim ids, bulk, settle, release; in this order, so that a crash repeats harmlessly."""

    def __init__(self, store: DocumentStore, state: StateStore | None, settings: IndexSettings) -> None:
        self._store, self._state, self._settings = store, state, settings
        self._sent: list[Write] = []  # by this flush

    def close(self) -> None:
        """Close both backends."""
        self._store.close()
        if self._state is not None:
            self._state.close()

    def flush(self, buffer: Sequence[IndexElement]) -> int:
        """Write, settle and release what the buffer holds; return how many documents the store took."""
        buffer = without_forgotten(self._store, buffer)
        self._sent = []
        enriched, duplicates = self._claim(_newest(each for each in buffer if isinstance(each, EnrichedArticle)))
        gone, letters = mark_gone(
            self._store, [each for each in buffer if isinstance(each, DeadLetter)], run_id=self._settings.run_id
        )
        rows = [_ended(each) for each in (*duplicates, *(each for each in buffer if isinstance(each, Outcome)))]
        settled, rejected, written = self._write_articles(enriched)
        written += self._write_letters([*letters, *rejected])
        self._write_receipts([each for each in buffer if isinstance(each, Receipt)])
        withdraw(self._store, self._sent)
        rows += [*settled, *gone]
        rows += [_dead(letter) for letter in letters if letter.url is not None]
        if self._state is not None:
            if rows:
                self._state.settle(self._settings.run_id, rows)
            for done in (each for each in buffer if isinstance(each, SiteDone)):
                self._state.release(done.site, done.epoch, done.next_at)
        return written

    def _claim(self, enriched: list[EnrichedArticle]) -> tuple[list[EnrichedArticle], list[Outcome]]:
        """Give every article its id: the canonical URL's, or its own when another page has that."""
        if self._state is None or not enriched:
            return enriched, []
        answers = self._state.claim([_claim_of(each.article) for each in enriched])
        mine, duplicates, disputed = [], [], []
        for each, answer in zip(enriched, answers, strict=True):
            if answer == "mine":
                mine.append(each)
            elif answer == "suppressed":
                duplicates.append(suppressed(each.article.requested_url, each.article.version))
            elif answer == "conflict":
                disputed.append(replace(each, article=_under_its_own_id(each.article)))
            else:
                article = each.article
                duplicates.append(
                    Outcome(
                        url=article.requested_url, outcome="duplicate", reason="same_document", version=article.version
                    )
                )
        if disputed:
            own, others = self._claim(disputed)
            mine, duplicates = [*mine, *own], [*duplicates, *others]
        return mine, duplicates

    def _write_articles(self, enriched: list[EnrichedArticle]) -> tuple[list[Settlement], list[DeadLetter], int]:
        """Return how the articles' URLs end, letters about what the store refused, and how many documents it took.

        A refused fact row costs that row: its article stands in the store, and the ledger must say so.
        """
        now = utc_now()
        settings = self._settings
        groups = [
            article_writes(
                each,
                run_id=settings.run_id,
                pipeline_version=settings.pipeline_version,
                config_sha256=settings.config_sha256,
                now=now,
            )
            for each in enriched
        ]
        groups = [(*group, *self._revisions(each, group[0])) for each, group in zip(enriched, groups, strict=True)]
        results = self._bulk([write for group in groups for write in group])
        if groups:
            crash_point("written")
        settled, rejected, written = [], [], 0
        for each, group in zip(enriched, groups, strict=True):
            outcome = [next(results) for _ in group]
            written += sum(result.status == "written" for result in outcome)
            bad = next((result for result in outcome if result.status == "rejected"), None)
            if bad is not None:
                rejected.append(_rejected(each.article, bad, now))
            if bad is not None and bad.kind == "articles":
                settled.append(_dead(rejected[-1]))
            else:
                settled.append(_stored(each.article, group, reprocessed=settings.reprocessed))
        return settled, rejected, written

    def _revisions(self, enriched: EnrichedArticle, write: Write) -> tuple[Write, ...]:
        """Return the version that stands and the one that replaces it, to be kept.

        An article that never changes is its only version, and costs nothing more.
        """
        history = enriched.article.history
        stored = self._store.get("articles", write.id) if history.version else None
        if stored is None or stored.version >= write.version:
            return ()
        before = Write(kind="articles", id=stored.id, version=stored.version, source=stored.source)
        return revision_write(before), revision_write(write)

    def _write_letters(self, letters: list[DeadLetter]) -> int:
        results = list(self._bulk([dead_letter_write(letter, run_id=self._settings.run_id) for letter in letters]))
        for result in results:
            if result.status == "rejected":
                raise StoreError(f"the store refused a dead letter, so a failure would go unrecorded: {result.message}")
        return len(results)

    def _write_receipts(self, receipts: list[Receipt]) -> None:
        """Write receipts; one that the store refuses costs that receipt and no more."""
        for result in self._bulk([request_write(receipt, run_id=self._settings.run_id) for receipt in receipts]):
            if result.status == "rejected":
                logger.warning("a receipt was refused: %s", result.message)

    def _bulk(self, writes: list[Write]) -> Iterator[WriteResult]:
        self._sent += writes
        return iter(self._store.bulk(writes) if writes else ())


def _newest(enriched: Iterable[EnrichedArticle]) -> list[EnrichedArticle]:
    """Return each URL's newest fetch: two of one buffer would leave the fact rows that only the older one had."""
    found: dict[str, EnrichedArticle] = {}
    for each in enriched:
        older = found.get(each.article.requested_url)
        if older is None or older.article.version <= each.article.version:
            found[each.article.requested_url] = each
    return list(found.values())


def _claim_of(article: Article) -> Claim:
    return Claim(document_id=article.id, url=article.requested_url, raw_sha256=article.raw_sha256)


def _under_its_own_id(article: Article) -> Article:
    """Give a page an id of its own: what it claims is another page's, with other content (DESIGN 1.8).

    When another page has claimed even the URL that this one was asked for under, the id is made of that URL and a mark
    that no normal URL ends in, so that neither overwrites the other.
    """
    own = article.requested_url
    if article.url == own:
        return replace(article, id=document_id(f"{own}#own"))
    return replace(article, id=document_id(own), url=own, claimed_url=article.url)


def _stored(article: Article, writes: tuple[Write, ...], *, reprocessed: bool) -> Settlement:
    rows = [write.kind for write in writes if write.source is not None]
    return Settlement(
        url=article.requested_url,
        outcome="stored",
        reason=REPROCESSED if reprocessed else "",
        version=article.version,
        document_id=article.id,
        raw_sha256=article.history.raw_sha256 if reprocessed else article.raw_sha256,  # none of a page that is gone
        revision=article.history.revision + 1,
        figures=rows.count("figures"),
        quotes=rows.count("quotes"),
        validators=article.validators,
        site=article.site,
        observed=article.observed,
    )


def _rejected(article: Article, result: WriteResult, now: datetime) -> DeadLetter:
    return DeadLetter(
        stage="index",
        reason=result.reason or "rejected_by_store",
        message=f"{result.kind} {result.id}: {result.message}",
        occurred_at=now,
        url=article.requested_url,
        site=article.site,
        feed=article.feeds[0] if article.feeds else None,
        retryable=False,
        version=article.version,
        history=article.history,
    )


def _ended(outcome: Outcome) -> Settlement:
    return Settlement(
        url=outcome.url,
        outcome=outcome.outcome,
        reason=outcome.reason,
        version=outcome.version,
        due_at=outcome.due_at,
        validators=outcome.validators,
    )


def _dead(letter: DeadLetter) -> Settlement:
    assert letter.url is not None
    return Settlement(url=letter.url, outcome="dead_lettered", reason=letter.reason, version=letter.version)
