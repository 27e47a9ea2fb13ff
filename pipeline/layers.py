"""Layers of configuration: defaults, file, environment and options, merged key by key, each value with its origin."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from pipeline.settings import Settings
from pipeline.yaml_text import KeyPath, YamlError, parse_yaml

ENVIRONMENT = "NEWSBEAM_"
# Variables of that prefix that are not keys: they find files, or belong to tests and development.
RESERVED = re.compile(
    r"NEWSBEAM_(CONFIG|CACHE|CLOCK|CRASH_PLAN|CRASH_URL|REQUIRE_.*|SEED|DATA|NER_DATA"
    r"|PRISM|FLINK_JAR|SPARK_JAR|JAVA|ENGINE_RUN|SOAK_S)"
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One source of values. `origins` names where each path of `data` stands; `origin` where none does."""

    data: dict[str, Any]
    origin: str
    origins: Mapping[KeyPath, str] = field(default_factory=dict)

    def origin_of(self, path: KeyPath) -> str:
        """Return where the value at `path`, or the nearest mapping around it, was written."""
        return next(
            (self.origins[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.origins), self.origin
        )


class Merged:
    """The layers as one: `data`, and for each path the layer that decided it."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.data: dict[str, Any] = {}
        self._deciders: dict[KeyPath, Layer] = {}
        for layer in layers:
            self._merge(self.data, layer.data, layer, ())

    def decider(self, path: KeyPath) -> Layer:
        """Return the layer that the value at `path`, or around it, comes from."""
        return next(self._deciders[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self._deciders)

    def _merge(self, into: dict[str, Any], data: Mapping[str, Any], layer: Layer, path: KeyPath) -> None:
        self._deciders.setdefault(path, layer)
        for key, value in data.items():
            here = (*path, key)
            below = into.get(key)
            if value is None and key in into:
                continue  # a key without a value, or whose keys are all commented out, changes nothing
            if isinstance(value, dict) and (isinstance(below, dict) or below is None):
                into[key] = below if isinstance(below, dict) else {}
                if below is None or value:
                    self._deciders[here] = layer
                self._merge(into[key], value, layer, here)
            else:
                into[key] = value
                self._deciders[here] = layer


def text_layer(text: str, origin: str) -> Layer:
    """Return a file's layer. Raises `YamlError`."""
    data, lines = parse_yaml(text)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise YamlError("the file must hold `key: value` lines")
    return Layer(data=data, origin=origin, origins={path: f"{origin}:{line}" for path, line in lines.items()})


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return what `NEWSBEAM_*` variables say: `NEWSBEAM_INGEST__MAX_AGE` is `ingest.max_age`; an empty one is unset."""
    data: dict[str, Any] = {}
    origins: dict[KeyPath, str] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(ENVIRONMENT) or not text or RESERVED.fullmatch(name):
            continue
        path = tuple(name.removeprefix(ENVIRONMENT).lower().split("__"))
        _put(data, path, scalar(text))
        origins[path] = f"${name}"
    return Layer(data=data, origin="environment", origins=origins)


def assignment_layer(assignments: Sequence[str]) -> Layer:
    """Return what `--set key.path=value` options say. Raises `YamlError` naming one that is no assignment."""
    data: dict[str, Any] = {}
    origins: dict[KeyPath, str] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.strip():
            raise YamlError(f"--set {assignment!r}: expected key.path=value, such as ingest.max_age=7d")
        path = split_path(name.strip())
        _put(data, path, scalar(text))
        origins[path] = f"--set {name.strip()}"
    return Layer(data=data, origin="--set", origins=origins)


def scalar(text: str) -> Any:
    """Return a value written as YAML (`7d`, `true`, `[en, de]`); what is not YAML is plain text."""
    try:
        return parse_yaml(text).data
    except YamlError:
        return text


def split_path(name: str) -> KeyPath:
    """Return a dotted key as a path. Names of sites and hosts hold dots themselves; the models tell where.

    >>> split_path("sites.slow.example.delay")
    ('sites', 'slow.example', 'delay')
    """
    return tuple(_split(name.split("."), Settings))


def _split(parts: list[str], model: type[BaseModel]) -> Iterator[str]:
    fields = {found.alias or name: found for name, found in model.model_fields.items()}
    yield parts[0]
    annotation = fields[parts[0]].annotation if parts[0] in fields else None
    rest = parts[1:]
    if not rest:
        return
    if get_origin(annotation) is dict:
        item = get_args(annotation)[1]
        is_section = isinstance(item, type) and issubclass(item, BaseModel)
        if (
            len(rest) > 1
            and is_section
            and rest[-1] in {found.alias or name for name, found in item.model_fields.items()}
        ):
            yield ".".join(rest[:-1])
            yield rest[-1]
        else:
            yield ".".join(rest)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _split(rest, annotation)
    else:
        yield from rest


def _put(data: dict[str, Any], path: KeyPath, value: Any) -> None:
    for part in path[:-1]:
        below = data.setdefault(str(part), {})
        if not isinstance(below, dict):
            data[str(part)] = below = {}
        data = below
    data[str(path[-1])] = value


def leaves(data: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield (path, value) of every value that is not itself a mapping with keys."""
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value
