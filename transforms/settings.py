"""Settings of the stages as plain picklable values: made once by the driver, sent to every worker. Beam-free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from transforms.elements import FeedSource
from transforms.enrich.naming.declared_names import DeclaredName
from transforms.feeds.polling import PollLimits
from transforms.text.settings import ExtractSettings, Tdm
from transforms.web.client import FetchSettings

GENERATION = 3  # of extraction and enrichment: raised when the same page could give another document (at most 1,023)
GENERATION_BITS = 10  # of a version: (fetched_at in ms << 10) | generation


class Sources(Protocol):
    """The feeds by id; a dict is one."""

    def get(self, feed: str, /) -> FeedSource | None: ...


@dataclass(frozen=True, kw_only=True)
class VisitSettings:
    """How sites are visited. `generation` is the pipeline's, below 2^10; `max_age_s` is for first polls.

    `sources`: the feeds by id; None: the ledger knows them, and what the user changes holds at once.
    `delay_s` (None: what the lease says) and `site_delays` are the configured pauses, below which no visit goes;
    `max_delay_s` is how far a site's slow answers can stretch them. `tdm`: "record" what pages say of text and data
    mining, "ask" sites for their file about it too, or "skip" what is reserved.
    """

    fetch: FetchSettings
    generation: int
    sources: Sources | None = field(default_factory=dict[str, FeedSource])
    poll_limits: PollLimits = PollLimits()
    max_age_s: float | None = None
    delay_s: float | None = None
    site_delays: Mapping[str, float] = field(default_factory=dict)
    max_delay_s: float = 30.0
    max_redirects: int = 5
    max_attempts: int = 5
    max_faults: int = 20
    product: str = "newsbeam"
    tdm: Tdm = "record"


@dataclass(frozen=True, kw_only=True)
class SeatSettings:
    """How a worker sits: visits at once (`threads`), sites taken per look, how long a lease's visit may last.

    A seat ends when the run has nothing to do within `patience_s`; a streaming seat (`seat_s`) after that time.
    """

    run_id: str
    state: str
    visit: VisitSettings
    threads: int = 16
    sites_per_look: int = 3
    slice_s: float = 60.0
    patience_s: float = 10.0
    seat_s: float | None = None
    tick_s: float = 0.2


@dataclass(frozen=True, kw_only=True)
class ArchiveSettings:
    """How archives are read. `again` takes pages that are settled already; `max_page_bytes` bounds a page."""

    run_id: str
    state: str
    generation: int
    max_page_bytes: int
    again: bool = False
    max_faults: int = 20


@dataclass(frozen=True, kw_only=True)
class ArticleSettings:
    """What the stage needs: the text settings, the feeds by id (None: the ledger's), and the ledger.

    In the ledger the URL in hand is noted. `learn`: what recurs on a site is observed, and dropped by the profile that
    was the newest at `profiles_at`; None: at the beginning of the hour in which the page was fetched (endless jobs).
    """

    text: ExtractSettings
    state: str | None
    generation: int
    sources: Sources | None = field(default_factory=dict[str, FeedSource])
    max_faults: int = 20
    learn: bool = False
    profiles_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReprocessSettings:
    """How stored articles are read and compared. `enrichers`: today's, as `name@version`.

    `again`: also what today's code and configuration wrote.
    """

    run_id: str
    store: str
    state: str
    project: str
    pipeline_version: str
    config_sha256: str
    enrichers: tuple[str, ...]
    again: bool = False
    max_faults: int = 20


@dataclass(frozen=True, kw_only=True)
class IndexSettings:
    """Where documents go and how they are batched. `bulk` counts documents, `flush_age_s` bounds how long one waits.

    `state` None: documents only, no ledger (a pipeline of one's own). `reprocessed`: the texts are those that are
    stored, so that what is written is an update, and the ledger's hash of a page's text stays.
    """

    run_id: str
    store: str
    state: str | None
    project: str = "default"
    pipeline_version: str = ""
    config_sha256: str = ""
    bulk: int = 100
    bulk_chars: int = 8_000_000
    flush_age_s: float = 1.0
    reprocessed: bool = False


@dataclass(frozen=True, kw_only=True)
class GraphSettings:
    """Everything the graph needs, as plain picklable values."""

    seat: SeatSettings
    extract: ArticleSettings
    enrich: tuple[str, ...]
    index: IndexSettings
    names: tuple[DeclaredName, ...] = field(default=(), repr=False)  # what a desk declares
    max_faults: int = 20
