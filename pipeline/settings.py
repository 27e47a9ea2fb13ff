"""What a configuration file may say, as frozen values in code's units. Defaults stand in `configs/default.yaml` alone.

A field's alias is the key that users write (`timeout`), its name what code reads (`timeout_s`).
"""

import hashlib
import importlib.metadata
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)

from pipeline.setting_checks import (
    check_address,
    check_contact,
    check_engine,
    check_enricher,
    check_host,
    check_http_url,
    check_language,
    check_project,
    check_runner,
    check_state,
    check_store,
    check_timezone,
    host_port,
)
from pipeline.units import format_duration, format_size, parse_duration, parse_size
from transforms.index.base import Kind

Duration = Annotated[
    float, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str, when_used="json")
]
Age = Annotated[Duration, Field(ge=3_600)] | None  # how long something is kept; None: without end
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
    articles_s: Age = Field(alias="articles")
    revisions_s: Age = Field(alias="revisions")
    dead_letters_s: Age = Field(alias="dead_letters")
    runs_s: Age = Field(alias="runs")

    @property
    def seconds(self) -> dict[Kind, float]:
        """How long each kind is kept that is not kept without end. Facts and revisions go with their article."""
        found: dict[Kind, float | None] = {
            "articles": self.articles_s,
            "revisions": self.revisions_s,
            "dead-letters": self.dead_letters_s,
            "runs": self.runs_s,
            "requests": self.requests_s,
        }
        return {kind: kept_s for kind, kept_s in found.items() if kept_s is not None}


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
        return tuple((*host_port(host), *host_port(address)) for host, address in self.resolve.items())


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
    learn_boilerplate: Flag


class Enrich(Section):
    """Names of enrichers to run; `entities` carries its engine where that is not ours (`entities:spacy`)."""

    engine: Annotated[str, AfterValidator(check_engine)]
    enable: tuple[Annotated[str, AfterValidator(check_enricher)], ...]

    @field_validator("enable")
    @classmethod
    def _with_engine(cls, enable: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        engine = info.data.get("engine", "crf")  # absent when it was refused
        return tuple(f"{name}:{engine}" if name == "entities" and engine != "crf" else name for name in enable)


class Settings(Section):
    """The effective configuration. `store`, `state`, `feeds` and `names` hold absolute paths where they are files.

    A `state` on a server ends in `#project`, but for the project `default`: an address alone leads workers to it.
    """

    project: Annotated[str, AfterValidator(check_project)]
    contact: Annotated[str, AfterValidator(check_contact)] | None
    store: Annotated[str, AfterValidator(check_store)]
    state: Annotated[str, AfterValidator(check_state)]
    timezone: Timezone
    feeds: Path
    names: Path
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
