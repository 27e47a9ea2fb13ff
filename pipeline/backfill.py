"""`backfill`: one bounded run over URL lists and saved pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.feeds_file import read_feeds, require_contact
from pipeline.plans import archive_job, new_run_id, visiting_job
from pipeline.report import RunReport
from pipeline.runs import OpenRun, ShowProgress, open_run
from pipeline.settings import Settings
from pipeline.supervise import StopRequest
from pipeline.units import counted
from transforms.archives import ARCHIVES
from transforms.archives.stored_page import PageFile
from transforms.elements import FeedSource
from transforms.errors import ConfigurationError, StageError
from transforms.index.suppression import SUPPRESSED, held_back
from transforms.state.base import NewUrl
from transforms.web.urls import normalize_url, site_key

MAX_LIST_BYTES = 500_000_000
MAX_PROBLEMS = 20


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the sources of a backfill hold."""

    urls: tuple[NewUrl, ...] = ()
    pages: tuple[PageFile, ...] = ()


def run_backfill(
    settings: Settings,
    *,
    sources: Sequence[str],
    kind: str | None,
    limit: int | None,
    plan: bool,
    progress: ShowProgress,
) -> RunReport:
    """Index what URL lists name and folders of saved pages hold; return the report.

    `kind` (`urls` or `pages`) overrides what the sources look like. `plan` counts and does nothing. Run again, it goes
    on: what is settled is not fetched or read again. Raises `ConfigurationError` for an unreadable source.
    """
    work = read_work(sources, kind)
    if plan:
        return _plan(settings, work)
    feeds = read_feeds(settings.feeds) if settings.feeds.is_file() else ()
    _require_contact(settings, work.urls)
    with StopRequest().on_signals() as stop, open_run(settings, "backfill", feeds) as run:
        return _backfill(run, work, feeds, limit=limit, progress=progress, stop=stop)


def _backfill(
    run: OpenRun,
    work: Work,
    feeds: Sequence[FeedSource],
    *,
    limit: int | None,
    progress: ShowProgress,
    stop: StopRequest,
) -> RunReport:
    run.begin(max_pages=limit)
    jobs, notes = [], []
    if work.urls:
        new, known = run.state.add_urls(run.id, work.urls)
        forgotten = len(held_back(run.store, urls=(url.url for url in work.urls)))
        known = max(known - forgotten, 0)  # what was forgotten the ledger knows by its hash
        told = f", {forgotten} forgotten and not fetched ({SUPPRESSED})" if forgotten else ""
        notes.append(f"{counted(len(work.urls), 'URL')}: {new} new, {known} known already{told}")
        jobs.append(visiting_job(run.settings, run.id, feeds))
    if work.pages:
        notes.append(f"{len(work.pages)} saved pages; those that are in the store already are left out")
        jobs.append(archive_job(run.settings, run.id, work.pages))
    return run.close(run.work(jobs, progress=progress, stop=stop), tuple(notes))


def read_work(sources: Sequence[str], kind: str | None) -> Work:
    """Return what the sources hold, in order, each URL once. Raises `ConfigurationError` naming what cannot be used."""
    urls: dict[str, NewUrl] = {}
    pages: list[PageFile] = []
    for text in sources:
        path = Path(text)
        if not path.exists():
            raise ConfigurationError(
                f"there is no {text!r}; give a file with one URL a line, or a folder of saved pages"
            )
        is_archive, list_pages = ARCHIVES["pages"]
        if kind == "pages" or (kind is None and is_archive(path)):
            found = list_pages(path)
            if not found:
                raise ConfigurationError(f"{text!r} holds no saved pages (.html, .htm, .txt, or one of them with .gz)")
            pages += found
        else:
            urls.update((url.url, url) for url in read_url_list(path))
    return Work(urls=tuple(urls.values()), pages=tuple(pages))


def read_url_list(path: Path) -> list[NewUrl]:
    """Return the URLs of a file, one a line; `#` begins a comment. Raises `ConfigurationError` with every bad line."""
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder; a URL list is a file (for a folder of pages leave --as out)")
    if path.stat().st_size > MAX_LIST_BYTES:
        raise ConfigurationError(f"{path} has {path.stat().st_size} bytes; split it into lists of {MAX_LIST_BYTES}")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigurationError(f"cannot read {path}: {err}; a URL list is UTF-8 text with one URL a line") from err
    found, problems = [], []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            url = normalize_url(text)
        except StageError as err:
            problems.append(f"{path.name}:{number}: {err.message}")
            continue
        found.append(NewUrl(url=url, site=site_key(url)))
    if problems:
        more = [f"... and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
        raise ConfigurationError("\n".join([*problems[:MAX_PROBLEMS], *more]))
    if not found:
        raise ConfigurationError(f"{path} names no URL; write one a line")
    return found


def _require_contact(settings: Settings, urls: Iterable[NewUrl]) -> None:
    sites = {url.site: url.url for url in urls}
    require_contact(settings.contact, [FeedSource(url=url, id=site) for site, url in sites.items()])


def _plan(settings: Settings, work: Work) -> RunReport:
    """Return what a backfill would cost. The busiest site decides: its pages come one after the other."""
    per_site: dict[str, int] = {}
    for url in work.urls:
        per_site[url.site] = per_site.get(url.site, 0) + 1
    lines = []
    if work.urls:
        site, most = max(per_site.items(), key=lambda item: item[1])
        rule = settings.sites.get(site)
        delay_s = rule.delay_s if rule is not None and rule.delay_s is not None else settings.fetch.delay_s
        lines.append(f"{len(work.urls)} URLs on {len(per_site)} sites, one request each, and robots.txt of each site")
        lines.append(f"at least {most * delay_s / 60:.0f} min: {site} has {most} pages, {delay_s:g} s apart")
    if work.pages:
        lines.append(f"{len(work.pages)} saved pages, no requests")
    lines.append("Nothing was done. URLs that are known already will be left out; run it without --plan.")
    document = {
        "urls": len(work.urls),
        "sites": len(per_site),
        "pages": len(work.pages),
        "busiest_sites": _busiest(per_site),
    }
    return RunReport(run_id=new_run_id(), exit_code=0, lines=tuple(lines), document=document)


def _busiest(per_site: dict[str, int]) -> list[dict[str, object]]:
    ranked = sorted(per_site.items(), key=lambda item: (-item[1], item[0]))
    return [{"site": site, "urls": count} for site, count in ranked[:10]]
