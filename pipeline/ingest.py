"""`ingest`: one bounded run over the feeds that are due, or over those that are named."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.feeds_file import read_feeds, require_contact
from pipeline.plans import visiting_job
from pipeline.report import RunReport
from pipeline.runs import OpenRun, ShowProgress, open_run
from pipeline.settings import Settings
from pipeline.supervise import StopRequest
from transforms.clock import epoch_s
from transforms.elements import FeedSource
from transforms.errors import ConfigurationError, StageError
from transforms.feeds.lists import read_feed_list
from transforms.web.urls import feed_id, normalize_url


def run_ingest(
    settings: Settings,
    *,
    sources: Sequence[str],
    force: bool,
    limit: int | None,
    progress: ShowProgress,
) -> RunReport:
    """Poll feeds, index their new articles, end; return the report.

    `sources`: feed URLs, feed files (YAML, OPML, one URL a line); none: the feeds of the configuration that are due.
    `force` polls feeds now, due or not. `limit` bounds the requests for pages. Raises `ConfigurationError` and
    `StoreError` before anything is fetched.
    """
    listed = configured_feeds(settings) if not sources else ()
    named = named_feeds(sources)
    feeds = _together(listed or _configured_or_none(settings), named)
    wanted = tuple(source.id for source in (named or listed))
    require_contact(settings.contact, [source for source in feeds if source.id in set(wanted)])
    with StopRequest().on_signals() as stop, open_run(settings, "ingest", feeds) as run:
        return _ingest(run, feeds, wanted, force=force, limit=limit, progress=progress, stop=stop)


def _ingest(
    run: OpenRun,
    feeds: Sequence[FeedSource],
    wanted: tuple[str, ...],
    *,
    force: bool,
    limit: int | None,
    progress: ShowProgress,
    stop: StopRequest,
) -> RunReport:
    if force:
        run.state.force_due(wanted)
    due = set(run.state.due_feeds())
    polled = tuple(feed for feed in wanted if feed in due)
    run.begin(feeds=polled, max_pages=limit)
    run.state.bury_dead()  # what a killed run, or one whose store this was before a restore, holds is free
    work_at = run.state.next_work_at()
    something = polled or (work_at is not None and work_at <= epoch_s() + run.settings.ingest.linger_s)
    jobs = [visiting_job(run.settings, run.id, feeds)] if something else []
    end = run.work(jobs, progress=progress, stop=stop)
    waiting = len(wanted) - len(polled)
    notes = (f"{waiting} of {len(wanted)} feeds are not due yet; --force polls them now",) if waiting else ()
    return run.close(end, notes)


def configured_feeds(settings: Settings) -> tuple[FeedSource, ...]:
    """Return the feeds of the configuration. Raises `ConfigurationError` when there are none."""
    feeds = read_feeds(settings.feeds)
    if not feeds:
        raise ConfigurationError(f"{settings.feeds} lists no feeds yet; `newsbeam feeds add URL` adds one")
    return feeds


def _configured_or_none(settings: Settings) -> tuple[FeedSource, ...]:
    return read_feeds(settings.feeds) if settings.feeds.is_file() else ()


def named_feeds(sources: Sequence[str]) -> tuple[FeedSource, ...]:
    """Return the feeds that a command line names. Raises `ConfigurationError` naming what cannot be read."""
    feeds: list[FeedSource] = []
    for text in sources:
        path = Path(text)
        if text.startswith(("http://", "https://")):
            feeds.append(_feed_at(text))
        elif path.suffix in (".yaml", ".yml"):
            feeds += read_feeds(path) if path.is_file() else _no_such(text)
        elif path.is_file():
            feeds += read_feed_list(path.read_bytes(), path.name)
        else:
            _no_such(text)
    return tuple(feeds)


def _feed_at(text: str) -> FeedSource:
    try:
        url = normalize_url(text)
    except StageError as err:
        raise ConfigurationError(f"{text!r} is no feed URL: {err.message}") from err
    return FeedSource(url=url, id=feed_id(url))


def _no_such(text: str) -> tuple[FeedSource, ...]:
    raise ConfigurationError(
        f"there is no file {text!r}, and it is no http or https URL; give a feed URL or a feed file"
    )


def _together(listed: Sequence[FeedSource], named: Sequence[FeedSource]) -> tuple[FeedSource, ...]:
    """Return both lists, each URL once: what the configuration says of a feed holds when it is named, too."""
    known = {normalize_url(source.url): source for source in listed}
    return (*listed, *(source for source in named if normalize_url(source.url) not in known))
