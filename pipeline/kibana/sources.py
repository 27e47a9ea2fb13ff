"""The sources of the pack as values: one YAML file per object in `configs/kibana/`, unknown keys refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.problems import problems_of, report
from pipeline.yaml_text import YamlError, parse_yaml
from transforms.errors import ConfigurationError
from transforms.index.base import Kind

FORMATS = Literal["link", "image", "number", "bytes", "milliseconds"]
GRID_WIDTH = 48  # columns of a dashboard
_SPAN = re.compile(r"[1-9]\d{0,5}[smhd]")


def check_span(text: str) -> str:
    """Return a span of time as Elasticsearch and alerts both take it. Raises `ValueError` with the valid choices."""
    if not _SPAN.fullmatch(text):
        raise ValueError("a span of time: whole number and one of s, m, h, d, such as 7d")
    return text


Span = Annotated[str, AfterValidator(check_span)]


class Source(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataView(Source):
    """`kind` says which index, `time` what the time picker works on."""

    name: str
    kind: Kind
    time: str
    default: bool = False
    formats: dict[str, FORMATS] = {}
    labels: dict[str, str] = {}


class Search(Source):
    """A Discover session; sorted by one field, latest first."""

    title: str
    description: str = ""
    view: str
    query: str = ""
    columns: tuple[str, ...]
    sort: str


class PlaceMap(Source):
    """A map of cells; `last` is the span of time it opens with."""

    title: str
    description: str = ""
    view: str
    query: str = ""
    field: str
    last: Span


class Rule(Source):
    """An alert: the documents of the last `window` are counted every `every`; `per` counts them by a field's values."""

    name: str
    view: str
    query: str = ""
    window: Span
    every: Span
    when: Annotated[str, Field(pattern=r"^[<>] \d{1,9}$")]
    per: str | None = None


class Bucket(Source):
    """What a chart is broken down by: time, or the most frequent values of a field."""

    time: str | None = None
    every: str = "auto"
    top: str | None = None
    size: Annotated[int, Field(ge=1, le=1000)] = 5
    label: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Bucket":
        if (self.time is None) == (self.top is None):
            raise ValueError("a bucket with either `time` or `top`")
        return self

    @property
    def field(self) -> str:
        return self.time or self.top or ""


class Value(Source):
    """What a chart counts or computes; `where` is a KQL query that narrows this value alone."""

    do: Literal["count", "sum", "min", "max", "average", "median", "unique", "percentile"]
    field: str | None = None
    percentile: Annotated[int, Field(ge=1, le=99)] | None = None
    where: str = ""
    label: str
    format: FORMATS | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Value":
        if (self.do == "count") != (self.field is None):
            raise ValueError("`count` without a field, everything else with one")
        if (self.do == "percentile") != (self.percentile is not None):
            raise ValueError("`percentile: N` with `do: percentile` alone")
        return self


class Panel(Source):
    """A part of a dashboard at `[x, y, width, height]`; exactly one of `chart`, `search` and `map` names it."""

    at: tuple[int, int, int, int]
    chart: str | None = None
    search: str | None = None
    map: str | None = None
    title: str | None = None
    type: Literal["metric", "bars", "lines", "donut", "table"] | None = None
    view: str | None = None
    query: str = ""
    ignore_controls: bool = False
    rows: tuple[Bucket, ...] = ()
    split: Bucket | None = None
    values: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _one_thing(self) -> "Panel":
        if sum(each is not None for each in (self.chart, self.search, self.map)) != 1:
            raise ValueError("a panel with one of `chart`, `search` and `map`")
        if self.chart and not (self.title and self.type and self.view and self.values):
            raise ValueError("a chart with `title`, `type`, `view` and `values`")
        if not self.chart and self.model_fields_set - {"at", "search", "map"}:
            raise ValueError("a search or map has `at` alone beside its name")
        return self


class Control(Source):
    """A list of a field's values above a dashboard, to choose from."""

    view: str
    field: str
    label: str


class Dashboard(Source):
    """Panels, and the span of time that the dashboard opens with."""

    title: str
    description: str
    last: Span
    controls: tuple[Control, ...] = ()
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The pack by kind of object and key, which is the file's name without its suffix."""

    data_views: Mapping[str, DataView]
    searches: Mapping[str, Search]
    maps: Mapping[str, PlaceMap]
    dashboards: Mapping[str, Dashboard]
    rules: Mapping[str, Rule]

    @property
    def charts(self) -> Iterator[Panel]:
        """Every chart of every dashboard."""
        return (panel for board in self.dashboards.values() for panel in board.panels if panel.chart)


Model = TypeVar("Model", bound=Source)


def load_sources(folder: Traversable | None = None) -> Sources:
    """Return the pack's sources (of the package, unless a folder is given). Raises `ConfigurationError`."""
    top = folder or resources.files("configs").joinpath("kibana")
    return Sources(
        data_views=_read(top, "data_views", DataView),
        searches=_read(top, "searches", Search),
        maps=_read(top, "maps", PlaceMap),
        dashboards=_read(top, "dashboards", Dashboard),
        rules=_read(top, "rules", Rule),
    )


def _read(top: Traversable, kind: str, model: type[Model]) -> dict[str, Model]:
    files = sorted(
        (each for each in top.joinpath(kind).iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name
    )
    return {
        each.name.removesuffix(".yaml"): _parse(each, f"configs/kibana/{kind}/{each.name}", model) for each in files
    }


def _parse(file: Traversable, name: str, model: type[Model]) -> Model:
    try:
        data = parse_yaml(file.read_text(encoding="utf-8")).data
    except YamlError as err:
        raise ConfigurationError(f"{name}: {err}") from err
    try:
        return model.model_validate(data)
    except ValidationError as err:
        raise ConfigurationError(report(problems_of(err, model, data, lambda _: name), heading=name)) from err
