"""What is wrong with a configuration, in the user's words: path, place, value received, valid choices."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from pipeline.units import format_duration
from pipeline.yaml_text import KeyPath

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [a, b]",
    "path_type": "a path",
    "dict_type": "a section of `key: value` lines",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
}
_BOUNDS = ("gt", "ge", "le")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to mend."""

    path: str
    origin: str
    text: str

    def __str__(self) -> str:
        place = f" ({self.origin})" if self.origin else ""
        return f"{self.path}{place}: {self.text}"


def problems_of(
    error: ValidationError, model: type[BaseModel], data: Any, locate: Callable[[KeyPath], str]
) -> tuple[Problem, ...]:
    """Return pydantic's findings as problems, in the order of the model. `locate` says where a path was written."""
    found: dict[KeyPath, Problem] = {}
    for item in error.errors(include_url=False):
        path = _known(item["loc"], data)
        found.setdefault(
            path, Problem(path=".".join(map(str, path)), origin=locate(path), text=_explain(item, path, model))
        )
    return tuple(found.values())


def report(problems: Sequence[Problem], *, heading: str = "the configuration") -> str:
    """Return one line for one problem, a heading and a line each for several."""
    if len(problems) == 1:
        return str(problems[0])
    return "\n  ".join([f"{len(problems)} problems in {heading}:", *map(str, problems)])


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """Return the choice that was probably meant."""
    return next(iter(difflib.get_close_matches(word, choices, n=1, cutoff=0.6)), None)


def _known(loc: KeyPath, data: Any) -> KeyPath:
    """Cut a location to its part in the data: pydantic appends names of its own (`[key]`, a union's branch)."""
    for end, part in enumerate(loc):
        inside = data.get(part) if isinstance(data, Mapping) else None
        if isinstance(data, Mapping) and part not in data:
            return loc if end == len(loc) - 1 and part != "[key]" else loc[:end]
        if isinstance(data, (list, tuple)):
            inside = data[part] if isinstance(part, int) and part < len(data) else None
        elif not isinstance(data, Mapping):
            return loc[:end]
        data = inside
    return loc


def _explain(item: Mapping[str, Any], path: KeyPath, model: type[BaseModel]) -> str:
    if item["type"] == "extra_forbidden":
        keys = keys_at(model, path[:-1])
        meant = nearest(str(path[-1]), keys)
        hint = f"; did you mean {meant}?" if meant else ""
        return f"unknown key{hint or ';'} valid: {', '.join(keys)}"
    if item["type"] == "missing":
        return "is missing"
    return f"received {_shown(item['input'])}; valid: {_valid(item, path, model)}"


def _valid(item: Mapping[str, Any], path: KeyPath, model: type[BaseModel]) -> str:
    context = item.get("ctx") or {}
    if item["type"] == "value_error":
        return str(context["error"])
    if item["type"] in ("model_type", "model_attributes_type"):
        return f"a section with the keys {', '.join(keys_at(model, path))}"
    if isinstance(item["input"], str) and item["input"].strip()[-1:].isalpha():  # a duration: so are its bounds
        context = {key: format_duration(bound) if key in _BOUNDS else bound for key, bound in context.items()}
    template = _KINDS.get(item["type"])
    return template.format(**context) if template else str(item["msg"])


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    text = re.sub(r"//[^/@\s]*@", "//***@", text)  # credentials appear in no error
    return text if len(text) <= 80 else text[:77] + "..."


def keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the valid keys below a path, sorted."""
    for part in path:
        fields: dict[str | int, Any] = {found.alias or name: found.annotation for name, found in _fields(model)}
        annotation = fields.get(part)
        if get_origin(annotation) in (dict, tuple):
            annotation = next((each for each in get_args(annotation) if _is_model(each)), None)
        # A part that is no field is an index, or a name below a dict (a site): the model stays.
        if _is_model(annotation):
            model = annotation
    return sorted(found.alias or name for name, found in _fields(model))


def _fields(model: type[BaseModel]) -> Iterable[tuple[str, FieldInfo]]:
    return model.model_fields.items()


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
