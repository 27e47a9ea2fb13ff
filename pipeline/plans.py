"""From the user's settings to what the stages take: the only place where both are known."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from pipeline.engines.choose import on_engine
from pipeline.job import Job
from pipeline.names_file import read_names
from pipeline.settings import Settings
from transforms.archives.stored_page import PageFile
from transforms.clock import utc_now
from transforms.elements import FeedSource
from transforms.enrich import wanted_enrichers
from transforms.enrich.naming.declared_entities import digest
from transforms.enrich.naming.declared_names import DeclaredName
from transforms.feeds.polling import PollLimits
from transforms.settings import (
    GENERATION,
    ArchiveSettings,
    ArticleSettings,
    GraphSettings,
    IndexSettings,
    ReprocessSettings,
    SeatSettings,
    VisitSettings,
)
from transforms.state.base import SiteRule
from transforms.text.settings import ExtractSettings
from transforms.web.client import FetchSettings

MIN_SLICE_S = 60.0


def new_run_id(now: datetime | None = None) -> str:
    """Return a run id that sorts by start time and is unique: `20261124T083000.123Z-1f3a`."""
    now = now or utc_now()
    return f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z-{secrets.token_hex(2)}"


def started_at(run_id: str) -> datetime:
    """Return when a run began, by its id; now for an id that `new_run_id` did not make.

    >>> started_at("20261124T083000.123Z-1f3a").isoformat()
    '2026-11-24T08:30:00.123000+00:00'
    """
    try:
        return datetime.strptime(f"{run_id.partition('Z-')[0]}+0000", "%Y%m%dT%H%M%S.%f%z")
    except ValueError:
        return utc_now()


def pipeline_version() -> str:
    """Return the installed version of newsbeam."""
    return version("newsbeam")


def config_sha256(settings: Settings, names: Sequence[DeclaredName]) -> str:
    """Return a hash of the configuration and of the names that a desk declares: the same, the same documents."""
    return hashlib.sha256(f"{settings.sha256} {digest(names)}".encode()).hexdigest() if names else settings.sha256


def worker_count(settings: Settings) -> int:
    """Return how many worker processes to use; 0 in the configuration means all cores."""
    return settings.run.processes


def site_rules(settings: Settings) -> dict[str, SiteRule]:
    """Return the configured rules by site."""
    return {name: SiteRule(delay_s=site.delay_s, paused=site.pause) for name, site in settings.sites.items()}


def fetch_settings(settings: Settings) -> FetchSettings:
    """Return how requests are made."""
    fetch = settings.fetch
    contact = settings.contact
    return FetchSettings(
        user_agent=settings.user_agent,
        from_email=contact if contact and "@" in contact else None,
        timeout_s=fetch.timeout_s,
        connect_timeout_s=fetch.connect_timeout_s,
        max_page_bytes=fetch.max_page_bytes,
        max_feed_bytes=fetch.max_feed_bytes,
        allow_private=fetch.allow_private,
        resolve=fetch.resolve_entries,
    )


def poll_limits(settings: Settings) -> PollLimits:
    """Return how often feeds are polled that have no pace of their own, and how often quiet ones are."""
    ingest = settings.ingest
    return PollLimits(floor_s=ingest.poll_every_s, max_interval_s=max(ingest.poll_every_s, ingest.poll_at_least_s))


def text_settings(settings: Settings) -> ExtractSettings:
    """Return how pages become articles."""
    return ExtractSettings(
        languages=settings.languages,
        min_body_chars=settings.extract.min_body_chars,
        max_body_chars=settings.extract.max_body_chars,
        noindex=settings.rights.noindex,
        noarchive=settings.rights.noarchive,
        tdm=settings.rights.tdm,
        timezone=settings.timezone,
    )


def graph_settings(
    settings: Settings,
    run_id: str,
    sources: Sequence[FeedSource] | None,
    *,
    streaming: bool = False,
    names: Sequence[DeclaredName] | None = None,
) -> GraphSettings:
    """Return what the whole graph needs for one run. `sources` None: workers ask the ledger for a feed's facts.

    `names` None: what `names.yaml` declares now. Raises `ConfigurationError` for one that cannot be used.
    """
    names = read_names(settings) if names is None else names
    by_id = None if sources is None else {source.id: source for source in sources}
    return GraphSettings(
        seat=SeatSettings(
            run_id=run_id,
            state=settings.state,
            visit=VisitSettings(
                fetch=fetch_settings(settings),
                generation=GENERATION,
                sources=by_id,
                max_age_s=settings.ingest.max_age_s,
                poll_limits=poll_limits(settings),
                delay_s=settings.fetch.delay_s,
                site_delays={name: site.delay_s for name, site in settings.sites.items() if site.delay_s is not None},
                max_delay_s=settings.fetch.max_delay_s,
                max_redirects=settings.fetch.max_redirects,
                tdm=settings.rights.tdm,
            ),
            threads=settings.run.threads,
            slice_s=max(MIN_SLICE_S, settings.fetch.delay_s),
            patience_s=settings.ingest.linger_s,
            seat_s=settings.engines.seat_s if streaming else None,
        ),
        extract=ArticleSettings(
            text=text_settings(settings),
            state=settings.state,
            generation=GENERATION,
            sources=by_id,
            learn=settings.extract.learn_boilerplate,
            profiles_at=None if streaming else started_at(run_id),
        ),
        enrich=settings.enrich.enable,
        index=IndexSettings(
            run_id=run_id,
            store=settings.store,
            state=settings.state,
            project=settings.project,
            pipeline_version=pipeline_version(),
            config_sha256=config_sha256(settings, names),
            bulk=settings.run.bulk,
            flush_age_s=settings.run.flush_age_s,
        ),
        names=tuple(names),
    )


def visiting_job(
    settings: Settings,
    run_id: str,
    sources: Sequence[FeedSource],
    *,
    streaming: bool = False,
    names: Sequence[DeclaredName] | None = None,
) -> Job:
    """Return the job that visits what the run may visit; an unbounded one works in seats until it is stopped."""
    return Job(
        run_id=run_id,
        state=settings.state,
        graph=graph_settings(settings, run_id, None if streaming else sources, streaming=streaming, names=names),
        workers=worker_count(settings),
        grace_s=settings.run.grace_s,
        engine=on_engine(settings, run_id, streaming=streaming),
    )


def reprocess_settings(settings: Settings, run_id: str, *, again: bool = False) -> ReprocessSettings:
    """Return how stored articles are read and compared with what today's code makes of them."""
    names = read_names(settings)
    return ReprocessSettings(
        run_id=run_id,
        store=settings.store,
        state=settings.state,
        project=settings.project,
        pipeline_version=pipeline_version(),
        config_sha256=config_sha256(settings, names),
        enrichers=tuple(f"{each.name}@{each.version}" for each in wanted_enrichers(settings.enrich.enable, names)),
        again=again,
    )


def reprocess_job(settings: Settings, run_id: str, ids: Sequence[str], *, again: bool = False) -> Job:
    """Return the job that enriches stored articles again."""
    graph = graph_settings(settings, run_id, ())
    return Job(
        run_id=run_id,
        state=settings.state,
        graph=replace(graph, index=replace(graph.index, reprocessed=True)),
        workers=worker_count(settings),
        grace_s=settings.run.grace_s,
        engine=on_engine(settings, run_id, streaming=False),
        stored=tuple(ids),
        reprocess=reprocess_settings(settings, run_id, again=again),
    )


def archive_job(settings: Settings, run_id: str, pages: Sequence[PageFile], *, again: bool = False) -> Job:
    """Return the job that reads pages of an archive."""
    return Job(
        run_id=run_id,
        state=settings.state,
        graph=graph_settings(settings, run_id, ()),
        workers=worker_count(settings),
        grace_s=settings.run.grace_s,
        engine=on_engine(settings, run_id, streaming=False),
        pages=tuple(pages),
        archive=ArchiveSettings(
            run_id=run_id,
            state=settings.state,
            generation=GENERATION,
            max_page_bytes=settings.fetch.max_page_bytes,
            again=again,
        ),
    )
