"""The effective configuration of a command: found, merged, checked as a whole, with the origin of every value.

Precedence: option, then `NEWSBEAM_*` environment, then file, then the packaged `configs/default.yaml`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.layers import Layer, Merged, assignment_layer, environment_layer, leaves, text_layer
from pipeline.problems import Problem, problems_of, report
from pipeline.setting_checks import scheme_of
from pipeline.settings import Settings as Settings
from pipeline.yaml_text import YamlError
from transforms.errors import ConfigurationError

FILE_NAME = "newsbeam.yaml"
DEFAULT = "default"
DEFAULT_LEDGER = "newsbeam-state.db"


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings, the file they were read from (None: packaged defaults) and for each written path its origin."""

    settings: Settings
    file: Path | None
    origins: Mapping[tuple[str | int, ...], str] = field(repr=False)


def load_config(
    file: str | Path | None = None,
    *,
    options: Mapping[str, tuple[Any, str]] | None = None,
    assignments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Config:
    """Return the effective configuration.

    `options` maps a dotted key to (value, the option's name). Relative paths are relative to the file that says them
    (a default one to the file in use), those of options and environment to `cwd`. Raises `ConfigurationError` with
    every problem at once: path, where it stands, value received, valid choices.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    path = find_file(file, environ, cwd)
    base = cwd if path is None else path.parent
    default = text_layer(resources.files("configs").joinpath("default.yaml").read_text("utf-8"), DEFAULT)
    layers = [Layer(data=default.data, origin=DEFAULT)]
    if path is not None:
        layers.append(_file_layer(path, cwd))
    try:
        layers += [environment_layer(environ), _option_layer(options or {}), assignment_layer(assignments)]
    except YamlError as err:
        raise ConfigurationError(str(err)) from err
    merged = Merged(layers)
    _resolve_paths(merged, base=base, cwd=cwd)
    try:
        settings = Settings.model_validate(merged.data)
    except ValidationError as err:
        raise ConfigurationError(report(problems_of(err, Settings, merged.data, _locate(merged)))) from err
    locate = _locate(merged)
    return Config(settings=settings, file=path, origins={path: locate(path) for path, _ in leaves(settings.written())})


def find_file(file: str | Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """Return the file to read: `--config`, else `$NEWSBEAM_CONFIG`, else `./newsbeam.yaml`, else None.

    Raises `ConfigurationError` when a file that was named does not exist.
    """
    named, origin = (file, "--config") if file else (environ.get("NEWSBEAM_CONFIG"), "$NEWSBEAM_CONFIG")
    if named:
        path = cwd / Path(named).expanduser()
        if not path.is_file():
            raise ConfigurationError(f"{origin} {named}: no such file; `newsbeam init` writes one")
        return path
    path = cwd / FILE_NAME
    return path if path.is_file() else None


def read_text(path: Path, shown: str) -> str:
    """Return a small text file of the user's. Raises `ConfigurationError` naming it as `shown`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise ConfigurationError(f"{shown}: not UTF-8 text (byte {err.start}); save it as UTF-8") from err
    except OSError as err:
        raise ConfigurationError(f"{shown}: cannot be read: {err.strerror}") from err


def shown_path(path: Path, cwd: Path) -> str:
    """Return a path as short as it can be said from `cwd`."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


def _file_layer(path: Path, cwd: Path) -> Layer:
    shown = shown_path(path, cwd)
    try:
        return text_layer(read_text(path, shown), shown)
    except YamlError as err:
        raise ConfigurationError(f"{shown}: {err}") from err


def _option_layer(options: Mapping[str, tuple[Any, str]]) -> Layer:
    data: dict[str, Any] = {}
    origins: dict[tuple[str | int, ...], str] = {}
    for key, (value, name) in options.items():
        *parents, last = key.split(".")
        section = data
        for parent in parents:
            section = section.setdefault(parent, {})
        section[last] = value
        origins[tuple(key.split("."))] = name
    return Layer(data=data, origin="option", origins=origins)


def _resolve_paths(merged: Merged, *, base: Path, cwd: Path) -> None:
    """Make paths absolute, a ledger's address whole, and choose the ledger's place where the user did not."""

    def place(key: str) -> Path:
        origin = merged.decider((key,)).origin
        return cwd if origin in ("environment", "option", "--set") else base

    data = merged.data
    for key in ("feeds", "names"):
        if isinstance(data[key], str) and data[key]:
            data[key] = place(key) / Path(data[key]).expanduser()
    for key in ("store", "state"):
        if isinstance(data[key], str):
            data[key] = _absolute(data[key], place(key))
    if data["state"] is None:
        scheme, rest = scheme_of(data["store"]) if isinstance(data["store"], str) else ("", "")
        is_file = scheme in ("", "sqlite", "memory") and rest.strip()
        data["state"] = data["store"] if is_file else str(base / DEFAULT_LEDGER)
    elif isinstance(data["state"], str):
        data["state"] = _of_project(data["state"], data["project"])


def _absolute(spec: str, place: Path) -> str:
    """Return a file as an absolute path, anything else as it is."""
    scheme, rest = scheme_of(spec)
    return str(place / Path(rest).expanduser()) if scheme in ("", "sqlite") and rest.strip() else spec


def _of_project(state: str, project: Any) -> str:
    """Return a ledger's address with the project whose it is, where one server may hold several."""
    on_a_server = scheme_of(state)[0] in ("http", "https", "elasticsearch")
    named = not on_a_server or "#" in state or project == "default" or not isinstance(project, str)
    return state if named else f"{state}#{project}"


def _locate(merged: Merged) -> Any:
    return lambda path: merged.decider(path).origin_of(path)


__all__ = ["Config", "ConfigurationError", "Problem", "Settings", "find_file", "load_config", "read_text", "shown_path"]
