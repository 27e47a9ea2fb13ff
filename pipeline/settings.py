"""What a configuration file may say, as frozen values in code's units. Defaults stand in `configs/default.yaml` alone.

A field's alias is the key that users write (`timeout`), its name what code reads (`timeout_s`).
"""

import hashlib
import importlib.metadata
import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from pipeline.engines import RUNNERS
from pipeline.units import format_duration, format_size, parse_duration, parse_size
from transforms.enrich import ENRICHERS

CONTACT_CHOICES = "an e-mail address or a URL where site owners reach you"
STORE_CHOICES = "a path, sqlite:PATH, elasticsearch, or http(s)://host:9200"
STATE_CHOICES = "a path, sqlite:PATH, elasticsearch, or http(s)://host:9200"


def check_project(text: str) -> str:
    """Return a project's name, which is part of index names. Raises `ValueError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        raise ValueError("lower-case letters, digits and hyphens, such as elections")
    return text


def check_timezone(name: str) -> str:
    """Return an IANA name that this machine knows. Raises `ValueError`."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as err:
        raise ValueError("an IANA time zone, such as Europe/Berlin") from err
    return name


def check_contact(text: str) -> str:
    """Return a contact that can stand in a user agent. Raises `ValueError`."""
    plain = len(text) <= 200 and text.isascii() and text.isprintable() and not re.search(r"[\s()<>\"\\]", text)
    if not plain or not re.fullmatch(r"[^@/]+@[^@/]+\.[^@/]+|https?://[^/]+\.[^/]+(/.*)?", text):
        raise ValueError(CONTACT_CHOICES)
    return text


def check_language(text: str) -> str:
    """Return the primary subtag of a BCP 47 language. Raises `ValueError`."""
    match = re.fullmatch(r"([A-Za-z]{2,3})([-_][A-Za-z0-9-]+)?", text)
    if match is None:
        raise ValueError("a language of two or three letters, such as en")
    return match[1].lower()


def check_host(text: str) -> str:
    """Return a host or site name in lower case. Raises `ValueError`."""
    if not re.fullmatch(r"[\w.-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?", text):
        raise ValueError("a host name, such as gazette.example")
    return text.lower()


def check_address(text: str) -> str:
    """Return an IP address with an optional port (`127.0.0.1:8081`, `[::1]:8081`). Raises `ValueError`."""
    match = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+)|([^\[\]]*:[^\[\]]*:[^\[\]]*))(?::(\d{1,5}))?", text)
    try:
        if match is None or int(match[4] or 1) not in range(1, 65536):
            raise ValueError
        ipaddress.ip_address(match[1] or match[2] or match[3])
    except ValueError:
        raise ValueError("an address with an optional port, such as 127.0.0.1:8081") from None
    return text


def scheme_of(spec: str) -> tuple[str, str]:
    """Return the scheme of a store's address and what follows its colon; a path has the scheme `""`.

    >>> scheme_of("sqlite:news.db"), scheme_of("/data/a:b/news.db")
    (('sqlite', 'news.db'), ('', '/data/a:b/news.db'))
    """
    if spec.partition("#")[0] == "elasticsearch":
        return "elasticsearch", ""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", spec)
    return (match[1].lower(), spec[match.end() :]) if match else ("", spec)


def check_store(text: str) -> str:
    """Return a store's address. Raises `ValueError` for an unknown kind, and for one that holds credentials."""
    return _check_address(text, STORE_CHOICES)


def check_state(text: str) -> str:
    """Return a ledger's address; on a server, `#project` may stand behind it. Raises `ValueError` as for a store."""
    return _check_address(text, STATE_CHOICES)


def _check_address(text: str, choices: str) -> str:
    scheme, rest = scheme_of(text)
    if scheme in ("http", "https"):
        parts = urlsplit(text)
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"{choices}; credentials come from ES_API_KEY, or ES_USERNAME and ES_PASSWORD")
        valid = bool(parts.hostname)
    else:
        valid = scheme == "elasticsearch" or (scheme in ("", "sqlite", "memory") and bool(rest.strip()))
    if not valid or "\0" in text:
        raise ValueError(choices)
    return text


def check_enricher(name: str) -> str:
    """Return the name of an enricher that there is. Raises `ValueError`."""
    if name not in ENRICHERS:
        raise ValueError(", ".join(ENRICHERS))
    return name


def check_runner(name: str) -> str:
    """Return the name of a runner that there is. Raises `ValueError`."""
    if name not in RUNNERS:
        raise ValueError(", ".join(RUNNERS))
    return name


def check_http_url(text: str) -> str:
    """Return an http or https address without credentials. Raises `ValueError`."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("an address such as http://localhost:8081")
    return text.rstrip("/")


def _host_port(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?", text)
    if match is None:  # a bare IPv6 address
        return text, None
    port = match[2] or match[4]
    return match[1] or match[3], int(port) if port else None


Duration = Annotated[
    float, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str, when_used="json")
]
Size = Annotated[int, BeforeValidator(parse_size), PlainSerializer(format_size, return_type=str, when_used="json")]
Positive = Annotated[int, Field(strict=True, ge=1)]
Natural = Annotated[int, Field(strict=True, ge=0)]
Flag = Annotated[bool, Field(strict=True)]
Timezone = Annotated[str, AfterValidator(check_timezone)]
Language = Annotated[str, AfterValidator(check_language)]
Host = Annotated[str, AfterValidator(check_host)]


class Section(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rights(Section):
    """What pages ask for and how we answer."""

    noindex: Literal["skip", "keep"]
    noarchive: Literal["no_archive", "skip"]
    tdm: Literal["record", "ask", "skip"]


class Retention(Section):
    """How long documents are kept."""

    requests_s: Annotated[Duration, Field(ge=0)] = Field(alias="requests")


class Ingest(Section):
    """Bounds of a run."""

    max_age_s: Duration = Field(alias="max_age")
    max_failed_ratio: Annotated[float, Field(ge=0, le=1)]
    linger_s: Duration = Field(alias="linger")
    poll_every_s: Annotated[Duration, Field(ge=60)] = Field(alias="poll_every")
    poll_at_least_s: Annotated[Duration, Field(ge=60)] = Field(alias="poll_at_least")


class Fetch(Section):
    """Bounds of a request, and politeness. `resolve`: `host` or `host:port` -> `address` or `address:port`."""

    timeout_s: Annotated[Duration, Field(gt=0)] = Field(alias="timeout")
    connect_timeout_s: Annotated[Duration, Field(gt=0)] = Field(alias="connect_timeout")
    max_page_bytes: Size = Field(alias="max_page")
    max_feed_bytes: Size = Field(alias="max_feed")
    max_redirects: Natural
    delay_s: Duration = Field(alias="delay")
    max_delay_s: Duration = Field(alias="max_delay")
    allow_private: Flag
    resolve: dict[Host, Annotated[str, AfterValidator(check_address)]]

    @property
    def resolve_entries(self) -> tuple[tuple[str, int | None, str, int | None], ...]:
        """Return (host, port asked for, address, port to use) of every entry; a port None: any, the same."""
        return tuple((*_host_port(host), *_host_port(address)) for host, address in self.resolve.items())


class Site(Section):
    """What the user decided for one site. `delay_s` None: as everywhere."""

    delay_s: Duration | None = Field(default=None, alias="delay")
    pause: Flag = False


class Run(Section):
    """How a job uses this machine."""

    runner: Annotated[str, AfterValidator(check_runner)]
    workers: Natural
    threads: Annotated[Positive, Field(le=256)]
    bulk: Annotated[Positive, Field(le=5_000)]
    flush_age_s: Duration = Field(alias="flush_age")
    grace_s: Duration = Field(alias="grace")
    watchdog_s: Annotated[Duration, Field(gt=0)] = Field(alias="watchdog")

    @property
    def processes(self) -> int:
        """How many worker processes: `workers`, or one for each core."""
        return self.workers or os.cpu_count() or 1


class Engines(Section):
    """How jobs run on engines other than the local runner. `options` go to Beam as they are."""

    options: tuple[str, ...]
    tick_s: Annotated[Duration, Field(gt=0)] = Field(alias="tick")
    seat_s: Annotated[Duration, Field(gt=0)] = Field(alias="seat")
    checkpoint_s: Annotated[Duration, Field(gt=0)] = Field(alias="checkpoint")
    flink_rest: Annotated[str, AfterValidator(check_http_url)] | None
    savepoints: str | None


class Extract(Section):
    """Lengths in characters."""

    min_body_chars: Natural
    max_body_chars: Positive


class Enrich(Section):
    """Names of enrichers to run."""

    enable: tuple[Annotated[str, AfterValidator(check_enricher)], ...]


class Settings(Section):
    """The effective configuration. `store` and `state` hold absolute paths where they are files, so does `feeds`.

    A `state` on a server ends in `#project`, but for the project `default`: an address alone leads workers to it.
    """

    project: Annotated[str, AfterValidator(check_project)]
    contact: Annotated[str, AfterValidator(check_contact)] | None
    store: Annotated[str, AfterValidator(check_store)]
    state: Annotated[str, AfterValidator(check_state)]
    timezone: Timezone
    feeds: Path
    languages: tuple[Language, ...]
    retention: Retention
    rights: Rights
    ingest: Ingest
    fetch: Fetch
    sites: dict[Host, Site]
    run: Run
    engines: Engines
    extract: Extract
    enrich: Enrich

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def user_agent(self) -> str:
        """What sites see: name, version and the contact (RFC 9110 10.1.5)."""
        version = importlib.metadata.version("newsbeam")
        return f"newsbeam/{version} (+{self.contact})" if self.contact else f"newsbeam/{version}"

    @property
    def sha256(self) -> str:
        """A hash of every value, for the provenance of documents (`pipeline.config_sha256`)."""
        return hashlib.sha256(json.dumps(self.written(), sort_keys=True).encode()).hexdigest()

    def written(self) -> dict[str, Any]:
        """Return the values as users write them, ready for JSON."""
        return self.model_dump(by_alias=True, mode="json")
