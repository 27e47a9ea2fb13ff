"""The values that travel through the pipeline, from feed entry to search hit.

Elements are frozen, sequences are tuples, instants are aware UTC, sizes are bytes, durations end in `_s` or
`_ms`. Offsets are half-open Unicode code points into the field that a span names:
`article.<field>[start_char:end_char] == text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

SpanField = Literal["title", "subtitle", "summary", "body"]
SPAN_FIELDS: tuple[SpanField, ...] = ("title", "subtitle", "summary", "body")

Label = Literal["PERSON", "ORG", "GPE", "LOC", "NORP", "FAC", "EVENT", "WORK", "PRODUCT"]
FigureKind = Literal["count", "money", "percent", "duration", "age", "measure", "ordinal", "ratio", "score"]
Comparator = Literal["exact", "about", "nearly", "at_least", "at_most", "more_than", "less_than", "up_to"]
OutcomeName = Literal[
    "created", "updated", "unchanged", "duplicate", "filtered", "blocked", "dead_lettered", "deferred"
]
ContentSource = Literal["page", "feed", "json-ld", "file"]
Why = Literal["page", "revisit", "feed", "robots", "rights"]  # a request was made


# --- what a feed is, and what it says ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Who publishes: `country` is ISO 3166-1 alpha-2."""

    name: str | None = None
    id: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedSource:
    """A feed as the user configured it. `every_s` is a floor in seconds; `timezone` is for dates without a zone.

    `start`: which entries of the first edition are wanted: those young enough, none ("now"), or all.
    """

    url: str
    id: str
    publisher: Publisher = Publisher()
    timezone: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    every_s: float | None = None
    text: Literal["page", "feed"] = "page"
    start: Literal["recent", "now", "all"] = "recent"


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """One entry of a feed as it was read. `link` is absolute; `content` is HTML (or text) as the feed gave it."""

    link: str
    id: str
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class History:
    """What the ledger knows of a URL when it is leased: the only read of the past in the whole graph.

    `version` is 0 for a URL never stored; `figures` and `quotes` count the fact rows of the stored revision, whose page
    had these `validators` (`transforms/web/validators.py` reads them).
    """

    document_id: str | None = None
    first_seen: datetime | None = None
    revision: int = 0
    raw_sha256: str | None = None
    version: int = 0
    figures: int = 0
    quotes: int = 0
    feeds: tuple[str, ...] = ()
    validators: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What a page or its site reserves, beside `noindex` and `noarchive`. None and empty: nothing is said.

    `tdm_reserved`, `tdm_policy`: W3C TDM Reservation Protocol; `licenses`: URLs of RSL and other licences; `signals`:
    what robots.txt has under Content-Signal (`ai-train=no`).
    """

    tdm_reserved: bool | None = None
    tdm_policy: str | None = None
    licenses: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()


# --- the chain: RawPage -> Article -> EnrichedArticle ----------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RawPage:
    """A fetched page. `url` is the one that was asked for (the ledger's key), `final_url` where redirects ended.

    `version` is `(fetched_at in ms << 10) | generation`, and at least the stored version + 1 (DESIGN 1.7).
    """

    url: str
    final_url: str
    site: str
    body: bytes = field(repr=False)
    fetched_at: datetime
    version: int
    status_code: int = 200
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    source: ContentSource = "page"
    entry: FeedEntry | None = None
    history: History = History()
    robots_rule: str | None = None
    rights: Rights = Rights()
    validators: str | None = None


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture of the article; `width` and `height` in pixels where the page says so."""

    url: str
    caption: str | None = None
    alt: str | None = None
    credit: str | None = None
    agency: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A line that was stripped from the body, and the rule that did it."""

    text: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What an article shows of its site's own lines, as numbers only (`text/learned.py` makes them).

    `lines`: keys of lines that could be boilerplate, 64 bits each; `sketch`: what near-identical texts share, 32 bits.
    """

    lines: tuple[int, ...] = ()
    sketch: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """The keys of the lines that are dropped on a site: a version that never changes, numbered from 1."""

    site: str
    version: int
    lines: frozenset[int] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LearnedLine:
    """A line that recurs on a site, in how many articles, and the document ids of the first and the last of them."""

    key: int
    text: str
    articles: int
    first: str
    last: str


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What is known of a site: the lines of its newest profile, counted over its latest articles.

    `articles` are those that count, near-identical ones once; `version` 0: there is no profile yet. `made_at`: when
    that version was made.
    """

    site: str
    version: int
    articles: int
    lines: tuple[LearnedLine, ...] = ()
    made_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Article:
    """A clean article: the document without its annotations. `body` has paragraphs separated by a blank line.

    `id` is the document's identity, `requested_url` the ledger's key. `raw_sha256` hashes title and body before
    lines learned per site are dropped; `sha256` the text as stored.
    """

    id: str
    requested_url: str
    site: str
    url: str
    original_url: str
    claimed_url: str | None = None
    title: str
    subtitle: str | None = None
    summary: str | None = None
    body: str = field(repr=False)
    authors: tuple[str, ...] = ()
    section: str | None = None
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    language_confidence: float | None = None
    publisher: Publisher = Publisher()
    feeds: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    published: datetime | None = None
    published_local: str | None = None
    published_source: str | None = None
    published_precision: Literal["second", "minute", "day"] | None = None
    updated: datetime | None = None
    fetched_at: datetime
    version: int
    raw_sha256: str
    sha256: str
    removed: tuple[Removed, ...] = field(default=(), repr=False)
    content_source: ContentSource = "page"
    extractor: str
    warnings: tuple[str, ...] = ()
    paywalled: bool | None = None
    opinion: bool | None = None
    live_blog: bool | None = None
    agency: str | None = None
    noindex: bool | None = None
    noarchive: bool | None = None
    robots_rule: str | None = None
    rights: Rights = Rights()
    validators: str | None = None
    history: History = History()
    site_profile: int | None = None  # the version of what was learned of the site, where there is one
    observed: Observed | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Where an entity is named. `confidence` is in 0..1."""

    field: SpanField
    text: str
    start_char: int
    end_char: int
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True)
class GeoPoint:
    """Degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, kw_only=True)
class PlaceCandidate:
    """A place that a name could also mean."""

    name: str
    country: str | None = None
    location: GeoPoint | None = None


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One real-world thing of the article with all its mentions. `country` is ISO 3166-1 alpha-2."""

    id: str
    name: str
    label: Label
    count: int
    in_title: bool = False
    salience: float = 0.0
    confidence: float = 1.0
    role: str | None = None
    country: str | None = None
    location: GeoPoint | None = None
    geonames_id: int | None = None
    alternatives: tuple[PlaceCandidate, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number with its unit, subject and evidence. `value` is the number stated or a range's lower bound.

    `unit` is ISO 4217 for money and UCUM for measures and durations; a percentage of 12 has the value 12.
    """

    field: SpanField
    text: str
    start_char: int
    end_char: int
    kind: FigureKind
    value: float
    value_max: float | None = None
    vague: bool = False
    comparator: Comparator = "exact"
    modifier: str | None = None
    unit: str | None = None
    value_base: float | None = None
    unit_base: str | None = None
    per: str | None = None
    subject: str | None = None
    subject_head: str | None = None
    event: str | None = None
    place: str | None = None
    attribution: str | None = None
    sentence: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Words that the article gives as somebody's own. `text` is what stands between the marks.

    `speaker` is an entity's canonical name or None; `speaker_text` is how the article names the speaker there.
    """

    field: SpanField
    text: str
    start_char: int
    end_char: int
    speaker: str | None = None
    speaker_text: str | None = None
    speaker_role: str | None = None
    verb: str | None = None
    partial: bool = False
    confidence: float = 1.0
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class DateMention:
    """A date that the text names; `date` is ISO 8601 of the stated precision, None when it cannot be resolved."""

    field: SpanField
    text: str
    start_char: int
    end_char: int
    date: str | None = None
    precision: Literal["year", "month", "day"] | None = None
    relative: bool = False


@dataclass(frozen=True, kw_only=True)
class EnrichedArticle:
    """An article with what the enrichers found: document field -> value (tuples of dataclasses or of str).

    `enrichers` names what ran, as `name@version`; a failed one is in `warnings` instead and loses no article.
    """

    article: Article
    annotations: Mapping[str, object] = field(default_factory=dict, repr=False)
    enrichers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# --- ends and signals -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A unit of work that could not be processed: `reason` is one of `errors.REASONS`.

    `url` is the ledger's key (a page) or None when a feed itself failed; `fingerprint` groups unexpected faults.
    """

    stage: str
    reason: str
    message: str
    occurred_at: datetime
    url: str | None = None
    site: str | None = None
    feed: str | None = None
    retryable: bool = False
    fingerprint: str | None = None
    attempts: int = 1
    version: int = 0
    history: History = History()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a URL's work ended without a document, or until when it is put off (`deferred`, with `due_at`).

    `validators`: those of a page that is `unchanged`.
    """

    url: str
    outcome: OutcomeName
    reason: str
    version: int = 0
    due_at: datetime | None = None
    validators: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One request that we made, with what speaks for our manners. `subject`: the feed's id, or the page's ledger key.

    `failure` is the reason when no answer came, `saved_bytes` what a "not modified" spared. `waited_s`: how long its
    turn was waited for; `pause_s`: the site's pause then; `retry_after_s`: what the answer asked for.
    """

    url: str
    site: str
    why: Why
    subject: str | None = None
    epoch: int
    sent_at: datetime
    status_code: int | None = None
    failure: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    wire_bytes: int = 0
    body_bytes: int = 0
    saved_bytes: int | None = None
    elapsed_ms: float = 0.0
    waited_s: float = 0.0
    pause_s: float = 0.0
    retry_after_s: float | None = None
    robots_rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class SiteDone:
    """Follows a site's last page down the fused chain; behind it the lease ends. `next_at`: not before then again."""

    site: str
    epoch: int
    next_at: datetime


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Lets the index stage flush by age while the web is slow."""


# --- what was forgotten ---------------------------------------------------------------------------------------

FORGOTTEN_VERSION = 2**62  # of what was forgotten, in store and ledger: above every fetch's, so that no writer is later


def forgotten_key(text: str) -> str:
    """Return the hash under which a URL that was forgotten is remembered."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


PageElement = RawPage | DeadLetter | Outcome | Receipt | SiteDone | Tick
ArticleElement = Article | DeadLetter | Outcome | Receipt | SiteDone | Tick
EnrichedElement = EnrichedArticle | DeadLetter | Outcome | Receipt | SiteDone | Tick
