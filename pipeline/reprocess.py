"""`reprocess`: stored articles through today's enrichers, as one bounded Beam job. Nothing is fetched."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from pipeline import exits, stores
from pipeline.feeds_file import read_feeds
from pipeline.history import changed_fields
from pipeline.names_file import read_names
from pipeline.plans import new_run_id, reprocess_job, reprocess_settings
from pipeline.report import RunReport
from pipeline.runs import ShowProgress, open_run
from pipeline.settings import Settings
from pipeline.supervise import StopRequest
from pipeline.units import counted
from transforms.clock import utc_now
from transforms.elements import FeedSource, History
from transforms.enrich import load_enrichers
from transforms.enrich_article import enrich_article
from transforms.index.base import DocumentStore, SearchRequest, Stored
from transforms.index.stored_articles import kept_as_it_is, says_the_same, stored_article
from transforms.settings import ReprocessSettings
from transforms.stored_articles import document_of, is_up_to_date
from transforms.try_each import FaultLimit

MAX_NAMED = 10  # articles that a dry run names


def run_reprocess(
    settings: Settings,
    request: SearchRequest,
    *,
    again: bool,
    limit: int | None,
    progress: ShowProgress,
) -> RunReport:
    """Enrich the stored articles that match again, write those that changed, and return the report.

    `again`: also those that today's code and configuration wrote. `limit` bounds how many are taken. Run again, it goes
    on: what was written is known by its provenance. Raises `ConfigurationError` and `StoreError` before anything is
    written.
    """
    read_names(settings)
    with stores.stored_documents(settings) as store:
        store.refresh()
        ids = [stored.id for stored in store.scan("articles", request)]
    with StopRequest().on_signals() as stop, open_run(settings, "reprocess", _feeds(settings)) as run:
        run.noun = "stored article"
        run.begin(max_pages=limit)
        jobs = [reprocess_job(settings, run.id, ids, again=again)] if ids else []
        end = run.work(jobs, progress=progress, stop=stop)
        came = run.state.books(run.id).came
        left = min(len(ids), limit or len(ids)) - came
        notes = [] if ids else ["no stored article matches"]
        if end.end == "ok" and left > 0:
            notes.append(f"{left} of {len(ids)} were left alone: they wait for a visit, or are no longer stored")
        return run.close(end, tuple(notes))


def plan(settings: Settings, request: SearchRequest) -> RunReport:
    """Return how many articles there are to do. Nothing is enriched or written."""
    ours = reprocess_settings(settings, "plan")
    with stores.stored_documents(settings) as store:
        done = Counter(is_up_to_date(stored.source, ours) for stored in store.scan("articles", request))
    lines = (
        f"{counted(done[False], 'stored article')} to enrich again; {done[True]} written by this version, configuration"
        " and names (--again takes those, too)",
        "Nothing is fetched. Nothing was done; run it without --plan.",
    )
    return _nothing_done(lines, {"to_enrich": done[False], "up_to_date": done[True]})


def dry_run(settings: Settings, request: SearchRequest, *, again: bool, limit: int | None) -> RunReport:
    """Enrich in this process, compare, and return which articles would change in which fields. Nothing is written."""
    ours = reprocess_settings(settings, "dry-run", again=again)
    seen, fields, named = 0, Counter[str](), list[str]()
    with stores.stored_documents(settings) as store:
        for stored, changed in islice(_differences(store, request, settings, ours), limit):
            seen += 1
            if changed is not None:
                fields.update(changed)
                named.append(f"  {stored.id} {stored.source['title'][:60]}: {', '.join(changed) or 'provenance alone'}")
    counts = dict(fields.most_common())
    lines = [f"{len(named)} of {counted(seen, 'article')} would be written anew", *named[:MAX_NAMED]]
    if len(named) > MAX_NAMED:
        lines.append(f"  ... and {len(named) - MAX_NAMED} more")
    if counts:
        lines.append("fields: " + ", ".join(f"{name} in {count}" for name, count in counts.items()))
    lines.append("Nothing was done; run it without --dry-run.")
    return _nothing_done(lines, {"articles": seen, "would_change": len(named), "fields": counts})


def _differences(
    store: DocumentStore, request: SearchRequest, settings: Settings, ours: ReprocessSettings
) -> Iterator[tuple[Stored, tuple[str, ...] | None]]:
    """Yield each article that would be taken, with the fields that would differ; None: it would not be written."""
    enrichers, faults = load_enrichers(settings.enrich.enable, read_names(settings)), FaultLimit()
    for stored in store.scan("articles", request):
        if ours.again or not is_up_to_date(stored.source, ours):
            faults.saw_one()
            known = History(document_id=stored.id)
            enriched = enrich_article(stored_article(stored, known, version=stored.version), enrichers, faults)
            enriched = replace(enriched, annotations={**enriched.annotations, **kept_as_it_is(stored.source)})
            written = document_of(enriched, ours, utc_now())
            same = says_the_same(stored.source, written)
            yield stored, None if same else changed_fields(stored.source, written)


def _nothing_done(lines: Sequence[str], document: dict[str, Any]) -> RunReport:
    return RunReport(run_id=new_run_id(), exit_code=exits.OK, lines=tuple(lines), document=document)


def _feeds(settings: Settings) -> tuple[FeedSource, ...]:
    return read_feeds(settings.feeds) if settings.feeds.is_file() else ()
