"""YAML as people expect it: bounded, no key twice, `NO` is a country and not false, every value knows its line."""

import re
from typing import Any, NamedTuple

import yaml

MAX_BYTES = 5_000_000  # 20,000 feeds are about 2 MB
MAX_DEPTH = 20
KeyPath = tuple[str | int, ...]


class YamlText(NamedTuple):
    """A parsed document and the line (from 1) of every key and list item in it."""

    data: Any
    lines: dict[KeyPath, int]


class YamlError(ValueError):
    """The text is not YAML we accept; the message says what and where."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Scalars of the YAML 1.2 core schema: PyYAML's 1.1 turns `country: NO` into false and `1:30` into 90."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def parse_yaml(text: str, *, max_chars: int = MAX_BYTES) -> YamlText:
    """Return the document with its lines; an empty text is `None`. Raises `YamlError`.

    Aliases are refused: they let a small file stand for an endless one, and configuration does not need them.
    """
    if len(text) > max_chars:
        raise YamlError(f"too large ({len(text):,} characters, at most {max_chars:,})")
    lines: dict[KeyPath, int] = {}
    try:
        _check_depth(text)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlText(None, lines)
            _walk(node, (), lines, set())
            return YamlText(loader.construct_document(node), lines)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark
        # The scanner of PyYAML 6.0.4 counts levels itself, and looks far enough ahead to be first.
        problem = "nested too deeply" if "nesting depth" in str(err.problem) else str(err.problem)
        raise YamlError(f"line {mark.line + 1}: {problem}" if mark else problem) from err
    except (yaml.YAMLError, ValueError) as err:
        raise err if isinstance(err, YamlError) else YamlError(str(err).splitlines()[0]) from err


def item_marks(text: str, key: str) -> list[tuple[int, int]] | None:
    """Return (line, column) from 0 of the first character of each item of the list under a top-level key.

    None when it is written in flow style (`key: [a, b]`). The text has passed `parse_yaml`.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    node = next(value for name, value in root.value if name.value == key)
    return None if node.flow_style else [(item.start_mark.line, item.start_mark.column) for item in node.value]


def _check_depth(text: str) -> None:
    """Raise before anything recurses: libyaml's composer dies of a segmentation fault on 100,000 opening brackets."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise YamlError(f"line {line}: nested too deeply")


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], seen: set[int]) -> None:
    if not isinstance(node, yaml.CollectionNode):
        return
    if id(node) in seen:
        raise YamlError(f"line {node.start_mark.line + 1}: aliases (*name) are not supported, repeat the value")
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _walk(item, (*path, index), lines, seen)
        return
    keys: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlError(f"line {line}: a key must be a plain word")
        if key_node.value in keys:
            raise YamlError(f"line {line}: {key_node.value!r} is given twice")
        keys.add(key_node.value)
        key_node.tag = "tag:yaml.org,2002:str"  # `404: x` and `on: x` are keys like any other
        lines[(*path, key_node.value)] = line
        _walk(value_node, (*path, key_node.value), lines, seen)
