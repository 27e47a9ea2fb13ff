"""A run's report: its books, whether ledger and store agree, and what that means for the exit code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline import exits
from pipeline.supervise import JobEnd
from transforms.index.base import DocumentStore
from transforms.state.base import ENDED_WITH_DOCUMENT, SUPPRESSED, Books, StateStore

CHECK_BATCH = 500
MAX_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """What a run did. `lines` are for people, `document` for programs, `problems` what does not add up."""

    run_id: str
    exit_code: int
    lines: tuple[str, ...]
    document: dict[str, Any] = field(repr=False)
    problems: tuple[str, ...] = ()


def compare_with_store(state: StateStore, store: DocumentStore, run_id: str, *, deaths: int = 0) -> tuple[str, ...]:
    """Return how ledger and store disagree about a run; empty when they agree.

    Settled without its document, or at a newer version than the document; a document of the run that the ledger does
    not know, or knows at another version; a document whose URL is pending. A document that is newer was written by
    another run since, or by one that has a ledger of its own over this store: ours was older, and was ignored. After
    `deaths` a document may have no end in the ledger that says so: its worker died between the two, and the page was
    gone or busy when it was asked for again.
    """
    store.refresh()
    missing = older = 0
    for batch in _batches(state.stored_by(run_id), CHECK_BATCH):
        versions = store.versions([document_id for _, document_id, _ in batch])
        for url, document_id, version in batch:
            missing += document_id not in versions and not _was_forgotten(state.lookup(url))
            older += document_id in versions and versions[document_id] < version
    unknown = pending = 0
    for _, version, url in store.articles_of_run(run_id):
        row = state.lookup(url)
        if _was_forgotten(row):
            continue
        if deaths and row is not None and row["version"] < version and not _ended_with_document(row):
            continue
        if row is None or (row["state"] == "settled" and row["version"] != version):
            unknown += 1
        elif row["state"] == "pending" and row["version"] != version:  # else it was settled, and is wanted again
            pending += 1
    found = (
        (missing, "URLs are settled, but their document is not in the store"),
        (older, "URLs are settled at a newer version than the store's document"),
        (unknown, "documents are unknown to the ledger, or known at another version"),
        (pending, "documents are in the store, but their URL is pending"),
    )
    return tuple(f"{count} {what}" for count, what in found if count)


def _ended_with_document(row: dict[str, Any]) -> bool:
    return row["state"] == "settled" and row["outcome"] in ENDED_WITH_DOCUMENT


def _was_forgotten(row: dict[str, Any] | None) -> bool:
    """Say whether a URL was forgotten by somebody else while this run went on."""
    return row is not None and row["reason"] == SUPPRESSED


def _batches(rows: Iterable[tuple[str, str, int]], size: int) -> Iterator[list[tuple[str, str, int]]]:
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def run_report(
    books: Books,
    end: JobEnd,
    *,
    disagreements: tuple[str, ...],
    max_failed_ratio: float,
    feeds: int,
    elapsed_s: float,
    failing: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
    noun: str = "new URL",
) -> RunReport:
    """Return the report of a run that ended. `failing`: (feed, reason) of the polls that failed; `noun`: what came."""
    problems = books.unbalanced + (disagreements if end.end == "ok" else ())
    counts = _by_outcome(books)
    code = _exit_code(end, problems, books, max_failed_ratio)
    lines = [
        *notes,
        _summary(books, counts, feeds=feeds, elapsed_s=elapsed_s, balanced=not problems, noun=noun, end=end.end),
    ]
    lines += _deferred_lines(books)
    lines += _failing_lines(failing)
    if end.deaths:
        lines.append(f"{end.deaths} worker deaths; the work went on where it was cut")
    if end.end not in ("ok", "interrupted"):
        lines.append(f"The job failed: {end.message or end.end}" + (f" (log: {end.log})" if end.log else ""))
    elif end.end == "interrupted":
        lines.append(f"Interrupted. {end.message or 'What was done is kept'}; run it again to go on.")
    if problems:
        lines.append(f"The books of run {books.run_id} do not balance; this is a bug in newsbeam, please report it:")
        lines += [f"  {problem}" for problem in problems]
    document: dict[str, Any] = {
        "run_id": books.run_id,
        "end": end.end,
        "exit_code": code,
        "elapsed_s": round(elapsed_s, 3),
        "feeds": feeds,
        "polls": dict(books.polls),
        "came": books.came,
        "carried_over": books.carried,
        "ended": books.ended,
        "deferred": books.deferred,
        "handed_over": books.handed_over,
        "outcomes": [
            {"outcome": outcome, "reason": reason or None, "count": count} for outcome, reason, count in books.outcomes
        ],
        "deferred_by": dict(books.deferred_by),
        "balanced": not problems,
        "problems": list(problems),
        "deaths": end.deaths,
    }
    if end.message:
        document["message"] = end.message
    return RunReport(
        run_id=books.run_id, exit_code=code, lines=tuple(lines), document=document, problems=tuple(problems)
    )


def _by_outcome(books: Books) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome, _, count in books.outcomes:
        counts[outcome] = counts.get(outcome, 0) + count
    return counts


def _exit_code(end: JobEnd, problems: tuple[str, ...], books: Books, max_failed_ratio: float) -> int:
    if end.end == "schema":
        return exits.USAGE
    if problems or end.end in ("error", "hung"):
        return exits.FAILED
    if end.end == "interrupted":
        return exits.INTERRUPTED
    counts, polls = _by_outcome(books), dict(books.polls)
    pages = sum(counts.values()) - counts.get("filtered", 0)
    shares = ((counts.get("dead_lettered", 0), pages), (polls.get("failed", 0), sum(polls.values())))
    too_many = any(total and failed / total > max_failed_ratio for failed, total in shares)
    return exits.MANY_FAILED if too_many else exits.OK


_WORDS = {"dead_lettered": "failed"}
_QUIET = {
    ("created", ""),
    ("updated", ""),
    ("unchanged", ""),
    ("unchanged", "same_text"),
    ("duplicate", "same_document"),
}


def _summary(
    books: Books, counts: dict[str, int], *, feeds: int, elapsed_s: float, balanced: bool, noun: str, end: str
) -> str:
    """Return the one line that most people read: feeds, entries, outcomes with reasons, balance, time."""
    polls = dict(books.polls)
    head = [_plural(feeds, "feed")] if feeds else []
    head += [
        f"{count} {what}"
        for key, what in (("not_modified", "not modified"), ("failed", "failed"))
        if (count := polls.get(key))
    ]
    head.append(_plural(books.came, noun))
    if books.carried:
        head.append(f"{books.carried} carried over")
    parts = [f"{count} {_WORDS.get(name, name)}{_reasons(books, name)}" for name, count in counts.items()]
    if books.deferred:
        parts.append(f"{books.deferred} deferred")
    if books.handed_over:
        parts.append(f"{books.handed_over} done by another run")
    ends = ", ".join(parts) or ("nothing to do" if end == "ok" else "nothing done yet")
    return f"{', '.join(head)}: {ends}. {'Books balance' if balanced else 'BOOKS DO NOT BALANCE'}. {elapsed_s:.0f} s"


def _reasons(books: Books, outcome: str) -> str:
    rows = [
        (reason, count) for name, reason, count in books.outcomes if name == outcome and (name, reason) not in _QUIET
    ]
    if not rows:
        return ""
    return " (" + ", ".join(reason if len(rows) == 1 else f"{count} {reason}" for reason, count in rows) + ")"


def _deferred_lines(books: Books) -> list[str]:
    if not books.deferred:
        return []
    by = ", ".join(f"{count} {reason}" for reason, count in books.deferred_by)
    until = books.deferred_until
    when = f" until {_clock_time(until)} UTC" if until is not None and until.timestamp() < 4e9 else ""
    return [f"deferred: {by}{when}; the next run takes them up when they are due"]


def _failing_lines(failing: tuple[tuple[str, str], ...]) -> list[str]:
    """Name the feeds that failed, a few at most: the rest is in `feeds list`."""
    if not failing:
        return []
    named = ", ".join(f"{feed} ({reason})" for feed, reason in failing[:MAX_NAMED])
    more = f" and {len(failing) - MAX_NAMED} more" if len(failing) > MAX_NAMED else ""
    return [f"feeds that failed: {named}{more}; `newsbeam feeds list` says when they are asked again"]


def _clock_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
